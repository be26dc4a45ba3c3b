-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Members invite by links too: of theirs the account is the one who invites.
ALTER TABLE links DROP CONSTRAINT links_purpose_check;
ALTER TABLE links ADD CONSTRAINT links_purpose_check CHECK (purpose IN ('reset', 'renew', 'email', 'invite', 'guest', 'setup'));
ALTER TABLE links ADD COLUMN note TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 400);
ALTER TABLE links ADD CONSTRAINT links_rank_given CHECK (purpose = 'invite' OR purpose = 'setup' OR rank = '');
CREATE INDEX links_guests ON links (id) WHERE purpose = 'guest';

-- The link of the member by which somebody asks for an account; 0: none.
ALTER TABLE sign_ups ADD COLUMN invite_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sign_ups_invite ON sign_ups (invite_id) WHERE invite_id <> 0;

-- Who came by whose link.
CREATE TABLE invitations (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	by_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	joined_at BIGINT NOT NULL
);
CREATE INDEX invitations_by ON invitations (by_id, joined_at);
