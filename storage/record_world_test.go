// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// world is a database with a few helpers to fill it.
type world struct {
	*testing.T
	s     *storage.Store
	clock *storagetest.Clock
	n     int
}

// eachWorld runs a test on a fresh database of either kind.
func eachWorld(t *testing.T, test func(w *world), change ...func(*storage.Options)) {
	t.Helper()
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		test(&world{T: t, s: s, clock: clock})
	}, change...)
}

// write runs one transaction that must succeed.
func (w *world) write(fn func(ctx context.Context, tx *storage.Tx) error) {
	w.Helper()
	if err := w.try(fn); err != nil {
		w.Fatalf("write: %v", err)
	}
}

// try runs one transaction.
func (w *world) try(fn func(ctx context.Context, tx *storage.Tx) error) error {
	ctx := w.Context()
	return w.s.Write(ctx, func(tx *storage.Tx) error { return fn(ctx, tx) })
}

// must ends the test on an error.
func must[T any](w *world, value T, err error) T {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return value
}

// wants checks for a kind of error.
func (w *world) wants(err, kind error) {
	w.Helper()
	if !errors.Is(err, kind) {
		w.Errorf("error %v, want %v", err, kind)
	}
}

// here is the host of this instance.
const here = "fed-sur.example"

// account makes an account; host "" is here.
func (w *world) account(name, host string, kind coop.AccountKind) *coop.Account {
	w.Helper()
	server := host
	if host == "" {
		server = here
	}
	base := coop.IRI("https://" + server + "/" + string(kind) + "/" + name)
	a := &coop.Account{
		IRI: base, Kind: kind, ActorType: "Organization", Name: name, Host: host, Local: host == "",
		Inbox: base + "/inbox", SharedInbox: coop.IRI("https://" + server + "/inbox"),
		Followers: base + "/followers", Members: base + "/members", Indexable: true,
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		if a.Local {
			return tx.AddAccount(ctx, a, &coop.KeyPair{RSA: []byte("rsa"), Ed25519: []byte("ed")})
		}
		return tx.SaveAccount(ctx, a)
	})
	return a
}

// newPost is a public note that is not stored yet.
func (w *world) newPost(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	w.n++
	p := &coop.Post{
		IRI: author.IRI + coop.IRI(fmt.Sprintf("/notes/%d", w.n)), AuthorID: author.ID, Kind: coop.KindNote, Type: "Note",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>Hello</p>", Published: w.clock.Now(),
	}
	for _, c := range change {
		c(p)
	}
	return p
}

// post stores a post.
func (w *world) post(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	w.Helper()
	p := w.newPost(author, change...)
	if !w.add(p, storage.Arrival{}) {
		w.Fatalf("%s was there", p.IRI)
	}
	return p
}

// add stores a post as it arrives.
func (w *world) add(p *coop.Post, by storage.Arrival) (added bool) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		added, err = tx.AddPost(ctx, p, by)
		return err
	})
	return added
}

// job makes a post an open job.
func job(title string, change ...func(*coop.Job)) func(*coop.Post) {
	return func(p *coop.Post) {
		p.Kind, p.Title = coop.KindJob, title
		p.Job = &coop.Job{
			Title: title, Description: "<p>We bake bread and share what we earn.</p>", Status: coop.JobOpen,
			DatePosted: p.Published.Format(time.DateOnly), ValidThrough: p.Published.AddDate(0, 0, 45),
			Engagement: "membership", MembershipTrack: "expected",
		}
		for _, c := range change {
			c(p.Job)
		}
	}
}

// follow makes an accepted follow.
func (w *world) follow(follower, target *coop.Account) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutFollow(ctx, &coop.Follow{
			IRI: follower.IRI + "/follows/" + coop.IRI(target.ID.String()), Follower: follower, Target: target, State: coop.FollowAccepted,
		})
	})
}

// member makes a verified membership.
func (w *world) member(member, organization *coop.Account) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutMembership(ctx, &coop.Membership{
			Member: member, Organization: organization, Role: coop.RoleFull, State: coop.MembershipMember,
			MemberSays: true, OrganizationSays: true,
		})
	})
}

// sound checks that nothing is broken in the database.
func (w *world) sound() {
	w.Helper()
	for _, finding := range must(w, w.found(), nil) {
		w.Error(finding)
	}
}

// found is what the check of the database finds.
func (w *world) found() []string {
	findings, err := w.s.Check(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	return findings
}

// titles are the titles of posts.
func titles(posts []*coop.Post) []string {
	list := make([]string, len(posts))
	for i, p := range posts {
		list[i] = p.Title
	}
	return list
}
