-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What is asked of the job board by somebody who wants to hear of it: each question
-- once, whoever asks it. query is its normal form, query_hash the SHA-256 of that.
-- account_id is the actor that announces what it finds; looked_at is when all jobs
-- were compared with it last, alone_at since when nobody follows its actor, 0: somebody
-- does.
CREATE TABLE search_queries (
	id BIGINT PRIMARY KEY,
	query_hash BYTEA NOT NULL UNIQUE,
	query TEXT NOT NULL CHECK (length(query) BETWEEN 1 AND 20000),
	account_id BIGINT REFERENCES accounts (id),
	created_at BIGINT NOT NULL,
	looked_at BIGINT NOT NULL,
	hit_at BIGINT NOT NULL DEFAULT 0,
	alone_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX search_queries_account ON search_queries (account_id) WHERE account_id IS NOT NULL;

-- Who wants to hear of it, and how: an account of this instance, or a visitor by mail
-- alone. alert_hash and feed_hash are of the secrets that stand in addresses; mark is up
-- to when matches were mailed, due_at when the next mail is, 0: never.
CREATE TABLE saved_searches (
	id BIGINT PRIMARY KEY,
	query_id BIGINT NOT NULL REFERENCES search_queries (id),
	account_id BIGINT REFERENCES accounts (id),
	email TEXT NOT NULL CHECK (length(email) <= 254),
	language TEXT NOT NULL CHECK (length(language) <= 100),
	name TEXT NOT NULL CHECK (length(name) <= 500),
	query TEXT NOT NULL CHECK (length(query) <= 20000),
	site BOOLEAN NOT NULL,
	mail TEXT NOT NULL CHECK (mail IN ('', 'daily', 'weekly')),
	hook TEXT NOT NULL CHECK (length(hook) <= 2048),
	hook_failed_at BIGINT NOT NULL,
	alert_hash BYTEA UNIQUE,
	feed_hash BYTEA UNIQUE,
	confirmed_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	mark BIGINT NOT NULL,
	due_at BIGINT NOT NULL
);
CREATE INDEX saved_searches_account ON saved_searches (account_id, id DESC);
CREATE INDEX saved_searches_query ON saved_searches (query_id);
CREATE INDEX saved_searches_email ON saved_searches (email) WHERE email <> '';
CREATE INDEX saved_searches_due ON saved_searches (due_at) WHERE due_at <> 0;

-- What a question has found, each job once. quiet: it was there before, or came by a
-- backfill, so that nobody is told. state: '' nothing is announced, waiting, announced,
-- listed (in the outbox alone), ending (to be taken back), ended. The job may be gone
-- when its announcement is taken back, hence no foreign key and the address.
CREATE TABLE search_hits (
	query_id BIGINT NOT NULL REFERENCES search_queries (id) ON DELETE CASCADE,
	post_id BIGINT NOT NULL,
	post_iri TEXT NOT NULL,
	at BIGINT NOT NULL,
	quiet BOOLEAN NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('', 'waiting', 'announced', 'listed', 'ending', 'ended')),
	announce_iri TEXT NOT NULL DEFAULT '',
	announced_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (query_id, post_id)
);
CREATE INDEX search_hits_post ON search_hits (post_id);
CREATE INDEX search_hits_at ON search_hits (query_id, at) WHERE NOT quiet;
CREATE INDEX search_hits_state ON search_hits (state, query_id, at) WHERE state <> '' AND state <> 'ended';
CREATE INDEX search_hits_announced ON search_hits (query_id, announced_at) WHERE announced_at <> 0;

-- Jobs that came, changed or went since all questions were last compared with them.
-- Kept by triggers, while there are questions. turn counts the changes of one job.
CREATE TABLE search_touched (
	post_id BIGINT PRIMARY KEY,
	quiet BOOLEAN NOT NULL DEFAULT FALSE,
	turn BIGINT NOT NULL DEFAULT 0
);

-- +goose StatementBegin
CREATE FUNCTION touch_search() RETURNS trigger AS $$
DECLARE
	touched BIGINT;
BEGIN
	IF TG_TABLE_NAME = 'posts' THEN
		touched := NEW.id;
	ELSIF TG_OP = 'DELETE' THEN
		touched := OLD.post_id;
	ELSE
		touched := NEW.post_id;
	END IF;
	IF EXISTS (SELECT 1 FROM search_queries) THEN
		INSERT INTO search_touched (post_id) VALUES (touched)
		ON CONFLICT (post_id) DO UPDATE SET turn = search_touched.turn + 1, quiet = FALSE;
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER search_touched_job AFTER INSERT OR DELETE OR UPDATE OF status, duplicate_of, valid_through ON jobs
	FOR EACH ROW EXECUTE FUNCTION touch_search();
CREATE TRIGGER search_touched_post AFTER UPDATE OF visibility, draft, frozen, reached ON posts
	FOR EACH ROW WHEN (NEW.kind = 'job') EXECUTE FUNCTION touch_search();
