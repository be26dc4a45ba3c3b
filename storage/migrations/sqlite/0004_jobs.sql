-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What a job is filtered and sorted by; payload is the whole job as JSON.
CREATE TABLE jobs (
	post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	author_id BIGINT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('draft', 'review', 'open', 'paused', 'filled', 'withdrawn', 'closed', 'expired')),
	engagement TEXT NOT NULL CHECK (length(engagement) <= 40),
	track TEXT NOT NULL CHECK (length(track) <= 40),
	remote BOOLEAN NOT NULL,
	anywhere BOOLEAN NOT NULL,
	open_to_new BOOLEAN NOT NULL,
	posted_at BIGINT NOT NULL,
	valid_through BIGINT NOT NULL,
	-- Hours a week and pay a year are in hundredths; 0 is not stated.
	hours_from BIGINT NOT NULL,
	hours_to BIGINT NOT NULL,
	currency TEXT NOT NULL CHECK (length(currency) <= 10),
	pay_year BIGINT NOT NULL,
	completeness BIGINT NOT NULL CHECK (completeness BETWEEN 0 AND 4),
	-- Keys by which the same job is known; empty where it has none.
	identifier_key TEXT NOT NULL CHECK (length(identifier_key) <= 2048),
	apply_key TEXT NOT NULL CHECK (length(apply_key) <= 2048),
	likeness_key TEXT NOT NULL CHECK (length(likeness_key) <= 2048),
	-- duplicate_of is the copy that is shown instead; 0: this one is shown.
	duplicate_of BIGINT NOT NULL DEFAULT 0,
	payload TEXT NOT NULL CHECK (length(payload) <= 1000000)
);
CREATE INDEX jobs_due ON jobs (valid_through, post_id) WHERE status IN ('open', 'paused');
CREATE INDEX jobs_author ON jobs (author_id);
CREATE INDEX jobs_status ON jobs (status, post_id DESC);
CREATE INDEX jobs_identifier ON jobs (identifier_key) WHERE identifier_key <> '';
CREATE INDEX jobs_apply ON jobs (apply_key) WHERE apply_key <> '';
CREATE INDEX jobs_likeness ON jobs (likeness_key) WHERE likeness_key <> '';
CREATE INDEX jobs_duplicate ON jobs (duplicate_of) WHERE duplicate_of <> 0;

-- What a job may have several of: skill, country, lang, sector, place.
CREATE TABLE job_facets (
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	facet TEXT NOT NULL CHECK (length(facet) <= 20),
	value TEXT NOT NULL CHECK (length(value) BETWEEN 1 AND 2048),
	PRIMARY KEY (post_id, facet, value)
);
CREATE INDEX job_facets_value ON job_facets (facet, value, post_id);

-- The highest own reference of each co-op and year.
CREATE TABLE job_references (
	author_id BIGINT NOT NULL REFERENCES accounts (id),
	year BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (author_id, year)
);

-- The folded words of what may be found. Contentless: the words are made from the
-- post and never read back.
CREATE VIRTUAL TABLE post_search USING fts5 (
	title, body,
	content = '', contentless_delete = 1, prefix = '2 3',
	tokenize = 'unicode61 remove_diacritics 2'
);
