-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- When the person of a session last proved who they are (0: never since these are
-- kept), and whether two factors did.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN strong BOOLEAN NOT NULL DEFAULT FALSE;

-- Seeds of programs that show codes (RFC 6238), sealed. A seed counts from
-- confirmed_at on; last_step is the step whose code was taken last: none before it
-- and not that one is taken again.
CREATE TABLE code_seeds (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	seed BLOB NOT NULL CHECK (length(seed) BETWEEN 1 AND 1000),
	created_at BIGINT NOT NULL,
	confirmed_at BIGINT NOT NULL,
	last_step BIGINT NOT NULL
);

-- Codes on paper, each once, by their SHA-256.
CREATE TABLE recovery_codes (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	hash BLOB NOT NULL CHECK (length(hash) = 32),
	PRIMARY KEY (account_id, hash)
);

-- Wrong codes since the last right one, and until when none is looked at.
CREATE TABLE code_pauses (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	wrong BIGINT NOT NULL,
	pauses BIGINT NOT NULL,
	until_at BIGINT NOT NULL
);

-- Passkeys (WebAuthn §4). handle is the user handle, the same of all keys of a
-- person; record is JSON of what checks a signature.
CREATE TABLE passkeys (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	credential BLOB NOT NULL UNIQUE CHECK (length(credential) BETWEEN 1 AND 1023),
	handle BLOB NOT NULL CHECK (length(handle) BETWEEN 16 AND 64),
	record TEXT NOT NULL CHECK (length(record) <= 8000),
	name TEXT NOT NULL CHECK (length(name) <= 400),
	signs BIGINT NOT NULL,
	copied_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL
);
CREATE INDEX passkeys_account ON passkeys (account_id, id);

-- What stands between the two halves of a proof: a challenge, a redirect to another
-- provider, a password that waits for its second factor. Once, and for minutes. hash
-- is of what the browser brings back, browser of the cookie that it must show.
CREATE TABLE ceremonies (
	hash BLOB PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
	kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 20),
	browser BLOB NOT NULL CHECK (length(browser) = 32),
	account_id BIGINT REFERENCES accounts (id),
	state TEXT NOT NULL CHECK (length(state) <= 12000),
	ends_at BIGINT NOT NULL
);
CREATE INDEX ceremonies_account ON ceremonies (account_id);
CREATE INDEX ceremonies_ends ON ceremonies (ends_at);

-- Who a person is at another provider (OpenID Connect Core §5.7): by issuer and
-- subject, never by an address of mail.
CREATE TABLE identities (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	issuer TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2000),
	subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 1020),
	name TEXT NOT NULL CHECK (length(name) <= 400),
	created_at BIGINT NOT NULL,
	used_at BIGINT NOT NULL,
	UNIQUE (issuer, subject)
);
CREATE INDEX identities_account ON identities (account_id, id);

-- Links also end second factors, and confirm an address of mail.
CREATE TABLE links_new (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'renew', 'email', 'invite')),
	account_id BIGINT REFERENCES accounts (id),
	email TEXT NOT NULL CHECK (length(email) <= 254),
	rank TEXT NOT NULL CHECK (length(rank) <= 20),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	CHECK ((purpose = 'invite') = (account_id IS NULL))
);
INSERT INTO links_new (id, hash, purpose, account_id, email, rank, created_at, ends_at)
SELECT id, hash, purpose, account_id, email, rank, created_at, ends_at
FROM links;
DROP TABLE links;
ALTER TABLE links_new RENAME TO links;
CREATE INDEX links_account ON links (account_id);
CREATE INDEX links_ends ON links (ends_at);
