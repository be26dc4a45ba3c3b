-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Questions that an electorate decides, here and elsewhere, beside their polls. payload
-- holds what is shown and never asked for; subject is what a decision of ours hangs on.
CREATE TABLE decisions (
	post_id BIGINT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
	stage TEXT NOT NULL CHECK (stage IN ('draft', 'open', 'objection', 'adopted', 'rejected', 'no-quorum', 'withdrawn', 'published')),
	ends_at BIGINT NOT NULL,
	electorate TEXT NOT NULL CHECK (length(electorate) BETWEEN 1 AND 2048),
	subject_kind TEXT NOT NULL CHECK (length(subject_kind) <= 40),
	subject_id BIGINT NOT NULL,
	payload TEXT NOT NULL
);
CREATE INDEX decisions_ending ON decisions (ends_at, post_id) WHERE stage IN ('open', 'objection');
CREATE INDEX decisions_electorate ON decisions (electorate, post_id DESC);
CREATE INDEX decisions_subject ON decisions (subject_kind, subject_id, post_id DESC) WHERE subject_kind <> '';

-- Who may vote in a decision of ours, as it was when it opened.
CREATE TABLE decision_electors (
	post_id BIGINT NOT NULL REFERENCES decisions (post_id) ON DELETE CASCADE,
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	PRIMARY KEY (post_id, account_id)
);
CREATE INDEX decision_electors_account ON decision_electors (account_id, post_id DESC);

-- The last ballot of each elector: in decisions of ours, and of accounts here in those of
-- other servers. iri is the id of its Create; refused is why its server did not count it.
CREATE TABLE decision_ballots (
	post_id BIGINT NOT NULL REFERENCES decisions (post_id) ON DELETE CASCADE,
	voter_id BIGINT NOT NULL REFERENCES accounts (id),
	choice TEXT NOT NULL CHECK (length(choice) BETWEEN 1 AND 1000),
	reason TEXT NOT NULL CHECK (length(reason) <= 20000),
	iri TEXT NOT NULL CHECK (length(iri) <= 2048),
	at BIGINT NOT NULL,
	refused TEXT NOT NULL CHECK (length(refused) <= 5000),
	PRIMARY KEY (post_id, voter_id)
);
CREATE INDEX decision_ballots_voter ON decision_ballots (voter_id, post_id DESC);
CREATE INDEX decision_ballots_iri ON decision_ballots (iri) WHERE iri <> '';

-- The last number that a decision of an author has.
CREATE TABLE decision_numbers (
	author_id BIGINT PRIMARY KEY REFERENCES accounts (id),
	last BIGINT NOT NULL
);
