-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

CREATE TABLE follows (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	follower_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	state TEXT NOT NULL CHECK (state IN ('asked', 'accepted')),
	note TEXT NOT NULL CHECK (length(note) <= 5000),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (follower_id, target_id)
);
CREATE INDEX follows_target ON follows (target_id, state, id DESC);
CREATE INDEX follows_follower ON follows (follower_id, state, id DESC);
CREATE INDEX follows_iri ON follows (iri) WHERE iri <> '';

CREATE TABLE blocks (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	blocker_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	at BIGINT NOT NULL,
	UNIQUE (blocker_id, target_id)
);
CREATE INDEX blocks_target ON blocks (target_id, blocker_id);
CREATE INDEX blocks_iri ON blocks (iri) WHERE iri <> '';

CREATE TABLE memberships (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	join_iri TEXT NOT NULL CHECK (length(join_iri) <= 2048),
	member_id BIGINT NOT NULL REFERENCES accounts (id),
	organization_id BIGINT NOT NULL REFERENCES accounts (id),
	role TEXT NOT NULL CHECK (role IN ('', 'full', 'pre-co-op', 'observer')),
	state TEXT NOT NULL CHECK (state IN ('asked', 'member', 'suspended', 'refused', 'left', 'removed')),
	decision TEXT NOT NULL CHECK (length(decision) <= 2048),
	note TEXT NOT NULL CHECK (length(note) <= 20000),
	start_at BIGINT NOT NULL,
	end_at BIGINT NOT NULL,
	member_says BOOLEAN NOT NULL,
	organization_says BOOLEAN NOT NULL,
	checked_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (member_id, organization_id)
);
CREATE INDEX memberships_organization ON memberships (organization_id, state, id DESC);
CREATE UNIQUE INDEX memberships_iri ON memberships (iri) WHERE iri <> '';
CREATE UNIQUE INDEX memberships_join ON memberships (join_iri) WHERE join_iri <> '';

CREATE TABLE peers (
	host TEXT PRIMARY KEY CHECK (length(host) BETWEEN 1 AND 300),
	policy TEXT NOT NULL CHECK (policy IN ('', 'allow', 'limit', 'block')),
	reason TEXT NOT NULL CHECK (length(reason) <= 5000),
	public_reason TEXT NOT NULL CHECK (length(public_reason) <= 1000),
	expires_at BIGINT NOT NULL,
	software TEXT NOT NULL CHECK (length(software) <= 200),
	first_seen BIGINT NOT NULL,
	last_received BIGINT NOT NULL,
	last_delivered BIGINT NOT NULL
);
CREATE INDEX peers_policy ON peers (policy, host) WHERE policy <> '';
