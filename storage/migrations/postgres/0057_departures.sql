-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- When a person closed their account so that it is deleted later; 0: open. While it is
-- closed suspended_at says the same moment; any other one is the staff's.
ALTER TABLE accounts ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0;

-- Accounts on their way out. done_at is 0 until the account is deleted; from then on the
-- row says which document told other servers, until ends_at. hash is the SHA-256 of what
-- stands in the address of the page about it.
CREATE TABLE departures (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	hash BYTEA NOT NULL UNIQUE CHECK (length(hash) <= 32),
	asked_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	warned_at BIGINT NOT NULL,
	done_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	document_id BIGINT NOT NULL
);
CREATE INDEX departures_due ON departures (due_at) WHERE done_at = 0;
CREATE INDEX departures_ends ON departures (ends_at) WHERE done_at <> 0;
CREATE INDEX departures_document ON departures (document_id);

-- Archives of what accounts have, one an account. name is that of the sealed file, empty
-- until there is one; written and posts say how far it is.
CREATE TABLE exports (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	person_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	state TEXT NOT NULL CHECK (state IN ('working', 'ready', 'failed')),
	problem TEXT NOT NULL CHECK (octet_length(problem) <= 500),
	name TEXT NOT NULL CHECK (octet_length(name) <= 100),
	written BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	posts BIGINT NOT NULL,
	files BIGINT NOT NULL,
	asked_at BIGINT NOT NULL,
	ready_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX exports_person ON exports (person_id);
CREATE INDEX exports_ends ON exports (ends_at);
CREATE INDEX exports_name ON exports (name) WHERE name <> '';
