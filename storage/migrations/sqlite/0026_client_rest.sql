-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- People who asked for an account and have none yet: it is made once the address is
-- confirmed and, where the staff decide, approved. Until then the name is kept for them.
-- password is a hash; link is the SHA-256 of what stands in the newest mail, NULL before
-- it is written; token_id is that of the app that asked, 0 for the page.
CREATE TABLE sign_ups (
	id INTEGER PRIMARY KEY,
	handle TEXT NOT NULL UNIQUE CHECK (length(handle) BETWEEN 1 AND 100),
	email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
	password TEXT NOT NULL CHECK (length(password) BETWEEN 20 AND 500),
	language TEXT NOT NULL CHECK (length(language) <= 35),
	reason TEXT NOT NULL CHECK (length(reason) <= 2000),
	token_id BIGINT NOT NULL,
	link BLOB UNIQUE CHECK (length(link) = 32),
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	confirmed_at BIGINT NOT NULL,
	approved_at BIGINT NOT NULL
);
CREATE INDEX sign_ups_token ON sign_ups (token_id) WHERE token_id <> 0;
CREATE INDEX sign_ups_ends ON sign_ups (ends_at);

-- Hashtags that an account shows on its profile; tag is folded, name as it was typed.
CREATE TABLE featured_tags (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	tag TEXT NOT NULL CHECK (length(tag) BETWEEN 1 AND 500),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
	at BIGINT NOT NULL,
	UNIQUE (account_id, tag)
);

-- Accounts that another shows on its profile.
CREATE TABLE endorsements (
	id INTEGER PRIMARY KEY,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	at BIGINT NOT NULL,
	UNIQUE (account_id, target_id)
);
CREATE INDEX endorsements_account ON endorsements (account_id, id DESC);
CREATE INDEX endorsements_target ON endorsements (target_id);

-- Accounts that somebody does not want to be suggested.
CREATE TABLE hidden_suggestions (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	target_id BIGINT NOT NULL REFERENCES accounts (id),
	PRIMARY KEY (account_id, target_id)
);
CREATE INDEX hidden_suggestions_target ON hidden_suggestions (target_id);

-- Web addresses that public posts link to, each once a post.
CREATE TABLE post_links (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	url TEXT NOT NULL CHECK (length(url) BETWEEN 8 AND 1000),
	PRIMARY KEY (post_id, url)
);
CREATE INDEX post_links_url ON post_links (url, post_id DESC);

-- Who of this instance was here in a week; week is the Unix time of its first moment
-- in weeks.
CREATE TABLE active_weeks (
	week BIGINT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	PRIMARY KEY (week, account_id)
);
CREATE INDEX active_weeks_account ON active_weeks (account_id);

-- The directory: who may be found.
CREATE INDEX accounts_discoverable ON accounts (id DESC) WHERE discoverable AND suspended_at = 0 AND deleted_at = 0;
