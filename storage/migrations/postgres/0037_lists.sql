-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What an account that is followed here may not bring to the public lists: what is
-- 'kind:' and a kind of posts, or 'topic:' and a folded name. A way that is barred has
-- 1 as its end in post_paths, and stands again when the bar falls.
CREATE TABLE bring_bars (
	account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	what TEXT NOT NULL CHECK (length(what) BETWEEN 1 AND 600),
	PRIMARY KEY (account_id, what)
);

-- Lists of servers that others keep, or that were brought in a file. What stands on one
-- is a proposal until somebody applies it; applying is set while that is under way.
CREATE TABLE peer_lists (
	id BIGINT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	url TEXT NOT NULL CHECK (length(url) <= 2048),
	policy TEXT NOT NULL CHECK (policy IN ('allow', 'limit', 'block')),
	wrong TEXT NOT NULL,
	failure TEXT NOT NULL CHECK (length(failure) <= 1000),
	applying TEXT NOT NULL CHECK (length(applying) <= 500),
	created_at BIGINT NOT NULL,
	read_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL
);

-- A row of a list. kept: somebody left this host out; gone: it stands on the list no
-- more, and what the list decided waits to be taken back.
CREATE TABLE peer_list_rows (
	list_id BIGINT NOT NULL REFERENCES peer_lists (id) ON DELETE CASCADE,
	host TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
	policy TEXT NOT NULL CHECK (policy IN ('allow', 'limit', 'block')),
	reason TEXT NOT NULL CHECK (length(reason) <= 5000),
	public_reason TEXT NOT NULL CHECK (length(public_reason) <= 1000),
	kept BOOLEAN NOT NULL,
	gone BOOLEAN NOT NULL,
	PRIMARY KEY (list_id, host)
);
CREATE INDEX peer_list_rows_host ON peer_list_rows (host, list_id);

-- The list that decided about a server; 0: somebody here, by hand.
ALTER TABLE peers ADD COLUMN list_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX peers_list ON peers (list_id, host) WHERE list_id <> 0;
