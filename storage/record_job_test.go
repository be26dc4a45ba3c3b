// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// search asks as anybody and gives the titles in order.
func (w *world) search(query string) []string {
	w.Helper()
	values, err := url.ParseQuery(query)
	q := coop.ParseJobQuery(must(w, values, err))
	list, err := w.s.SearchJobs(w.Context(), coop.Anonymous(), q, storage.JobPage{Domain: here, Limit: 80})
	if got := titles(must(w, list, err).Posts); len(got) == list.Total {
		return got
	}
	w.Errorf("%q: %d of %d", query, len(list.Posts), list.Total)
	return nil
}

// searchInside asks the same of a transaction, which asks in SQL.
func (w *world) searchInside(q coop.JobQuery) (got []string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		list, err := tx.SearchJobs(ctx, coop.Anonymous(), q, storage.JobPage{Domain: here, Limit: 80})
		got = titles(list.Posts)
		return err
	})
	return got
}

// sorted is a list in order.
func sorted(list []string) []string { slices.Sort(list); return list }

func TestSearchFindsWords(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		for _, title := range []string{"Panadera de noche", "Programador C++", "Tècnic d'energia solar", "Baker", "Web developer", "Web design", "日本語 教師"} {
			w.post(author, job(title))
		}
		for query, want := range map[string][]string{
			"panadera":            {"Panadera de noche"},
			"PANADERÁ":            {"Panadera de noche"},
			"energia solar":       {"Tècnic d'energia solar"},
			"tecnic":              {"Tècnic d'energia solar"},
			`"solar energia"`:     nil,
			"baker, panadera":     {"Baker", "Panadera de noche"},
			"web -design":         {"Web developer"},
			"web":                 {"Web design", "Web developer"},
			"dev*":                {"Web developer"},
			`"web dev"*`:          {"Web developer"},
			"c++":                 {"Programador C++"},
			"bread share":         {"Baker", "Panadera de noche", "Programador C++", "Tècnic d'energia solar", "Web design", "Web developer", "日本語 教師"},
			"教師":                  {"日本語 教師"},
			"AND OR NOT":          nil,
			`bread" OR title:x *`: nil,
			"' | ! & <-> :*":      {"Baker", "Panadera de noche", "Programador C++", "Tècnic d'energia solar", "Web design", "Web developer", "日本語 教師"},
		} {
			if diff := cmp.Diff(want, sorted(w.search("q="+url.QueryEscape(query)))); diff != "" && (len(want) > 0 || len(w.search("q="+url.QueryEscape(query))) > 0) {
				w.Errorf("%q: %s", query, diff)
			}
		}
	})
}

// facts are what the oracle needs to know of a job.
type jobFacts struct {
	post  *coop.Post
	facts coop.JobFacts
}

// TestSearchAgreesWithTheRule compares the SQL with coop.JobQuery.Match over many
// jobs and many queries.
func TestSearchAgreesWithTheRule(t *testing.T) {
	eachWorld(t, func(w *world) {
		random := rand.New(rand.NewPCG(1, 2))
		w.learnPlaces()
		w.learnSkills()
		jobs := w.manyJobs(random)
		w.clock.Advance(10 * 24 * time.Hour)
		now, found := w.clock.Now(), 0
		for range 300 {
			values := randomQuery(random)
			q, err := w.s.LookUp(w.Context(), coop.ParseJobQuery(values))
			must(w, q, err)
			var want []string
			for _, j := range jobs {
				if q.Match(j.post.Job, j.facts, now) {
					want = append(want, j.post.Title)
				}
			}
			want = sorted(want)
			for where, got := range map[string][]string{"in memory": sorted(w.search(values.Encode())), "in a transaction": sorted(w.searchInside(q))} {
				if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
					w.Errorf("%s, %s: %s", values.Encode(), where, diff)
				}
			}
			found += len(want)
		}
		if found < 300 {
			w.Errorf("the queries found only %d jobs in all", found)
		}
	})
}

// pick takes one of a few.
func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// manyJobs fills the database with jobs of all kinds.
func (w *world) manyJobs(r *rand.Rand) []jobFacts {
	federation := w.account("facttic", "", coop.Federation)
	other := w.account("patio", "patio.example", coop.Federation)
	w.follow(federation, other)
	var jobs []jobFacts
	authors := []*coop.Account{
		w.account("telar", "", coop.Coop), w.account("huerta", "", coop.Coop),
		w.account("telar", "patio.example", coop.Coop), w.account("sol", "wide.example", coop.Coop),
	}
	sources := []coop.JobSource{coop.SourceOwn, coop.SourceOwn, coop.SourceFollowed, coop.SourceWider}
	federations := make([][]string, 4)
	for i, memberOf := range [][]*coop.Account{{federation}, {federation, other}, {other}, nil} {
		for _, f := range memberOf {
			w.member(authors[i], f)
			host := f.Host
			if host == "" {
				host = here
			}
			federations[i] = append(federations[i], f.Name+"@"+host)
		}
	}
	for i := range 60 {
		n := i % 4
		host := authors[n].Host
		if host == "" {
			host = here
		}
		p := w.post(authors[n], job(fmt.Sprintf("%s %d", pick(r, "Baker", "Web developer", "Tejedora"), i), func(j *coop.Job) { randomJob(r, j, w.clock.Now()) }))
		jobs = append(jobs, jobFacts{p, coop.JobFacts{Coop: authors[n].Name + "@" + host, Federations: federations[n], Source: sources[n], Points: w.pointsOf(p), Skills: skillsOf(p.Job), Verified: len(federations[n]) > 0}})
	}
	return jobs
}

// randomJob sets what queries ask for.
func randomJob(r *rand.Rand, j *coop.Job, now time.Time) {
	j.Status = pick(r, coop.JobOpen, coop.JobOpen, coop.JobOpen, coop.JobPaused, coop.JobFilled, coop.JobExpired)
	j.Engagement, j.MembershipTrack = pick(r, "membership", "employment", "freelance"), pick(r, "required", "none", "possible")
	j.Remote = r.IntN(2) == 0
	if r.IntN(2) == 0 {
		j.ApplicantsFrom = []string{pick(r, "UY", "AR", "ES")}
	}
	if !j.Remote || r.IntN(3) == 0 {
		j.Places = []coop.Place{{Locality: pick(r, "Montevideo", "Girona", "Barcelona", "Nowhere"), Country: pick(r, "UY", "ES")}}
	}
	if r.IntN(2) == 0 {
		j.Languages = []coop.LanguageNeed{{Tag: pick(r, "es", "es-AR", "ca", "pt-BR"), Level: "B2"}}
	}
	if r.IntN(2) == 0 {
		j.Skills = []coop.Skill{{Term: coop.Term{URI: pick(r, "", "http://data.europa.eu/esco/skill/1"), Name: pick(r, "Tejido Fino", "PHP", "Teixir")}}}
	}
	if r.IntN(3) > 0 {
		j.HoursFrom = decimal.NewFromInt(int64(r.IntN(20) + 1))
		j.HoursTo = j.HoursFrom.Add(decimal.NewFromFloat(pick(r, 0, 0.5, 10)))
	}
	if r.IntN(2) == 0 {
		j.Pay = &coop.Pay{Currency: pick(r, "EUR", "UYU"), Min: decimal.NewFromInt(10), Max: decimal.NewFromInt(int64(10 + r.IntN(40))), Unit: pick(r, "HOUR", "MONTH", "YEAR")}
	}
	if r.IntN(2) == 0 {
		j.TimeOverlap = &coop.TimeOverlap{Zone: pick(r, "America/Montevideo", "Asia/Tokyo", "Europe/Rome"), From: pick(r, "09:00", "22:00"), Until: pick(r, "13:00", "03:30")}
	}
	if r.IntN(3) == 0 {
		j.Industry, j.OpenToNew = pick(r, "Tecnología", "Food"), new(r.IntN(2) == 0)
	}
	j.DatePosted = now.AddDate(0, 0, -r.IntN(10)).Format(time.DateOnly)
	j.ValidThrough = now.Add(time.Duration(r.IntN(40*24)) * time.Hour)
}

// randomQuery asks for a few things.
func randomQuery(r *rand.Rand) url.Values {
	v := url.Values{}
	for name, values := range map[string][]string{
		"q": {"baker", "web -developer, tejedora", "te*", `"web developer"`}, "engagement": {"membership", "freelance,employment"},
		"track": {"required", "none"}, "remote": {"1", "0"}, "country": {"UY", "es,ar"}, "lang": {"es", "es-AR", "ca,pt"},
		"skill": {"php", "http://data.europa.eu/esco/skill/1", "tejido fino", "textile work", "programming, teixir", "weaving"}, "coop": {"telar", "telar@patio.example", "huerta@" + here, "sol"},
		"federation": {"facttic", "patio@patio.example", "facttic@" + here}, "source": {"own", "followed", "wider"},
		"hours_min": {"10", "20.5"}, "hours_max": {"10", "30"}, "new": {"5", "12"}, "closing": {"3", "20"}, "state": {"archive"},
		"place": {"Girona", "montevideo, uy", "Uruguay", "Nowhere", "Nada"}, "radius": {"5", "120"},
		"apply_from": {"UY", "es,ar"}, "sector": {"tecnologia", "food,x"}, "verified": {"1", "0"}, "open_to_new": {"1"},
	} {
		if r.IntN(8) == 0 {
			v.Set(name, pick(r, values...))
		}
	}
	if r.IntN(8) == 0 {
		v.Set("overlap", pick(r, "2", "4"))
		v.Set("tz", pick(r, "America/Buenos_Aires", "Europe/Madrid"))
	}
	if r.IntN(6) == 0 {
		v.Set("pay_min", pick(r, "100", "20000", "60000"))
		v.Set("currency", pick(r, "EUR", "UYU"))
	}
	return v
}

func TestJobsComeInOrderAndPageByPage(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		for i := range 7 {
			w.post(author, job(fmt.Sprint(i), func(j *coop.Job) {
				j.DatePosted = w.clock.Now().AddDate(0, 0, -i%3).Format(time.DateOnly)
				j.ValidThrough = w.clock.Now().AddDate(0, 0, 10+(i*5)%7)
				j.Pay = &coop.Pay{Currency: []string{"EUR", "UYU"}[i%2], Min: decimal.NewFromInt(1), Max: decimal.NewFromInt(int64(i * 3 % 7)), Unit: "MONTH"}
			}))
		}
		w.clock.Advance(345_678 * time.Nanosecond) // clocks do not tick in whole milliseconds
		for _, order := range []coop.JobOrder{coop.OrderBest, coop.OrderNewest, coop.OrderClosing, coop.OrderPay, coop.OrderDistance} {
			whole := w.search("order=" + string(order))
			var paged []string
			for cursor, n := "", 0; n == 0 || cursor != ""; n++ {
				list, err := w.s.SearchJobs(w.Context(), coop.Anonymous(), coop.JobQuery{Order: order}, storage.JobPage{Cursor: cursor, Limit: 2})
				paged = append(paged, titles(must(w, list, err).Posts)...)
				cursor = list.Next
				w.clock.Advance(time.Minute)
				if n > 5 {
					w.Fatal("it never ends")
				}
			}
			if diff := cmp.Diff(whole, paged); diff != "" || len(whole) != 7 {
				w.Errorf("%s: %s", order, diff)
			}
		}
		if diff := cmp.Diff([]string{"6", "3", "0", "4", "1", "5", "2"}, w.search("order=newest")); diff != "" {
			w.Error(diff)
		}
		for _, cursor := range []string{"x", "....", "1.2.3", "-1.-1.-1.-1", "zzzzzzzzzzzzz.0.0.1"} {
			if _, err := w.s.SearchJobs(w.Context(), coop.Anonymous(), coop.JobQuery{}, storage.JobPage{Cursor: cursor}); err != nil {
				w.Errorf("cursor %q: %v", cursor, err)
			}
		}
	})
}

func TestEachJobIsListedOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar := w.account("telar", "coops.example", coop.Coop)
		fed, board := w.account("patio", "patio.example", coop.Federation), w.account("jobs", "facttic.example", coop.Board)
		own := func(j *coop.Job) {
			j.Identifier, j.HiringOrganization = coop.Identifier{Name: "telar.coop", Value: "2030-001"}, telar.IRI
			j.ApplyURL = "https://telar.coop/jobs/1?utm_source=a"
		}
		first := w.post(telar, job("Weaver", own))
		again := w.newPost(telar, job("Weaver (again)", own))
		w.add(again, storage.Arrival{Path: coop.Path{Via: board.ID, How: "announce"}})
		w.post(fed, job("Weaver by a federation", func(j *coop.Job) {
			j.HiringOrganization, j.ApplyURL = fed.IRI, "https://telar.coop/jobs/1/"
		}))
		w.post(fed, job("Something else"))
		if diff := cmp.Diff([]string{"Something else", "Weaver"}, sorted(w.search(""))); diff != "" {
			w.Error(diff)
		}
		got, err := w.s.Post(w.Context(), coop.Anonymous(), first.ID)
		if n := len(must(w, got, err).ReachedThrough); n != 3 {
			w.Errorf("%d paths: %+v", n, got.ReachedThrough)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, first.IRI, telar.IRI, w.clock.Now())
		})
		if diff := cmp.Diff([]string{"Something else", "Weaver (again)"}, sorted(w.search(""))); diff != "" {
			w.Errorf("after the shown copy went: %s", diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SuspendAccount(ctx, telar.ID, w.clock.Now())
		})
		if diff := cmp.Diff([]string{"Something else", "Weaver by a federation"}, sorted(w.search(""))); diff != "" {
			w.Errorf("after its co-op was suspended: %s", diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, telar.ID, time.Time{}) })
		if diff := cmp.Diff([]string{"Something else", "Weaver (again)"}, sorted(w.search(""))); diff != "" {
			w.Errorf("after it came back: %s", diff)
		}
		w.sound()
	})
}

func TestOnePageToApplyOnForManyJobsSaysNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, huerta := w.account("telar", "", coop.Coop), w.account("huerta", "far.example", coop.Coop)
		for i, author := range []*coop.Account{telar, telar, huerta} {
			w.post(author, job(fmt.Sprint(i), func(j *coop.Job) {
				j.Identifier, j.ApplyURL = coop.Identifier{Name: "x", Value: fmt.Sprint(i)}, "https://ats.example/apply"
			}))
		}
		if got := w.search(""); len(got) != 3 {
			w.Errorf("listed: %v", got)
		}
	})
}

func TestLikenessIsOnlyNoted(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar := w.account("telar", "", coop.Coop)
		a, b := w.post(telar, job("Weaver")), w.post(telar, job("  weaver!"))
		w.post(telar, job("Weaver", func(j *coop.Job) { j.DatePosted = w.clock.Now().AddDate(0, 0, -60).Format(time.DateOnly) }))
		pairs, err := w.s.PossibleDuplicates(w.Context(), 10)
		if diff := cmp.Diff([][2]coop.ID{{b.ID, a.ID}}, must(w, pairs, err)); diff != "" {
			w.Error(diff)
		}
		if n := len(w.search("")); n != 3 {
			w.Errorf("%d listed", n)
		}
	})
}

func TestJobsEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		near, far := w.account("telar", "", coop.Coop), w.account("sol", "far.example", coop.Coop)
		until := func(days int) func(*coop.Job) {
			return func(j *coop.Job) { j.ValidThrough = w.clock.Now().AddDate(0, 0, days) }
		}
		w.post(near, job("later", until(20)))
		remote := w.post(far, job("remote", until(2)))
		w.post(near, job("local", until(1)))
		next, err := w.s.NextDueJob(w.Context())
		if want := w.clock.Now().AddDate(0, 0, 1); !must(w, next, err).Equal(want) {
			w.Errorf("next is %s, want %s", next, want)
		}
		w.clock.Advance(48 * time.Hour)
		due, err := w.s.DueJobs(w.Context(), w.clock.Now(), 10)
		if diff := cmp.Diff([]string{"local", "remote"}, titles(must(w, due, err))); diff != "" {
			w.Error(diff)
		}
		if diff := cmp.Diff([]string{"later"}, w.search("")); diff != "" {
			w.Errorf("listed: %s", diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.ExpireRemoteJob(ctx, remote.ID, w.clock.Now())
		})
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.ExpireRemoteJob(ctx, due[0].ID, w.clock.Now())
		}), coop.ErrForbidden)
		due, err = w.s.DueJobs(w.Context(), w.clock.Now(), 10)
		if diff := cmp.Diff([]string{"local"}, titles(must(w, due, err))); diff != "" {
			w.Error(diff)
		}
		for _, want := range []string{"2030-001", "2030-002"} {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				got, err := tx.NextJobReference(ctx, near.ID, 2030)
				if got != want {
					w.Errorf("reference %s, want %s", got, want)
				}
				return err
			})
		}
	})
}

func TestCopiesLeaveTheListsWithTheLastWayToThem(t *testing.T) {
	eachWorld(t, func(w *world) {
		federation := w.account("facttic", "", coop.Federation)
		board, other := w.account("jobs", "patio.example", coop.Board), w.account("jobs", "coopdevs.example", coop.Board)
		author := w.account("telar", "far.example", coop.Coop)
		w.follow(federation, board)
		w.follow(federation, other)
		through := func(title string, boards ...*coop.Account) *coop.Post {
			p := w.newPost(author, job(title))
			for _, b := range boards {
				w.add(p, storage.Arrival{Path: coop.Path{Via: b.ID, How: "announce"}})
			}
			return p
		}
		one, both := through("one", board), through("both", board, other)
		listed := func(when string, want ...string) {
			w.Helper()
			if diff := cmp.Diff(want, sorted(w.search(""))); diff != "" {
				w.Errorf("%s: %s", when, diff)
			}
		}
		listed("followed", "both", "one")
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.RemoveFollow(ctx, federation.ID, board.ID)
			return err
		})
		listed("unfollowed", "both")
		if _, err := w.s.Post(w.Context(), coop.Anonymous(), one.ID); err != nil {
			w.Errorf("it is not at its address: %v", err)
		}
		w.follow(federation, board)
		listed("followed again", "both", "one")
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: federation.ID, Target: board.ID})
		})
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePath(ctx, both.ID, other.ID, "announce")
		})
		if got := w.search(""); len(got) != 0 {
			w.Errorf("still listed: %v", got)
		}
		w.sound()
	})
}

func TestListsLeaveOutLimitedAndBlockedServers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.post(w.account("a", "limited.example", coop.Coop), job("limited"))
		blocked := w.post(w.account("b", "blocked.example", coop.Coop), job("blocked"))
		for host, policy := range map[string]coop.PeerPolicy{"limited.example": coop.PolicyLimit, "blocked.example": coop.PolicyBlock} {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutPeer(ctx, &coop.Peer{Host: host, Policy: policy, ExpiresAt: w.clock.Now().Add(time.Hour)})
			})
		}
		if got := w.search(""); len(got) != 0 {
			w.Errorf("listed: %v", got)
		}
		if got := w.inLists(); got != 0 { // the board is searched in memory, lists of posts are not
			w.Errorf("%d posts stand in lists", got)
		}
		_, err := w.s.Post(w.Context(), coop.Anonymous(), blocked.ID)
		w.wants(err, coop.ErrNotFound)
		w.clock.Advance(2 * time.Hour)
		if got := w.search(""); len(got) != 2 {
			w.Errorf("after the policies ran out: %v", got)
		}
		if got := w.inLists(); got != 2 {
			w.Errorf("after the policies ran out %d posts stand in lists", got)
		}
	})
}

// inLists is how many posts stand in public lists.
func (w *world) inLists() int {
	w.Helper()
	posts, err := w.s.Posts(w.Context(), coop.Anonymous(), storage.PostQuery{Listed: true}, coop.Page{Limit: 10})
	return len(must(w, posts, err))
}

func TestCollectionsAreNewestUpdatedFirst(t *testing.T) {
	eachWorld(t, func(w *world) {
		federation, telar := w.account("facttic", "", coop.Federation), w.account("telar", "", coop.Coop)
		stranger, board := w.account("sol", "far.example", coop.Coop), w.account("jobs", "", coop.Board)
		w.member(telar, federation)
		var posts []*coop.Post
		for i := range 5 {
			w.clock.Advance(time.Minute)
			posts = append(posts, w.post(telar, job(fmt.Sprint(i), func(j *coop.Job) {
				j.Status = []coop.JobStatus{coop.JobOpen, coop.JobPaused, coop.JobOpen, coop.JobFilled, coop.JobDraft}[i]
			})))
		}
		far := w.post(stranger, job("far"))
		w.post(stranger, job("not ours"))
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: board.ID, Post: far.ID})
			return err
		})
		w.clock.Advance(time.Minute)
		posts[0].Content = "<p>edited</p>"
		posts[0].Updated = w.clock.Now()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, posts[0], storage.Arrival{})
			return err
		})
		for _, tt := range []struct {
			owner *coop.Account
			want  []string
		}{{telar, []string{"0", "2", "1"}}, {federation, []string{"0", "2", "1"}}, {board, []string{"far"}}, {stranger, []string{"not ours", "far"}}} {
			var got []string
			for cursor, n := "", 0; n == 0 || cursor != ""; n++ {
				page, next, total, err := w.s.Listing(w.Context(), coop.Anonymous(), storage.ListQuery{Owner: tt.owner.ID, Kind: coop.KindJob}, cursor, 2)
				got, cursor = append(got, titles(must(w, page, err))...), next
				if total != len(tt.want) {
					w.Errorf("%s: %d in all", tt.owner.Name, total)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				w.Errorf("%s: %s", tt.owner.Name, diff)
			}
		}
	})
}
