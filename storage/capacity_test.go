// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// says keeps what a co-op says of its time: "skill hours month", this month where none
// is named.
func (w *world) says(a *coop.Account, audience coop.CapacityAudience, lines ...string) {
	w.Helper()
	now := w.clock.Now()
	l := coop.CapacityList{Audience: audience, NotedAt: now, ReadAt: now}
	for _, line := range lines {
		f := strings.Split(line, "|")
		e := coop.Capacity{Skill: coop.Term{Name: f[0]}, Month: coop.MonthOf(now)}
		if strings.Contains(f[0], "://") {
			e.Skill = coop.Term{URI: f[0], Name: "Skill"}
		}
		if _, err := fmt.Sscan(f[1], &e.Hours); err != nil {
			w.Fatal(err)
		}
		if len(f) > 2 {
			e.Month = f[2]
		}
		l.Entries = append(l.Entries, e)
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutCapacity(ctx, a.ID, l) })
}

// covering says who can cover a skill: "name hours", ! for the own federation, * where
// members alone hear of it.
func (w *world) covering(v coop.Viewer, skill, month string) string {
	w.Helper()
	found, err := w.s.WhoCanCover(w.Context(), v, []string{skill}, month, 10)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, c := range found[skill] {
		line := fmt.Sprintf("%s %d", c.Account.Name, c.Hours)
		if c.Own {
			line += "!"
		}
		if c.Members {
			line += "*"
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

// TestWhoCanCover: who has time for a skill, the own federation first, then those that it
// follows; old, hidden, blocked and distant ones are not there.
func TestWhoCanCover(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.learnSkills()
		sur, telar := w.account("sur", "", coop.Federation), w.account("telar", "", coop.Coop)
		norte, feria := w.account("norte", "norte.example", coop.Federation), w.account("feria", "norte.example", coop.Coop)
		lejos, lejana := w.account("lejos", "lejos.example", coop.Federation), w.account("lejana", "lejos.example", coop.Coop)
		doble, ana := w.account("doble", "norte.example", coop.Coop), w.account("ana", "", coop.Person)
		oculta, bruno := w.account("oculta", "norte.example", coop.Coop), w.account("bruno", "", coop.Person)
		for _, m := range [][2]*coop.Account{{telar, sur}, {feria, norte}, {lejana, lejos}, {doble, norte}, {doble, sur}, {oculta, norte}} {
			w.member(m[0], m[1])
		}
		w.follow(sur, norte)
		w.give(telar, ana, coop.Observer)
		next := coop.CapacityMonthsFrom(w.clock.Now())[1]
		w.says(telar, coop.CapacityPublic, "PHP|40", "Dyeing|12", "Dyeing|30|"+next, "Textile work|7")
		w.says(feria, coop.CapacityPublic, php+"|300", "dyeing|80")
		w.says(doble, coop.CapacityPublic, "PHP|20")
		w.says(lejana, coop.CapacityPublic, "PHP|999")
		w.says(oculta, coop.CapacityMembers, "PHP|500")
		w.member(telar, norte)

		for _, tt := range []struct {
			name         string
			viewer       coop.Viewer
			skill, month string
			want         string
		}{
			{"the own federation first, then those followed", coop.Anonymous(), php, "", "telar 40!, doble 20!, feria 300"},
			{"by name as by address", coop.Anonymous(), "php", "", "telar 40!, doble 20!, feria 300"},
			{"something narrower counts", coop.Anonymous(), "programmazione", "", "telar 40!, doble 20!, feria 300"},
			{"an own word, in any case", coop.Anonymous(), "DYEING", "", "telar 30!, feria 80"},
			{"one month", coop.Anonymous(), "dyeing", coop.MonthOf(w.clock.Now()), "telar 12!, feria 80"},
			{"a month of nobody", coop.Anonymous(), "dyeing", "1999-01", ""},
			{"something broader does not count", coop.Anonymous(), "fine weaving", "", ""},
			{"nonsense", coop.Anonymous(), "%_' OR 1=1 --\x00", "", ""},
			{"members hear what is for members", coop.As(telar.ID), php, "", "telar 40!, doble 20!, oculta 500*, feria 300"},
			{"who may read for a member too", coop.As(ana.ID), php, "", "telar 40!, doble 20!, oculta 500*, feria 300"},
			{"who has no role does not", coop.As(bruno.ID), php, "", "telar 40!, doble 20!, feria 300"},
			{"a server of a member", coop.SignedHost("norte.example"), php, "", "telar 40!, doble 20!, oculta 500*, feria 300"},
			{"a server of strangers", coop.SignedHost("lejos.example"), php, "", "telar 40!, doble 20!, feria 300"},
			{"the co-op itself", coop.Signed(oculta.ID, "norte.example"), php, "", "telar 40!, doble 20!, oculta 500*, feria 300"},
			{"a stranger who signs", coop.Stranger("x.example"), php, "", "telar 40!, doble 20!, feria 300"},
		} {
			if got := w.covering(tt.viewer, tt.skill, tt.month); got != tt.want {
				w.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}

		w.says(telar, coop.CapacityPublic, "PHP|0")
		w.decide(coop.Peer{Host: "norte.example", Policy: coop.PolicyBlock})
		if got := w.covering(coop.Anonymous(), php, ""); got != "" {
			w.Errorf("after a blockade and with no hours: %s", got)
		}
	})
}

// TestCapacityExpires: what nobody says again is not believed after sixty days, and
// saying it again is enough.
func TestCapacityExpires(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar := w.account("telar", "", coop.Coop)
		months := coop.CapacityMonthsFrom(w.clock.Now())
		w.says(telar, coop.CapacityMembers, "Weaving|10|"+months[3], "Dyeing|5|"+months[0])
		list := func() (got []string) {
			l, err := w.s.CapacityOf(w.Context(), telar.ID)
			for _, e := range must(w, l, err).Entries {
				got = append(got, fmt.Sprintf("%s %d %s", e.Skill.Name, e.Hours, e.Month))
			}
			return got
		}
		if diff := cmp.Diff([]string{"Dyeing 5 " + months[0], "Weaving 10 " + months[3]}, list()); diff != "" {
			w.Error(diff)
		}
		w.clock.Advance(59 * 24 * 3600 * 1e9)
		if diff := cmp.Diff([]string{"Weaving 10 " + months[3]}, list()); diff != "" {
			w.Errorf("after 59 days, with the first month over: %s", diff)
		}
		w.clock.Advance(2 * 24 * 3600 * 1e9)
		if got := list(); len(got) != 0 {
			w.Errorf("after 61 days still %v", got)
		}
		w.says(telar, coop.CapacityPublic, "Weaving|10|"+months[3])
		if got := list(); len(got) != 1 {
			w.Errorf("said again: %v", got)
		}
		may := func(v coop.Viewer) bool {
			ok, err := w.s.MayReadCapacity(w.Context(), v, telar.ID)
			return must(w, ok, err)
		}
		if !may(coop.Anonymous()) {
			w.Error("public capacity is hidden")
		}
		w.says(telar, coop.CapacityMembers)
		if may(coop.Anonymous()) || !may(coop.As(telar.ID)) {
			w.Error("what is for members is for anybody, or not for the co-op")
		}
	})
}
