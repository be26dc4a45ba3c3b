-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What an article may have several of: topic, series, citation. value is a folded
-- name or an address, label the name as it was written.
CREATE TABLE article_facets (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	facet TEXT NOT NULL CHECK (facet IN ('topic', 'series', 'citation')),
	value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 2048),
	label TEXT NOT NULL CHECK (length(label) <= 500),
	position BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (post_id, facet, value)
);
CREATE INDEX article_facets_value ON article_facets (facet, value, post_id);

-- The day on which somebody last looked whether an article still holds; empty: never.
ALTER TABLE articles ADD COLUMN checked_on TEXT NOT NULL DEFAULT '' CHECK (length(checked_on) <= 10);

-- Articles in an order: ours as their authors made them, others as their articles
-- name them.
CREATE TABLE series (
	id INTEGER PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	owner_id BIGINT NOT NULL REFERENCES accounts (id),
	local BOOLEAN NOT NULL,
	title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
	summary TEXT NOT NULL CHECK (length(summary) <= 2000),
	language TEXT NOT NULL CHECK (length(language) <= 100),
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX series_owner ON series (owner_id, id DESC);

-- "We used this": the day that a co-op's Like says; empty: it is only a like.
ALTER TABLE reactions ADD COLUMN used_on TEXT NOT NULL DEFAULT '' CHECK (length(used_on) <= 10);
CREATE INDEX reactions_used ON reactions (post_id, actor_id) WHERE used_on <> '';

-- What the directory sorts co-ops by: country, language, sector, type.
CREATE TABLE coop_facets (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	facet TEXT NOT NULL CHECK (facet IN ('country', 'language', 'sector', 'type')),
	value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 2048),
	PRIMARY KEY (account_id, facet, value)
);
CREATE INDEX coop_facets_value ON coop_facets (facet, value, account_id);

-- How far the fetching of what an account published before has come; finished_at is
-- 0 while it goes on.
CREATE TABLE backfills (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	started_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	finished_at BIGINT NOT NULL,
	done BIGINT NOT NULL,
	kept BIGINT NOT NULL
);

-- What is here already. Names are folded by the program when an article is saved; of
-- those that are here only their capitals are.
UPDATE articles SET checked_on = json_extract(payload, '$.checked_on') WHERE length(json_extract(payload, '$.checked_on')) = 10;
INSERT INTO article_facets (post_id, facet, value, label)
SELECT DISTINCT t.post_id, 'citation', c.value, ''
FROM articles t, json_each(t.payload, '$.citations') c
WHERE length(c.value) BETWEEN 1 AND 2048;
INSERT INTO article_facets (post_id, facet, value, label)
SELECT t.post_id, 'topic', lower(json_extract(c.value, '$.name')), MIN(json_extract(c.value, '$.name'))
FROM articles t, json_each(t.payload, '$.topics') c
WHERE length(json_extract(c.value, '$.name')) BETWEEN 1 AND 500
GROUP BY t.post_id, lower(json_extract(c.value, '$.name'));
INSERT INTO coop_facets (account_id, facet, value)
SELECT a.id, 'country', json_extract(a.details, '$.coop.place.country')
FROM accounts a
WHERE a.kind IN ('coop', 'federation') AND length(json_extract(a.details, '$.coop.place.country')) BETWEEN 1 AND 100;
INSERT INTO coop_facets (account_id, facet, value)
SELECT DISTINCT a.id, 'language', c.value
FROM accounts a, json_each(a.details, '$.coop.languages') c
WHERE a.kind IN ('coop', 'federation') AND length(c.value) BETWEEN 1 AND 100;
INSERT INTO coop_facets (account_id, facet, value)
SELECT DISTINCT a.id, 'sector', c.value
FROM accounts a, json_each(a.details, '$.coop.activity') c
WHERE a.kind IN ('coop', 'federation') AND length(c.value) BETWEEN 1 AND 2048;
INSERT INTO coop_facets (account_id, facet, value)
SELECT a.id, 'type', json_extract(a.details, '$.coop.type')
FROM accounts a
WHERE a.kind IN ('coop', 'federation') AND length(json_extract(a.details, '$.coop.type')) BETWEEN 1 AND 2048;
