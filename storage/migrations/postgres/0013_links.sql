-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Addresses that work once: a new password for an account, or a new account. Kept by
-- the SHA-256 of what stands in the address.
CREATE TABLE links (
	id BIGINT PRIMARY KEY,
	hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
	purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'invite')),
	account_id BIGINT REFERENCES accounts (id),
	email TEXT NOT NULL CHECK (length(email) <= 254),
	rank TEXT NOT NULL CHECK (length(rank) <= 20),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	CHECK ((purpose = 'reset') = (account_id IS NOT NULL))
);
CREATE INDEX links_account ON links (account_id);
CREATE INDEX links_ends ON links (ends_at);
