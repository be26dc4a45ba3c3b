-- +goose Up

-- What changed on the job board, numbered without a gap in the order in which it was
-- committed: who keeps the board in memory reads what came since. post_id is the job
-- that changed; account_id the author of whom something did; both 0: any author.
CREATE TABLE board_changes (
	n INTEGER PRIMARY KEY,
	post_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL
);
-- The words of jobs alone: a board is searched without the words of all posts.
CREATE VIRTUAL TABLE job_search USING fts5 (
	words,
	content = '', contentless_delete = 1, prefix = '2 3',
	tokenize = 'unicode61 remove_diacritics 2'
);
-- What is written already is read back from the index of all posts.
CREATE VIRTUAL TABLE job_words USING fts5vocab (post_search, instance);
INSERT INTO job_search (rowid, words)
SELECT w.doc, group_concat(w.term, ' ' ORDER BY w.offset)
FROM job_words w
JOIN jobs j ON j.post_id = w.doc
WHERE w.col = 'body'
GROUP BY w.doc;
DROP TABLE job_words;

-- The hours at which people of a job work together, as a facet.
INSERT INTO job_facets (post_id, facet, value)
SELECT j.post_id, 'window', (j.payload ->> '$.time_overlap.tz') || ' ' || (j.payload ->> '$.time_overlap.from') || ' ' || (j.payload ->> '$.time_overlap.until')
FROM jobs j
WHERE (j.payload ->> '$.time_overlap.tz') <> '' AND (j.payload ->> '$.time_overlap.from') <> '' AND (j.payload ->> '$.time_overlap.until') <> ''
ON CONFLICT DO NOTHING;

-- +goose StatementBegin
CREATE TRIGGER board_job AFTER INSERT ON jobs
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (NEW.post_id, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_rejob AFTER UPDATE ON jobs
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (NEW.post_id, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_unjob AFTER DELETE ON jobs
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (OLD.post_id, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_post AFTER UPDATE OF visibility, reached, draft, frozen ON posts
WHEN NEW.kind = 'job'
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (NEW.id, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_account AFTER UPDATE OF suspended_at, deleted_at, indexable, handle, host, server, kind ON accounts
WHEN NEW.suspended_at <> OLD.suspended_at OR NEW.deleted_at <> OLD.deleted_at OR NEW.indexable <> OLD.indexable
	OR NEW.handle <> OLD.handle OR NEW.host <> OLD.host OR NEW.server <> OLD.server OR NEW.kind <> OLD.kind
BEGIN
	INSERT INTO board_changes (post_id, account_id)
	VALUES (0, CASE WHEN NEW.kind IN ('federation', 'board') OR OLD.kind IN ('federation', 'board') THEN 0 ELSE NEW.id END);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_member AFTER INSERT ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, NEW.member_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_remember AFTER UPDATE ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, NEW.member_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_unmember AFTER DELETE ON memberships
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, OLD.member_id);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_follow AFTER INSERT ON follows
WHEN (SELECT a.local AND a.kind IN ('federation', 'board') FROM accounts a WHERE a.id = NEW.follower_id)
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_refollow AFTER UPDATE OF state, follower_id, target_id ON follows
WHEN (SELECT a.local AND a.kind IN ('federation', 'board') FROM accounts a WHERE a.id = NEW.follower_id)
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_unfollow AFTER DELETE ON follows
WHEN (SELECT a.local AND a.kind IN ('federation', 'board') FROM accounts a WHERE a.id = OLD.follower_id)
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_peer AFTER INSERT ON peers
WHEN NEW.policy <> ''
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_repeer AFTER UPDATE OF policy, expires_at ON peers
WHEN NEW.policy <> OLD.policy OR NEW.expires_at <> OLD.expires_at
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER board_unpeer AFTER DELETE ON peers
WHEN OLD.policy <> ''
BEGIN
	INSERT INTO board_changes (post_id, account_id) VALUES (0, 0);
END;
-- +goose StatementEnd
