// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minga/coop"
)

// planned asks SQLite how it means to answer each statement about records, and
// complains of those that read a whole table that grows.
type planned struct {
	t    *testing.T
	q    querier
	seen map[string]bool
}

// smallScan are plans that read what is small, or in the order of their ids and stop
// early, the rows that a window function was asked about, or those that were handed in.
var smallScan = regexp.MustCompile(`^SCAN (r VIRTUAL TABLE INDEX 1:|id_clock|CONSTANT ROW|up|below|w|(post|job)_search .*|audit .*|a USING INDEX sqlite_autoindex_audit_1|\(subquery-\d+\)|[ak])$`)

// plan looks at the plan of a statement once.
func (p *planned) plan(ctx context.Context, sql string, args []any) {
	p.t.Helper()
	if p.seen[sql] {
		return
	}
	p.seen[sql] = true
	rows, err := p.q.Query(ctx, "EXPLAIN QUERY PLAN "+sql, args...)
	if err != nil {
		p.t.Errorf("%v in %s", err, sql)
		return
	}
	var id, parent, unused int
	var detail string
	_, err = pgx.ForEachRow(rows, []any{&id, &parent, &unused, &detail}, func() error {
		newest := detail == "SCAN p" && strings.Contains(sql, "ORDER BY p.id DESC LIMIT")
		if strings.HasPrefix(detail, "SCAN ") && !newest && !smallScan.MatchString(detail) {
			p.t.Errorf("%s in\n%s", detail, sql)
		}
		return nil
	})
	if err != nil {
		p.t.Error(err)
	}
}

// Query implements querier.
func (p *planned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	p.plan(ctx, sql, args)
	return p.q.Query(ctx, sql, args...)
}

// QueryRow implements querier.
func (p *planned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	p.plan(ctx, sql, args)
	return p.q.QueryRow(ctx, sql, args...)
}

// Exec implements querier.
func (p *planned) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	p.plan(ctx, sql, args)
	return p.q.Exec(ctx, sql, args...)
}

// TestNothingReadsAWholeTable goes once through nearly every method of the records. It
// is long because it is a list.
func TestNothingReadsAWholeTable(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "plan.db"), Now: time.Now, SecretKeys: [][]byte{make([]byte, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Migrate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	err = s.Write(ctx, func(tx *Tx) error {
		tx.q = &planned{t, tx.q, seen}
		a := &coop.Account{IRI: "https://a.example/1", Kind: coop.Coop, Name: "a", Host: "a.example", Members: "https://a.example/m", Followers: "https://a.example/f", Inbox: "https://a.example/i"}
		b := &coop.Account{IRI: "https://b.example/1", Kind: coop.Coop, Name: "b", Local: true}
		must := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		must(tx.SaveAccount(ctx, a))
		must(tx.SaveAccount(ctx, a))
		must(tx.AddAccount(ctx, b, &coop.KeyPair{}))
		must(tx.SaveRemoteKeys(ctx, a.IRI, []coop.RemoteKey{{ID: "k"}}))
		_, _ = tx.RemoteKey(ctx, "k")
		_, _ = tx.RemoteKeys(ctx, a.IRI)
		_, _ = tx.AccountByHandle(ctx, "a", "a.example")
		_, _ = tx.LocalAccounts(ctx, coop.Coop, coop.Page{})
		_, _ = tx.FederationAccount(ctx)
		must(tx.PutFollow(ctx, &coop.Follow{Follower: a, Target: b, State: coop.FollowAccepted}))
		must(tx.PutFollow(ctx, &coop.Follow{Follower: b, Target: a, State: coop.FollowAccepted}))
		for i, p := range []*coop.Post{
			{IRI: "https://a.example/p1", AuthorID: a.ID, Kind: coop.KindJob, Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Cc: []coop.IRI{b.IRI}, Mentions: []coop.Mention{{IRI: b.IRI}}, Job: &coop.Job{Title: "x", Status: coop.JobOpen, DatePosted: "2026-01-01", ValidThrough: time.Now().Add(time.Hour), Identifier: coop.Identifier{Value: "1"}, ApplyURL: "https://a.example/x"}},
			{IRI: "https://a.example/p2", AuthorID: a.ID, Kind: coop.KindNote, Visibility: coop.VisibleMembers, To: []coop.IRI{a.Members}, InReplyTo: "https://a.example/p1", Hashtags: []string{"x"}},
			{IRI: "https://a.example/p3", AuthorID: a.ID, Kind: coop.KindQuestion, Visibility: coop.VisiblePublic, Poll: coop.NewPoll([]string{"x", "y"}, time.Hour, true, false, time.Now())},
		} {
			_, err := tx.AddPost(ctx, p, Arrival{Object: &coop.Document{IRI: p.IRI, Body: []byte("x")}})
			must(err)
			q := *p
			q.Content = "y"
			_, err = tx.UpdatePost(ctx, &q, Arrival{})
			must(err)
			_, err = tx.React(ctx, Reaction{Kind: Boost, Actor: b.ID, Post: p.ID, IRI: coop.IRI("https://b.example/r" + string(rune('0'+i)))})
			must(err)
			for _, v := range []coop.Viewer{coop.Anonymous(), coop.As(b.ID), coop.SignedHost("b.example"), coop.Signed(a.ID, "a.example")} {
				_, _ = tx.Post(ctx, v, p.ID)
				_, _ = tx.PostByIRI(ctx, v, p.IRI)
				for _, q := range []PostQuery{{}, {Authors: []coop.ID{a.ID}}, {Listed: true, Kinds: []coop.PostKind{coop.KindJob}}, {InReplyTo: p.ID}, {Thread: p.Thread}, {Hashtag: "x"}, {Via: b.ID}} {
					_, _ = tx.Posts(ctx, v, q, coop.Page{})
				}
				_, _ = tx.Reactions(ctx, v, ReactionQuery{Post: p.ID}, coop.Page{})
				_, _ = tx.Reactions(ctx, v, ReactionQuery{Actor: b.ID}, coop.Page{})
				_, _, _, _ = tx.Listing(ctx, v, ListQuery{Owner: a.ID, Kind: coop.KindJob}, "", 20)
				_, _ = tx.Pinned(ctx, v, a.ID)
			}
			_, _ = tx.ReactionByIRI(ctx, "x")
			_, _ = tx.Ancestors(ctx, coop.Anonymous(), p.ID, 5)
			_, _ = tx.Holders(ctx, p.ID, 5)
			planPoll(ctx, tx, p, b)
		}
		_, _ = tx.SearchJobs(ctx, coop.Anonymous(), coop.JobQuery{Country: []string{"UY"}, Skill: []string{"x"}, Federation: []string{"f"}, Source: []string{"own"}}, JobPage{})
		q, _ := coop.ParseTextQuery("x")
		_, _ = tx.SearchJobs(ctx, coop.Anonymous(), coop.JobQuery{Text: q}, JobPage{})
		_, _ = tx.DueJobs(ctx, time.Now(), 5)
		_, _ = tx.NextDueJob(ctx)
		_, _ = tx.PossibleDuplicates(ctx, 5)
		_, _ = tx.FollowByIRI(ctx, "x")
		_, _ = tx.Followers(ctx, b.ID, "", coop.Page{})
		_, _ = tx.Following(ctx, b.ID, coop.FollowAccepted, coop.Page{})
		_, _ = tx.FollowerInboxes(ctx, b.ID)
		_, _ = tx.LocalFollowers(ctx, a.ID)
		must(tx.PutMembership(ctx, &coop.Membership{Member: a, Organization: b, State: coop.MembershipAsked, IRI: "x", JoinIRI: "y"}))
		_, _ = tx.MembershipByIRI(ctx, "x")
		_, _ = tx.MembershipByJoin(ctx, "x")
		_, _ = tx.Memberships(ctx, MembershipQuery{Organization: b.ID}, coop.Page{})
		_, _ = tx.VerifiedMember(ctx, a.ID, b.ID)
		must(tx.TouchPeer(ctx, "a.example", PeerReceived, time.Now(), Exchanged{}))
		_, _ = tx.Peer(ctx, "a.example")
		_, _ = tx.Peers(ctx, PeerQuery{})
		_, _ = tx.Notifications(ctx, b.ID, coop.Page{})
		lines, _ := tx.NotificationGroups(ctx, NotificationQuery{Account: b.ID}, coop.GroupedKinds(), coop.Page{})
		for _, g := range lines {
			_, _ = tx.NotificationGroup(ctx, b.ID, g.Key)
			_, _ = tx.NotificationGroupAccounts(ctx, b.ID, g.Key, coop.Page{})
			must(tx.DismissNotificationGroup(ctx, b.ID, g.Key))
		}
		_, _ = tx.CountNotificationGroups(ctx, NotificationQuery{Account: b.ID}, coop.GroupedKinds(), 1, 10)
		must(tx.SetNotificationPolicy(ctx, b.ID, coop.NotificationPolicy{NotFollowing: coop.PolicyFilter, NotFollowers: coop.PolicyAccept, NewAccounts: coop.PolicyAccept, PrivateMentions: coop.PolicyAccept, LimitedAccounts: coop.PolicyAccept}))
		must(tx.Notify(ctx, coop.Notification{AccountID: b.ID, Kind: coop.NotifyMention, FromID: a.ID, Filtered: true}))
		_, _, _ = tx.PendingNotifications(ctx, b.ID)
		requests, _ := tx.NotificationRequests(ctx, b.ID, coop.Page{})
		for _, q := range requests {
			must(tx.AcceptNotifications(ctx, b.ID, q.ID))
		}
		filter := &coop.Filter{Owner: b.ID, Title: "x", Contexts: coop.FilterContexts(), Act: coop.FilterWarn, Keywords: []coop.FilterKeyword{{Keyword: "x"}}}
		must(tx.AddFilter(ctx, filter))
		_, _ = tx.Filters(ctx, b.ID)
		must(tx.SetFilterKeyword(ctx, b.ID, &filter.Keywords[0]))
		must(tx.SetMarker(ctx, b.ID, &Marker{Timeline: "home", LastRead: 1}))
		_, _ = tx.Markers(ctx, b.ID)
		notice := &coop.Announcement{Texts: coop.Texts{"en": "x"}}
		must(tx.AddAnnouncement(ctx, notice))
		must(tx.ReactToAnnouncement(ctx, b.ID, notice.ID, "x", time.Now()))
		must(tx.ReadAnnouncement(ctx, b.ID, notice.ID))
		_, _ = tx.Announcements(ctx, b.ID, true)
		_, _ = tx.Rules(ctx)
		_, _ = tx.ReportsByID(ctx, []coop.ID{1})
		_, _ = tx.TokenByHash(ctx, make([]byte, 32))
		_, _ = tx.Tokens(ctx, b.ID)
		_, _ = tx.Audit(ctx, AuditQuery{}, coop.Page{})
		must(tx.HidePathsOf(ctx, a.ID, time.Now()))
		must(tx.ShowPathsOf(ctx, a.ID))
		must(tx.AddBlock(ctx, Block{Blocker: b.ID, Target: a.ID}))
		must(tx.RemovePost(ctx, "https://a.example/p1", a.IRI, time.Now()))
		must(tx.DeleteAccount(ctx, a.ID, time.Now()))
		_, err := tx.RemoveAccountBatch(ctx, a.ID, 10)
		must(err)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 150 {
		t.Errorf("only %d statements", len(seen))
	}
}

// planPoll goes through what there is for polls.
func planPoll(ctx context.Context, tx *Tx, p *coop.Post, voter *coop.Account) {
	if p.Poll == nil {
		return
	}
	_, _ = tx.AddVotes(ctx, Vote{Post: p.ID, Account: voter.ID, Options: []int{0}, At: time.Now()})
	_, _ = tx.PollVotes(ctx, voter.ID, []coop.ID{p.ID})
	_, _ = tx.CountedPolls(ctx, time.Now(), 5)
	_, _ = tx.TakePoll(ctx, p.ID, time.Now())
	_ = tx.CountPoll(ctx, p, Arrival{})
	_, _ = tx.EndingPolls(ctx, time.Now().Add(2*time.Hour), 5)
	_, _ = tx.EndPoll(ctx, p.ID, time.Now().Add(2*time.Hour))
}
