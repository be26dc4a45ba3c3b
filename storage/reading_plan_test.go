// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// readsWhole finds in a plan that a table which grows is read from one end to the
// other. In the order of its ids, where the newest are wanted, it is read until there
// are enough (SQLite: SCAN of p or x).
var readsWhole = map[Engine]*regexp.Regexp{
	SQLite:   regexp.MustCompile(`^SCAN (a|f|h|j|o|t|y|peer|mute|shut|b|last|post_[a-r]\w+|account_\w+|posts|reactions)( |$)`),
	Postgres: regexp.MustCompile(`Seq Scan on (posts|reactions|post_hashtags|post_addressees|accounts|account_\w+|follows|list_accounts|conversations|bookmarks|hashtags|mutes|blocks|server_blocks)\b`),
}

// anyNewest are the parts of a statement whose plan may read the newest rows of a table.
var anyNewest = regexp.MustCompile(`^SCAN [px]$`)

// plannedRead asks the engine how it means to answer each question.
type plannedRead struct {
	querier
	t      *testing.T
	engine Engine
	seen   map[string]bool
}

// Query implements querier.
func (p *plannedRead) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	p.t.Helper()
	if !p.seen[sql] {
		p.seen[sql] = true
		for _, line := range p.plan(ctx, sql, args) {
			if readsWhole[p.engine].MatchString(line) || anyNewest.MatchString(line) && !strings.Contains(sql, "LIMIT") {
				p.t.Errorf("%s in\n%s", line, sql)
			}
		}
	}
	return p.querier.Query(ctx, sql, args...)
}

// plan is what EXPLAIN says, line by line.
func (p *plannedRead) plan(ctx context.Context, sql string, args []any) (lines []string) {
	p.t.Helper()
	explain := "EXPLAIN "
	if p.engine == SQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := p.querier.Query(ctx, explain+sql, args...)
	if err == nil {
		lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (line string, err error) {
			if p.engine != SQLite {
				return line, row.Scan(&line)
			}
			var id, parent, unused int
			return line, row.Scan(&id, &parent, &unused, &line)
		})
	}
	if err != nil {
		p.t.Errorf("%v in\n%s", err, sql)
	}
	return lines
}

// TestReadingUsesIndexes goes through every read of timelines, threads, lists and
// searches on both engines. PostgreSQL is told to read whole tables only where it knows
// no other way: it does so by itself while they are small.
func TestReadingUsesIndexes(t *testing.T) {
	for _, engine := range []Engine{SQLite, Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			url := "sqlite://" + filepath.Join(t.TempDir(), "plan.db")
			if engine == Postgres {
				url = emptyPostgres(t)
			}
			s := openFor(t, url)
			if err := s.Migrate(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			p := &plannedRead{t: t, engine: engine, seen: map[string]bool{}}
			err := s.Write(t.Context(), func(tx *Tx) error {
				if engine == Postgres {
					if _, err := tx.exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
						return err
					}
				}
				me, post, list := fillForReading(t, tx)
				p.querier = tx.q
				tx.q = p
				readEverything(t, tx.reader, me, post, list)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.seen) < 60 {
				t.Errorf("only %d statements", len(p.seen))
			}
		})
	}
}

// fillForReading writes a little of everything.
func fillForReading(t *testing.T, tx *Tx) (me coop.ID, post *coop.Post, list coop.ID) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a := &coop.Account{IRI: "https://a.example/1", Kind: coop.Person, Name: "a", Host: "a.example", Inbox: "https://a.example/i", Indexable: true}
	b := &coop.Account{IRI: "https://b.example/1", Kind: coop.Person, Name: "b", Local: true}
	must(tx.SaveAccount(ctx, a))
	must(tx.AddAccount(ctx, b, nil))
	must(tx.PutFollow(ctx, &coop.Follow{Follower: b, Target: a, State: coop.FollowAccepted}))
	post = &coop.Post{IRI: "https://a.example/p", AuthorID: a.ID, Kind: coop.KindNote, Visibility: coop.VisiblePublic, Hashtags: []string{"x"}, Content: "bread"}
	direct := &coop.Post{IRI: "https://a.example/q", AuthorID: a.ID, Kind: coop.KindNote, Visibility: coop.VisibleDirect, To: []coop.IRI{b.IRI}, InReplyTo: post.IRI}
	for _, p := range []*coop.Post{post, direct} {
		_, err := tx.AddPost(ctx, p, Arrival{})
		must(err)
	}
	_, err := tx.React(ctx, Reaction{Kind: Boost, Actor: a.ID, Post: post.ID})
	must(err)
	must(tx.Bookmark(ctx, b.ID, post.ID))
	_, err = tx.FollowTag(ctx, b.ID, "x")
	must(err)
	l := &coop.List{Owner: b.ID, Title: "l", Replies: coop.RepliesList}
	must(tx.AddList(ctx, l))
	must(tx.AddToList(ctx, b.ID, l.ID, []coop.ID{a.ID}))
	return b.ID, post, l.ID
}

// readEverything asks every question about timelines, threads, lists and searches.
func readEverything(t *testing.T, r reader, me coop.ID, post *coop.Post, list coop.ID) {
	t.Helper()
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	q, err := coop.ParseTextQuery("bread")
	must(q, err)
	for _, page := range []coop.Page{{}, {Max: 1 << 62}, {Min: 1}, {Since: 1}} {
		must(r.Home(ctx, me, page))
		must(r.ListTimeline(ctx, me, list, page))
		f := feed{me: me}
		_, _, err := r.merged(ctx, f, walk{page: page, limit: 40})
		must(nil, err)
		for _, v := range []coop.Viewer{coop.Anonymous(), coop.As(me)} {
			for _, public := range []PublicQuery{{}, {Local: true}, {Remote: true}, {OnlyMedia: true}} {
				must(r.PublicTimeline(ctx, v, public, page))
			}
			must(r.TagTimeline(ctx, v, TagQuery{Tag: "x", Any: []string{"y"}, All: []string{"z"}, None: []string{"w"}}, page))
			for _, account := range []AccountQuery{{}, {OnlyMedia: true}, {NoReplies: true, NoBoosts: true}, {Tag: "x"}} {
				must(r.AccountTimeline(ctx, v, post.AuthorID, account, page))
			}
			must(r.ReactorsOf(ctx, v, post.ID, Like, page))
			must(r.Quotes(ctx, v, post, page))
			must(r.SearchPosts(ctx, v, PostSearch{Text: q, Page: page}))
		}
		must(r.Liked(ctx, me, page))
		must(r.Bookmarked(ctx, me, page))
		must(r.Conversations(ctx, me, page))
	}
	_, _, err = r.Thread(ctx, coop.As(me), post.ID, ThreadBounds{100, 100, 10})
	must(nil, err)
	for _, v := range []coop.Viewer{coop.Anonymous(), coop.As(me)} {
		must(r.SearchAccounts(ctx, v, AccountSearch{Text: "an gomez"}))
		must(r.TrendingTags(ctx, v, 10, 0))
		must(r.TrendingPosts(ctx, v, 10, 0))
		must(r.Entries(ctx, v, []coop.ID{post.ID}))
	}
	must(r.SearchAccounts(ctx, coop.As(me), AccountSearch{Text: "@an", Following: true}))
	must(r.SearchTags(ctx, "x", 10, 0))
	must(r.TagHistory(ctx, []string{"x"}))
}
