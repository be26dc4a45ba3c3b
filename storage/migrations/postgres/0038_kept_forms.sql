-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Forms that were sent after their session had ended, sealed, until somebody has signed
-- in again. hash is the SHA-256 of what stands in the browser's cookie.
CREATE TABLE kept_forms (
	hash BYTEA NOT NULL PRIMARY KEY,
	sealed BYTEA NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX kept_forms_ends ON kept_forms (ends_at);
