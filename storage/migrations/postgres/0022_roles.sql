-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Who speaks for a co-op or the federation: one row a role. given_by is the person
-- who gave it; 0: the command line, or who made the account.
CREATE TABLE roles (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	person_id BIGINT NOT NULL REFERENCES accounts (id),
	role TEXT NOT NULL CHECK (role IN ('steward', 'publisher', 'hirer', 'delegate', 'observer', 'coordinator')),
	given_by BIGINT NOT NULL,
	given_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, person_id, role)
);
CREATE INDEX roles_person ON roles (person_id, account_id);
CREATE INDEX roles_given_by ON roles (given_by);

-- The log of one co-op, and the acts on one person.
CREATE INDEX audit_behalf ON audit (on_behalf, id);
CREATE INDEX audit_target ON audit (substr(target, 1, 300), id);
