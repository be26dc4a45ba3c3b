-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- From which addresses entries of the audit log came. The log keeps the hash of salt and
-- address alone, so that an address can be forgotten and the chain still holds. A row
-- without a salt holds what nobody can turn back into an address.
CREATE TABLE audit_origins (
	number BIGINT PRIMARY KEY,
	at BIGINT NOT NULL,
	address TEXT NOT NULL CHECK (length(address) <= 200),
	salt BYTEA CHECK (length(salt) = 16)
);
CREATE INDEX audit_origins_at ON audit_origins (at);

-- plain: entries of before hold their addresses themselves. The first start takes them
-- out and writes the chain anew; meanwhile, and only then, entries may be changed.
ALTER TABLE audit_head ADD COLUMN plain BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE audit_head SET plain = EXISTS (SELECT 1 FROM audit WHERE origin <> '');

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND EXISTS (SELECT 1 FROM audit_head WHERE plain) THEN
		RETURN NULL;
	END IF;
	RAISE EXCEPTION 'the audit log is append-only';
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
