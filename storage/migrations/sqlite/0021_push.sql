-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Where an app wants to hear of notifications while it is closed: one for a token, and
-- no longer than it. access is the token, sealed with the row's id; alerts is a JSON
-- list of kinds; ids come from a counter of their own, since clients read them as
-- numbers of 32 bits.
CREATE TABLE push_subscriptions (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	token_id BIGINT NOT NULL UNIQUE REFERENCES tokens (id) ON DELETE CASCADE,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	endpoint TEXT NOT NULL CHECK (length(endpoint) BETWEEN 1 AND 2048),
	p256dh BLOB NOT NULL CHECK (length(p256dh) = 65),
	auth BLOB NOT NULL CHECK (length(auth) = 16),
	standard BOOLEAN NOT NULL,
	alerts TEXT NOT NULL CHECK (length(alerts) BETWEEN 2 AND 1000),
	policy TEXT NOT NULL CHECK (policy IN ('all', 'followed', 'follower', 'none')),
	access BLOB NOT NULL CHECK (length(access) <= 2000),
	-- failing_since is since when nothing got through; 0: the last one did. refused is
	-- how many messages in a row were refused.
	failing_since BIGINT NOT NULL,
	refused BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_account ON push_subscriptions (account_id, id DESC);

-- Whoever ends a token ends this too, by whatever way.
-- +goose StatementBegin
CREATE TRIGGER push_subscriptions_revoked AFTER UPDATE OF revoked_at ON tokens
WHEN NEW.revoked_at <> 0
BEGIN
	DELETE FROM push_subscriptions WHERE token_id = NEW.id;
END;
-- +goose StatementEnd
