-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What a person wants of a follow: boosts too, a bell at each post, these
-- languages alone (a JSON list; empty: all).
ALTER TABLE follows ADD COLUMN boosts BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE follows ADD COLUMN bell BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE follows ADD COLUMN languages TEXT NOT NULL DEFAULT '' CHECK (length(languages) <= 1000);
CREATE INDEX follows_bell ON follows (target_id) WHERE bell;

-- Whom somebody does not want to read; ends_at 0: for good.
CREATE TABLE mutes (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	notifications BOOLEAN NOT NULL,
	ends_at BIGINT NOT NULL,
	at BIGINT NOT NULL,
	UNIQUE (account_id, target_id)
);
CREATE INDEX mutes_target ON mutes (target_id);
CREATE INDEX mutes_ends ON mutes (ends_at) WHERE ends_at <> 0;

-- Servers that one person does not want to hear of.
CREATE TABLE server_blocks (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	host TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
	at BIGINT NOT NULL,
	UNIQUE (account_id, host)
);

-- What somebody noted about another, for their own eyes.
CREATE TABLE account_notes (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	comment TEXT NOT NULL CHECK (length(comment) BETWEEN 1 AND 2000),
	PRIMARY KEY (account_id, target_id)
);
CREATE INDEX account_notes_target ON account_notes (target_id);

CREATE TABLE bookmarks (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	at BIGINT NOT NULL,
	UNIQUE (account_id, post_id)
);
CREATE INDEX bookmarks_account ON bookmarks (account_id, id DESC);
CREATE INDEX bookmarks_post ON bookmarks (post_id);

-- Threads of which somebody wants no more notifications.
CREATE TABLE thread_mutes (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	thread TEXT NOT NULL CHECK (length(thread) BETWEEN 1 AND 2048),
	at BIGINT NOT NULL,
	PRIMARY KEY (account_id, thread)
);

CREATE TABLE lists (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	replies TEXT NOT NULL CHECK (replies IN ('followed', 'list', 'none')),
	exclusive BOOLEAN NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX lists_account ON lists (account_id, id);
CREATE TABLE list_accounts (
	list_id BIGINT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	id BIGINT NOT NULL,
	PRIMARY KEY (list_id, account_id)
);
CREATE INDEX list_accounts_account ON list_accounts (account_id, list_id);

CREATE TABLE followed_tags (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 500),
	at BIGINT NOT NULL,
	UNIQUE (account_id, tag)
);

-- How far somebody has read a timeline; version rises with each change.
CREATE TABLE markers (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	timeline TEXT NOT NULL CHECK (timeline IN ('home', 'notifications')),
	last_read BIGINT NOT NULL,
	version BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, timeline)
);

-- What everybody may count: posts for all, follows that hold. Kept by triggers,
-- so that nothing that adds or removes a row can forget it.
CREATE TABLE account_counts (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	posts BIGINT NOT NULL DEFAULT 0,
	followers BIGINT NOT NULL DEFAULT 0,
	following BIGINT NOT NULL DEFAULT 0,
	last_post_at BIGINT NOT NULL DEFAULT 0
);
INSERT INTO account_counts (account_id, posts, followers, following, last_post_at)
SELECT a.id,
	(SELECT COUNT(*) FROM posts p WHERE p.author_id = a.id AND p.visibility IN ('public', 'unlisted') AND NOT p.draft AND NOT p.frozen),
	(SELECT COUNT(*) FROM follows f WHERE f.target_id = a.id AND f.state = 'accepted'),
	(SELECT COUNT(*) FROM follows f WHERE f.follower_id = a.id AND f.state = 'accepted'),
	(SELECT COALESCE(MAX(p.published_at), 0) FROM posts p WHERE p.author_id = a.id AND p.visibility IN ('public', 'unlisted') AND NOT p.draft AND NOT p.frozen)
FROM accounts a;

-- +goose StatementBegin
CREATE FUNCTION count_account() RETURNS trigger AS $$
BEGIN
	INSERT INTO account_counts (account_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER account_counts_account AFTER INSERT ON accounts
	FOR EACH ROW EXECUTE FUNCTION count_account();

-- +goose StatementBegin
CREATE FUNCTION count_post() RETURNS trigger AS $$
DECLARE
	was INT := 0;
	becomes INT := 0;
	author BIGINT;
	at BIGINT := 0;
BEGIN
	IF TG_OP <> 'INSERT' THEN
		author := OLD.author_id;
		was := (OLD.visibility IN ('public', 'unlisted') AND NOT OLD.draft AND NOT OLD.frozen)::INT;
	END IF;
	IF TG_OP <> 'DELETE' THEN
		author := NEW.author_id;
		becomes := (NEW.visibility IN ('public', 'unlisted') AND NOT NEW.draft AND NOT NEW.frozen)::INT;
		at := becomes * NEW.published_at;
	END IF;
	IF was <> becomes THEN
		UPDATE account_counts
		SET posts = posts + becomes - was, last_post_at = GREATEST(last_post_at, at)
		WHERE account_id = author;
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER account_counts_post AFTER INSERT OR DELETE OR UPDATE OF visibility, draft, frozen ON posts
	FOR EACH ROW EXECUTE FUNCTION count_post();

-- The rows are changed in the order of their ids: two that follow each other at
-- once never wait for one another.
-- +goose StatementBegin
CREATE FUNCTION count_follow() RETURNS trigger AS $$
DECLARE
	who RECORD;
BEGIN
	FOR who IN
		SELECT w.account_id, SUM(w.followers)::INT AS followers, SUM(w.following)::INT AS following
		FROM (
			SELECT OLD.target_id AS account_id, -1 AS followers, 0 AS following WHERE TG_OP <> 'INSERT' AND OLD.state = 'accepted'
			UNION ALL
			SELECT OLD.follower_id, 0, -1 WHERE TG_OP <> 'INSERT' AND OLD.state = 'accepted'
			UNION ALL
			SELECT NEW.target_id, 1, 0 WHERE TG_OP <> 'DELETE' AND NEW.state = 'accepted'
			UNION ALL
			SELECT NEW.follower_id, 0, 1 WHERE TG_OP <> 'DELETE' AND NEW.state = 'accepted') w
		GROUP BY w.account_id
		ORDER BY w.account_id
	LOOP
		UPDATE account_counts
		SET followers = followers + who.followers, following = following + who.following
		WHERE account_id = who.account_id;
	END LOOP;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER account_counts_follow AFTER INSERT OR DELETE OR UPDATE OF state, follower_id, target_id ON follows
	FOR EACH ROW EXECUTE FUNCTION count_follow();
