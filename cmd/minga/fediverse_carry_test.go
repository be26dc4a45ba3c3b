// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// exported is a file of what an account has, its lines sorted but for the names of its
// columns.
func (h *house) exported(a *coop.Account, kind carry.Kind) string {
	h.f.t.Helper()
	var out bytes.Buffer
	h.f.must(h.outbox.Export(h.f.ctx, &out, a, kind))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if kind == carry.Following || kind == carry.Mutes {
		slices.Sort(lines[1:])
	} else {
		slices.Sort(lines)
	}
	return strings.Join(lines, "\n")
}

// takes starts an import.
func (h *house) takes(a *coop.Account, kind carry.Kind, overwrite bool, text string) *coop.Import {
	h.f.t.Helper()
	file, err := carry.Read(kind, []byte(text), h.config.AccountDomain)
	h.f.must(err)
	i := &coop.Import{AccountID: a.ID, Kind: string(kind), Overwrite: overwrite, Name: "x.csv"}
	h.f.must(h.outbox.StartImport(h.f.ctx, i, file))
	return i
}

// turn gives imports of the house their turns until none is due.
func (h *house) turn() {
	h.f.t.Helper()
	for did := true; did; {
		var err error
		did, err = h.outbox.StepImport(h.f.ctx)
		h.f.must(err)
	}
	h.f.drain()
}

// finishes lets time go by until an import has ended, and gives it.
func (h *house) finishes(i *coop.Import) *coop.Import {
	h.f.t.Helper()
	for range 200 {
		h.turn()
		now, err := h.store.Import(h.f.ctx, i.AccountID, i.ID)
		if h.f.must(err); now.State != coop.ImportWorking {
			return now
		}
		h.f.pass(time.Second)
	}
	h.f.t.Fatal("the import does not end")
	return nil
}

// problems are the rows of an import that could not be done.
func (h *house) problems(i *coop.Import) (list []string) {
	h.f.t.Helper()
	rows, err := h.store.FailedImportRows(h.f.ctx, i.ID, 0, 100)
	h.f.must(err)
	for _, r := range rows {
		list = append(list, fmt.Sprintf("%d %s", r.Number, r.Problem))
	}
	return list
}

// TestCarryEverything: what somebody has on one instance is taken in on another and is
// the same there, across servers.
func TestCarryEverything(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		rosa, copia := a.bare("rosa"), c.bare("copia")
		bea, bruno, celia := b.bare("bea"), b.bare("bruno"), c.bare("celia")
		post := &coop.Post{Source: "para guardar"}
		f.must(b.outbox.PublishNote(f.ctx, bea, post))
		f.must(a.outbox.FollowWith(f.ctx, rosa, a.knows(bea), coop.FollowOptions{Bell: true, Languages: []string{"es", "pt-BR"}}))
		f.must(a.outbox.FollowWith(f.ctx, rosa, a.knows(celia), coop.FollowOptions{Boosts: true}))
		f.must(a.outbox.Block(f.ctx, rosa, a.knows(bruno)))
		f.must(a.outbox.BlockServer(f.ctx, rosa, "malo.example"))
		_, kept, err := a.inbox.Open(f.ctx, post.IRI)
		f.must(err)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			l := &coop.List{Owner: rosa.ID, Title: "=Amigas, \"y\" más", Replies: coop.RepliesList}
			return errors.Join(tx.AddList(f.ctx, l), tx.AddToList(f.ctx, rosa.ID, l.ID, []coop.ID{a.stored(bea.IRI).ID, rosa.ID}),
				tx.Mute(f.ctx, rosa.ID, a.stored(celia.IRI).ID, false, time.Time{}), tx.Bookmark(f.ctx, rosa.ID, kept.ID))
		}))
		f.drain()
		for _, kind := range carry.Kinds() {
			want := a.exported(rosa, kind)
			i := c.finishes(c.takes(copia, kind, false, want))
			if i.Failed != 0 || i.Done != i.Total || i.State != coop.ImportDone {
				t.Errorf("%s: %+v %v", kind, i, c.problems(i))
			}
			got := c.exported(copia, kind)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s there (-) and here (+):\n%s", kind, diff)
			}
		}
		if got := b.followState(copia, bea); got != coop.FollowAccepted {
			t.Errorf("bea's server knows of the follow as %q", got)
		}
	})
}

// TestImportReplaces: what the file does not name ends, whoever could not be found but
// is named stays, and nothing is replaced by a file that cannot be read whole.
func TestImportReplaces(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		rosa, bea, bruno, bela := a.bare("rosa"), b.bare("bea"), b.bare("bruno"), b.bare("bela")
		for _, p := range []*coop.Account{bea, bruno, bela} {
			a.follow(rosa, p)
		}
		host := "@" + b.config.AccountDomain
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { // bela is gone there, and still followed here
			return tx.PutPeer(f.ctx, &coop.Peer{Host: "nada.example", Policy: coop.PolicyBlock})
		}))
		file, err := carry.Read(carry.Following, []byte("bea"+host+"\nno one\n"), a.config.AccountDomain)
		f.must(err)
		var invalid *coop.InvalidError
		if err := a.outbox.StartImport(f.ctx, &coop.Import{AccountID: rosa.ID, Kind: "following", Overwrite: true}, file); !errors.As(err, &invalid) || invalid.Field != "overwrite" {
			t.Errorf("a file with bad rows replaces: %v", err)
		}
		i := a.takes(rosa, carry.Following, true, "bea"+host+",false,true,es\nquien@nada.example\nbela"+host+"\n")
		if err := a.outbox.StartImport(f.ctx, &coop.Import{AccountID: rosa.ID, Kind: "following"}, file); !errors.As(err, &invalid) || invalid.Field != "kind" {
			t.Errorf("two of a kind at once: %v", err)
		}
		i = a.finishes(i)
		if got := fmt.Sprint(i.Done, i.Failed, a.problems(i)); got != "2 1 [2 refused]" {
			t.Errorf("done, failed: %s", got)
		}
		want := "Account address,Show boosts,Notify on new posts,Languages\nbea" + host + ",false,true,es\nbela" + host + ",true,false,"
		if diff := cmp.Diff(want, a.exported(rosa, carry.Following)); diff != "" {
			t.Error(diff)
		}
		if got := b.followState(rosa, bruno); got != "" {
			t.Errorf("bruno's server still knows of the follow: %q", got)
		}
		f.replaces(a, rosa, carry.Lists, "Otras,bea"+host, "bela"+host)
		f.replaces(a, rosa, carry.Mutes, "bruno"+host, "bela"+host)
		f.replaces(a, rosa, carry.Servers, "malo.example", "")
		f.replaces(a, rosa, carry.Bookmarks, "", "")
		f.replaces(a, rosa, carry.Blocks, "bruno"+host, "bela"+host)
	})
}

// replaces fills a kind with one thing, replaces it by another, and expects the other
// alone.
func (f *fediverse) replaces(h *house, who *coop.Account, kind carry.Kind, first, handle string) {
	f.t.Helper()
	second := handle
	switch kind {
	case carry.Servers:
		second = "peor.example"
	case carry.Lists:
		second = "Nuevas," + handle
	case carry.Bookmarks:
		one, two := &coop.Post{Source: "uno"}, &coop.Post{Source: "dos"}
		f.must(errors.Join(h.outbox.PublishNote(f.ctx, who, one), h.outbox.PublishNote(f.ctx, who, two)))
		first, second = string(one.IRI), string(two.IRI)
	}
	h.finishes(h.takes(who, kind, false, first))
	before := h.exported(who, kind)
	h.finishes(h.takes(who, kind, true, second))
	if after := h.exported(who, kind); !strings.Contains(before, first) || strings.Contains(after, first) || !strings.Contains(after, second) {
		f.t.Errorf("%s: first\n%s\nthen\n%s", kind, before, after)
	}
}

// TestImportIsPolite: rows that ask one server come a second apart, also those of
// somebody else's file, and a server that is away is asked again later; meanwhile others
// have their turn.
func TestImportIsPolite(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		rosa, otra := a.bare("rosa"), a.bare("otra")
		at := func(h *house) string { return "@" + h.config.AccountDomain }
		for _, name := range []string{"bea", "bruno", "bela"} {
			b.bare(name)
		}
		c.bare("celia")
		first := a.takes(rosa, carry.Following, false, "bea"+at(b)+"\nbruno"+at(b)+"\nbela"+at(b)+"\ncelia"+at(c)+"\n")
		second := a.takes(otra, carry.Following, false, "bea"+at(b)+"\n")
		done := func(i *coop.Import) int {
			now, err := a.store.Import(f.ctx, i.AccountID, i.ID)
			f.must(err)
			return now.Done
		}
		c.away.Store(true)
		for n, want := range []string{"1 0", "2 0", "3 0", "3 1"} {
			a.turn()
			if got := fmt.Sprint(done(first), done(second)); got != want {
				t.Errorf("after %d seconds: %s, want %s", n, got, want)
			}
			f.pass(time.Second)
		}
		c.away.Store(false)
		f.pass(11 * time.Minute)
		if i := a.finishes(first); i.Done != 4 || i.Failed != 0 {
			t.Errorf("in the end: %+v %v", i, a.problems(i))
		}
		c.away.Store(true)
		third := a.takes(otra, carry.Mutes, false, "nadie"+at(c)+"\nrosa\notra\n")
		for range 3 {
			a.turn()
			f.pass(time.Hour)
		}
		if i := a.finishes(third); i.Done != 1 || fmt.Sprint(a.problems(i)) != "[1 away 3 self]" {
			t.Errorf("away for good: %+v %v", i, a.problems(i))
		}
		c.away.Store(false)
	})
}

// TestImportStops: what was done stays, what waits does not happen; and a worker that
// dies takes nothing with it.
func TestImportStops(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		rosa := a.bare("rosa")
		host := "@" + b.config.AccountDomain
		b.bare("bea")
		b.bare("bruno")
		i := a.takes(rosa, carry.Following, false, "bea"+host+"\nbruno"+host+"\n")
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { // a worker takes it and dies
			_, err := tx.ClaimTasks(f.ctx, []string{storage.TaskImport}, 1, 3*time.Minute)
			return err
		}))
		if did, err := a.outbox.StepImport(f.ctx); did || err != nil {
			t.Errorf("two workers have one import: %v %v", did, err)
		}
		f.pass(4 * time.Minute)
		a.turn()
		if got := strings.Count(a.exported(rosa, carry.Following), host); got != 2 {
			t.Errorf("%d followed after the death of a worker", got)
		}
		a.finishes(i)
		i = a.takes(rosa, carry.Blocks, false, "bea"+host+"\nbruno"+host+"\n")
		a.turn()
		other := a.bare("otra")
		if err := a.outbox.StopImport(f.ctx, other.ID, i.ID); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("another stops it: %v", err)
		}
		f.must(a.outbox.StopImport(f.ctx, rosa.ID, i.ID))
		f.pass(time.Minute)
		a.turn()
		now, err := a.store.Import(f.ctx, rosa.ID, i.ID)
		if f.must(err); now.State != coop.ImportStopped || now.Done != 1 || a.exported(rosa, carry.Blocks) != "bea"+host {
			t.Errorf("stopped: %+v, blocks %s", now, a.exported(rosa, carry.Blocks))
		}
	})
}
