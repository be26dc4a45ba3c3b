-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- A membership may be in the members' decision, or begin by an invitation.
CREATE TABLE memberships_new (
	id INTEGER PRIMARY KEY,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	join_iri TEXT NOT NULL CHECK (length(join_iri) <= 2048),
	member_id BIGINT NOT NULL REFERENCES accounts (id),
	organization_id BIGINT NOT NULL REFERENCES accounts (id),
	role TEXT NOT NULL CHECK (role IN ('', 'full', 'pre-co-op', 'observer')),
	state TEXT NOT NULL CHECK (state IN ('asked', 'in-decision', 'invited', 'member', 'suspended', 'refused', 'left', 'removed')),
	decision TEXT NOT NULL CHECK (length(decision) <= 2048),
	note TEXT NOT NULL CHECK (length(note) <= 20000),
	start_at BIGINT NOT NULL,
	end_at BIGINT NOT NULL,
	member_says BOOLEAN NOT NULL,
	organization_says BOOLEAN NOT NULL,
	checked_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	invite_iri TEXT NOT NULL DEFAULT '' CHECK (length(invite_iri) <= 2048),
	UNIQUE (member_id, organization_id)
);
INSERT INTO memberships_new (id, iri, join_iri, member_id, organization_id, role, state, decision, note, start_at, end_at,
	member_says, organization_says, checked_at, created_at, updated_at)
SELECT id, iri, join_iri, member_id, organization_id, role, state, decision, note, start_at, end_at,
	member_says, organization_says, checked_at, created_at, updated_at
FROM memberships;
DROP TABLE memberships;
ALTER TABLE memberships_new RENAME TO memberships;
CREATE INDEX memberships_organization ON memberships (organization_id, state, id DESC);
CREATE UNIQUE INDEX memberships_iri ON memberships (iri) WHERE iri <> '';
CREATE UNIQUE INDEX memberships_join ON memberships (join_iri) WHERE join_iri <> '';
CREATE UNIQUE INDEX memberships_invite ON memberships (invite_iri) WHERE invite_iri <> '';
-- +goose StatementBegin
CREATE TRIGGER board_member AFTER INSERT ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, NEW.member_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_remember AFTER UPDATE ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, NEW.member_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_unmember AFTER DELETE ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, OLD.member_id);
END;
-- +goose StatementEnd

-- What a co-op sends with its petition lies sealed: its statutes, what shows that it is
-- one, whom to ask. It is for those who decide.
CREATE TABLE membership_files (
	membership_id BIGINT PRIMARY KEY REFERENCES memberships (id) ON DELETE CASCADE,
	sealed BLOB NOT NULL,
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
