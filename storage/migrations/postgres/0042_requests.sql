-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- A post may be a request.
ALTER TABLE posts DROP CONSTRAINT posts_kind_check;
ALTER TABLE posts ADD CONSTRAINT posts_kind_check CHECK (kind IN ('note', 'job', 'article', 'question', 'request'));

-- What a request is filtered and sorted by; payload is the whole of it as JSON, but for
-- what is accepted of its slots. offered: somebody has offered once, so that no rule is
-- taken back any more.
CREATE TABLE requests (
	post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	author_id BIGINT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('draft', 'review', 'open', 'forming', 'covered', 'proposed', 'won', 'running', 'done', 'lost', 'withdrawn', 'expired')),
	respond_by BIGINT NOT NULL,
	offered BOOLEAN NOT NULL DEFAULT FALSE,
	payload TEXT NOT NULL CHECK (length(payload) <= 1000000)
);
CREATE INDEX requests_author ON requests (author_id, post_id DESC);
CREATE INDEX requests_due ON requests (respond_by, post_id) WHERE status IN ('open', 'forming');
CREATE INDEX requests_status ON requests (status, post_id DESC);

-- The roles of a request. accepted is true here alone: no more is ever accepted than is
-- wanted.
CREATE TABLE request_slots (
	post_id BIGINT NOT NULL REFERENCES requests (post_id) ON DELETE CASCADE,
	key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 40),
	place BIGINT NOT NULL,
	name TEXT NOT NULL CHECK (length(name) <= 200),
	skill TEXT NOT NULL CHECK (length(skill) <= 2048),
	skill_name TEXT NOT NULL CHECK (length(skill_name) <= 2048),
	hours BIGINT NOT NULL,
	accepted BIGINT NOT NULL,
	closed BOOLEAN NOT NULL,
	PRIMARY KEY (post_id, key),
	CHECK (accepted BETWEEN 0 AND hours)
);
CREATE INDEX request_slots_skill ON request_slots (skill, post_id) WHERE skill <> '';
CREATE INDEX request_slots_skill_name ON request_slots (skill_name, post_id) WHERE skill_name <> '';

-- Who the client of a request is: sealed, of this instance alone, with an end.
CREATE TABLE request_files (
	post_id BIGINT PRIMARY KEY REFERENCES requests (post_id) ON DELETE CASCADE,
	sealed BYTEA NOT NULL,
	delete_at BIGINT NOT NULL
);
CREATE INDEX request_files_delete ON request_files (delete_at);
