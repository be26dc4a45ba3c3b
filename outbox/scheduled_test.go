// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// posts are what an account wrote, as the program sees it.
func (h *house) posts(a *coop.Account) []*coop.Post {
	h.t.Helper()
	list, err := h.store.Posts(h.t.Context(), coop.System(), storage.PostQuery{Authors: []coop.ID{a.ID}}, coop.Page{Limit: 40})
	h.must(err)
	return list
}

func (h *house) waiting(a *coop.Account) []*coop.Scheduled {
	h.t.Helper()
	list, err := h.store.ScheduledOf(h.t.Context(), a.ID, coop.Page{Limit: 40})
	h.must(err)
	return list
}

// tick publishes what is due.
func (h *house) tick() (n int) {
	h.t.Helper()
	for {
		did, err := h.StepScheduled(h.t.Context())
		h.must(err)
		if !did {
			return n
		}
		n++
	}
}

func TestScheduledIsPublishedOnceAtItsTime(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		telar := h.member("telar")
		due := h.clock.Now().Add(time.Hour)
		note := &coop.Post{Source: "Hola #Coops", Visibility: coop.VisibleUnlisted, Summary: "aviso", App: &coop.Program{Name: "Loom"}}
		if _, err := h.Schedule(ctx, telar, note, h.clock.Now().Add(4*time.Minute), nil); !field(err, "scheduled_at") {
			h.t.Errorf("four minutes ahead: %v", err)
		}
		s, err := h.Schedule(ctx, telar, note, due, []byte(`{"status":"Hola"}`))
		h.must(err)
		_, err = h.Schedule(ctx, telar, h.job(), due, []byte(`{}`))
		h.must(err)
		if n := h.tick(); n != 0 || len(h.posts(telar)) != 0 {
			h.t.Fatalf("%d published before their time", n)
		}
		h.clock.Advance(time.Hour + time.Second)
		var nodes sync.WaitGroup
		for range 4 { // as if there were four nodes
			nodes.Go(func() {
				for {
					did, err := h.StepScheduled(ctx)
					if err != nil || !did {
						if err != nil {
							h.t.Error(err)
						}
						return
					}
				}
			})
		}
		nodes.Wait()
		list := h.posts(telar)
		if len(list) != 2 || len(h.waiting(telar)) != 0 {
			h.t.Fatalf("%d posts, %d still wait", len(list), len(h.waiting(telar)))
		}
		kinds := map[coop.PostKind]*coop.Post{list[0].Kind: list[0], list[1].Kind: list[1]}
		got := kinds[coop.KindNote]
		if got == nil || got.Visibility != coop.VisibleUnlisted || got.Summary != "aviso" || got.App == nil || got.ID == s.ID || got.Published.Before(due) {
			h.t.Errorf("published as %+v", got)
		}
		if job := kinds[coop.KindJob]; job == nil || job.Job.Status != coop.JobOpen || job.Published.Before(due) {
			h.t.Errorf("job %+v", job)
		}
		if h.clock.Advance(time.Hour); h.tick() != 0 {
			h.t.Error("once more")
		}
	})
}

// field tells whether an error complains about a field.
func field(err error, name string) bool {
	var invalid *coop.InvalidError
	return errors.As(err, &invalid) && invalid.Field == name
}

func TestScheduledThatFailsTellsAndStays(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		ana, telar := h.account(coop.Person, "ana"), h.member("telar")
		parent := &coop.Post{Source: "Pregunta"}
		h.must(h.PublishNote(ctx, telar, parent))
		s, err := h.Schedule(ctx, ana, &coop.Post{Source: "Respuesta", InReplyToID: parent.ID}, h.clock.Now().Add(time.Hour), []byte(`{}`))
		h.must(err)
		h.must(h.Delete(ctx, parent))
		h.clock.Advance(2 * time.Hour)
		h.tick()
		left := h.waiting(ana)
		if len(left) != 1 || left[0].Error == "" || left[0].Post.Source != "Respuesta" {
			h.t.Fatalf("left %+v", left)
		}
		told, err := h.store.Notifications(ctx, ana.ID, coop.Page{Limit: 10})
		h.must(err)
		if len(told) != 1 || told[0].Kind != coop.NotifyMention {
			h.t.Fatalf("told %+v", told)
		}
		said, err := h.store.Post(ctx, coop.As(ana.ID), told[0].PostID)
		h.must(err)
		if said.Visibility != coop.VisibleDirect || !strings.Contains(said.Content, "programada") {
			h.t.Errorf("said %q to %s", said.Content, said.Visibility)
		}
		h.clock.Advance(time.Hour)
		if h.tick() != 0 {
			h.t.Error("it is tried for ever")
		}
		// Another time is another chance; taken back it is gone.
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			moved, err := tx.MoveScheduled(ctx, ana.ID, s.ID, h.clock.Now().Add(time.Hour))
			if err == nil && moved.Error != "" {
				h.t.Error("the old reason stays")
			}
			return err
		}))
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.DropScheduled(ctx, ana.ID, s.ID) }))
		h.clock.Advance(2 * time.Hour)
		if h.tick() != 0 || len(h.posts(ana)) != 0 {
			h.t.Error("what was taken back was published")
		}
	})
}

func TestOnceIsOnce(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		telar := h.member("telar")
		once := h.Once(storage.PublishKey(1, "k"))
		errs := make([]error, 6)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = once.PublishNote(ctx, telar, &coop.Post{Source: "Hola"}) })
		}
		all.Wait()
		list := h.posts(telar)
		if len(list) != 1 {
			h.t.Fatalf("%d posts", len(list))
		}
		fresh := 0
		for _, err := range errs {
			var again *storage.RepeatedError
			switch {
			case err == nil:
				fresh++
			case !errors.As(err, &again) || again.Post != list[0].ID:
				h.t.Errorf("second: %v", err)
			}
		}
		if fresh != 1 {
			h.t.Errorf("%d were first", fresh)
		}
		// What failed holds no key.
		other := h.Once(storage.PublishKey(1, "other"))
		if err := other.PublishNote(ctx, telar, &coop.Post{Source: ""}); !field(err, "text") {
			h.t.Errorf("nothing: %v", err)
		}
		h.must(other.PublishNote(ctx, telar, &coop.Post{Source: "Ahora sí"}))
		var again *storage.RepeatedError
		if _, err := other.Schedule(ctx, telar, &coop.Post{Source: "x"}, h.clock.Now().Add(time.Hour), nil); !errors.As(err, &again) {
			h.t.Errorf("scheduled with a used key: %v", err)
		}
		job := h.Once(storage.PublishKey(1, "job"))
		h.must(job.PublishJob(ctx, telar, h.job()))
		if err := job.PublishJob(ctx, telar, h.job()); !errors.As(err, &again) {
			h.t.Errorf("job twice: %v", err)
		}
	})
}

func TestRunScheduledEnds(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.RunScheduled(ctx) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
