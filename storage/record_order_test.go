// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
	"minga/storage"
)

// event is something that another server tells us.
type event struct {
	name string
	do   func(ctx context.Context, tx *storage.Tx) error
}

// scene is a small world of its own in a database: two co-ops on one server, a board
// elsewhere, a few posts of which events tell.
type scene struct {
	*world
	ns            string
	telar, sol    *coop.Account
	board, reader *coop.Account
	start         time.Time
}

// newScene makes the accounts; ns keeps its names apart from other scenes'.
func (w *world) newScene(ns string) *scene {
	return &scene{
		world: w, ns: ns, start: w.clock.Now().Add(-time.Hour),
		telar: w.account("telar", ns+".example", coop.Coop), sol: w.account("sol", ns+".example", coop.Coop),
		board: w.account("jobs", "board-"+ns+".example", coop.Board), reader: w.account("eva", "reader-"+ns+".example", coop.Person),
	}
}

// state is a post as it was at a minute: a job that changes, or a note that answers.
func (s *scene) state(name string, author *coop.Account, minute int, parent string) *coop.Post {
	p := &coop.Post{
		IRI: author.IRI + "/" + coop.IRI(name), AuthorID: author.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic,
		To: []coop.IRI{coop.Public}, Content: fmt.Sprintf("%s %d", name, minute), Title: name, Published: s.start,
	}
	if minute > 0 {
		p.Updated = s.start.Add(time.Duration(minute) * time.Minute)
	}
	if parent != "" {
		p.InReplyTo = author.IRI + "/" + coop.IRI(parent)
	} else {
		p.Kind = coop.KindJob
		p.Job = &coop.Job{
			Title: name, Status: coop.JobOpen, DatePosted: "2030-05-01", ValidThrough: s.start.AddDate(0, 0, 30),
			HiringOrganization: author.IRI, Identifier: coop.Identifier{Name: "x", Value: "same"},
		}
		if minute > 1 {
			p.Job.Status = coop.JobFilled
		}
	}
	return p
}

// create is a Create, or what a fetch gives when an Update came first.
func (s *scene) create(name string, author *coop.Account, minute int, parent string, via *coop.Account) event {
	return event{fmt.Sprintf("create %s %d", name, minute), func(ctx context.Context, tx *storage.Tx) error {
		path := coop.Path{}
		if via != nil {
			path = coop.Path{Via: via.ID, How: "announce"}
		}
		_, err := tx.AddPost(ctx, s.state(name, author, minute, parent), storage.Arrival{Path: path})
		return err
	}}
}

// change is an Update; of a post that is not here it waits.
func (s *scene) change(name string, author *coop.Account, minute int, parent string) event {
	return event{fmt.Sprintf("update %s %d", name, minute), func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.UpdatePost(ctx, s.state(name, author, minute, parent), storage.Arrival{})
		return err
	}}
}

// remove is a Delete by the author.
func (s *scene) remove(name string, author *coop.Account) event {
	return event{"delete " + name, func(ctx context.Context, tx *storage.Tx) error {
		return tx.RemovePost(ctx, author.IRI+"/"+coop.IRI(name), author.IRI, s.start.Add(time.Hour))
	}}
}

// react and undo are a Like or Announce, and its Undo.
func (s *scene) react(kind storage.ReactionKind, name string, author *coop.Account) event {
	return event{string(kind) + " " + name, func(ctx context.Context, tx *storage.Tx) error {
		p, err := tx.PostByIRI(ctx, coop.System(), author.IRI+"/"+coop.IRI(name))
		if err != nil {
			return err
		}
		_, err = tx.React(ctx, storage.Reaction{Kind: kind, Actor: s.reader.ID, Post: p.ID, IRI: s.reader.IRI + coop.IRI("/"+string(kind)+"/"+name)})
		return err
	}}
}

func (s *scene) undo(kind storage.ReactionKind, name string, author *coop.Account) event {
	return event{"undo " + string(kind) + " " + name, func(ctx context.Context, tx *storage.Tx) error {
		iri := s.reader.IRI + coop.IRI("/"+string(kind)+"/"+name)
		if x, err := tx.ReactionByIRI(ctx, iri); err == nil {
			if _, err := tx.Unreact(ctx, x.Kind, x.Actor, x.Post); err != nil {
				return err
			}
		}
		return tx.AddTombstone(ctx, storage.Tombstone{IRI: iri, Owner: s.reader.IRI, At: s.start})
	}}
}

// events are all that may be told in a scene.
func (s *scene) events() []event {
	return []event{
		s.create("root", s.telar, 0, "", nil), s.create("root", s.telar, 0, "", s.board),
		s.change("root", s.telar, 1, ""), s.change("root", s.telar, 2, ""),
		s.create("answer", s.telar, 0, "root", nil), s.create("deep", s.telar, 0, "answer", nil), s.change("deep", s.telar, 1, "answer"),
		s.create("copy", s.telar, 0, "", s.board), s.remove("copy", s.telar), s.remove("answer", s.telar), s.remove("root", s.telar),
		s.create("other", s.sol, 0, "", nil), s.change("other", s.sol, 1, ""),
		s.react(storage.Like, "root", s.telar), s.undo(storage.Like, "root", s.telar), s.react(storage.Boost, "other", s.sol),
		s.undo(storage.Boost, "other", s.sol), s.react(storage.Like, "other", s.sol),
	}
}

// tell applies events; those that miss something wait and come again, as the worker
// does it. One transaction spares the disk: none of these errors is the database's.
func (s *scene) tell(events []event) {
	s.Helper()
	s.write(func(ctx context.Context, tx *storage.Tx) error {
		waiting := slices.Clone(events)
		for round := 0; len(waiting) > 0 && round < 4; round++ {
			var missing []event
			for _, e := range waiting {
				err := e.do(ctx, tx)
				if errors.Is(err, coop.ErrNotFound) {
					missing = append(missing, e)
				} else if err != nil && !errors.Is(err, coop.ErrGone) {
					return fmt.Errorf("%s: %w", e.name, err)
				}
			}
			waiting = missing
		}
		return nil
	})
}

// picture is what may be seen of a scene, without what belongs to one scene alone.
func (s *scene) picture() map[string]string {
	s.Helper()
	seen := make(map[string]string)
	for name, author := range map[string]*coop.Account{"root": s.telar, "answer": s.telar, "deep": s.telar, "copy": s.telar, "other": s.sol} {
		p, err := s.s.PostByIRI(s.Context(), coop.Anonymous(), author.IRI+"/"+coop.IRI(name))
		switch {
		case errors.Is(err, coop.ErrGone):
			seen[name] = "gone"
		case errors.Is(err, coop.ErrNotFound):
			seen[name] = "unknown"
		case err != nil:
			s.Fatal(err)
		default:
			seen[name] = s.describe(p)
		}
	}
	list, err := s.s.SearchJobs(s.Context(), coop.Anonymous(), coop.JobQuery{Coop: []string{"telar@" + s.ns + ".example"}}, storage.JobPage{})
	seen["jobs of telar"] = strings.Join(titles(must(s.world, list, err).Posts), ", ")
	return seen
}

// describe is a post in one line.
func (s *scene) describe(p *coop.Post) string {
	parent := "no parent"
	if p.InReplyToID != 0 {
		q, err := s.s.Post(s.Context(), coop.System(), p.InReplyToID)
		parent = "under " + must(s.world, q, err).Title
	}
	var paths []string
	for _, path := range p.ReachedThrough {
		paths = append(paths, path.How+" "+path.Account.Name)
	}
	slices.Sort(paths)
	status := ""
	if p.Job != nil {
		status = string(p.Job.Status)
	}
	return fmt.Sprintf("%q %s %s %v %d likes %d boosts %d replies", p.Content, status, parent, paths, p.Likes, p.Boosts, p.Replies)
}

// TestAnyOrderEndsAlike: whatever comes, in any order and more than once, what is
// kept in the end is the same.
func TestAnyOrderEndsAlike(t *testing.T) {
	eachWorld(t, func(w *world) {
		n := 0
		rapid.Check(w.T, func(rt *rapid.T) {
			n++
			straight, mixed := w.newScene(fmt.Sprintf("a%d", n)), w.newScene(fmt.Sprintf("b%d", n))
			numbers := rapid.SliceOfNDistinct(rapid.IntRange(0, len(straight.events())-1), 1, -1, rapid.ID[int]).Draw(rt, "events")
			doubled := append(slices.Clone(numbers), rapid.SliceOfN(rapid.SampledFrom(numbers), 0, 6).Draw(rt, "again")...)
			order := rapid.Permutation(doubled).Draw(rt, "order")
			slices.Sort(numbers)
			straight.tell(chosen(straight.events(), numbers))
			mixed.tell(chosen(mixed.events(), order))
			if diff := cmp.Diff(straight.picture(), mixed.picture()); diff != "" {
				var names []string
				for _, e := range chosen(mixed.events(), order) {
					names = append(names, e.name)
				}
				rt.Fatalf("%s\nend differently (-in order +as told):\n%s", strings.Join(names, "\n"), diff)
			}
		})
		w.sound()
	})
}

// chosen are the events of the numbers.
func chosen(events []event, numbers []int) []event {
	list := make([]event, len(numbers))
	for i, n := range numbers {
		list[i] = events[n]
	}
	return list
}
