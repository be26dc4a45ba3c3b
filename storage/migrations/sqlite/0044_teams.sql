-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What is kept beside the accounts of teams, ours and those that co-ops of ours are in
-- elsewhere. plan and split are JSON, empty where there is none.
CREATE TABLE teams (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	request_id BIGINT NOT NULL,
	plan TEXT NOT NULL,
	split TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX teams_request ON teams (request_id);

-- The documents of teams as they were sent, and the files of their rooms: those lie in
-- the library under sealed, which is empty until the file was fetched.
CREATE TABLE team_records (
	id BIGINT PRIMARY KEY,
	team_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	kind TEXT NOT NULL CHECK (kind IN ('plan', 'split', 'agreement', 'consent', 'file')),
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	author TEXT NOT NULL,
	post_id BIGINT NOT NULL,
	title TEXT NOT NULL,
	body BLOB NOT NULL,
	sealed TEXT NOT NULL,
	size BIGINT NOT NULL,
	media_type TEXT NOT NULL,
	contract BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX team_records_team ON team_records (team_id, kind, id);
CREATE INDEX team_records_post ON team_records (post_id);
CREATE INDEX team_records_sealed ON team_records (sealed);

-- The messages of a room.
CREATE INDEX posts_room ON posts (members_of, id DESC) WHERE members_of <> 0;
