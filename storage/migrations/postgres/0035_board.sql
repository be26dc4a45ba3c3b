-- +goose Up

-- What changed on the job board, numbered without a gap in the order in which it was
-- committed: who keeps the board in memory reads what came since. post_id is the job
-- that changed; account_id the author of whom something did; both 0: any author.
CREATE TABLE board_changes (
	n BIGINT PRIMARY KEY,
	post_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL
);

-- The words of jobs alone: a board is searched without the words of all posts.
CREATE TABLE job_search (
	post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	words TSVECTOR NOT NULL
);
INSERT INTO job_search (post_id, words)
SELECT s.post_id, s.words
FROM post_search s
JOIN jobs j ON j.post_id = s.post_id;
CREATE INDEX job_search_words ON job_search USING gin (words);

-- The hours at which people of a job work together, as a facet.
INSERT INTO job_facets (post_id, facet, value)
SELECT w.post_id, 'window', w.zone || ' ' || w.begins || ' ' || w.ends
FROM (
	SELECT j.post_id, o.value ->> 'tz' AS zone, o.value ->> 'from' AS begins, o.value ->> 'until' AS ends
	FROM jobs j
	CROSS JOIN LATERAL (SELECT j.payload::jsonb -> 'time_overlap' AS value) o) w
WHERE w.zone <> '' AND w.begins <> '' AND w.ends <> ''
ON CONFLICT DO NOTHING;

-- All changes of the board are numbered at the end of their transactions, one
-- transaction after the other: by then each holds every other lock that it needs.
-- +goose StatementBegin
CREATE FUNCTION board_changed(post BIGINT, account BIGINT) RETURNS void AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(7311);
	INSERT INTO board_changes (n, post_id, account_id)
	SELECT COALESCE(MAX(c.n), 0) + 1, post, account
	FROM board_changes c;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION board_job() RETURNS trigger AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM board_changed(OLD.post_id, 0);
	ELSE
		PERFORM board_changed(NEW.post_id, 0);
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_job AFTER INSERT OR UPDATE OR DELETE ON jobs
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION board_job();

-- +goose StatementBegin
CREATE FUNCTION board_post() RETURNS trigger AS $$
BEGIN
	PERFORM board_changed(NEW.id, 0);
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_post AFTER UPDATE OF visibility, reached, draft, frozen ON posts
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'job') EXECUTE FUNCTION board_post();

-- +goose StatementBegin
CREATE FUNCTION board_account() RETURNS trigger AS $$
BEGIN
	IF NEW.kind IN ('federation', 'board') OR OLD.kind IN ('federation', 'board') THEN
		PERFORM board_changed(0, 0);
	ELSE
		PERFORM board_changed(0, NEW.id);
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_account AFTER UPDATE OF suspended_at, deleted_at, indexable, handle, host, server, kind ON accounts
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
	WHEN (NEW.suspended_at <> OLD.suspended_at OR NEW.deleted_at <> OLD.deleted_at OR NEW.indexable <> OLD.indexable
		OR NEW.handle <> OLD.handle OR NEW.host <> OLD.host OR NEW.server <> OLD.server OR NEW.kind <> OLD.kind)
	EXECUTE FUNCTION board_account();

-- +goose StatementBegin
CREATE FUNCTION board_member() RETURNS trigger AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		PERFORM board_changed(0, OLD.member_id);
	ELSE
		PERFORM board_changed(0, NEW.member_id);
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_member AFTER INSERT OR UPDATE OR DELETE ON memberships
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION board_member();

-- Only whom the federation or a board here follows decides what is near.
-- +goose StatementBegin
CREATE FUNCTION board_follow() RETURNS trigger AS $$
DECLARE
	follower BIGINT;
BEGIN
	IF TG_OP = 'DELETE' THEN
		follower := OLD.follower_id;
	ELSE
		follower := NEW.follower_id;
	END IF;
	IF EXISTS (SELECT 1 FROM accounts a WHERE a.id = follower AND a.local AND a.kind IN ('federation', 'board')) THEN
		PERFORM board_changed(0, 0);
	END IF;
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_follow AFTER INSERT OR DELETE OR UPDATE OF state, follower_id, target_id ON follows
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION board_follow();

-- +goose StatementBegin
CREATE FUNCTION board_peer() RETURNS trigger AS $$
BEGIN
	PERFORM board_changed(0, 0);
	RETURN NULL;
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER board_peer AFTER INSERT ON peers
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.policy <> '') EXECUTE FUNCTION board_peer();
CREATE CONSTRAINT TRIGGER board_repeer AFTER UPDATE OF policy, expires_at ON peers
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.policy <> OLD.policy OR NEW.expires_at <> OLD.expires_at) EXECUTE FUNCTION board_peer();
CREATE CONSTRAINT TRIGGER board_unpeer AFTER DELETE ON peers
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.policy <> '') EXECUTE FUNCTION board_peer();
