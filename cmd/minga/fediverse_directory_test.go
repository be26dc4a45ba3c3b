// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// TestDirectoryOverTheNetwork: what a co-op does is found in the directory of the next
// federation, and what time it has lights up there, for those who may know it.
func TestDirectoryOverTheNetwork(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		telar, nube := b.coop("telar"), b.coop("nube")
		f.admit(telar, b, b)
		f.admit(nube, b, b)
		f.befriend(a, b)
		a.knows(telar)
		a.knows(nube)
		c.knows(telar)
		f.admit(telar, b, a)
		f.settle()

		telar.Coop = &coop.CoopFacts{Members: 9, Workers: -1, Languages: []string{"es", "pt"}, Place: &coop.Place{Locality: "Rosario", Country: "AR"}}
		f.must(b.outbox.UpdateActor(f.ctx, telar))
		f.must(b.outbox.SetServices(f.ctx, telar, []coop.Offering{{Kind: coop.KindService, Label: "Diseño & Marca"}, {Kind: coop.KindTechnology, Label: "Go"}}, nil))
		month := coop.MonthOf(b.now())
		work := func(hours int) []coop.Capacity {
			return []coop.Capacity{{Skill: coop.Term{Name: "Python"}, Month: month, Hours: hours}}
		}
		f.must(b.outbox.SetCapacity(f.ctx, telar, coop.CapacityList{Audience: coop.CapacityPublic, Entries: work(120)}))
		f.must(b.outbox.SetCapacity(f.ctx, nube, coop.CapacityList{Audience: coop.CapacityMembers, Entries: work(300)}))
		f.pass(2 * time.Minute)
		f.settle()

		found := func(h *house, query map[string][]string) (names string) {
			list, err := h.store.Coops(f.ctx, coop.ParseDirectoryQuery(query), h.config.AccountDomain, coop.Page{Limit: 20})
			f.must(err)
			for _, one := range list {
				names += one.Name + " "
			}
			return names
		}
		for name, query := range map[string]map[string][]string{
			"a service": {"service": {"diseno marca"}}, "a technology": {"technology": {"go"}}, "a language": {"language": {"pt"}}, "a size": {"size": {"6-20"}}, "words": {"q": {"diseño"}}, "a country": {"country": {"AR"}},
		} {
			if got := found(a, query); got != "telar " {
				t.Errorf("by %s the next federation finds %q", name, got)
			}
		}
		badges, err := a.store.VerifiedIn(f.ctx, []coop.ID{a.stored(telar.IRI).ID})
		f.must(err)
		if got := found(a, nil); strings.Count(got, "telar") != 1 || len(badges[a.stored(telar.IRI).ID]) != 2 {
			t.Errorf("a member of two federations is listed as %q with %v", got, badges)
		}

		// Nobody looked for it: nothing of it was read.
		covers := func(h *house, v coop.Viewer) string {
			found, err := h.store.WhoCanCover(f.ctx, v, []string{"Python"}, month, 10)
			f.must(err)
			var out []string
			for _, one := range found["Python"] {
				out = append(out, fmt.Sprintf("%s %d", one.Account.Name, one.Hours))
			}
			slices.Sort(out)
			return strings.Join(out, ", ")
		}
		if got := covers(a, coop.System()); got != "" {
			t.Errorf("capacity was pushed: %s", got)
		}
		f.must(a.inbox.FreshenCapacity(f.ctx))
		f.drain()
		if got := covers(a, coop.Anonymous()); got != "telar 120" {
			t.Errorf("everybody at the next federation hears %q", got)
		}
		// A server of a member of the same federation reads what is for members; it shows
		// it to that member alone.
		if got := covers(a, coop.System()); got != "telar 120" {
			t.Errorf("a server without members there read %q", got)
		}
		mia := a.coop("mia")
		f.admit(mia, a, b)
		f.pass(7 * time.Hour)
		f.must(a.inbox.FreshenCapacity(f.ctx))
		f.drain()
		if got := covers(a, coop.As(mia.ID)); got != "nube 300, telar 120" {
			t.Errorf("a member hears %q", got)
		}
		if got := covers(a, coop.Anonymous()); got != "telar 120" {
			t.Errorf("what is for members is told to everybody: %q", got)
		}
		// It lights up in a request, for everybody what everybody may know.
		need := &coop.Post{Language: "en", Request: &coop.Request{
			Title: "Booking site for clinics", Markdown: map[string]string{"en": "A booking site for fourteen rural clinics, with an app for those who work there."},
			RespondBy: a.now().Add(14 * 24 * time.Hour),
			Slots:     []coop.Slot{{Key: "backend", Name: "Backend", Skill: coop.Term{Name: "python"}, Hours: 220, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(62)}}},
		}}
		f.must(a.outbox.PublishRequest(f.ctx, a.federation, need, nil))
		if page := a.page("/requests/" + need.ID.String()); !strings.Contains(page, "120 h in ") || strings.Contains(page, "300 h in ") {
			t.Errorf("the request does not say who could cover it, or says too much: %s", page)
		}
		f.drain()
		status, doc := b.get(nube.IRI + "/capacity")
		if status != 404 {
			t.Errorf("a stranger reads what is for members: %d %v", status, doc)
		}
		// A server of nobody that they know, signing, gets no more than that.
		far := *c.stored(telar.IRI)
		f.must(c.inbox.FreshenCapacityOf(f.ctx, &far))
		f.drain()
		list, err := c.store.CapacityOf(f.ctx, far.ID)
		f.must(err)
		if len(list.Entries) != 1 || list.Entries[0].Hours != 120 || list.Audience != coop.CapacityPublic {
			t.Errorf("from far one reads %+v", list)
		}

		// It is believed for sixty days, and what is taken back is gone.
		f.must(b.outbox.SetCapacity(f.ctx, telar, coop.CapacityList{Audience: coop.CapacityPublic}))
		f.pass(7 * time.Hour)
		f.must(a.inbox.FreshenCapacity(f.ctx))
		f.drain()
		if got := covers(a, coop.Anonymous()); got != "" {
			t.Errorf("taken back, there is %q", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			return tx.DecidePeer(f.ctx, &coop.Peer{Host: b.config.Host, Policy: coop.PolicyBlock, Reason: "test"}, "ana", "")
		}))
		if got := found(a, map[string][]string{"service": {"diseno marca"}}); got != "" {
			t.Errorf("of a blocked server the directory has %q", got)
		}
	})
}
