-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Links also begin the first run of an instance, of nobody's account.
ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links DROP CONSTRAINT links_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'renew', 'email', 'invite', 'setup'));
ALTER TABLE links ADD CONSTRAINT links_check CHECK ((purpose IN ('invite', 'setup')) = (account_id IS NULL));
