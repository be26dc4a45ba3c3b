// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// viewerCase is one kind of viewer with what stands between it and the author.
type viewerCase struct {
	name  string
	class coop.ViewerClass
	// What is so before the post is read.
	author, named, follows, asked, member, formerMember, blocks, blocked, domainBlocked bool
}

// viewerCases are all viewers of the matrix.
func viewerCases() []viewerCase {
	cases := []viewerCase{{name: "anonymous"}, {name: "system", class: coop.ViewerSystem}}
	for class, name := range map[coop.ViewerClass]string{
		coop.ViewerAccount: "local", coop.ViewerRemote: "remote", coop.ViewerRemoteHost: "host",
	} {
		c := func(what string, set func(*viewerCase)) {
			one := viewerCase{name: name + " " + what, class: class}
			set(&one)
			cases = append(cases, one)
		}
		c("stranger", func(*viewerCase) {})
		c("author", func(v *viewerCase) { v.author = true })
		c("named", func(v *viewerCase) { v.named = true })
		c("follower", func(v *viewerCase) { v.follows = true })
		c("pending follower", func(v *viewerCase) { v.asked = true })
		c("member", func(v *viewerCase) { v.member = true })
		c("former member", func(v *viewerCase) { v.formerMember = true })
		c("member and follower", func(v *viewerCase) { v.member, v.follows = true, true })
		c("author who is named", func(v *viewerCase) { v.author, v.named = true, true })
		if class != coop.ViewerRemoteHost {
			c("blocked", func(v *viewerCase) { v.blocked = true })
			c("blocking", func(v *viewerCase) { v.blocks = true })
			c("named and blocked", func(v *viewerCase) { v.named, v.blocked = true, true })
			c("member and blocked", func(v *viewerCase) { v.member, v.blocked = true, true })
		}
		if class != coop.ViewerAccount {
			c("of a blocked domain", func(v *viewerCase) { v.domainBlocked = true })
			c("named of a blocked domain", func(v *viewerCase) { v.named, v.domainBlocked = true, true })
		}
	}
	return cases
}

// states are what may become of a post and its author.
var states = []string{"plain", "draft", "frozen", "withdrawn", "author suspended", "author deleted", "author's domain blocked"}

// TestVisibilityAgreesWithTheRule compares the SQL with coop.MaySee in every cell.
func TestVisibilityAgreesWithTheRule(t *testing.T) {
	storagetest.WithoutRace(t)
	eachWorld(t, func(w *world) {
		cells := 0
		for _, author := range []string{"local", "remote"} {
			for _, state := range states {
				cells += w.matrix(author, state)
			}
		}
		w.Logf("%d cells", cells)
		if cells < 2000 {
			w.Errorf("only %d cells", cells)
		}
	})
}

// matrix compares all viewers and audiences for one author in one state. Each viewer
// is an account of its own, and of its own server where it is not of ours.
func (w *world) matrix(side, state string) (cells int) {
	w.Helper()
	cases := viewerCases()
	run := fmt.Sprintf("%s-%d", side, w.n)
	w.n++
	authorHost := ""
	if side == "remote" {
		authorHost = "author-" + run + ".example"
	}
	author := w.account("author-"+run, authorHost, coop.Coop)
	federation := w.account("federation-"+run, "", coop.Federation)
	viewers := make([]*coop.Account, len(cases))
	for i, c := range cases {
		viewers[i] = w.viewer(run, i, c, author, federation)
	}
	posts := w.audiences(author, federation, cases, viewers, state)
	w.reach(state, author, posts)
	for i, c := range cases {
		if c.author && c.class == coop.ViewerRemoteHost && side == "local" {
			continue // no other server is ours
		}
		for audience, p := range posts {
			w.cell(side, state, c, viewers[i], audience, p)
			cells++
		}
	}
	return cells
}

// viewer makes the account behind a viewer and what stands between it and the author.
func (w *world) viewer(run string, i int, c viewerCase, author, federation *coop.Account) *coop.Account {
	w.Helper()
	if c.class == coop.ViewerAnonymous || c.class == coop.ViewerSystem {
		return nil
	}
	if c.author {
		return author
	}
	host := ""
	if c.class != coop.ViewerAccount {
		host = fmt.Sprintf("v%d-%s.example", i, run)
	}
	a := w.account(fmt.Sprintf("v%d-%s", i, run), host, coop.Person)
	w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
		put := func(wanted bool, act func() error) {
			if wanted && err == nil {
				err = act()
			}
		}
		f := &coop.Follow{Follower: a, Target: author, State: coop.FollowAccepted}
		put(c.follows, func() error { return tx.PutFollow(ctx, f) })
		put(c.asked, func() error { f.State = coop.FollowAsked; return tx.PutFollow(ctx, f) })
		m := &coop.Membership{Member: a, Organization: federation, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}
		put(c.member, func() error { return tx.PutMembership(ctx, m) })
		put(c.formerMember, func() error { m.State = coop.MembershipLeft; return tx.PutMembership(ctx, m) })
		put(c.blocks, func() error { return tx.AddBlock(ctx, storage.Block{Blocker: a.ID, Target: author.ID}) })
		put(c.blocked, func() error { return tx.AddBlock(ctx, storage.Block{Blocker: author.ID, Target: a.ID}) })
		put(c.domainBlocked, func() error { return tx.PutPeer(ctx, &coop.Peer{Host: host, Policy: coop.PolicyBlock}) })
		return err
	})
	return a
}

// audiences makes one post for each audience, naming whom the cases name.
func (w *world) audiences(author, federation *coop.Account, cases []viewerCase, viewers []*coop.Account, state string) map[coop.Visibility]*coop.Post {
	w.Helper()
	var named []coop.IRI
	for i, c := range cases {
		if c.named {
			named = append(named, viewers[i].IRI)
		}
	}
	posts := make(map[coop.Visibility]*coop.Post)
	for _, audience := range []coop.Visibility{
		coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleFollowers, coop.VisibleDirect, coop.VisibleMembers, coop.VisibleLocal,
	} {
		posts[audience] = w.post(author, job("Baker", func(j *coop.Job) {
			if state == "draft" {
				j.Status = coop.JobDraft
			}
		}), func(p *coop.Post) {
			p.Visibility, p.To, p.Cc = audience, nil, named
			switch audience {
			case coop.VisiblePublic, coop.VisibleUnlisted:
				p.To = []coop.IRI{coop.Public}
			case coop.VisibleFollowers:
				p.To = []coop.IRI{author.Followers}
			case coop.VisibleMembers:
				p.To = []coop.IRI{federation.Members}
			}
		})
	}
	return posts
}

// reach brings author and posts into a state.
func (w *world) reach(state string, author *coop.Account, posts map[coop.Visibility]*coop.Post) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		switch state {
		case "author suspended":
			return tx.SuspendAccount(ctx, author.ID, w.clock.Now())
		case "author deleted":
			return tx.DeleteAccount(ctx, author.ID, w.clock.Now())
		case "author's domain blocked":
			return tx.PutPeer(ctx, &coop.Peer{Host: author.IRI.Host(), Policy: coop.PolicyBlock})
		}
		for _, p := range posts {
			var err error
			switch state {
			case "frozen":
				err = tx.FreezeJob(ctx, p.ID, true)
			case "withdrawn":
				err = tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// cell compares one cell of the matrix.
func (w *world) cell(side, state string, c viewerCase, a *coop.Account, audience coop.Visibility, p *coop.Post) {
	w.Helper()
	v := coop.Viewer{Class: c.class}
	if a != nil {
		v.Host = a.IRI.Host()
		if c.class != coop.ViewerRemoteHost {
			v.Account = a.ID
		}
	}
	relation := coop.Relation{
		Author: c.author, Named: c.named, Follows: c.follows, Member: c.member,
		Blocked:       c.blocks || c.blocked || c.domainBlocked || state == "author's domain blocked",
		AuthorGone:    state == "author suspended" || state == "author deleted",
		Withdrawn:     state == "withdrawn",
		DraftOrFrozen: state == "draft" || state == "frozen",
	}
	want := coop.MaySee(v, audience, relation)
	if c.class == coop.ViewerSystem && relation.Withdrawn {
		want = false // nothing of it is left
	}
	_, err := w.s.Post(w.Context(), v, p.ID)
	if (err == nil) != want {
		w.Errorf("%s author, %s, %s, %s: the rule says %t, the store %v", side, state, audience, c.name, want, err)
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
		w.Errorf("%s author, %s, %s, %s: %v", side, state, audience, c.name, err)
	}
}

// TestAServerSeesWhatOneOfItsAccountsMay: a whole server sees through no account
// that is blocked or suspended.
func TestAServerSeesWhatOneOfItsAccountsMay(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		ana, eva := w.account("ana", "far.example", coop.Person), w.account("eva", "far.example", coop.Person)
		w.follow(ana, author)
		direct := func(to coop.IRI) *coop.Post {
			return w.post(author, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{to} })
		}
		toEva, unknown := direct(eva.IRI), direct("https://far.example/nobody-known")
		followers := w.post(author, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleFollowers, []coop.IRI{author.Followers} })
		sees := func(when string, p *coop.Post, want bool) {
			w.Helper()
			_, err := w.s.Post(w.Context(), coop.SignedHost("far.example"), p.ID)
			if (err == nil) != want {
				w.Errorf("%s: %v", when, err)
			}
		}
		sees("named", toEva, true)
		sees("named and not known", unknown, true)
		sees("followed", followers, true)
		_, err := w.s.Post(w.Context(), coop.SignedHost("other.example"), unknown.ID)
		w.wants(err, coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.SuspendAccount(ctx, ana.ID, w.clock.Now()); err != nil {
				return err
			}
			return tx.AddBlock(ctx, storage.Block{Blocker: author.ID, Target: eva.ID})
		})
		sees("named and blocked", toEva, false)
		sees("followed by somebody suspended", followers, false)
	})
}

// TestTheEndOfWhatWasHidden: what not everybody could see was never here once it is
// withdrawn, for all but the program itself.
func TestTheEndOfWhatWasHidden(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		ana := w.account("ana", "", coop.Person)
		w.follow(ana, author)
		for name, tt := range map[string]struct {
			change func(*coop.Post)
			told   bool
		}{
			"a public post":    {func(*coop.Post) {}, true},
			"an unlisted post": {func(p *coop.Post) { p.Visibility = coop.VisibleUnlisted }, true},
			"for followers":    {func(p *coop.Post) { p.Visibility = coop.VisibleFollowers }, false},
			"direct":           {func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{ana.IRI} }, false},
			"for this server":  {func(p *coop.Post) { p.Visibility = coop.VisibleLocal }, false},
			"a draft":          {job("Baker", func(j *coop.Job) { j.Status = coop.JobDraft }), false},
		} {
			p := w.post(author, tt.change)
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.RemovePost(ctx, p.IRI, author.IRI, w.clock.Now())
			})
			for _, v := range []coop.Viewer{coop.Anonymous(), coop.As(ana.ID), coop.As(author.ID), coop.SignedHost("far.example")} {
				_, byID := w.s.Post(w.Context(), v, p.ID)
				_, byIRI := w.s.PostByIRI(w.Context(), v, p.IRI)
				_, document := w.s.VisibleDocument(w.Context(), v, p.IRI)
				for _, err := range []error{byID, byIRI, document} {
					if errors.Is(err, coop.ErrGone) != tt.told {
						t.Errorf("%s, withdrawn: %v", name, err)
					}
				}
			}
			_, err := w.s.PostByIRI(w.Context(), coop.System(), p.IRI)
			w.wants(err, coop.ErrGone)
		}
	})
}
