-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- When accounts of this instance moved to another, and with their followers.
CREATE TABLE account_moves (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	target TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 2048),
	at BIGINT NOT NULL
);
CREATE INDEX account_moves_account ON account_moves (account_id, id DESC);

-- Files in which somebody brought what they had elsewhere. total, done and failed count
-- rows; person_id is who sent it, 0: the command line.
CREATE TABLE imports (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	person_id BIGINT NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('following', 'lists', 'blocks', 'mutes', 'domain_blocks', 'bookmarks')),
	overwrite BOOLEAN NOT NULL,
	name TEXT NOT NULL CHECK (length(name) <= 200),
	state TEXT NOT NULL CHECK (state IN ('working', 'done', 'stopped')),
	total BIGINT NOT NULL,
	done BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	finished_at BIGINT NOT NULL
);
CREATE INDEX imports_account ON imports (account_id, id DESC);
CREATE INDEX imports_person ON imports (person_id) WHERE person_id <> 0;
CREATE INDEX imports_finished ON imports (finished_at) WHERE finished_at <> 0;

-- Rows of such files that wait or could not be done, and where the file takes the place
-- of what was there, those that are done. host is the server that a row asks: each is
-- asked by one row after the other. data is the row as JSON, found_id whom it meant.
CREATE TABLE import_rows (
	import_id BIGINT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
	host TEXT NOT NULL CHECK (length(host) <= 300),
	data TEXT NOT NULL CHECK (length(data) <= 20000),
	problem TEXT NOT NULL CHECK (length(problem) <= 100),
	tries BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	found_id BIGINT NOT NULL,
	PRIMARY KEY (import_id, number)
);
CREATE INDEX import_rows_due ON import_rows (import_id, state, due_at, number);
CREATE INDEX import_rows_host ON import_rows (host, due_at) WHERE state = 'waiting';
CREATE INDEX import_rows_found ON import_rows (import_id, found_id) WHERE found_id <> 0;
