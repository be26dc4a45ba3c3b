// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestSearchOverEverything finds of each kind what the lists of that kind find, and nothing
// that is not for everybody; no question is an error.
func TestSearchOverEverything(t *testing.T) {
	w, all := full(t)
	b := w.browser()
	berta := b.stranger("berta", coop.RankMember)
	w.writes(berta, "a secret about retiros", coop.VisibleDirect)
	w.writes(w.coop, "una nota sobre retiros #retirosjustos", coop.VisiblePublic)
	guest := w.browser()
	guest.says("/search?q=backend", true, `id="jobs"`, all["job"])
	guest.says("/search?q=backend", false, `id="library"`, `id="coops"`)
	guest.says("/search?q=retiros", true, `id="library"`, all["article"])
	guest.says("/search?q=retiros", false, "a secret")
	guest.says("/search?q=telar", true, `id="coops"`, "@telar@"+host)
	guest.says("/search?q=retiros&kind=tags", true, "/tags/retirosjustos")
	guest.says("/search?q=retiros&kind=library&lang=es&license="+url.QueryEscape(coop.DefaultLicence), true, all["article"])
	guest.says("/search?q=retiros&lang=it", true, "Nothing was found")
	guest.says("/search?q=backend&topic=x", false, `id="jobs"`) // jobs have no topic
	guest.says("/search?q=@telar@"+host, true, "By this name", "for those who sign in")
	b.says("/search?q=@telar@"+host, true, "/intents/object?object=%40telar%40"+host)
	guest.says("/search?q="+url.QueryEscape("https://"+host+all["job"]), true, `id="named"`)
	for _, path := range []string{"/search", "/search?q=%00&kind=mars&skip=x&before=-1", "/search?q=-x&lang=%22", "/search?q=" + strings.Repeat("%22a,", 300), "/search?q=a&skip=99999999&kind=people", "/search?q=%25&kind=tags"} {
		checkPage(t, guest.do(path, nil), path, "en")
	}
	for _, format := range formats {
		if answer := guest.do("/search."+format+"?q=retiros", nil); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), all["article"]) || strings.Contains(answer.Body.String(), "secret") {
			t.Errorf("%s: %d %s", format, answer.Code, answer.Body)
		}
	}
}

// TestAHashtagIsFollowed by a member, and narrowed by kind by anybody.
func TestAHashtagIsFollowed(t *testing.T) {
	w, all := full(t)
	b, guest := w.browser(), w.browser()
	berta := b.stranger("berta", coop.RankMember)
	guest.says("/tags/python?kind=jobs", true, all["job"])
	guest.says("/tags/python?kind=jobs", false, "¿Es remoto?", `value="follow"`)
	guest.says("/tags/python?kind=posts", true, "¿Es remoto?")
	page := b.says("/tags/python", true, "Follow it")
	form := hidden(t, page, "act=follow")
	form.Set("act", "follow")
	if got := b.do("/tags/python", form); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/tags/python" {
		t.Errorf("follow: %d", got.Code)
	}
	if n, err := w.Store.CountFollowedTags(t.Context(), berta.ID); err != nil || n != 1 {
		t.Errorf("%d hashtags are followed, %v", n, err)
	}
	b.says("/tags/python", true, "You follow it", "Follow it no more")
	form.Set("act", "unfollow")
	b.do("/tags/python", form)
	b.says("/tags/python", false, "You follow it")
	if got := b.do("/tags/"+url.PathEscape("#!!"), form); got.Code >= http.StatusInternalServerError {
		t.Errorf("what is no hashtag: %d", got.Code)
	}
}

// TestNetwork says with whom the federation is linked, and nothing of servers that are
// shut out.
func TestNetwork(t *testing.T) {
	w, _ := full(t)
	b := w.browser()
	b.says(networkPath, true, "We are linked with no other federation yet.")
	fed, err := w.Store.FederationAccount(t.Context())
	w.must(err)
	far := &coop.Account{
		IRI: "https://far.example/federation", Kind: coop.Federation, ActorType: "Organization", Name: "nord", Host: "far.example", DisplayName: "Nord", Bio: "<p>Sammen</p>",
		URL: "https://far.example/@nord", Inbox: "https://far.example/federation/inbox", FetchedAt: w.clock.Now(), Discoverable: true,
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.SaveAccount(ctx, far); err != nil {
			return err
		}
		if err := tx.TouchPeer(ctx, "far.example", storage.PeerReceived, w.clock.Now(), storage.Exchanged{}); err != nil {
			return err
		}
		follow := &coop.Follow{IRI: "https://far.example/follows/1", Follower: far, Target: fed, State: coop.FollowAccepted}
		return tx.PutFollow(ctx, follow)
	})
	checkPage(t, b.do(networkPath, nil), "network", "en")
	b.says(networkPath, true, "Nord", "it follows us", "/network/far.example")
	checkPage(t, b.do(networkPath+"/FAR.example", nil), "a server", "en")
	b.says(networkPath+"/far.example", true, "Jobs of Nord", "/jobs?federation=nord%40far.example", "it follows us")
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutPeer(ctx, &coop.Peer{Host: "far.example", Policy: coop.PolicyBlock, Reason: "spam"})
	})
	b.says(networkPath, false, "far.example")
	for _, host := range []string{"far.example", "nobody.example", "%00", "..", strings.Repeat("a", 300)} {
		if code := b.do(networkPath+"/"+host, nil).Code; code != http.StatusNotFound {
			t.Errorf("%s: %d", host, code)
		}
	}
}
