-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Posts with pictures, sound or films, which have timelines of their own.
ALTER TABLE posts ADD COLUMN media BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE posts
SET media = TRUE
WHERE details LIKE '%{"type":"Image"%' OR details LIKE '%{"type":"Video"%'
	OR details LIKE '%{"type":"Audio"%' OR details LIKE '%{"type":"Document"%';
CREATE INDEX posts_media ON posts (id DESC) WHERE media;
CREATE INDEX posts_author_media ON posts (author_id, id DESC) WHERE media;
CREATE INDEX posts_local ON posts (id DESC) WHERE local;

-- Whom somebody reads, without a look at the row.
CREATE INDEX follows_reads ON follows (follower_id, target_id, boosts) WHERE state = 'accepted';

-- Every hashtag once, folded, for who types the beginning of one.
CREATE TABLE hashtags (
	tag TEXT COLLATE "C" PRIMARY KEY CHECK (length(tag) BETWEEN 1 AND 500)
);
INSERT INTO hashtags (tag) SELECT DISTINCT tag FROM post_hashtags;

-- What an account is found by: its handle and the words of its names, folded.
CREATE TABLE account_words (
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	word TEXT COLLATE "C" NOT NULL CHECK (length(word) BETWEEN 1 AND 500),
	PRIMARY KEY (account_id, word)
);
INSERT INTO account_words (account_id, word)
SELECT id, handle || CASE WHEN local THEN '' ELSE '@' || host END
FROM accounts
WHERE handle <> '' AND length(handle) + length(host) < 500 AND deleted_at = 0;
INSERT INTO account_words (account_id, word)
SELECT id, substr(lower(display_name), 1, 64)
FROM accounts
WHERE display_name <> '' AND deleted_at = 0
ON CONFLICT DO NOTHING;
CREATE INDEX account_words_word ON account_words (word, account_id);

-- The threads of direct posts that somebody of this instance is part of. last_id is
-- the newest post that came, read_id how far it was read; which post is shown is
-- asked when it is read, since posts are withdrawn and people blocked.
CREATE TABLE conversations (
	id BIGINT PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	thread TEXT NOT NULL CHECK (length(thread) BETWEEN 1 AND 2048),
	last_id BIGINT NOT NULL,
	read_id BIGINT NOT NULL,
	UNIQUE (thread, account_id)
);
CREATE INDEX conversations_account ON conversations (account_id, last_id DESC);
INSERT INTO conversations (id, account_id, thread, last_id, read_id)
SELECT ROW_NUMBER() OVER (ORDER BY c.last, c.account_id), c.account_id, c.thread, c.last, c.last
FROM (
	SELECT w.account_id, p.thread, MAX(p.id) AS last
	FROM (
		SELECT author_id AS account_id, id AS post_id FROM posts WHERE visibility = 'direct'
		UNION
		SELECT account_id, post_id FROM post_addressees WHERE account_id <> 0) w
	JOIN posts p ON p.id = w.post_id
	JOIN accounts a ON a.id = w.account_id
	WHERE p.visibility = 'direct' AND a.local AND p.thread <> ''
	GROUP BY w.account_id, p.thread) c;

-- The newest post and boost of each account, or what was: who follows a thousand that
-- are silent asks them all at once. Kept by triggers, which only raise.
CREATE TABLE account_newest (
	account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	post_id BIGINT NOT NULL,
	boost_id BIGINT NOT NULL
);
INSERT INTO account_newest (account_id, post_id, boost_id)
SELECT w.id, MAX(w.post_id), MAX(w.boost_id)
FROM (
	SELECT author_id AS id, MAX(id) AS post_id, 0 AS boost_id FROM posts GROUP BY author_id
	UNION ALL
	SELECT actor_id, 0, MAX(id) FROM reactions WHERE kind = 'boost' GROUP BY actor_id) w
GROUP BY w.id;

-- +goose StatementBegin
CREATE FUNCTION newest_post() RETURNS trigger AS $$
BEGIN
	INSERT INTO account_newest (account_id, post_id, boost_id) VALUES (NEW.author_id, NEW.id, 0)
	ON CONFLICT (account_id) DO UPDATE SET post_id = NEW.id WHERE account_newest.post_id < NEW.id;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER account_newest_post AFTER INSERT ON posts
	FOR EACH ROW EXECUTE FUNCTION newest_post();

-- +goose StatementBegin
CREATE FUNCTION newest_boost() RETURNS trigger AS $$
BEGIN
	INSERT INTO account_newest (account_id, post_id, boost_id) VALUES (NEW.actor_id, 0, NEW.id)
	ON CONFLICT (account_id) DO UPDATE SET boost_id = NEW.id WHERE account_newest.boost_id < NEW.id;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER account_newest_boost AFTER INSERT ON reactions
	FOR EACH ROW WHEN (NEW.kind = 'boost') EXECUTE FUNCTION newest_boost();
