// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// personalTable is a table of which a person gets the rows that are about them: which
// those are, where $1 is the account, and what of them. Of a column that names an account or a post
// its address is given, of a time the time.
type personalTable struct {
	name, where, columns string
}

// personalTables are all that hold something about a person that is not in their posts.
// What opens something (passwords, seeds, keys, hashes of links) is never given, nor what
// others wrote about the person for themselves; the test of this list says why of each.
var personalTables = [...]personalTable{
	{"account_moves", "x.account_id = $1", "target at"},
	{"account_notes", "x.account_id = $1", "target_id comment"},
	{"accounts", "x.id = $1", "iri kind name display_name bio bio_source language url locked discoverable indexable memorial moved_to details email rank created_at updated_at suspended_at closed_at"},
	{"active_weeks", "x.account_id = $1", "week"},
	{"agreements", "x.owner_id = $1 OR x.by_id = $1", "id iri post_id owner_id by_id state made_at confirmed_at ended_at"},
	{"announcement_reactions", "x.account_id = $1", "announcement_id name at"},
	{"announcement_reads", "x.account_id = $1", "announcement_id"},
	{"audit", "x.target = (SELECT w.iri FROM accounts w WHERE w.id = $1)", "id at act target why"},
	{"blocks", "x.blocker_id = $1", "id target_id at"},
	{"bookmarks", "x.account_id = $1", "id post_id at"},
	{"capacity", "x.account_id = $1", "month skill label hours noted_at"},
	{"capacity_lists", "x.account_id = $1", "audience noted_at"},
	{"conversations", "x.account_id = $1", "id thread"},
	{"coop_facets", "x.account_id = $1", "facet value"},
	{"coop_index", "x.account_id = $1", "members workers locality"},
	{"coop_services", "x.account_id = $1", "label position"},
	{"coop_sites", "x.account_id = $1", "site"},
	{"decision_ballots", "x.voter_id = $1", "post_id choice reason iri at refused"},
	{"decision_electors", "x.account_id = $1", "post_id"},
	{"departures", "x.account_id = $1", "asked_at due_at warned_at done_at"},
	{"domain_proofs", "x.account_id = $1", "domain how proven_at checked_at"},
	{"endorsements", "x.account_id = $1", "id target_id at"},
	{"exports", "x.account_id = $1 OR x.person_id = $1", "account_id person_id state asked_at"},
	{"featured_tags", "x.account_id = $1", "id tag name at"},
	{"filter_keywords", "x.filter_id IN (SELECT f.id FROM filters f WHERE f.account_id = $1)", "id filter_id keyword whole_word"},
	{"filters", "x.account_id = $1", "id title contexts act expires_at created_at"},
	{"followed_tags", "x.account_id = $1", "id tag at"},
	{"follows", "x.follower_id = $1 OR x.target_id = $1", "id iri follower_id target_id state created_at updated_at boosts bell languages"},
	{"hidden_suggestions", "x.account_id = $1", "target_id"},
	{"hiring", "x.account_id = $1", "form due kept updated_at"},
	{"identities", "x.account_id = $1", "id issuer subject name created_at used_at"},
	{"imports", "x.account_id = $1 OR x.person_id = $1", "id account_id person_id kind overwrite name state total done failed created_at finished_at"},
	{"invitations", "x.account_id = $1 OR x.by_id = $1", "account_id by_id joined_at"},
	{"links", "x.account_id = $1", "id purpose email note created_at ends_at"},
	{"list_accounts", "x.list_id IN (SELECT l.id FROM lists l WHERE l.account_id = $1)", "id list_id account_id"},
	{"lists", "x.account_id = $1", "id title replies exclusive created_at"},
	{"markers", "x.account_id = $1", "timeline last_read updated_at"},
	{"media", "x.owner_id = $1", "id class kind media_type name bytes alt title post_id created_at"},
	{"memberships", "x.member_id = $1 OR x.organization_id = $1", "id iri member_id organization_id role state start_at end_at created_at updated_at"},
	{"mutes", "x.account_id = $1", "id target_id notifications ends_at at"},
	{"notification_permissions", "x.account_id = $1", "from_id"},
	{"notification_policies", "x.account_id = $1", "not_following not_followers new_accounts private_mentions limited_accounts"},
	{"notification_requests", "x.account_id = $1", "id from_id created_at updated_at"},
	{"notifications", "x.account_id = $1", "id kind from_id post_id filtered created_at"},
	{"offers", "x.owner_id = $1 OR x.by_id = $1", "id iri post_id slot owner_id by_id state hours amount currency payload ends_at created_at updated_at decided_at"},
	{"passkeys", "x.account_id = $1", "id name created_at used_at"},
	{"pins", "x.account_id = $1", "post_id at"},
	{"poll_votes", "x.account_id = $1", "post_id number at"},
	{"push_subscriptions", "x.account_id = $1", "id endpoint alerts policy created_at updated_at"},
	{"reactions", "x.actor_id = $1", "id kind post_id iri content at used_on"},
	{"reports", "x.reporter_id = $1", "id iri accounts posts comment category created_at closed_at"},
	{"roles", "x.account_id = $1 OR x.person_id = $1", "account_id person_id role given_at"},
	{"saved_searches", "x.account_id = $1", "id email language name query site mail confirmed_at created_at due_at"},
	{"scheduled_posts", "x.account_id = $1", "id due_at post params created_at"},
	{"series", "x.owner_id = $1", "id iri title summary language created_at updated_at"},
	{"server_blocks", "x.account_id = $1", "id host at"},
	{"service_terms", "x.proposed_by = $1", "id kind name label state created_at"},
	{"sessions", "x.account_id = $1", "id browser created_at seen_at proved_at"},
	{"suggestions", "x.by_id = $1", "id iri post_id state payload created_at decided_at"},
	{"thread_mutes", "x.account_id = $1", "thread at"},
	{"tokens", "x.account_id = $1 OR x.person_id = $1", "id account_id person_id app scopes created_at last_used revoked_at"},
}

// accountColumn are columns that hold the id of an account.
var accountColumn = []string{"account_id", "person_id", "owner_id", "by_id", "from_id", "target_id", "follower_id", "member_id", "organization_id"}

// personalPage is how many rows are read at once, mostPersonal how many of a table that
// has no numbers to go by.
const (
	personalPage = 1000
	mostPersonal = 100_000
)

// PersonalTables are the tables that [reader.PersonalRows] knows, by the alphabet.
func PersonalTables() []string {
	names := make([]string, 0, len(personalTables))
	for _, t := range personalTables {
		names = append(names, t.name)
	}
	return names
}

// PersonalRow is a row in words: texts, numbers, flags, times (RFC 3339), and JSON where
// the database keeps it.
type PersonalRow map[string]any

// PersonalRows gives take every row of a table that is about an account, as [PersonalTables]
// says, without what opens anything.
func (r reader) PersonalRows(ctx context.Context, table string, account coop.ID, take func(PersonalRow) error) error {
	at := slices.IndexFunc(personalTables[:], func(t personalTable) bool { return t.name == table })
	if at < 0 {
		return fmt.Errorf("rows of %.60q: %w", table, coop.ErrNotFound)
	}
	t := personalTables[at]
	names := strings.Fields(t.columns)
	numbered := names[0] == "id"
	limit := personalPage
	if !numbered {
		limit = mostPersonal
	}
	for last := int64(0); ; {
		values := []any{int64(account), limit}
		if numbered {
			values = append(values, last)
		}
		rows, err := all(ctx, r, func(row pgx.CollectableRow) ([]any, error) { return row.Values() }, t.question(names, numbered), values...)
		if err != nil {
			return fmt.Errorf("rows of %s: %w", table, err)
		}
		for _, raw := range rows {
			if numbered {
				last, _ = raw[0].(int64)
			}
			if err := take(inWords(names, raw)); err != nil {
				return err
			}
		}
		if !numbered || len(rows) < limit {
			return nil
		}
	}
}

// question asks for the rows of a table; the words are those of the list above alone.
func (t personalTable) question(names []string, numbered bool) string {
	columns := make([]string, 0, len(names))
	for _, name := range names {
		switch {
		case slices.Contains(accountColumn, name):
			columns = append(columns, strings.Join([]string{"(SELECT w.iri FROM accounts w WHERE w.id = x.", name, ")"}, ""))
		case name == "post_id":
			columns = append(columns, "(SELECT p.iri FROM posts p WHERE p.id = x.post_id)")
		default:
			columns = append(columns, "x."+name)
		}
	}
	parts := []string{"SELECT", strings.Join(columns, ", "), "FROM", t.name, "x WHERE (" + t.where + ")"}
	if numbered {
		parts = append(parts, "AND x.id > $3 ORDER BY x.id")
	}
	return strings.Join(append(parts, "LIMIT $2"), " ")
}

// inWords puts a row in words.
func inWords(names []string, raw []any) PersonalRow {
	row := PersonalRow{}
	for i, name := range names {
		v := raw[i]
		switch kept := v.(type) {
		case int64:
			if name == "at" || strings.HasSuffix(name, "_at") || name == "last_used" {
				v = nil
				if kept != 0 {
					v = atMs(kept).Format(time.RFC3339)
				}
			}
		case []byte:
			v = string(kept)
		}
		if text, ok := v.(string); ok && len(text) > 1 && strings.ContainsRune("{[", rune(text[0])) && json.Valid([]byte(text)) {
			v = json.RawMessage(text)
		}
		row[strings.TrimSuffix(name, "_id")] = v
	}
	return row
}
