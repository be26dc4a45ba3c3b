-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What is asked in a post. voters and the votes of options are counts: ours as they
-- were cast, those of other servers as told; -1: not told.
CREATE TABLE polls (
	post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	multiple BOOLEAN NOT NULL,
	hide_totals BOOLEAN NOT NULL,
	ends_at BIGINT NOT NULL,
	closed_at BIGINT NOT NULL,
	voters BIGINT NOT NULL CHECK (voters >= -1),
	fetched_at BIGINT NOT NULL,
	-- dirty: counts of ours that were not told elsewhere since told_at; ended: its end
	-- was told here.
	dirty BOOLEAN NOT NULL,
	told_at BIGINT NOT NULL,
	ended BOOLEAN NOT NULL
);
CREATE INDEX polls_ending ON polls (ends_at, post_id) WHERE NOT ended AND ends_at <> 0;
CREATE INDEX polls_dirty ON polls (told_at, post_id) WHERE dirty;

CREATE TABLE poll_options (
	post_id BIGINT NOT NULL REFERENCES polls (post_id) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
	-- as its origin writes it, where that is not the title letter for letter
	name TEXT NOT NULL CHECK (length(name) <= 1000),
	votes BIGINT NOT NULL CHECK (votes >= -1),
	PRIMARY KEY (post_id, number)
);

CREATE TABLE poll_votes (
	post_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	number BIGINT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (post_id, account_id, number),
	FOREIGN KEY (post_id, number) REFERENCES poll_options (post_id, number) ON DELETE CASCADE
);
CREATE INDEX poll_votes_option ON poll_votes (post_id, number);
CREATE INDEX poll_votes_account ON poll_votes (account_id, post_id);

-- Which post a post quotes; empty: none.
ALTER TABLE posts ADD COLUMN quote TEXT NOT NULL DEFAULT '' CHECK (length(quote) <= 2048);
CREATE INDEX posts_quote ON posts (quote, id DESC) WHERE quote <> '';
