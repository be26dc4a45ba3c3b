-- SPDX-License-Identifier: AGPL-3.0-or-later

-- +goose Up

-- The catalogue: what co-ops call what they do. name is folded; label is how it is
-- written, labels its names in languages, as JSON. into_id is what it was merged into,
-- 0: nothing; root_id is where that ends, itself where it was not merged.
CREATE TABLE service_terms (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('service', 'sector', 'technology')),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	labels TEXT NOT NULL CHECK (length(labels) <= 4000),
	state TEXT NOT NULL CHECK (state IN ('own', 'proposed', 'featured', 'merged')),
	into_id BIGINT NOT NULL,
	root_id BIGINT NOT NULL,
	proposed_by BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	UNIQUE (kind, name)
);
CREATE INDEX service_terms_root ON service_terms (root_id);
CREATE INDEX service_terms_into ON service_terms (into_id) WHERE into_id <> 0;
CREATE INDEX service_terms_state ON service_terms (state, id) WHERE state <> 'own';

-- The words of all names of a term, folded.
CREATE TABLE service_words (
	term_id BIGINT NOT NULL REFERENCES service_terms (id) ON DELETE CASCADE,
	word TEXT NOT NULL CHECK (length(word) BETWEEN 1 AND 200),
	PRIMARY KEY (term_id, word)
);
CREATE INDEX service_words_word ON service_words (word, term_id);

-- What a co-op does, in its own words, which no merging changes.
CREATE TABLE coop_services (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	term_id BIGINT NOT NULL REFERENCES service_terms (id),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	position BIGINT NOT NULL,
	PRIMARY KEY (account_id, term_id)
);
CREATE INDEX coop_services_term ON coop_services (term_id, account_id);

-- What the directory asks of a co-op in numbers: people, negative where unknown, and
-- where it is, on a ball, where located.
CREATE TABLE coop_index (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	members BIGINT NOT NULL,
	workers BIGINT NOT NULL,
	locality TEXT NOT NULL CHECK (length(locality) <= 200),
	located BOOLEAN NOT NULL,
	x BIGINT NOT NULL,
	y BIGINT NOT NULL,
	z BIGINT NOT NULL
);
CREATE INDEX coop_index_z ON coop_index (z, account_id) WHERE located;

-- Its sites, by which an imported entry is known to be the same co-op.
CREATE TABLE coop_sites (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	site TEXT NOT NULL CHECK (length(site) BETWEEN 1 AND 300),
	PRIMARY KEY (account_id, site)
);
CREATE INDEX coop_sites_site ON coop_sites (site, account_id);

-- Who hears what time a co-op has. noted_at is when it was last said, read_at when it
-- was last asked for at a co-op elsewhere, 0: never.
CREATE TABLE capacity_lists (
	account_id INTEGER PRIMARY KEY REFERENCES accounts (id),
	audience TEXT NOT NULL CHECK (audience IN ('public', 'members')),
	noted_at BIGINT NOT NULL,
	read_at BIGINT NOT NULL
);

-- Hours that a co-op has for a skill in a month, such as 2026-12. skill is an address, or
-- a folded name where the list of skills has none.
CREATE TABLE capacity (
	account_id BIGINT NOT NULL REFERENCES accounts (id),
	month TEXT NOT NULL CHECK (length(month) = 7),
	skill TEXT NOT NULL CHECK (length(skill) BETWEEN 1 AND 500),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	hours BIGINT NOT NULL CHECK (hours BETWEEN 0 AND 2000),
	noted_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, month, skill)
);
CREATE INDEX capacity_skill ON capacity (skill, month, account_id);

-- Open lists of co-ops that were read in: where from, and on which terms.
CREATE TABLE directory_lists (
	id INTEGER PRIMARY KEY,
	source TEXT NOT NULL UNIQUE CHECK (length(source) BETWEEN 1 AND 200),
	address TEXT NOT NULL CHECK (length(address) <= 2048),
	licence TEXT NOT NULL CHECK (length(licence) BETWEEN 1 AND 200),
	imported_at BIGINT NOT NULL
);

-- Their entries, which are no accounts. site is its web address without scheme and www,
-- else its folded name: the same co-op in two lists is shown once.
CREATE TABLE directory_rows (
	id INTEGER PRIMARY KEY,
	list_id BIGINT NOT NULL REFERENCES directory_lists (id) ON DELETE CASCADE,
	site TEXT NOT NULL CHECK (length(site) BETWEEN 1 AND 300),
	name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
	url TEXT NOT NULL CHECK (length(url) <= 2048),
	note TEXT NOT NULL CHECK (length(note) <= 2000),
	place TEXT NOT NULL CHECK (length(place) <= 300),
	locality TEXT NOT NULL CHECK (length(locality) <= 200),
	country TEXT NOT NULL CHECK (length(country) <= 2),
	languages TEXT NOT NULL CHECK (length(languages) <= 1000),
	members BIGINT NOT NULL,
	ended BOOLEAN NOT NULL,
	located BOOLEAN NOT NULL,
	x BIGINT NOT NULL,
	y BIGINT NOT NULL,
	z BIGINT NOT NULL,
	UNIQUE (list_id, site)
);
CREATE INDEX directory_rows_site ON directory_rows (site, id);

CREATE TABLE directory_row_services (
	row_id BIGINT NOT NULL REFERENCES directory_rows (id) ON DELETE CASCADE,
	term_id BIGINT NOT NULL REFERENCES service_terms (id),
	label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
	position BIGINT NOT NULL,
	PRIMARY KEY (row_id, term_id)
);
CREATE INDEX directory_row_services_term ON directory_row_services (term_id, row_id);

CREATE TABLE directory_row_words (
	row_id BIGINT NOT NULL REFERENCES directory_rows (id) ON DELETE CASCADE,
	word TEXT NOT NULL CHECK (length(word) BETWEEN 1 AND 200),
	PRIMARY KEY (row_id, word)
);
CREATE INDEX directory_row_words_word ON directory_row_words (word, row_id);
