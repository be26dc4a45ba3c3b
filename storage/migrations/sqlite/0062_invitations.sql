-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Members invite by links too: of theirs the account is the one who invites.
CREATE TABLE links_new (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'renew', 'email', 'invite', 'guest', 'setup')),
	account_id BIGINT REFERENCES accounts (id),
	email TEXT NOT NULL CHECK (length(email) <= 254),
	rank TEXT NOT NULL CHECK (length(rank) <= 20),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	note TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 400),
	CHECK ((purpose IN ('invite', 'setup')) = (account_id IS NULL)),
	CHECK (purpose = 'invite' OR purpose = 'setup' OR rank = '')
);
INSERT INTO links_new (id, hash, purpose, account_id, email, rank, created_at, ends_at)
SELECT id, hash, purpose, account_id, email, rank, created_at, ends_at
FROM links;
DROP TABLE links;
ALTER TABLE links_new RENAME TO links;
CREATE INDEX links_account ON links (account_id);
CREATE INDEX links_ends ON links (ends_at);
CREATE INDEX links_guests ON links (id) WHERE purpose = 'guest';

-- The link of the member by which somebody asks for an account; 0: none.
ALTER TABLE sign_ups ADD COLUMN invite_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sign_ups_invite ON sign_ups (invite_id) WHERE invite_id <> 0;

-- Who came by whose link.
CREATE TABLE invitations (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	by_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	joined_at BIGINT NOT NULL
);
CREATE INDEX invitations_by ON invitations (by_id, joined_at);
