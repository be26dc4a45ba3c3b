-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- Times are Unix milliseconds. Amounts and flags are numbers.

-- The last id that was given, so that none comes twice after a restart with a
-- clock that went back. (PostgreSQL has two sequences for it.)
CREATE TABLE id_clock (
	one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
	last BIGINT NOT NULL
);
INSERT INTO id_clock (one, last) VALUES (1, 0);

-- How many ids were given for a millisecond of the past.
CREATE TABLE id_slots (
	ms INTEGER PRIMARY KEY,
	used BIGINT NOT NULL CHECK (used > 0)
);

CREATE TABLE settings (
	key TEXT NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 100),
	value TEXT NOT NULL CHECK (length(value) <= 100000),
	updated_at BIGINT NOT NULL
);

CREATE TABLE secrets (
	name TEXT NOT NULL PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 200),
	sealed BLOB NOT NULL CHECK (length(sealed) <= 70000),
	updated_at BIGINT NOT NULL
);

-- Activities and objects byte for byte. queued counts the inboxes that a document
-- was queued for and not taken back from.
CREATE TABLE documents (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	iri TEXT NOT NULL UNIQUE CHECK (octet_length(iri) BETWEEN 1 AND 2048),
	owner_id BIGINT,
	post_id BIGINT,
	public BOOLEAN NOT NULL,
	body BLOB NOT NULL CHECK (length(body) <= 1048576),
	queued BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX documents_post ON documents (post_id, id) WHERE post_id IS NOT NULL;
CREATE INDEX documents_owner ON documents (owner_id, id) WHERE owner_id IS NOT NULL;
CREATE INDEX documents_raw ON documents (updated_at) WHERE owner_id IS NULL AND post_id IS NULL;

-- Hosts that we send to. due_at is when the host is served next (null: nothing
-- waits); a host at rest is not due before rest_until.
CREATE TABLE destinations (
	host TEXT NOT NULL PRIMARY KEY CHECK (octet_length(host) BETWEEN 1 AND 300),
	due_at BIGINT,
	leased_until BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	rest_until BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	streak BIGINT NOT NULL,
	failed_days BIGINT NOT NULL,
	last_failed_day BIGINT NOT NULL,
	first_failure_at BIGINT,
	last_success_at BIGINT,
	unavailable BOOLEAN NOT NULL,
	error TEXT NOT NULL CHECK (octet_length(error) <= 500),
	signature TEXT NOT NULL CHECK (octet_length(signature) <= 100),
	signature_at BIGINT
);
CREATE INDEX destinations_due ON destinations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX destinations_bad ON destinations (failures) WHERE failures > 0;

-- lane is a hash of (inbox, object): what shares it leaves in order; 0 is no order.
-- fence is that of the last claim, 0 if it was never handed out.
CREATE TABLE deliveries (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	host TEXT NOT NULL REFERENCES destinations (host),
	inbox TEXT NOT NULL CHECK (octet_length(inbox) BETWEEN 1 AND 2048),
	document_id BIGINT NOT NULL REFERENCES documents (id),
	activity TEXT NOT NULL CHECK (octet_length(activity) <= 100),
	object TEXT NOT NULL CHECK (octet_length(object) <= 2048),
	lane BIGINT NOT NULL,
	signer_id BIGINT NOT NULL,
	urgent BOOLEAN NOT NULL,
	lasting BOOLEAN NOT NULL,
	due_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	error TEXT NOT NULL CHECK (octet_length(error) <= 500),
	created_at BIGINT NOT NULL,
	UNIQUE (document_id, inbox)
);
CREATE INDEX deliveries_next ON deliveries (host, urgent DESC, id);
CREATE INDEX deliveries_lane ON deliveries (lane, id) WHERE lane <> 0;

CREATE TABLE dead_deliveries (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	document_id BIGINT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
	host TEXT NOT NULL CHECK (octet_length(host) <= 300),
	inbox TEXT NOT NULL CHECK (octet_length(inbox) <= 2048),
	activity TEXT NOT NULL CHECK (octet_length(activity) <= 100),
	attempts BIGINT NOT NULL,
	error TEXT NOT NULL CHECK (octet_length(error) <= 500),
	died_at BIGINT NOT NULL
);
CREATE INDEX dead_deliveries_document ON dead_deliveries (document_id, id);
CREATE INDEX dead_deliveries_died ON dead_deliveries (died_at);

CREATE TABLE gone_inboxes (
	inbox TEXT NOT NULL PRIMARY KEY CHECK (octet_length(inbox) BETWEEN 1 AND 2048),
	host TEXT NOT NULL CHECK (octet_length(host) <= 300),
	missing_since BIGINT NOT NULL,
	gone_at BIGINT
);
CREATE INDEX gone_inboxes_since ON gone_inboxes (missing_since);
CREATE INDEX gone_inboxes_host ON gone_inboxes (host) WHERE gone_at IS NULL;

-- Activities that wait for their effect. ready: it may be claimed when due. aside:
-- it stepped aside, or is held by one about the same object that did.
CREATE TABLE incoming (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	dedupe_key TEXT NOT NULL UNIQUE CHECK (octet_length(dedupe_key) BETWEEN 1 AND 300),
	actor TEXT NOT NULL CHECK (octet_length(actor) BETWEEN 1 AND 2048),
	host TEXT NOT NULL CHECK (octet_length(host) <= 300),
	activity TEXT NOT NULL CHECK (octet_length(activity) <= 2048),
	type TEXT NOT NULL CHECK (octet_length(type) <= 300),
	object TEXT NOT NULL CHECK (octet_length(object) <= 2048),
	recipient_id BIGINT,
	signer TEXT NOT NULL CHECK (octet_length(signer) <= 2048),
	proof TEXT NOT NULL CHECK (octet_length(proof) <= 100),
	body BLOB CHECK (length(body) <= 1048576),
	received_at BIGINT NOT NULL,
	due_at BIGINT NOT NULL,
	leased_until BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	ready BOOLEAN NOT NULL,
	aside BOOLEAN NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dead')),
	finished_at BIGINT,
	error TEXT NOT NULL CHECK (octet_length(error) <= 500)
);
CREATE INDEX incoming_ready ON incoming (due_at, id) WHERE state = 'waiting' AND ready;
CREATE INDEX incoming_front ON incoming (actor, id) WHERE state = 'waiting' AND NOT aside;
CREATE INDEX incoming_aside ON incoming (actor, id) WHERE state = 'waiting' AND aside;
CREATE INDEX incoming_finished ON incoming (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX incoming_dead ON incoming (host, id) WHERE state = 'dead';

CREATE TABLE replays (
	key TEXT NOT NULL PRIMARY KEY CHECK (octet_length(key) BETWEEN 1 AND 300),
	until_at BIGINT NOT NULL
);
CREATE INDEX replays_until ON replays (until_at);

-- again_at: asked for once more while it is being done.
CREATE TABLE tasks (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	kind TEXT NOT NULL CHECK (octet_length(kind) BETWEEN 1 AND 100),
	key TEXT NOT NULL CHECK (octet_length(key) <= 2048),
	payload BLOB CHECK (length(payload) <= 65536),
	due_at BIGINT NOT NULL,
	again_at BIGINT,
	leased_until BIGINT NOT NULL,
	fence BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
	error TEXT NOT NULL CHECK (octet_length(error) <= 500),
	created_at BIGINT NOT NULL,
	UNIQUE (kind, key)
);
CREATE INDEX tasks_due ON tasks (due_at, id) WHERE state = 'waiting';
