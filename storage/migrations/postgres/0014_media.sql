-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Files that people of this instance uploaded. A file that is in no post goes at
-- keep_until; gone_at says that it is not served any more.
CREATE TABLE media (
	id BIGINT PRIMARY KEY,
	owner_id BIGINT NOT NULL REFERENCES accounts (id),
	class TEXT NOT NULL CHECK (class IN ('post', 'avatar', 'header')),
	kind TEXT NOT NULL CHECK (kind IN ('image', 'video', 'audio', 'document')),
	media_type TEXT NOT NULL CHECK (length(media_type) <= 100),
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
	bytes BIGINT NOT NULL,
	width BIGINT NOT NULL,
	height BIGINT NOT NULL,
	url TEXT NOT NULL CHECK (length(url) <= 2048),
	preview TEXT NOT NULL CHECK (length(preview) <= 100),
	preview_bytes BIGINT NOT NULL,
	preview_width BIGINT NOT NULL,
	preview_height BIGINT NOT NULL,
	preview_url TEXT NOT NULL CHECK (length(preview_url) <= 2048),
	blurhash TEXT NOT NULL CHECK (length(blurhash) <= 200),
	focus_x DOUBLE PRECISION NOT NULL,
	focus_y DOUBLE PRECISION NOT NULL,
	alt TEXT NOT NULL CHECK (length(alt) <= 10000),
	title TEXT NOT NULL CHECK (length(title) <= 500),
	post_id BIGINT NOT NULL,
	keep_until BIGINT NOT NULL,
	gone_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX media_preview ON media (preview) WHERE preview <> '';
CREATE INDEX media_owner ON media (owner_id, class);
CREATE INDEX media_post ON media (post_id) WHERE post_id <> 0;
CREATE INDEX media_loose ON media (keep_until) WHERE post_id = 0;

-- Small pictures of other servers that we keep for a while: the least recently used
-- go first. key is a hash of the address and of the form in which it is kept.
CREATE TABLE media_cache (
	key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
	host TEXT NOT NULL CHECK (length(host) <= 300),
	form TEXT NOT NULL CHECK (length(form) <= 20),
	media_type TEXT NOT NULL CHECK (length(media_type) <= 100),
	name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
	bytes BIGINT NOT NULL,
	used_at BIGINT NOT NULL,
	fetched_at BIGINT NOT NULL
);
CREATE INDEX media_cache_used ON media_cache (used_at, bytes);
