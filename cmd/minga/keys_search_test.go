// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// saveSearch saves a search whose owner is told in every way.
func (h *house) saveSearch(owner *coop.Account) *coop.SavedSearch {
	h.f.t.Helper()
	s := &coop.SavedSearch{AccountID: owner.ID, Language: "en", Query: "skill=python", Hook: "http://127.0.0.1:9/hook", Mail: coop.MailWeekly}
	h.f.must(h.outbox.SaveSearch(h.f.ctx, s))
	return s
}

// searchSecret is a secret of a search.
func (h *house) searchSecret(s *coop.SavedSearch, kind string) string {
	h.f.t.Helper()
	secret, err := h.store.Secret(h.f.ctx, storage.SavedSecret(s.ID, kind))
	h.f.must(err)
	return string(secret)
}

// searchLinks are the secrets of a search.
type searchLinks struct{ alert, feed, hook string }

// newLinks gives a search another feed, and the secrets that it has now.
func (h *house) newLinks(s *coop.SavedSearch) searchLinks {
	h.f.t.Helper()
	feed, err := h.outbox.NewSearchFeed(h.f.ctx, s)
	h.f.must(err)
	return searchLinks{h.searchSecret(s, storage.SecretAlert), feed, h.searchSecret(s, storage.SecretHook)}
}

// linksEnded looks that the secrets of a search are of no use any more, that mails and the
// webhook have others, and that the feed waits for its owner.
func (h *house) linksEnded(s *coop.SavedSearch, old searchLinks) {
	t, ctx := h.f.t, h.f.ctx
	t.Helper()
	if _, err := h.store.SavedByAlert(ctx, outbox.LinkHash(old.alert)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the link of an old mail opens the search: %v", err)
	}
	if _, err := h.store.SavedByAlert(ctx, outbox.LinkHash(h.searchSecret(s, storage.SecretAlert))); err != nil {
		t.Errorf("the link of the next mail: %v", err)
	}
	if _, err := h.store.SavedByFeed(ctx, outbox.LinkHash(old.feed)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the old address of the feed opens it: %v", err)
	}
	if _, err := h.store.Secret(ctx, storage.SavedSecret(s.ID, storage.SecretFeed)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("the secret of the feed is kept: %v", err)
	}
	if h.searchSecret(s, storage.SecretHook) == old.hook {
		t.Error("the webhook is signed with the old secret")
	}
}
