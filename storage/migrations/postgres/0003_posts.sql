-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What somebody published. A withdrawn post has no row here but a tombstone.
-- details holds what is shown but never asked for, as JSON.
CREATE TABLE posts (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	author_id BIGINT NOT NULL REFERENCES accounts (id),
	local BOOLEAN NOT NULL,
	kind TEXT NOT NULL CHECK (kind IN ('note', 'job', 'article', 'question')),
	type TEXT NOT NULL CHECK (length(type) <= 100),
	visibility TEXT NOT NULL CHECK (visibility IN ('public', 'unlisted', 'followers', 'direct', 'members', 'local')),
	-- members_of is the account whose members collection it is addressed to; 0 when
	-- it is not, or when that account is not known.
	members_of BIGINT NOT NULL DEFAULT 0,
	audience TEXT NOT NULL CHECK (length(audience) <= 2048),
	in_reply_to TEXT NOT NULL CHECK (length(in_reply_to) <= 2048),
	in_reply_to_id BIGINT NOT NULL DEFAULT 0,
	thread TEXT NOT NULL CHECK (length(thread) <= 2048),
	title TEXT NOT NULL CHECK (length(title) <= 500),
	summary TEXT NOT NULL CHECK (length(summary) <= 10000),
	sensitive BOOLEAN NOT NULL,
	language TEXT NOT NULL CHECK (length(language) <= 100),
	content TEXT NOT NULL CHECK (length(content) <= 2000000),
	source TEXT NOT NULL CHECK (length(source) <= 600000),
	source_type TEXT NOT NULL CHECK (length(source_type) <= 200),
	url TEXT NOT NULL CHECK (length(url) <= 2048),
	details TEXT NOT NULL CHECK (length(details) <= 4000000),
	published_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	-- changed_at is the later of both: the order of collections.
	changed_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	-- draft: not published yet; frozen: under review; reached: some way by which it
	-- came here still stands.
	draft BOOLEAN NOT NULL,
	frozen BOOLEAN NOT NULL DEFAULT FALSE,
	reached BOOLEAN NOT NULL DEFAULT TRUE,
	CHECK (NOT local OR length(source) <= 300000)
);
CREATE INDEX posts_author ON posts (author_id, id DESC);
CREATE INDEX posts_kind ON posts (kind, id DESC);
CREATE INDEX posts_parent ON posts (in_reply_to_id, id) WHERE in_reply_to_id <> 0;
CREATE INDEX posts_orphan ON posts (in_reply_to) WHERE in_reply_to <> '' AND in_reply_to_id = 0;
CREATE INDEX posts_thread ON posts (thread, id);
CREATE INDEX posts_changed ON posts (author_id, kind, changed_at DESC, id DESC);
CREATE INDEX posts_members ON posts (id) WHERE visibility = 'members' AND members_of = 0;

CREATE TABLE articles (
	post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	version BIGINT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('draft', 'published', 'superseded', 'archived', 'withdrawn')),
	license TEXT NOT NULL CHECK (length(license) <= 2048),
	translation_of TEXT NOT NULL CHECK (length(translation_of) <= 2048),
	payload TEXT NOT NULL CHECK (length(payload) <= 1000000)
);
CREATE INDEX articles_translation ON articles (translation_of) WHERE translation_of <> '';

CREATE TABLE post_hashtags (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 500),
	PRIMARY KEY (post_id, tag)
);
CREATE INDEX post_hashtags_tag ON post_hashtags (tag, post_id);

-- Who is named in to and cc: the account where it is known, its server else.
-- Collections have neither.
CREATE TABLE post_addressees (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	iri TEXT NOT NULL CHECK (length(iri) BETWEEN 1 AND 2048),
	account_id BIGINT NOT NULL DEFAULT 0,
	host TEXT NOT NULL CHECK (length(host) <= 300),
	PRIMARY KEY (post_id, iri)
);
CREATE INDEX post_addressees_account ON post_addressees (account_id, post_id) WHERE account_id <> 0;
CREATE INDEX post_addressees_iri ON post_addressees (iri) WHERE account_id = 0;

-- Every way by which a post came here.
CREATE TABLE post_paths (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	via BIGINT NOT NULL,
	how TEXT NOT NULL CHECK (length(how) BETWEEN 1 AND 40),
	at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (post_id, via, how)
);
CREATE INDEX post_paths_via ON post_paths (via, post_id);

-- Servers that hold a post and must hear of its changes.
CREATE TABLE post_holders (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	host TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
	inbox TEXT NOT NULL CHECK (length(inbox) BETWEEN 1 AND 2048),
	at BIGINT NOT NULL,
	PRIMARY KEY (post_id, host)
);
CREATE INDEX post_holders_newest ON post_holders (post_id, at DESC);

CREATE TABLE revisions (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	number BIGINT NOT NULL,
	version BIGINT NOT NULL,
	at BIGINT NOT NULL,
	title TEXT NOT NULL CHECK (length(title) <= 500),
	summary TEXT NOT NULL CHECK (length(summary) <= 10000),
	content TEXT NOT NULL CHECK (length(content) <= 2000000),
	source TEXT NOT NULL CHECK (length(source) <= 600000),
	reason TEXT NOT NULL CHECK (length(reason) <= 1000),
	PRIMARY KEY (post_id, number)
);

CREATE TABLE reactions (
	id BIGINT PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('like', 'boost')),
	actor_id BIGINT NOT NULL REFERENCES accounts (id),
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	content TEXT NOT NULL CHECK (length(content) <= 100),
	at BIGINT NOT NULL,
	UNIQUE (post_id, kind, actor_id)
);
CREATE INDEX reactions_iri ON reactions (iri) WHERE iri <> '';
CREATE INDEX reactions_actor ON reactions (actor_id, kind, id DESC);

CREATE TABLE pins (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	at BIGINT NOT NULL,
	PRIMARY KEY (account_id, post_id)
);
CREATE INDEX pins_post ON pins (post_id);
