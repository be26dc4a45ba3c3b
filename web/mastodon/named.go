// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/url"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

// What was typed into a search may name one thing: an address or a whole handle. What
// is here is found by it at once. What is not, its server is asked for, if who asks is
// signed in and wants that; a client opens remote profiles and posts in this way, and a
// server that does not answer in time must look like one where nothing is.

// resolveTime is how long other servers have to answer a search.
const resolveTime = 5 * time.Second

// isAddress tells whether a text is a web address, in which no word is looked for.
func isAddress(text string) bool {
	return strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
}

// named finds the account or post that a text names. Nothing that goes wrong on the
// way is the searcher's fault: it is nothing found.
func (f *Face) named(ctx context.Context, s searchInput) (out found) {
	if !isAddress(s.text) {
		if a := f.accountNamed(ctx, s); a != nil && !a.Gone() {
			out.accounts = []*coop.Account{a}
		}
		return out
	}
	account, post := f.addressed(ctx, s)
	if account != nil && !account.Gone() && s.wants("accounts") {
		out.accounts = []*coop.Account{account}
	}
	if post != nil && s.wants("statuses") {
		if seen, err := f.Store.Post(ctx, s.viewer, post.ID); err == nil {
			out.posts = []*coop.Post{seen}
		}
	}
	return out
}

// accountNamed finds the account of a whole handle, asking its server where that is
// wanted; nil for none.
func (f *Face) accountNamed(ctx context.Context, s searchInput) *coop.Account {
	handle, err := coop.ParseHandle(s.text)
	if err != nil || !s.wants("accounts") {
		return nil
	}
	if a, err := f.byHandle(ctx, handle.String()); err == nil {
		return a
	}
	if !s.resolve || s.viewer.Class != coop.ViewerAccount {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	a, err := f.Inbox.ByHandle(storage.Aside(ctx), handle)
	if err != nil {
		return nil
	}
	return a
}

// addressed finds the account or post at an address.
func (f *Face) addressed(ctx context.Context, s searchInput) (*coop.Account, *coop.Post) {
	address := coop.IRI(s.text)
	if u, err := url.Parse(s.text); err == nil && (strings.EqualFold(u.Host, f.Host) || strings.EqualFold(u.Host, f.AccountDomain)) {
		return f.ownAddress(ctx, s.viewer, u)
	}
	if account, err := f.Store.AccountByIRI(ctx, address); err == nil {
		return account, nil
	}
	if post, err := f.Store.PostByIRI(ctx, s.viewer, address); err == nil {
		return nil, post
	}
	if !s.resolve || s.viewer.Class != coop.ViewerAccount {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	account, post, err := f.Inbox.Open(storage.Aside(ctx), address)
	if err != nil {
		return nil, nil
	}
	return account, post
}

// ownAddress finds what one of our own addresses names, without a request: the id of an
// actor or post, a profile (/@name, /@name@host), or a page of a post, which ends in
// its number.
func (f *Face) ownAddress(ctx context.Context, v coop.Viewer, u *url.URL) (*coop.Account, *coop.Post) {
	id := coop.IRI(f.base() + strings.TrimSuffix(u.Path, "/"))
	if account, err := f.Store.AccountByIRI(ctx, id); err == nil {
		return account, nil
	}
	if post, err := f.Store.PostByIRI(ctx, v, id); err == nil {
		return nil, post
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if name, profile := strings.CutPrefix(parts[0], "@"); profile && len(parts) == 1 {
		if account, err := f.byHandle(ctx, name); err == nil {
			return account, nil
		}
	}
	if number, err := coop.ParseID(parts[len(parts)-1]); err == nil {
		if post, err := f.Store.Post(ctx, v, number); err == nil {
			return nil, post
		}
	}
	return nil, nil
}
