-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Programs that ask people to act for them. Lists are JSON; secret is a SHA-256.
CREATE TABLE apps (
	id BIGINT PRIMARY KEY,
	client_id TEXT NOT NULL UNIQUE CHECK (length(client_id) BETWEEN 20 AND 100),
	secret BYTEA NOT NULL CHECK (length(secret) = 32),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	website TEXT NOT NULL CHECK (length(website) <= 2000),
	redirects TEXT NOT NULL CHECK (length(redirects) BETWEEN 2 AND 50000),
	scopes TEXT NOT NULL CHECK (length(scopes) BETWEEN 2 AND 5000),
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX apps_used ON apps (used_at);

-- A token may belong to an app alone, and then acts as nobody: account_id is NULL.
ALTER TABLE tokens ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE tokens ADD COLUMN app_id BIGINT REFERENCES apps (id);
ALTER TABLE tokens DROP CONSTRAINT tokens_scopes_check;
ALTER TABLE tokens ADD CONSTRAINT tokens_scopes_check CHECK (length(scopes) <= 5000);
CREATE INDEX tokens_person ON tokens (person_id, id DESC) WHERE person_id <> 0;
CREATE INDEX tokens_app ON tokens (app_id);
CREATE INDEX tokens_revoked ON tokens (revoked_at) WHERE revoked_at <> 0;

-- What a browser carries from a person to an app; token_id is what it gave, 0 while
-- it is not used.
CREATE TABLE codes (
	id BIGINT PRIMARY KEY,
	hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
	app_id BIGINT NOT NULL REFERENCES apps (id),
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	person_id BIGINT NOT NULL REFERENCES accounts (id),
	redirect TEXT NOT NULL CHECK (length(redirect) <= 2000),
	scopes TEXT NOT NULL CHECK (length(scopes) <= 5000),
	challenge TEXT NOT NULL CHECK (length(challenge) <= 200),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	token_id BIGINT NOT NULL
);
CREATE INDEX codes_app ON codes (app_id);
CREATE INDEX codes_account ON codes (account_id);
CREATE INDEX codes_person ON codes (person_id);
CREATE INDEX codes_ends ON codes (ends_at);

-- People who signed in with a browser; hash is of what the cookie holds.
CREATE TABLE sessions (
	id BIGINT PRIMARY KEY,
	hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32),
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	browser TEXT NOT NULL CHECK (length(browser) <= 100),
	created_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id, id DESC);
CREATE INDEX sessions_seen ON sessions (seen_at);

-- People sign in by their address too.
CREATE INDEX accounts_email ON accounts (lower(email)) WHERE local AND email <> '';
