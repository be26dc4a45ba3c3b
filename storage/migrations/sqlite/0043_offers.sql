-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- What co-ops offer for slots of requests: to requests of ours by accounts here and
-- elsewhere, to those of other servers by accounts here. iri is of the Offer that holds.
-- payload holds texts. A request that is gone leaves its offers as they are.
CREATE TABLE offers (
	id INTEGER PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	post_id BIGINT REFERENCES posts (id) ON DELETE SET NULL,
	request TEXT NOT NULL CHECK (length(request) BETWEEN 1 AND 2048),
	slot TEXT NOT NULL CHECK (length(slot) BETWEEN 1 AND 200),
	owner_id BIGINT NOT NULL REFERENCES accounts (id),
	by_id BIGINT NOT NULL REFERENCES accounts (id),
	state TEXT NOT NULL CHECK (state IN ('sent', 'changed', 'accepted', 'declined', 'withdrawn', 'expired', 'released')),
	hours BIGINT NOT NULL CHECK (hours BETWEEN 1 AND 10000),
	amount TEXT NOT NULL,
	currency TEXT NOT NULL,
	payload TEXT NOT NULL,
	ends_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	decided_at BIGINT NOT NULL
);
CREATE INDEX offers_post ON offers (post_id, state, id DESC);
CREATE INDEX offers_by ON offers (by_id, id DESC);
CREATE INDEX offers_owner ON offers (owner_id, id DESC);
CREATE INDEX offers_ends ON offers (ends_at) WHERE state IN ('sent', 'changed') AND ends_at <> 0;

-- Each message about an offer, byte for byte as it was sent: the annex.
CREATE TABLE offer_records (
	id INTEGER PRIMARY KEY,
	offer_id BIGINT NOT NULL REFERENCES offers (id) ON DELETE CASCADE,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
	from_id BIGINT NOT NULL REFERENCES accounts (id),
	body BLOB NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX offer_records_offer ON offer_records (offer_id, id);
CREATE INDEX offer_records_from ON offer_records (from_id);

-- What accepted offers became: the document of who requested, with its proof.
CREATE TABLE agreements (
	id INTEGER PRIMARY KEY,
	iri TEXT NOT NULL UNIQUE CHECK (length(iri) BETWEEN 1 AND 2048),
	offer_id BIGINT NOT NULL UNIQUE REFERENCES offers (id),
	post_id BIGINT REFERENCES posts (id) ON DELETE SET NULL,
	owner_id BIGINT NOT NULL REFERENCES accounts (id),
	by_id BIGINT NOT NULL REFERENCES accounts (id),
	state TEXT NOT NULL CHECK (state IN ('active', 'released')),
	body BLOB NOT NULL,
	made_at BIGINT NOT NULL,
	confirmed_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL
);
CREATE INDEX agreements_post ON agreements (post_id, state, id);
CREATE INDEX agreements_owner ON agreements (owner_id, id DESC);
CREATE INDEX agreements_by ON agreements (by_id, id DESC);
