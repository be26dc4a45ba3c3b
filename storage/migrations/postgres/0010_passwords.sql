-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Password hashes of people, in argon2id's own text form; no row: none is set.
CREATE TABLE passwords (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	hash TEXT NOT NULL CHECK (length(hash) BETWEEN 20 AND 500)
);
