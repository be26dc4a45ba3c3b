-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

CREATE TABLE notifications (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
	from_id BIGINT NOT NULL,
	post_id BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (account_id, kind, from_id, post_id)
);
CREATE INDEX notifications_account ON notifications (account_id, id DESC);
CREATE INDEX notifications_post ON notifications (post_id) WHERE post_id <> 0;
CREATE INDEX notifications_from ON notifications (from_id);

CREATE TABLE tokens (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	person_id BIGINT NOT NULL,
	app TEXT NOT NULL CHECK (length(app) <= 200),
	scopes TEXT NOT NULL CHECK (length(scopes) <= 2000),
	created_at BIGINT NOT NULL,
	last_used BIGINT NOT NULL,
	revoked_at BIGINT NOT NULL
);
CREATE INDEX tokens_account ON tokens (account_id, id DESC);

-- Who did what. Each entry holds the hash of the one before; the head says how
-- many there are, so that a cut end is seen too.
CREATE TABLE audit (
	number INTEGER PRIMARY KEY,
	id BIGINT NOT NULL UNIQUE,
	at BIGINT NOT NULL,
	who TEXT NOT NULL CHECK (length(who) <= 500),
	on_behalf BIGINT NOT NULL,
	act TEXT NOT NULL CHECK (length(act) BETWEEN 1 AND 100),
	target TEXT NOT NULL CHECK (length(target) <= 2048),
	why TEXT NOT NULL CHECK (length(why) <= 2000),
	origin TEXT NOT NULL CHECK (length(origin) <= 200),
	previous BLOB NOT NULL,
	hash BLOB NOT NULL
);
CREATE TABLE audit_head (
	one BIGINT PRIMARY KEY CHECK (one = 1),
	entries BIGINT NOT NULL,
	hash BLOB NOT NULL
);
INSERT INTO audit_head (one, entries, hash) VALUES (1, 0, x'');

CREATE TABLE reports (
	id INTEGER PRIMARY KEY,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	reporter_id BIGINT NOT NULL,
	host TEXT NOT NULL CHECK (length(host) <= 300),
	accounts TEXT NOT NULL CHECK (length(accounts) <= 10000),
	posts TEXT NOT NULL CHECK (length(posts) <= 10000),
	comment TEXT NOT NULL CHECK (length(comment) <= 10000),
	created_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX reports_iri ON reports (iri) WHERE iri <> '';
CREATE INDEX reports_open ON reports (id DESC) WHERE closed_at = 0;

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
-- +goose StatementEnd
