-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- The list of skills: the one that comes with the program, and what was read in.
CREATE TABLE skills (
	id INTEGER PRIMARY KEY,
	uri TEXT NOT NULL UNIQUE CHECK (length(uri) BETWEEN 1 AND 500)
);

-- What a skill is called. name is folded; source is the list that says so.
CREATE TABLE skill_names (
	skill_id BIGINT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
	language TEXT NOT NULL CHECK (length(language) BETWEEN 1 AND 35),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 500),
	preferred BOOLEAN NOT NULL,
	source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
	PRIMARY KEY (skill_id, language, name)
);
CREATE INDEX skill_names_name ON skill_names (name, skill_id);

-- Which skill is part of which broader one.
CREATE TABLE skill_broader (
	skill_id BIGINT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
	broader_id BIGINT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
	source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 40),
	PRIMARY KEY (skill_id, broader_id)
);
CREATE INDEX skill_broader_broader ON skill_broader (broader_id, skill_id);
