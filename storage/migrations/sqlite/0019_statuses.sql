-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What an earlier state of a post had besides its texts: details holds its files, the
-- options of its poll and its language, as JSON.
ALTER TABLE revisions ADD COLUMN sensitive BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE revisions ADD COLUMN details TEXT NOT NULL DEFAULT '{}' CHECK (length(details) <= 1000000);

-- Posts that wait for their time: post is ours, params what the client sent.
CREATE TABLE scheduled_posts (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	due_at BIGINT NOT NULL,
	post TEXT NOT NULL CHECK (length(post) <= 2000000),
	params TEXT NOT NULL CHECK (length(params) <= 2000000),
	error TEXT NOT NULL DEFAULT '' CHECK (length(error) <= 1000),
	created_at BIGINT NOT NULL
);
CREATE INDEX scheduled_posts_account ON scheduled_posts (account_id, id DESC);
CREATE INDEX scheduled_posts_due ON scheduled_posts (account_id, due_at);

-- What was published with an Idempotency-Key in the last hour: key is a hash of the
-- token and of what the client sent; one of post_id and scheduled_id is not 0.
CREATE TABLE published_keys (
	key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
	post_id BIGINT NOT NULL DEFAULT 0,
	scheduled_id BIGINT NOT NULL DEFAULT 0,
	at BIGINT NOT NULL
);
CREATE INDEX published_keys_at ON published_keys (at);

-- Who may see a boost; likes are for everybody who may see the post.
ALTER TABLE reactions ADD COLUMN audience TEXT NOT NULL DEFAULT 'public' CHECK (audience IN ('public', 'unlisted', 'followers'));
