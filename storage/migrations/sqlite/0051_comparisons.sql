-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- The nightly comparison with what followed accounts elsewhere list: when it comes next,
-- what the last one found, and the ETags of first pages that were read to the end (JSON).
CREATE TABLE comparisons (
	account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	next_at BIGINT NOT NULL DEFAULT 0,
	started_at BIGINT NOT NULL DEFAULT 0,
	finished_at BIGINT NOT NULL DEFAULT 0,
	looked BIGINT NOT NULL DEFAULT 0,
	added BIGINT NOT NULL DEFAULT 0,
	changed BIGINT NOT NULL DEFAULT 0,
	removed BIGINT NOT NULL DEFAULT 0,
	missed BIGINT NOT NULL DEFAULT 0,
	error TEXT NOT NULL DEFAULT '' CHECK (length(error) <= 500),
	marks TEXT NOT NULL DEFAULT '' CHECK (length(marks) <= 20000)
);

-- When a comparison with an account last saw a post listed, or asked its origin about it.
CREATE TABLE comparison_posts (
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	at BIGINT NOT NULL,
	PRIMARY KEY (account_id, post_id)
);
CREATE INDEX comparison_posts_post ON comparison_posts (post_id);

-- Which server took which post, and by what it was told last; kept for 30 days.
CREATE TABLE receipts (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	host TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
	activity TEXT NOT NULL CHECK (length(activity) <= 300),
	at BIGINT NOT NULL,
	PRIMARY KEY (post_id, host)
);
CREATE INDEX receipts_host ON receipts (host, at);
CREATE INDEX receipts_at ON receipts (at);

-- What a server sent us last and took from us last: the type and the id of the activity.
ALTER TABLE peers ADD COLUMN received_type TEXT NOT NULL DEFAULT '' CHECK (length(received_type) <= 300);
ALTER TABLE peers ADD COLUMN received_id TEXT NOT NULL DEFAULT '' CHECK (length(received_id) <= 2048);
ALTER TABLE peers ADD COLUMN delivered_type TEXT NOT NULL DEFAULT '' CHECK (length(delivered_type) <= 300);
ALTER TABLE peers ADD COLUMN delivered_id TEXT NOT NULL DEFAULT '' CHECK (length(delivered_id) <= 2048);
