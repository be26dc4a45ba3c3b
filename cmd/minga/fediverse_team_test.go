// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// project is a request of a house's federation that promises all rules.
func (h *house) project(title string) *coop.Post {
	h.f.t.Helper()
	p := &coop.Post{
		Title: title, Language: "en",
		Request: &coop.Request{
			Title: title, Markdown: map[string]string{"en": "A booking site for a network of rural clinics, in three languages."}, Need: coop.Term{Name: "Web development"}, RespondBy: h.clock.Now().Add(20 * 24 * time.Hour), Transparency: coop.TransparencyRules(),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Skill: coop.Term{Name: "Go"}, Hours: 160, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(60)}},
				{Key: "design", Name: "Design", Skill: coop.Term{Name: "Design"}, Hours: 40, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(50)}},
			},
		},
	}
	h.f.must(h.outbox.PublishRequest(h.f.ctx, h.federation, p, nil))
	return p
}

// room is what a house keeps of a team.
func (h *house) room(team *coop.Account) *coop.Room {
	h.f.t.Helper()
	t, err := h.store.Team(h.f.ctx, h.knows(team).ID)
	h.f.must(err)
	return t
}

// says writes into the room of a team.
func (h *house) says(by, team *coop.Account, text string) (*coop.Post, error) {
	h.f.t.Helper()
	p := &coop.Post{Kind: coop.KindNote, Source: text, Visibility: coop.VisibleMembers, Cc: []coop.IRI{team.Members}}
	err := h.outbox.PublishNote(h.f.ctx, by, p)
	return p, err
}

// reads is the room as a member of the house reads it, the oldest message first.
func (h *house) reads(who, team *coop.Account) string {
	h.f.t.Helper()
	posts, err := h.store.Posts(h.f.ctx, coop.As(who.ID), storage.PostQuery{Room: h.knows(team).ID}, coop.Page{Limit: 40})
	h.f.must(err)
	var said []string
	for _, p := range posts {
		said = append([]string{p.Content}, said...)
	}
	return strings.Join(said, "\n")
}

// joins makes a co-op of a house a member of a team that has invited it.
func (h *house) joins(member, team *coop.Account) {
	h.f.t.Helper()
	m, err := h.store.MembershipOf(h.f.ctx, member.ID, h.knows(team).ID)
	h.f.must(err)
	h.f.must(h.outbox.AnswerInvite(h.f.ctx, m, true, ""))
	h.f.settle()
	if !h.member(member, team) {
		h.f.t.Fatalf("%s is no verified member of the team at %s", member.Name, h.name)
	}
}

// TestTeamRoom: co-ops of three servers share a room that nobody else reads; what breaks a
// promise is refused; a former member's message comes back with its reason; and when the
// server of the team is stopped for good the others have all of it.
func TestTeamRoom(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, d := f.house("ana"), f.house("berta"), f.house("carla"), f.house("dora")
		telar, nodo, stranger := b.coop("telar"), c.coop("nodo"), d.coop("ajena")
		f.befriend(a, b)
		f.befriend(a, c)
		request := a.project("Booking site for 14 clinics")
		f.settle()
		for _, o := range []struct {
			h     *house
			by    *coop.Account
			slot  string
			hours int
		}{{b, telar, "backend", 160}, {c, nodo, "design", 30}, {c, nodo, "design", 10}} {
			if _, err := a.store.TeamOfRequest(f.ctx, request.ID); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("there is a team before all that is required is covered: %v", err)
			}
			sent, err := o.h.offers(o.by, request.IRI, o.hours, func(offer *coop.Offer) { offer.Slot = o.slot })
			f.must(err)
			f.settle()
			_, err = a.outbox.AcceptOffer(f.ctx, a.federation, a.offerNow(sent.IRI).ID)
			f.must(err)
			f.settle()
		}
		made, err := a.store.TeamOfRequest(f.ctx, request.ID)
		f.must(err)
		team := made.Account
		if team.Name != "booking-site-for-14" || team.IRI != coop.IRI(a.config.BaseURL())+"/teams/booking-site-for-14" {
			t.Errorf("the team is %s", team.IRI)
		}
		b.joins(telar, team)
		first, err := b.says(telar, b.knows(team), "Hello from the loom")
		f.must(err)
		f.settle()
		c.joins(nodo, team) // after the first message, which it is sent all the same
		second, err := a.says(a.federation, team, "Welcome to both")
		f.must(err)
		f.settle()
		for _, at := range []struct {
			h   *house
			who *coop.Account
		}{{a, a.federation}, {b, telar}, {c, nodo}} {
			if said := at.h.reads(at.who, team); !strings.Contains(said, "Hello from the loom") || !strings.Contains(said, "Welcome to both") {
				t.Errorf("at %s the room reads %q", at.h.name, said)
			}
		}
		f.secret(d, stranger, team, first, second)
		f.sharedBetween(a, b, c, telar, nodo, team)
		f.filesBetween(a, b, c, d, telar, team)
		f.wonWithContract(a, b, c, request, team)
		f.hostIsGone(a, b, c, telar, nodo, team)
		f.formerMember(a, b, c, telar, nodo, request, team)
		f.hostDeletes(a, b, c, telar, request, team)
	})
}

// filesBetween: a file of one member lies at each, and is handed to members' servers alone.
func (f *fediverse) filesBetween(a, b, c, d *house, telar, team *coop.Account) {
	f.t.Helper()
	kept, err := b.media.KeepSealed(f.ctx, "offer.pdf", strings.NewReader("%PDF-1.4 what we can do"), coop.MaxTeamFile)
	f.must(err)
	_, err = b.outbox.SayInTeam(f.ctx, telar, b.knows(team).ID, "Our sketch", 0, []coop.Record{{Title: "Sketch", Sealed: kept.Name, Size: kept.Size, Contract: true}})
	f.must(err)
	f.settle()
	var address coop.IRI
	for _, h := range []*house{a, b, c} {
		files, err := h.store.Records(f.ctx, h.knows(team).ID, coop.RecordFile)
		f.must(err)
		if len(files) != 1 || files[0].Sealed == "" || files[0].Contract {
			f.t.Fatalf("the files at %s are %+v", h.name, files)
		}
		body, err := h.media.OpenSealed(f.ctx, files[0].Sealed)
		f.must(err)
		if string(body) != "%PDF-1.4 what we can do" {
			f.t.Errorf("the file at %s is %q", h.name, body)
		}
		address = files[0].IRI
	}
	copied := a.config.BaseURL() + "/team-files/copy?of=" + url.QueryEscape(string(address))
	for _, where := range []string{string(address), copied} {
		if _, err := d.client.GetSigned(f.ctx, where, "application/pdf", 1<<20); err == nil {
			f.t.Errorf("a stranger's server reads %s", where)
		}
		if _, err := c.client.Get(f.ctx, where, "application/pdf", 1<<20); err == nil {
			f.t.Errorf("anybody reads %s", where)
		}
		if _, err := c.client.GetSigned(f.ctx, where, "application/pdf", 1<<20); err != nil {
			f.t.Errorf("a member's server does not read %s: %v", where, err)
		}
	}
}

// wonWithContract: what was promised to be visible to the team is, before anything is won.
func (f *fediverse) wonWithContract(a, b, c *house, request *coop.Post, team *coop.Account) {
	f.t.Helper()
	_, err := a.outbox.StepRequest(f.ctx, request.ID, coop.RequestPropose)
	f.must(err)
	var invalid *coop.InvalidError
	if _, err := a.outbox.StepRequest(f.ctx, request.ID, coop.RequestWin); !errors.As(err, &invalid) || invalid.Field != "contract" {
		f.t.Errorf("won without the contract in the room: %v", err)
	}
	kept, err := a.media.KeepSealed(f.ctx, "contract.pdf", strings.NewReader("%PDF-1.4 signed"), coop.MaxTeamFile)
	f.must(err)
	_, err = a.outbox.SayInTeam(f.ctx, a.federation, team.ID, "The contract", 0, []coop.Record{{Title: "Contract", Sealed: kept.Name, Size: kept.Size, Contract: true}})
	f.must(err)
	_, err = a.outbox.StepRequest(f.ctx, request.ID, coop.RequestWin)
	f.must(err)
	f.settle()
	for _, h := range []*house{b, c} {
		if files, err := h.store.Records(f.ctx, h.knows(team).ID, coop.RecordFile); err != nil || len(files) != 2 || files[1].Sealed == "" {
			f.t.Errorf("the contract is not at %s: %v", h.name, err)
		}
		if p := h.has(request.IRI); p.Request.Status != coop.RequestWon {
			f.t.Errorf("at %s the request is %s", h.name, p.Request.Status)
		}
	}
}

// hostIsGone: the server of the team is stopped for good. Every member has the room up to
// then, and an archive that somebody verifies who knows none of the servers.
func (f *fediverse) hostIsGone(a, b, c *house, telar, nodo, team *coop.Account) {
	f.t.Helper()
	a.away.Store(true)
	defer a.away.Store(false)
	for _, at := range []struct {
		h   *house
		who *coop.Account
	}{{b, telar}, {c, nodo}} {
		h := at.h
		said := h.reads(at.who, team)
		for _, want := range []string{"Hello from the loom", "Welcome to both", "Our sketch"} {
			if !strings.Contains(said, want) {
				f.t.Errorf("without its server the room at %s does not say %q", h.name, want)
			}
		}
		path := filepath.Join(f.t.TempDir(), "team.zip")
		file, err := os.Create(path)
		f.must(err)
		f.must(h.outbox.ExportTeam(f.ctx, file, h.knows(team).ID, h.media.OpenSealed))
		f.must(file.Close())
		files, err := readArchive(path)
		f.must(err)
		keys, err := verifyCommand{File: path}.keys(files)
		f.must(err)
		kinds := map[string]int{}
		for _, one := range files {
			dir, _, below := strings.Cut(one.path, "/")
			if kinds[dir]++; !below || !strings.HasSuffix(one.path, ".json") {
				continue
			}
			if row := verifyDocument(one.path, one.body, keys); row.State != "verified" {
				f.t.Errorf("%s in the archive of %s is %s: %s", one.path, h.name, row.State, row.Error)
			}
			if row := verifyDocument(one.path, bytes.Replace(one.body, []byte(`"type":"`), []byte(`"type":"X`), 1), keys); row.State == "verified" {
				f.t.Errorf("%s is verified although it was changed", one.path)
			}
		}
		if kinds["messages"] != 4 || kinds["agreements"] != 3 || kinds["plans"] != 1 || kinds["splits"] != 1 || kinds["consents"] < 2 || kinds["files"] != 2 || kinds["index.html"] != 1 {
			f.t.Errorf("the archive of %s has %v", h.name, kinds)
		}
		f.thirdParty(files)
		bad := 0
		if rows := changedFiles(files, &bad); bad > 0 {
			f.t.Errorf("the archive of %s is not as it lists: %v", h.name, rows)
		}
	}
}

// secret: nobody outside of the team reads its room, whoever asks.
func (f *fediverse) secret(d *house, stranger, team *coop.Account, posts ...*coop.Post) {
	f.t.Helper()
	for _, p := range posts {
		if d.has(p.IRI) != nil {
			f.t.Errorf("%s was brought to a stranger", p.IRI)
		}
		for _, address := range []coop.IRI{p.IRI, p.IRI + "/create", p.IRI + "/replies", p.IRI + "/context"} {
			if _, err := d.client.Document(f.ctx, string(address)); err == nil {
				f.t.Errorf("a stranger's server reads %s", address)
			}
		}
	}
	for _, rest := range []string{"/plan", "/splits/1"} {
		if _, err := d.client.Document(f.ctx, string(team.IRI)+rest); err == nil {
			f.t.Errorf("a stranger's server reads the team's %s", rest)
		}
	}
	if _, err := d.says(stranger, d.knows(team), "Let me in"); err == nil {
		f.t.Error("a stranger writes into the room")
	}
}

// sharedBetween: plan and split reach every member with proofs, and what breaks a promise
// is refused.
func (f *fediverse) sharedBetween(a, b, c *house, telar, nodo, team *coop.Account) {
	f.t.Helper()
	f.must(a.outbox.SetPlan(f.ctx, team.ID, &coop.Plan{Name: "Clinics", Text: "Two sprints.", Steps: []coop.PlanStep{{
		Name: "Build", From: a.clock.Now(), Work: []coop.PlanWork{{Commitment: "https://x.example/agreements/1#primary", Provider: telar.IRI, Hours: 160}},
	}}}))
	split := func(payee coop.IRI, amount int64) *coop.Split {
		return &coop.Split{Currency: "EUR", Price: decimal.NewFromInt(1000), Lines: []coop.SplitLine{
			{For: "Backend", Provider: telar.IRI, Hours: 10, Payee: payee, Amount: decimal.NewFromInt(amount)},
			{For: "Coordination", Payee: a.federation.IRI, Amount: decimal.NewFromInt(100)},
		}}
	}
	var invalid coop.Invalid
	if err := a.outbox.SetSplit(f.ctx, team.ID, split(nodo.IRI, 900)); !errors.As(err, &invalid) {
		f.t.Errorf("a margin on the work of others was published: %v", err)
	}
	if err := a.outbox.SetSplit(f.ctx, team.ID, split(telar.IRI, 800)); !errors.As(err, &invalid) {
		f.t.Errorf("an incomplete split was published: %v", err)
	}
	f.must(a.outbox.SetSplit(f.ctx, team.ID, split(telar.IRI, 900)))
	f.settle()
	f.must(b.outbox.AgreeSplit(f.ctx, telar, b.knows(team).ID, 1))
	f.must(c.outbox.AgreeSplit(f.ctx, nodo, c.knows(team).ID, 1))
	f.must(a.outbox.AgreeSplit(f.ctx, a.federation, team.ID, 1))
	f.settle()
	for _, h := range []*house{a, b, c} {
		room := h.room(team)
		if room.Plan == nil || room.Plan.Name != "Clinics" || len(room.Plan.Steps) != 1 || room.Plan.Steps[0].Work[0].Hours != 160 {
			f.t.Errorf("the plan at %s is %+v", h.name, room.Plan)
		}
		if room.Split == nil || !room.Split.AgreedByAll([]coop.IRI{a.federation.IRI, telar.IRI, nodo.IRI}) || !room.Split.Sum().Equal(room.Split.Price) {
			f.t.Errorf("the split at %s is %+v", h.name, room.Split)
		}
	}
}

// hostDeletes: the server of the team deletes it. A member elsewhere keeps all that it has,
// and nobody writes into it any more; where nobody is in it, the team is gone.
func (f *fediverse) hostDeletes(a, b, c *house, telar *coop.Account, request *coop.Post, team *coop.Account) {
	f.t.Helper()
	before, known := b.reads(telar, team), b.has(request.IRI)
	if room := b.room(team); room.RequestID != known.ID || !room.EndedAt.IsZero() {
		f.t.Errorf("at %s the team does request %s, not %s", b.name, room.RequestID, known.ID)
	}
	f.must(a.outbox.DeleteAccount(f.ctx, team))
	f.settle()
	f.pass(10 * 24 * time.Hour) // whoever asks who is in it hears nothing for longer than that may last
	f.settle()
	room := b.room(team)
	if room.EndedAt.IsZero() || room.Plan == nil || room.Split == nil || room.Account.DisplayName == "" {
		f.t.Errorf("after its Delete the team at %s is %+v", b.name, room)
	}
	if said := b.reads(telar, team); said != before || !strings.Contains(said, "Hello from the loom") || !strings.Contains(said, "Welcome to both") {
		f.t.Errorf("after the team's Delete the room at %s reads %q", b.name, said)
	}
	if list, err := b.store.TeamsOf(f.ctx, telar.ID, coop.Page{Limit: 5}); err != nil || len(list) != 1 {
		f.t.Errorf("the teams of %s are %d, %v", telar.Name, len(list), err)
	}
	archive := &bytes.Buffer{}
	f.must(b.outbox.ExportTeam(f.ctx, archive, room.ID, b.media.OpenSealed))
	path := filepath.Join(f.t.TempDir(), "ended.zip")
	f.must(os.WriteFile(path, archive.Bytes(), 0o600))
	files, err := readArchive(path)
	f.must(err)
	keys, err := verifyCommand{File: path}.keys(files)
	f.must(err)
	verified := 0
	for _, one := range files {
		if dir, _, _ := strings.Cut(one.path, "/"); dir == "plans" || dir == "agreements" || dir == "messages" {
			if row := verifyDocument(one.path, one.body, keys); row.State != "verified" {
				f.t.Errorf("%s in the archive of an ended team is %s: %s", one.path, row.State, row.Error)
			}
			verified++
		}
	}
	if verified < 8 {
		f.t.Errorf("the archive of an ended team has %d documents", verified)
	}
	if _, err := b.outbox.SayInTeam(f.ctx, telar, room.ID, "Still there?", 0, nil); !errors.Is(err, coop.ErrState) {
		f.t.Errorf("writing to an ended team: %v", err)
	}
	if _, err := b.says(telar, b.knows(team), "Still there?"); err == nil {
		f.t.Error("an ended team takes a note")
	}
	if _, err := c.inbox.Actor(f.ctx, team.IRI); !errors.Is(err, coop.ErrGone) {
		f.t.Errorf("at %s, where nobody is in it any more, the team is not gone: %v", c.name, err)
	}
}

// thirdParty lets a program that shares no line with ours verify an archive.
func (f *fediverse) thirdParty(files []archived) {
	f.t.Helper()
	node := os.Getenv("MINGA_TEST_NODE")
	if node == "" {
		return
	}
	folder := f.t.TempDir()
	for _, one := range files {
		path := filepath.Join(folder, filepath.FromSlash(one.path))
		f.must(os.MkdirAll(filepath.Dir(path), 0o700))
		f.must(os.WriteFile(path, one.body, 0o600))
	}
	out, err := exec.CommandContext(f.ctx, node, filepath.Join("..", "..", "scripts", "interop", "verify-archive.mjs"), folder).CombinedOutput()
	if err != nil {
		f.t.Errorf("somebody else does not verify the archive: %v\n%s", err, out)
	}
}

// releasedAt ends what a co-op agreed to on a request of a house, newest first: after each
// but the last it is in the team still.
func (h *house) releasedAt(by *coop.Account, request *coop.Post, team *coop.Account) {
	h.f.t.Helper()
	who := h.knows(by)
	list, err := h.store.Agreements(h.f.ctx, storage.AgreementQuery{Post: request.ID, Side: who.ID, Active: true}, coop.Page{Limit: 9})
	h.f.must(err)
	if len(list) < 2 {
		h.f.t.Fatalf("%s agreed to %d things", by.Name, len(list))
	}
	for n, g := range list {
		_, err := h.outbox.DeclineOffer(h.f.ctx, h.federation, g.OfferID, "The contract ended.")
		h.f.must(err)
		in, err := h.store.VerifiedMember(h.f.ctx, who.ID, team.ID)
		if left := len(list) - n - 1; err != nil || in != (left > 0) {
			h.f.t.Errorf("with %d agreements left, in the team: %v, %v", left, in, err)
		}
	}
}

// formerMember: who is out, because all that it agreed to was released while its server
// was away, writes on, and is told why that does not count.
func (f *fediverse) formerMember(a, b, c *house, telar, nodo *coop.Account, request *coop.Post, team *coop.Account) {
	f.t.Helper()
	c.away.Store(true)
	a.releasedAt(nodo, request, team)
	_, err := c.says(nodo, c.knows(team), "Is anybody there")
	f.must(err)
	f.drain()
	c.away.Store(false)
	f.pass(2 * time.Hour)
	f.settle()
	for _, at := range []struct {
		h   *house
		who *coop.Account
	}{{a, a.federation}, {b, telar}} {
		if said := at.h.reads(at.who, team); strings.Contains(said, "Is anybody there") {
			f.t.Errorf("the message of a former member stands in the room at %s", at.h.name)
		}
	}
	told, err := c.store.Notifications(f.ctx, nodo.ID, coop.Page{Limit: 20})
	f.must(err)
	heard := false
	for _, n := range told {
		if n.PostID != 0 {
			p, err := c.store.Post(f.ctx, coop.As(nodo.ID), n.PostID)
			heard = heard || err == nil && strings.Contains(p.Content, "not been a member")
		}
	}
	if !heard {
		f.t.Error("the former member was not told why its message does not count")
	}
	if c.member(nodo, team) {
		f.t.Error("its own server takes it for a member still")
	}
}
