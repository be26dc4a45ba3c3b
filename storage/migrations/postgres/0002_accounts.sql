-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Accounts of this instance and of others. Times are Unix milliseconds, 0 is never.
-- details holds what is shown but never asked for, as JSON.
CREATE TABLE accounts (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	kind TEXT NOT NULL CHECK (kind IN ('person', 'coop', 'federation', 'instance', 'board', 'service', 'team', 'search', 'topic')),
	actor_type TEXT NOT NULL CHECK (length(actor_type) <= 100),
	name TEXT NOT NULL CHECK (length(name) <= 500),
	-- handle is the name in small letters, unique with the host; empty for a remote
	-- account that lost its handle to a newer one.
	handle TEXT NOT NULL CHECK (length(handle) <= 500),
	host TEXT NOT NULL CHECK (length(host) <= 300),
	-- server is the host of the iri: whom domain decisions are about.
	server TEXT NOT NULL CHECK (length(server) <= 300),
	local BOOLEAN NOT NULL,
	display_name TEXT NOT NULL CHECK (length(display_name) <= 500),
	bio TEXT NOT NULL CHECK (length(bio) <= 100000),
	bio_source TEXT NOT NULL CHECK (length(bio_source) <= 5000),
	language TEXT NOT NULL CHECK (length(language) <= 100),
	url TEXT NOT NULL CHECK (length(url) <= 2048),
	inbox TEXT NOT NULL CHECK (length(inbox) <= 2048),
	shared_inbox TEXT NOT NULL CHECK (length(shared_inbox) <= 2048),
	outbox TEXT NOT NULL CHECK (length(outbox) <= 2048),
	followers TEXT NOT NULL CHECK (length(followers) <= 2048),
	following TEXT NOT NULL CHECK (length(following) <= 2048),
	featured TEXT NOT NULL CHECK (length(featured) <= 2048),
	jobs TEXT NOT NULL CHECK (length(jobs) <= 2048),
	knowledge TEXT NOT NULL CHECK (length(knowledge) <= 2048),
	requests TEXT NOT NULL CHECK (length(requests) <= 2048),
	members TEXT NOT NULL CHECK (length(members) <= 2048),
	locked BOOLEAN NOT NULL,
	discoverable BOOLEAN NOT NULL,
	indexable BOOLEAN NOT NULL,
	memorial BOOLEAN NOT NULL,
	moved_to TEXT NOT NULL CHECK (length(moved_to) <= 2048),
	details TEXT NOT NULL CHECK (length(details) <= 1000000),
	email TEXT NOT NULL CHECK (length(email) <= 320),
	rank TEXT NOT NULL CHECK (rank IN ('', 'member', 'moderator', 'admin', 'owner')),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	fetched_at BIGINT NOT NULL,
	suspended_at BIGINT NOT NULL DEFAULT 0,
	deleted_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX accounts_handle ON accounts (handle, host) WHERE handle <> '';
CREATE INDEX accounts_local ON accounts (kind, id) WHERE local;
CREATE INDEX accounts_server ON accounts (server);
CREATE INDEX accounts_members ON accounts (members) WHERE members <> '';
CREATE INDEX accounts_followers ON accounts (followers) WHERE followers <> '';

-- The private keys of local accounts, sealed.
CREATE TABLE account_keys (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	rsa BYTEA NOT NULL,
	ed25519 BYTEA NOT NULL
);

-- Public keys of actors elsewhere, as they were fetched.
CREATE TABLE remote_keys (
	key_id TEXT PRIMARY KEY CHECK (length(key_id) BETWEEN 1 AND 2048),
	owner TEXT NOT NULL CHECK (length(owner) <= 2048),
	material TEXT NOT NULL CHECK (length(material) <= 20000),
	fetched_at BIGINT NOT NULL
);
CREATE INDEX remote_keys_owner ON remote_keys (owner);
CREATE INDEX remote_keys_fetched ON remote_keys (fetched_at);

-- Ids that were used once and never again: withdrawn posts, undone activities.
CREATE TABLE tombstones (
	iri TEXT PRIMARY KEY CHECK (length(iri) BETWEEN 1 AND 2048),
	post_id BIGINT NOT NULL DEFAULT 0,
	former_type TEXT NOT NULL CHECK (length(former_type) <= 100),
	owner TEXT NOT NULL CHECK (length(owner) <= 2048),
	local BOOLEAN NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX tombstones_post ON tombstones (post_id) WHERE post_id <> 0;
CREATE INDEX tombstones_at ON tombstones (at) WHERE NOT local;
