-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- The gazetteer: towns of the world, read in once. name is folded, label as it is
-- written; degrees are in hundred-thousandths; weight says how well known a town is.
CREATE TABLE places (
	id BIGINT PRIMARY KEY,
	name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	region TEXT NOT NULL CHECK (length(region) <= 200),
	country TEXT NOT NULL CHECK (length(country) = 2),
	latitude BIGINT NOT NULL,
	longitude BIGINT NOT NULL,
	weight BIGINT NOT NULL
);
CREATE INDEX places_name ON places (name, weight DESC, id);

-- What else a town is called; language may be empty.
CREATE TABLE place_names (
	name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	place_id BIGINT NOT NULL REFERENCES places (id) ON DELETE CASCADE,
	language TEXT NOT NULL CHECK (length(language) <= 35),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	PRIMARY KEY (name, place_id, language)
);
CREATE INDEX place_names_place ON place_names (place_id, language);

-- Where the places of a job are, on a sphere whose radius is a million: distances are
-- compared by the straight line, in whole numbers.
CREATE TABLE job_points (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	x BIGINT NOT NULL,
	y BIGINT NOT NULL,
	z BIGINT NOT NULL,
	PRIMARY KEY (post_id, x, y, z)
);
CREATE INDEX job_points_point ON job_points (z, x, y, post_id);
