// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// sampleNames puts names together from syllables: m and k are numbers that follow
// from n.
const sampleNames = `
		names (n, given, family) AS (
			SELECT n,
				substr($3, CAST(1 + m % 40 * 2 AS INTEGER), 2) || substr($3, CAST(1 + m / 40 % 40 * 2 AS INTEGER), 2) || substr($3, CAST(1 + m / 1600 % 40 * 2 AS INTEGER), 2),
				substr($3, CAST(1 + k % 40 * 2 AS INTEGER), 2) || substr($3, CAST(1 + k / 40 % 40 * 2 AS INTEGER), 2) || substr($3, CAST(1 + k / 1600 % 40 * 2 AS INTEGER), 2)
			FROM (SELECT n, n * 7919 % 64000 AS m, n * 104729 % 64000 AS k FROM series) numbers)`

// syllables are forty, as they begin and end names in the languages of the instance.
const syllables = "anmaluelsajojumicacoladodetenirarorosisotatoviviroliganabebobrclfrgrpepitrulxaze"

// accounts writes accounts with what they are found by, and the servers they are of.
func (f *fill) accounts(ctx context.Context) error {
	if err := f.exec(ctx, series+`
		INSERT INTO peers (host, policy, reason, public_reason, expires_at, software, first_seen, last_received, last_delivered)
		SELECT 'h' || n || '.sample.example', '', '', '', 0, 'sample 1.0', $3, $3, $3
		FROM series`, int64(0), int64(598), f.Until.UnixMilli()); err != nil {
		return err
	}
	if err := f.each(ctx, f.Accounts, series+`,`+sampleNames+`,
		homes (n, given, family, here, host) AS (
			SELECT n, given, family, n % 100 = 0 OR n <= $6::bigint AND n % 10 = 0, 'h' || (n % 599) || '.sample.example'
			FROM names),
		rows (n, name, shown, here, host, iri) AS (
			SELECT n, given || '_' || n, upper(substr(given, 1, 1)) || substr(given, 2) || ' ' || upper(substr(family, 1, 1)) || substr(family, 2), here, host,
				CASE WHEN here THEN $5 || '/people/' ELSE 'https://' || host || '/users/' END || given || '_' || n
			FROM homes)
		INSERT INTO accounts (id, iri, kind, actor_type, name, handle, host, server, local, display_name, bio, bio_source, language, url,
			inbox, shared_inbox, outbox, followers, following, featured, jobs, knowledge, requests, members,
			locked, discoverable, indexable, memorial, moved_to, details, email, rank, created_at, updated_at, fetched_at)
		SELECT $4::bigint + n * 65536, iri, 'person', 'Person', name, name,
			CASE WHEN here THEN '' ELSE host END, CASE WHEN here THEN $7 ELSE host END, here, shown,
			'<p>' || shown || ' works in a co-op and writes about bread, software and assemblies.</p>', '', 'es', iri,
			iri || '/inbox', CASE WHEN here THEN '' ELSE 'https://' || host || '/inbox' END, iri || '/outbox', iri || '/followers', iri || '/following', '', '', '', '', '',
			n % 20 = 0, n % 4 <> 0, n % 3 <> 0, FALSE, '',
			'{"icon":{"URL":"' || iri || '/avatar.png","MediaType":"image/png"},"fields":[{"Name":"Site","Value":"<a href=\"https://' || host || '/' || n || '\">' || host || '</a>"}]}',
			'', CASE WHEN here THEN 'member' ELSE '' END, ($4::bigint + n * 65536) / 65536, ($4::bigint + n * 65536) / 65536, 0
		FROM rows`, syllables, f.account0, f.Base, int64(f.Authors), coop.IRI(f.Base).Host()); err != nil {
		return err
	}
	return f.each(ctx, f.Accounts, series+`,`+sampleNames+`
		INSERT INTO account_words (account_id, word)
		SELECT $4::bigint + n * 65536, given || '_' || n || '@' || (SELECT a.host FROM accounts a WHERE a.id = $4::bigint + n * 65536) FROM names
		UNION
		SELECT $4::bigint + n * 65536, given FROM names
		UNION
		SELECT $4::bigint + n * 65536, family FROM names`, syllables, f.account0)
}

// sampleFollows writes follows between the nth follower and target of a table pairs.
const sampleFollows = `
		INSERT INTO follows (id, iri, follower_id, target_id, state, note, created_at, updated_at)
		SELECT $3::bigint + n * 65536, '', $4::bigint + follower * 65536, $4::bigint + target * 65536, 'accepted', '', $5::bigint, $5::bigint
		FROM pairs
		WHERE follower <> target
		ON CONFLICT DO NOTHING`

// follows writes who follows whom: authors are followed from everywhere, the loud ones
// most, and each account of this instance follows a hundred of them.
func (f *fill) follows(ctx context.Context) error {
	at := f.Until.UnixMilli()
	if err := f.each(ctx, 2*f.Accounts, series+`,
		pairs (n, follower, target) AS (
			SELECT n, 1 + n * 7919 % $6::bigint, 1 + CASE WHEN n % 2 = 0 THEN n / 2 * 31 % $8::bigint ELSE n * 31 % $7::bigint END FROM series)`+sampleFollows,
		f.account0+1, f.account0, at, int64(f.Accounts), int64(f.Authors), f.loud); err != nil {
		return err
	}
	return f.each(ctx, f.Accounts, series+`,
		pairs (n, follower, target) AS (
			SELECT n, (1 + (n - 1) / 100) * 100, 1 + (n * 31 + n / 100) % $6::bigint FROM series)`+sampleFollows,
		f.account0+2, f.account0, at, int64(f.Authors))
}
