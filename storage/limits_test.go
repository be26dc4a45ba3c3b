// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// tableEnds says of every table why it does not grow for ever. What somebody sends who
// is nobody here must be swept, by its age and by how much of it there is, or waits in a
// queue that refuses more. A table that is in no list fails [TestTablesHaveAnEnd].
var tableEnds = map[string][]string{
	"swept by its age, and bounded by how much there is": {
		"replays", "tombstones", "peers", "ceremonies", "incoming", "board_changes",
	},
	"bounded by how much there is": {"remote_keys", "media_cache"},
	// One request makes one row, requests have limits by address, and rows have an end.
	"swept by its age, and made by requests that are limited by address": {
		"kept_forms", "sign_ups", "links", "job_links", "codes", "apps", "sessions", "tokens", "published_keys", "audit_origins", "request_files",
	},
	"swept by its age": {
		"dead_deliveries", "receipts", "gone_inboxes", "documents", "destinations", "imports", "departures", "exports", "notifications", "active_weeks", "account_keys", "secrets",
	},
	"a queue whose rows go as they are done": {"deliveries", "tasks", "scheduled_posts", "backfills", "search_touched", "job_questions"},
	// What concerns somebody here: an account that follows, a post that somebody is to read. It
	// comes at the rate of its server (3,000 a minute at most), goes with its account or
	// post, and what stands in one document is bounded by the reader.
	"kept of other servers, because somebody here has to do with it": {
		"accounts", "account_counts", "account_words", "account_newest", "account_moves", "posts", "post_addressees", "post_hashtags", "post_holders", "post_links",
		"post_paths", "post_search", "post_search_config", "post_search_data", "post_search_docsize", "post_search_idx", "hashtags", "revisions", "reactions", "follows",
		"blocks", "pins", "featured_tags", "polls", "poll_options", "poll_votes", "conversations", "articles", "article_facets", "series", "jobs", "job_facets", "job_points",
		"job_references", "job_search", "job_search_config", "job_search_data", "job_search_docsize", "job_search_idx", "requests", "request_slots", "offers", "offer_records",
		"agreements", "teams", "team_records", "decisions", "decision_ballots", "decision_electors", "decision_numbers", "memberships", "membership_files", "domain_proofs",
		"capacity", "capacity_lists", "coop_facets", "coop_index", "coop_services", "coop_sites", "service_terms", "service_words", "suggestions", "reports", "skills",
		"skill_names", "skill_broader", "places", "place_names", "comparisons", "comparison_posts",
	},
	// Lists have a number of entries and rows, forms a limit by address, acts one by account.
	"made by people of this instance, within the limits of their lists and acts": {
		"account_notes", "announcement_reactions", "announcement_reads", "application_files", "application_links", "applications", "bookmarks", "code_pauses",
		"code_seeds", "endorsements", "filter_keywords", "filter_posts", "filters", "followed_tags", "hidden_suggestions", "hiring", "identities", "import_rows", "invitations",
		"list_accounts", "lists", "markers", "media", "mutes", "notification_permissions", "notification_policies", "notification_requests", "passkeys", "passwords",
		"push_subscriptions", "recovery_codes", "roles", "saved_searches", "search_hits", "search_queries", "server_blocks", "thread_mutes",
	},
	"made by the staff, or by the program itself": {
		"announcements", "audit", "audit_head", "bring_bars", "directory_lists", "directory_rows", "directory_row_services", "directory_row_words", "goose_db_version",
		"id_clock", "id_slots", "peer_list_rows", "peer_lists", "rules", "settings",
	},
}

// TestTablesHaveAnEnd lists every table of the schema, and demands that what is said to
// be swept is.
func TestTablesHaveAnEnd(t *testing.T) {
	said := map[string]string{}
	for why, tables := range tableEnds {
		for _, table := range tables {
			if said[table] != "" {
				t.Errorf("%s stands there twice", table)
			}
			said[table] = why
		}
	}
	swept := sweptTables()
	there := tablesOf(t)
	for _, table := range there {
		switch why := said[table]; {
		case why == "":
			t.Errorf("%s: nothing says why it does not grow for ever", table)
		case strings.HasPrefix(why, "swept") && !swept[table]:
			t.Errorf("%s is said to be swept and is not", table)
		case swept[table] && !strings.HasPrefix(why, "swept") && !strings.HasPrefix(why, "bounded"):
			t.Errorf("%s is swept and said to be kept: %s", table, why)
		}
	}
	for table := range said {
		if !slices.Contains(there, table) {
			t.Errorf("%s is no table", table)
		}
	}
}

// sweptTables are those that a sweep removes rows of.
func sweptTables() map[string]bool {
	tables := map[string]bool{"media_cache": true, "exports": true} // with their files: web/media, storage/media
	for _, s := range sweeps {
		for _, name := range regexp.MustCompile(`DELETE FROM (\w+)`).FindAllStringSubmatch(s.sql, -1) {
			tables[name[1]] = true
		}
	}
	for _, s := range recordSweeps(time.Now(), func(time.Duration) int64 { return 0 }) {
		tables[s.table] = true
	}
	return tables
}

// tablesOf are the tables of the schema.
func tablesOf(t *testing.T) (names []string) {
	t.Helper()
	s := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	if err := s.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), func(tx *Tx) error {
		rows, err := tx.q.Query(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestSweepsBoundWhatStrangersSend: beyond what is kept of a kind the oldest go first,
// however new they are.
func TestSweepsBoundWhatStrangersSend(t *testing.T) {
	const beyond = 700
	s := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	ctx := t.Context()
	if err := s.Migrate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	now := msOf(s.e.now())
	for table, row := range map[string]struct {
		most   int
		insert string
	}{
		"peers":      {mostPeers, "INSERT INTO peers (host, policy, reason, public_reason, expires_at, software, first_seen, last_received, last_delivered) SELECT 'h' || n || '.example', '', '', '', 0, '', $1, $1 - n, $1 FROM many"},
		"tombstones": {mostUndone, "INSERT INTO tombstones (iri, former_type, owner, local, at) SELECT 'https://h.example/' || n, '', 'https://h.example', FALSE, $1 - n FROM many"},
	} {
		left := 0
		err := s.Write(ctx, func(tx *Tx) error {
			many := fmt.Sprintf("WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < %d) ", row.most+beyond)
			if _, err := tx.q.Exec(ctx, many+row.insert, now); err != nil {
				return err
			}
			for range 2 {
				if _, err := tx.SweepRecords(ctx, 500); err != nil {
					return err
				}
			}
			return tx.q.QueryRow(ctx, "SELECT COUNT(*) FROM "+table).Scan(&left)
		})
		if err != nil || left != row.most {
			t.Errorf("%s: %d are left, want %d, %v", table, left, row.most, err)
		}
	}
}
