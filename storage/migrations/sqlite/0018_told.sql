-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Notifications get a counter of their own: clients and their service workers read
-- the id as a number, so that it stays below 2^53, and all have fifteen digits.
-- What was told before keeps its order.
ALTER TABLE notifications RENAME TO notifications_before;
CREATE TABLE notifications (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
	from_id BIGINT NOT NULL,
	post_id BIGINT NOT NULL,
	-- about_id is the report that it is about; 0: none.
	about_id BIGINT NOT NULL,
	-- group_key is the same for what clients show as one line; empty: it stands alone.
	group_key TEXT NOT NULL CHECK (length(group_key) <= 100),
	-- filtered ones wait as a request until they are let in.
	filtered BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL,
	UNIQUE (account_id, kind, from_id, post_id, about_id)
);
INSERT INTO sqlite_sequence (name, seq) VALUES ('notifications', 100000000000000);
INSERT INTO notifications (id, account_id, kind, from_id, post_id, about_id, group_key, filtered, created_at)
SELECT 100000000000000 + ROW_NUMBER() OVER (ORDER BY id), account_id, kind, from_id, post_id, 0,
	CASE
		WHEN kind IN ('favourite', 'reblog') THEN kind || '-' || post_id || '-' || (created_at / 43200000 * 12)
		WHEN kind = 'follow' THEN kind || '-' || (created_at / 43200000 * 12)
		ELSE '' END,
	FALSE, created_at
FROM notifications_before
ORDER BY id;
DROP TABLE notifications_before;
CREATE INDEX notifications_account ON notifications (account_id, id DESC);
CREATE INDEX notifications_post ON notifications (post_id) WHERE post_id <> 0;
CREATE INDEX notifications_from ON notifications (from_id);
CREATE INDEX notifications_group ON notifications (account_id, group_key, id DESC) WHERE group_key <> '';
CREATE INDEX notifications_latest ON notifications (account_id, kind, post_id, id DESC) WHERE group_key <> '';
CREATE INDEX notifications_filtered ON notifications (account_id, from_id, id DESC) WHERE filtered;

-- What an account wants done with notifications from whom it does not know.
CREATE TABLE notification_policies (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	not_following TEXT NOT NULL CHECK (not_following IN ('accept', 'filter', 'drop')),
	not_followers TEXT NOT NULL CHECK (not_followers IN ('accept', 'filter', 'drop')),
	new_accounts TEXT NOT NULL CHECK (new_accounts IN ('accept', 'filter', 'drop')),
	private_mentions TEXT NOT NULL CHECK (private_mentions IN ('accept', 'filter', 'drop')),
	limited_accounts TEXT NOT NULL CHECK (limited_accounts IN ('accept', 'filter', 'drop'))
);

-- Whose notifications an account lets in whatever its policy says.
CREATE TABLE notification_permissions (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	from_id BIGINT NOT NULL REFERENCES accounts (id),
	PRIMARY KEY (account_id, from_id)
);
CREATE INDEX notification_permissions_from ON notification_permissions (from_id);

-- Whose notifications were filtered and wait for a decision.
CREATE TABLE notification_requests (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	from_id BIGINT NOT NULL REFERENCES accounts (id),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (account_id, from_id)
);
CREATE INDEX notification_requests_account ON notification_requests (account_id, id DESC);
CREATE INDEX notification_requests_from ON notification_requests (from_id);

-- Words that somebody does not want to meet; contexts is a JSON list.
CREATE TABLE filters (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	contexts TEXT NOT NULL CHECK (length(contexts) <= 200),
	act TEXT NOT NULL CHECK (act IN ('warn', 'hide', 'blur')),
	expires_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX filters_account ON filters (account_id, id);
CREATE TABLE filter_keywords (
	id INTEGER PRIMARY KEY,
	filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
	keyword TEXT NOT NULL CHECK (length(keyword) BETWEEN 1 AND 500),
	whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_filter ON filter_keywords (filter_id, id);
CREATE TABLE filter_posts (
	id INTEGER PRIMARY KEY,
	filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	UNIQUE (filter_id, post_id)
);
CREATE INDEX filter_posts_post ON filter_posts (post_id);

-- What everybody here is told by who runs the instance; texts is JSON by language.
CREATE TABLE announcements (
	id INTEGER PRIMARY KEY,
	texts TEXT NOT NULL CHECK (length(texts) BETWEEN 2 AND 50000),
	starts_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	all_day BOOLEAN NOT NULL,
	published_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE TABLE announcement_reads (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
	PRIMARY KEY (account_id, announcement_id)
);
CREATE INDEX announcement_reads_announcement ON announcement_reads (announcement_id);
CREATE TABLE announcement_reactions (
	announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	at BIGINT NOT NULL,
	PRIMARY KEY (announcement_id, name, account_id)
);
CREATE INDEX announcement_reactions_account ON announcement_reactions (account_id);

-- The rules of the instance; texts and hints are JSON by language.
CREATE TABLE rules (
	id INTEGER PRIMARY KEY,
	texts TEXT NOT NULL CHECK (length(texts) BETWEEN 2 AND 20000),
	hints TEXT NOT NULL CHECK (length(hints) BETWEEN 2 AND 20000),
	created_at BIGINT NOT NULL
);

ALTER TABLE reports ADD COLUMN category TEXT NOT NULL DEFAULT 'other' CHECK (category IN ('spam', 'legal', 'violation', 'other'));
ALTER TABLE reports ADD COLUMN rules TEXT NOT NULL DEFAULT '[]' CHECK (length(rules) <= 2000);
ALTER TABLE reports ADD COLUMN forwarded BOOLEAN NOT NULL DEFAULT FALSE;
