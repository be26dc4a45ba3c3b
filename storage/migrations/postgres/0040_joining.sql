-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- A membership may be in the members' decision, or begin by an invitation.
ALTER TABLE memberships DROP CONSTRAINT memberships_state_check;
ALTER TABLE memberships ADD CONSTRAINT memberships_state_check
	CHECK (state IN ('asked', 'in-decision', 'invited', 'member', 'suspended', 'refused', 'left', 'removed'));
ALTER TABLE memberships ADD COLUMN invite_iri TEXT NOT NULL DEFAULT '' CHECK (length(invite_iri) <= 2048);
CREATE UNIQUE INDEX memberships_invite ON memberships (invite_iri) WHERE invite_iri <> '';

-- What a co-op sends with its petition lies sealed: its statutes, what shows that it is
-- one, whom to ask. It is for those who decide.
CREATE TABLE membership_files (
	membership_id BIGINT PRIMARY KEY REFERENCES memberships (id) ON DELETE CASCADE,
	sealed BYTEA NOT NULL,
	bytes BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX membership_files_ends ON membership_files (ends_at) WHERE ends_at > 0;

-- What was proven of a co-op's own domain, and when it was looked at last.
CREATE TABLE domain_proofs (
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	domain TEXT NOT NULL CHECK (length(domain) BETWEEN 1 AND 253),
	how TEXT NOT NULL CHECK (how IN ('', 'well-known', 'dns')),
	proven_at BIGINT NOT NULL,
	checked_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, domain)
);
