-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What a co-op has decided about hiring, and the totals that its answer times need of
-- applications that are deleted by now: how many were promised an answer, and how many
-- of those got it in time.
CREATE TABLE hiring (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	form BOOLEAN NOT NULL,
	due BIGINT NOT NULL,
	kept BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);

-- What people wrote by the form to apply for a job of ours. Who they are and what they
-- wrote is sealed. post_id may be of a job that is gone; ended_at is 0 until it ends.
CREATE TABLE applications (
	id INTEGER PRIMARY KEY,
	post_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	sealed BLOB NOT NULL,
	created_at BIGINT NOT NULL,
	answer_by BIGINT NOT NULL,
	answered_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL
);
CREATE INDEX applications_post ON applications (post_id, id DESC);
CREATE INDEX applications_account ON applications (account_id, id DESC);
CREATE INDEX applications_ended ON applications (ended_at, post_id);

-- The secret links to an application: SHA-256 of what stands in the address.
CREATE TABLE application_links (
	hash BLOB NOT NULL PRIMARY KEY,
	application_id BIGINT NOT NULL REFERENCES applications (id) ON DELETE CASCADE
);
CREATE INDEX application_links_application ON application_links (application_id);

-- The files of an application; without one they wait to be removed.
CREATE TABLE application_files (
	name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
	application_id BIGINT REFERENCES applications (id) ON DELETE SET NULL,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	bytes BIGINT NOT NULL
);
CREATE INDEX application_files_application ON application_files (application_id);
CREATE INDEX application_files_account ON application_files (account_id);

-- When the author of a job was asked whether it is still open, and the links of those
-- mails: SHA-256 of what stands in the address.
CREATE TABLE job_questions (
	post_id INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	asked_for BIGINT NOT NULL,
	asked_at BIGINT NOT NULL
);
CREATE TABLE job_links (
	hash BLOB NOT NULL PRIMARY KEY,
	post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
	person_id BIGINT NOT NULL REFERENCES accounts (id),
	ends_at BIGINT NOT NULL
);
CREATE INDEX job_links_post ON job_links (post_id);
CREATE INDEX job_links_person ON job_links (person_id);
CREATE INDEX job_links_ends ON job_links (ends_at);
