-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Changes to articles that others propose: to ours by accounts here and elsewhere, to
-- those of other servers by accounts here. payload holds the texts.
CREATE TABLE suggestions (
	id BIGINT PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	by_id BIGINT NOT NULL REFERENCES accounts (id),
	state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'conflict', 'withdrawn')),
	base_version BIGINT NOT NULL,
	result_version BIGINT NOT NULL,
	payload TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	decided_at BIGINT NOT NULL
);
CREATE INDEX suggestions_post ON suggestions (post_id, state, id DESC);
CREATE INDEX suggestions_by ON suggestions (by_id, id DESC);
