-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Lists that one account keeps are read newest first, a page at a time.
CREATE INDEX blocks_blocker ON blocks (blocker_id, id DESC);
CREATE INDEX mutes_account ON mutes (account_id, id DESC);
CREATE INDEX server_blocks_account ON server_blocks (account_id, id DESC);
CREATE INDEX followed_tags_account ON followed_tags (account_id, id DESC);
-- Who reads a hashtag at home.
CREATE INDEX followed_tags_tag ON followed_tags (tag);
-- The accounts of a list, newest first.
CREATE INDEX list_accounts_id ON list_accounts (list_id, id DESC);
