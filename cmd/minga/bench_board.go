// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
)

// benchBoard is `minga bench board`: it fills the board of a new instance with jobs and
// measures what searches take, in this process and without HTTP.
type benchBoard struct {
	Jobs  int `default:"100000" help:"Jobs on the board."`
	Coops int `default:"500" help:"Co-ops that offer them, of five federations."`
	Runs  int `default:"5" help:"Runs of each."`
	Times int `default:"100" help:"Searches of a run."`
}

// boardRow is one line of the result; times are milliseconds.
type boardRow struct {
	Name  string `json:"name"`
	Found int    `json:"found"`
	P50   spread `json:"p50_ms"`
	P99   spread `json:"p99_ms"`
	CPU   spread `json:"cpu_ms"` // of this process, for one search
	RSS   int64  `json:"rss_bytes"`
}

// boardSearches are what is measured: a name, and query strings that take turns.
var boardSearches = []struct {
	name    string
	count   bool
	queries []string
}{
	{"text and three facets, with counts", true, []string{
		"q=weaver&remote=1&engagement=membership,employment&country=AR,UY", "q=translator+night&lang=es&track=none,possible,expected&source=wider",
		"q=developer+-night&skill=python&remote=0&engagement=membership,freelance", "q=solar,wat*&hours_min=20&hours_max=30&country=ES&lang=ca",
	}},
	{"text and three facets, without counts", false, []string{
		"q=weaver&remote=1&engagement=membership,employment&country=AR,UY", "q=translator+night&lang=es&track=none,possible,expected&source=wider",
		"q=developer+-night&skill=python&remote=0&engagement=membership,freelance", "q=solar,wat*&hours_min=20&hours_max=30&country=ES&lang=ca",
	}},
	{"a word that every job has, with counts", true, []string{"q=assembly", "q=assembly&remote=1&track=required&lang=es"}},
	{"the whole board, with counts", true, []string{"", "order=newest", "remote=1"}},
	{"the whole board, without counts", false, []string{"", "order=closing", "remote=1"}},
}

// Run fills the board where it is empty, and measures.
func (b benchBoard) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		if err := b.fill(t, i); err != nil {
			return err
		}
		begun := time.Now()
		if err := i.store.WarmBoard(t.ctx); err != nil {
			return err
		}
		first := spreadOf([]float64{float64(time.Since(begun).Microseconds()) / 1000})
		if err := t.result(boardRow{"reading the board into memory", b.Jobs, first, first, first, processRSS(os.Getpid())}); err != nil {
			return err
		}
		for _, s := range boardSearches {
			row := boardRow{Name: s.name}
			if err := b.measure(t.ctx, i, &row, s.queries, s.count); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if err := t.result(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// measure makes the runs of one kind.
func (b benchBoard) measure(ctx context.Context, i *instance, row *boardRow, queries []string, count bool) error {
	var asked []coop.JobQuery
	for _, query := range queries {
		values, err := url.ParseQuery(query)
		if err != nil {
			return err
		}
		asked = append(asked, coop.ParseJobQuery(values))
	}
	var middle, most, cpu []float64
	for run := range b.Runs + 1 {
		var took []float64
		before, err := ownCPU()
		if err != nil {
			return err
		}
		for n := range b.Times {
			begun := time.Now()
			list, err := i.store.SearchJobs(ctx, coop.Anonymous(), asked[n%len(asked)], storage.JobPage{Domain: i.config.AccountDomain, Count: count})
			if err != nil {
				return err
			}
			took, row.Found = append(took, float64(time.Since(begun).Microseconds())/1000), list.Total
			if list.Total == 0 {
				return fmt.Errorf("%q finds nothing", queries[n%len(queries)])
			}
		}
		after, err := ownCPU()
		if err != nil {
			return err
		}
		if slices.Sort(took); run > 0 { // the first is not counted
			cpu = append(cpu, (after-before)*1000/float64(b.Times))
			middle, most = append(middle, quantile(took, 0.50)), append(most, quantile(took, 0.99))
		}
	}
	row.P50, row.P99, row.CPU, row.RSS = spreadOf(middle), spreadOf(most), spreadOf(cpu), processRSS(os.Getpid())
	return nil
}

// fill makes co-ops with jobs, unless there are jobs.
func (b benchBoard) fill(t *terminal, i *instance) error {
	list, err := i.store.SearchJobs(t.ctx, coop.Anonymous(), coop.JobQuery{}, storage.JobPage{Limit: 1})
	if err != nil || list.Total > 0 {
		return err
	}
	coops, err := b.coops(t.ctx, i)
	if err != nil {
		return err
	}
	begun := time.Now()
	err = i.store.FillJobs(t.ctx, storage.SampleJobs{Jobs: b.Jobs, Coops: coops, Until: t.now(), Places: []coop.Place{
		benchPlace("Rosario", "AR", -32.95, -60.64), benchPlace("Montevideo", "UY", -34.9, -56.19), benchPlace("Girona", "ES", 41.98, 2.82),
		benchPlace("Bologna", "IT", 44.49, 11.34), benchPlace("Bristol", "GB", 51.46, -2.6),
	}})
	t.talk("%d jobs after %.0f s", b.Jobs, time.Since(begun).Seconds())
	return err
}

// benchPlace is a place with its point.
func benchPlace(town, country string, latitude, longitude float64) coop.Place {
	return coop.Place{Locality: town, Country: country, Latitude: &latitude, Longitude: &longitude}
}

// coops makes the co-ops, each a member of one of five federations.
func (b benchBoard) coops(ctx context.Context, i *instance) (list []*coop.Account, err error) {
	account := func(kind coop.AccountKind, host, name string) *coop.Account {
		base := coop.IRI("https://" + host + "/" + name)
		return &coop.Account{
			IRI: base, Kind: kind, ActorType: "Organization", Name: name, Host: host, DisplayName: name, Inbox: base + "/inbox", Members: base + "/members",
			Followers: base + "/followers", Indexable: true, Discoverable: true,
		}
	}
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		var federations []*coop.Account
		for n := range 5 {
			f := account(coop.Federation, fmt.Sprintf("federation%d.example", n), "federation")
			if err := tx.SaveAccount(ctx, f); err != nil {
				return err
			}
			federations = append(federations, f)
		}
		for n := range b.Coops {
			a := account(coop.Coop, fmt.Sprintf("federation%d.example", n%5), fmt.Sprintf("coop%d", n))
			if err := tx.SaveAccount(ctx, a); err != nil {
				return err
			}
			if err := tx.PutMembership(ctx, &coop.Membership{Member: a, Organization: federations[n%5], State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}); err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}
