// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestFaultClockJumps is R16: the clock of one of two servers is a day ahead, a day
// behind, and right again. What it sends with a wrong time is taken once its clock is
// right, what is scheduled happens once, and ids are unique.
func TestFaultClockJumps(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar := b.coop("telar")
		f.admit(telar, b, b)
		a.follow(a.federation, telar)
		f.drain()
		nina := b.phone(b.person("nina"))
		b.publish(telar, "Antes")
		f.drain()
		nina.post("/v1/statuses", row{"status": "luego", "scheduled_at": b.now().Add(time.Hour).UTC().Format(time.RFC3339)})
		right := b.clock.Now()
		for n, jump := range []time.Duration{25 * time.Hour, -25 * time.Hour, time.Hour, -time.Hour} {
			b.clock.Set(right.Add(jump))
			b.publish(telar, fmt.Sprintf("Salto %d", n))
			nina.post("/v1/statuses", row{"status": fmt.Sprintf("nota %d", n)})
			f.drain()
			for did := true; did; {
				var err error
				did, err = b.outbox.StepScheduled(f.ctx)
				f.must(err)
			}
		}
		b.clock.Set(right)
		f.drain()
		f.pass(27 * time.Hour) // what was refused comes again after its last pause
		for n := range 4 {
			if want := fmt.Sprintf("Salto %d", n); !slices.Contains(titles(a.board(false)), want) {
				t.Errorf("%s never came to the other server: %v", want, titles(a.board(false)))
			}
		}
		seen, scheduled := map[string]bool{}, 0
		for _, one := range nina.list("/v1/accounts/" + nina.self.ID.String() + "/statuses") {
			id := one.(row)["id"].(string)
			if seen[id] {
				t.Errorf("id %s twice", id)
			}
			if seen[id] = true; one.(row)["content"] == "<p>luego</p>" {
				scheduled++
			}
		}
		if scheduled != 1 || len(seen) != 5 {
			t.Errorf("scheduled once, published %d times, of %d posts", scheduled, len(seen))
		}
		tellFigure(t, "R16", "clock 25 h ahead, 25 h behind, an hour each way, "+string(f.engine), "everything arrived once the clock was right; scheduled once, published %d times; ids unique", scheduled)
	})
}
