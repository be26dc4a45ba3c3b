// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"minga/coop"
)

// TestInteropDiscovery: each finds the other by handle and by address, and reads
// what it finds.
func TestInteropDiscovery(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ana := w.account(coop.Coop, "telar"), w.account(coop.Person, "ana")
	ben := w.peer.add("ben", fields{"type": "Organization", "displayName": "Ben & Co", "summary": "<p>Panadería</p>"})
	w.run("the peer finds every kind of actor", func(w *interopWorld) {
		for path, class := range map[string]string{
			"/actor": "Application", "/federation": "Organization", "/boards/jobs": "Group", "/boards/library": "Group",
			"/coops/telar": "Organization", "/people/ana": "Person",
		} {
			a := w.local(path)
			byHandle, byURI := w.peer.lookup(w.handle(a)), w.peer.lookup(string(a.IRI))
			if byHandle.Document["id"] != string(a.IRI) || byHandle.Type != class || byURI.Type != class {
				w.t.Errorf("%s: by handle %v, a %s, by address a %s; want a %s", path, byHandle.Document["id"], byHandle.Type, byURI.Type, class)
			}
			if byHandle.Lost != nil || byHandle.Error != "" {
				w.t.Errorf("%s: a strict reader loses something: %+v %s", path, byHandle.Lost, byHandle.Error)
			}
			if byHandle.Parsed["inbox"] != string(a.Inbox) || byHandle.Parsed["preferredUsername"] != a.Name {
				w.t.Errorf("%s reads as %v", path, byHandle.Parsed)
			}
			if missing := interopMissing(byHandle, byHandle.Document); len(missing) > 0 {
				w.t.Errorf("%s: terms without a meaning: %v", path, missing)
			}
		}
	})
	w.run("the peer finds actors by their pages", func(w *interopWorld) {
		for _, a := range []*coop.Account{telar, ana} {
			var jrd struct {
				Subject string
				Links   []struct{ Rel, Type, Href string }
			}
			w.peer.call("POST", "/webfinger", fields{"resource": a.URL}, &jrd)
			self := slices.ContainsFunc(jrd.Links, func(l struct{ Rel, Type, Href string }) bool {
				return l.Rel == "self" && l.Href == string(a.IRI) && strings.HasPrefix(l.Type, "application/")
			})
			if !self || jrd.Subject != "acct:"+strings.TrimPrefix(w.handle(a), "@") {
				w.t.Errorf("WebFinger of %s: %+v", a.URL, jrd)
			}
		}
	})
	w.run("minga finds the peer's", func(w *interopWorld) {
		handle, err := coop.ParseHandle(strings.TrimPrefix(ben.Handle, "@"))
		w.must(err)
		a, err := w.inbox.ByHandle(w.ctx, handle)
		w.must(err)
		if string(a.IRI) != ben.ID || a.DisplayName != "Ben & Co" || a.ActorType != "Organization" || !a.HasEd25519 || string(a.SharedInbox) != ben.SharedInbox {
			w.t.Errorf("ben reads as %+v", a)
		}
		if got := a.Handle("").String(); "@"+got != ben.Handle {
			w.t.Errorf("ben's handle is %s, not %s", got, ben.Handle)
		}
		keys, err := w.store.RemoteKeys(w.ctx, a.IRI)
		w.must(err)
		if len(keys) != 3 { // RSA as PEM and as a Multikey, and Ed25519
			w.t.Errorf("%d keys of ben are kept", len(keys))
		}
	})
	w.run("neither finds who is not there", func(w *interopWorld) {
		if _, err := w.inbox.ByHandle(w.ctx, coop.Handle{Name: "nobody", Host: strings.TrimPrefix(w.peer.origin, "http://")}); err == nil {
			w.t.Error("minga found nobody")
		}
		for _, url := range []string{"/coops/nobody", "/people/telar", "/.well-known/webfinger?resource=acct:nobody@" + w.config.AccountDomain} {
			if got := w.peer.fetch(ben, w.config.BaseURL()+url, "none"); got.Status != http.StatusNotFound {
				w.t.Errorf("%s answers %d", url, got.Status)
			}
		}
	})
}

// TestInteropFollows: asked, accepted, refused and ended, from both sides.
func TestInteropFollows(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar := w.account(coop.Coop, "telar")
	ben := w.peer.add("ben", nil)
	w.run("the peer follows every kind of actor", func(w *interopWorld) {
		for _, path := range []string{"/coops/telar", "/federation", "/boards/jobs", "/boards/library"} {
			w.followedBy(ben, w.local(path))
		}
	})
	w.run("a follow by handle, repeated, is answered again", func(w *interopWorld) {
		before := w.peer.mark()
		w.peer.follow(ben, w.handle(telar))
		w.settle()
		if got := interopSays(w.peer.inbox(before)); got != "Accept" {
			w.t.Errorf("answered by %q", got)
		}
		if n, err := w.store.CountFollowers(w.ctx, telar.ID, coop.FollowAccepted); err != nil || n != 1 {
			w.t.Errorf("%d followers %v", n, err)
		}
	})
	w.run("the instance actor follows nobody and nobody it", func(w *interopWorld) {
		w.peer.follow(ben, w.config.BaseURL()+"/actor")
		w.until("the refusal", func() bool {
			return w.peer.actor("ben").Following[w.config.BaseURL()+"/actor"] == "rejected"
		})
	})
	w.run("the peer ends it by Undo", func(w *interopWorld) {
		w.peer.do(ben, "unfollow", fields{"target": string(telar.IRI)})
		w.settle()
		if w.follow(w.remote(ben), telar) != nil {
			w.t.Error("the follow is still stored")
		}
	})
	w.run("a person decides here", func(w *interopWorld) { interopDecidedHere(w) })
	w.run("minga follows and is accepted at once", func(w *interopWorld) {
		w.subscribe(telar, ben)
		if got := w.peer.actor("ben").Followers; !slices.Contains(got, string(telar.IRI)) {
			w.t.Errorf("ben's followers are %v", got)
		}
	})
	w.run("minga ends it by Undo", func(w *interopWorld) {
		w.must(w.outbox.Unfollow(w.ctx, telar, w.remote(ben)))
		w.settle()
		if got := w.peer.actor("ben").Followers; slices.Contains(got, string(telar.IRI)) {
			w.t.Errorf("ben's followers are %v", got)
		}
	})
	w.run("a person decides there", func(w *interopWorld) { interopDecidedThere(w, telar) })
}

// interopDecidedHere lets a locked account refuse one follower and accept another.
func interopDecidedHere(w *interopWorld) {
	eva := w.account(coop.Person, "eva")
	eva.Locked = true
	w.must(w.outbox.UpdateActor(w.ctx, eva))
	for name, yes := range map[string]bool{"carla": true, "dora": false} {
		actor := w.peer.add(name, nil)
		w.peer.follow(actor, string(eva.IRI))
		w.settle()
		f := w.follow(w.remote(actor), eva)
		if f == nil || f.State != coop.FollowAsked || w.peer.actor(name).Following[string(eva.IRI)] != "asked" {
			w.t.Fatalf("the follow of %s does not wait: %+v", name, f)
		}
		w.must(w.outbox.DecideFollow(w.ctx, f, yes, ""))
		want := map[bool]string{true: "accepted", false: "rejected"}[yes]
		w.until(name+" hears the answer", func() bool { return w.peer.actor(name).Following[string(eva.IRI)] == want })
		if got := w.follow(w.remote(actor), eva); (got != nil) != yes {
			w.t.Errorf("after the answer to %s: %+v", name, got)
		}
	}
}

// interopDecidedThere follows actors that decide by hand or refuse everybody, and
// one that changes its mind; somebody else's Accept is no answer.
func interopDecidedThere(w *interopWorld, telar *coop.Account) {
	fara, gil, ben := w.peer.add("fara", fields{"policy": "manual"}), w.peer.add("gil", fields{"policy": "reject"}), w.peer.actor("ben")
	for _, actor := range []interopActor{fara, gil} {
		_, err := w.outbox.Follow(w.ctx, telar, w.remote(actor))
		w.must(err)
	}
	w.settle()
	asked := w.follow(telar, w.remote(fara))
	if asked == nil || asked.State != coop.FollowAsked || !slices.Contains(w.peer.actor("fara").Pending, string(telar.IRI)) {
		w.t.Fatalf("the follow of fara does not wait: %+v", asked)
	}
	w.until("gil refuses", func() bool { return w.follow(telar, w.remote(gil)) == nil })
	w.peer.publish(ben, fields{"jsonld": fields{"type": "Accept", "object": string(asked.IRI)}, "recipients": []string{string(telar.IRI)}})
	w.settle()
	if w.follows(telar, w.remote(fara)) {
		w.t.Error("ben accepted in fara's name")
	}
	w.peer.do(fara, "accept", fields{"follower": string(telar.IRI)})
	w.settle()
	if !w.follows(telar, w.remote(fara)) {
		w.t.Error("fara's Accept had no effect")
	}
	w.peer.publish(fara, fields{"jsonld": fields{"type": "Reject", "object": string(asked.IRI)}, "recipients": []string{string(telar.IRI)}})
	w.settle()
	if f := w.follow(telar, w.remote(fara)); f != nil {
		w.t.Errorf("after Reject: %+v", f)
	}
}
