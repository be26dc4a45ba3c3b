// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"
	"net/netip"

	"minga/coop"
	"minga/federation/document"
)

// mostOpened is how many documents opening one address may make us fetch.
const mostOpened = 10

// Open finds what stands at an address that a person pasted, an actor or a post, and
// keeps it: by its id among those that we keep, else by asking its server, which may
// name another address as the id. One of both is nil. Whether somebody may see the post
// is the caller's question; an address of our own that is no id is
// [coop.ErrNotFound]. Errors as [Inbox.Actor].
func (in *Inbox) Open(ctx context.Context, address coop.IRI) (*coop.Account, *coop.Post, error) {
	if account, err := in.store.AccountByIRI(ctx, address); err == nil && account.DeletedAt.IsZero() {
		return account, nil, nil
	}
	if post, err := in.store.PostByIRI(ctx, coop.System(), address); err == nil {
		return nil, post, nil
	}
	if in.local(address) {
		return nil, nil, fmt.Errorf("open %s: %w", address, coop.ErrNotFound)
	}
	if err := in.allowed(ctx, address); err != nil {
		return nil, nil, err
	}
	ctx = withFetches(ctx, mostOpened)
	doc, err := in.fetchDocument(ctx, string(address), netip.Addr{})
	if err != nil {
		return nil, nil, fetchFault(err)
	}
	return in.opened(ctx, unwrap(doc))
}

// opened keeps a document that was fetched, as the actor or the post that it is.
func (in *Inbox) opened(ctx context.Context, doc *document.Object) (*coop.Account, *coop.Post, error) {
	id := coop.IRI(doc.ID())
	if err := in.allowed(ctx, id); err != nil {
		return nil, nil, err
	}
	if doc.Class() != document.Actor {
		post, err := in.keepPost(ctx, doc, coop.Path{How: "fetch"})
		return nil, post, err
	}
	read, err := in.readActor(doc)
	if err != nil {
		return nil, nil, err
	}
	in.met.put(string(read.account.IRI), read, in.now())
	account, err := in.Actor(ctx, read.account.IRI)
	return account, nil, err
}
