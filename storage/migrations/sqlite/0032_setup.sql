-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Links also begin the first run of an instance, of nobody's account.
CREATE TABLE links_new (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'renew', 'email', 'invite', 'setup')),
	account_id BIGINT REFERENCES accounts (id),
	email TEXT NOT NULL CHECK (length(email) <= 254),
	rank TEXT NOT NULL CHECK (length(rank) <= 20),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	CHECK ((purpose IN ('invite', 'setup')) = (account_id IS NULL))
);
INSERT INTO links_new (id, hash, purpose, account_id, email, rank, created_at, ends_at)
SELECT id, hash, purpose, account_id, email, rank, created_at, ends_at
FROM links;
DROP TABLE links;
ALTER TABLE links_new RENAME TO links;
CREATE INDEX links_account ON links (account_id);
CREATE INDEX links_ends ON links (ends_at);
