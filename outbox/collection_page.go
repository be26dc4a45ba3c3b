// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// pageSize is how many items a page has.
const pageSize = 20

// pageRoom is how many bytes of embedded objects a page has; beyond it items are
// ids. Others read 1 MiB at most, and one article may have most of that.
const pageRoom = 700 << 10

// page is one page of a collection.
type page struct {
	items []any
	next  string // cursor of the next one; empty: the last
	prev  string // cursor of the one before; empty: the first
	room  int    // bytes that were embedded
}

// after reads a cursor of ours: the id below which a page begins.
func after(cursor string) coop.Page {
	p := coop.Page{Limit: pageSize}
	if id, err := coop.ParseID(cursor); err == nil {
		p.Max = id
	}
	return p
}

// next is the cursor after n items, the last of which has that id.
func next(n int, last coop.ID) string {
	if n < pageSize {
		return ""
	}
	return last.String()
}

// before is the cursor of the page that ends where the page of this cursor begins;
// empty for the first page. ids lists what stands on a page, newest first.
func before(cursor string, ids func(coop.Page) ([]coop.ID, error)) (string, error) {
	start := after(cursor).Max
	if start == 0 {
		return "", nil
	}
	above, err := ids(coop.Page{Min: start - 1, Limit: pageSize + 1})
	if err != nil || len(above) <= pageSize {
		return firstPage, err
	}
	return above[0].String(), nil
}

// firstPage is the cursor of the page with the newest items.
const firstPage = "first"

// pageAddress is where the page of a cursor is.
func pageAddress(head, cursor string) string {
	if cursor == "" {
		return ""
	}
	return head + "?page=" + url.QueryEscape(cursor)
}

// embed puts a document of ours on the page as its stored bytes, or its id where
// there are none that the viewer may see or no room.
func (o *Outbox) embed(ctx context.Context, v coop.Viewer, p *page, iri coop.IRI) {
	if doc, err := o.store.VisibleDocument(ctx, v, iri); err == nil {
		p.put(doc.Body, iri)
		return
	}
	p.items = append(p.items, string(iri))
}

// put adds a document, or its id where there is no room for it.
func (p *page) put(body []byte, iri coop.IRI) {
	if p.room+len(body) > pageRoom {
		p.items = append(p.items, string(iri))
		return
	}
	p.room += len(body)
	p.items = append(p.items, json.RawMessage(body))
}

// deed is an activity that an outbox shows: the Create of a post, or an Announce.
type deed struct {
	id   coop.ID
	iri  coop.IRI
	post *coop.Post // nil: an Announce
}

// show puts an activity on the page. The Create of a post that was changed shows
// the post as it is now: who reads an outbox must not find a filled job open.
func (o *Outbox) show(ctx context.Context, v coop.Viewer, p *page, d deed) {
	if d.post == nil || d.post.Updated.IsZero() {
		o.embed(ctx, v, p, d.iri)
		return
	}
	body, err := o.createOfNow(ctx, v, d)
	if err != nil {
		p.items = append(p.items, string(d.iri))
		return
	}
	p.put(body, d.iri)
}

// createOfNow is a stored Create around the post as it is stored now. It has no
// proof, which was given for other bytes; the post inside has its own.
func (o *Outbox) createOfNow(ctx context.Context, v coop.Viewer, d deed) ([]byte, error) {
	create, err := o.store.VisibleDocument(ctx, v, d.iri)
	if err != nil {
		return nil, err
	}
	now, err := o.store.VisibleDocument(ctx, v, d.post.IRI)
	if err != nil {
		return nil, err
	}
	var was map[string]json.RawMessage
	if err := json.Unmarshal(create.Body, &was); err != nil {
		return nil, fmt.Errorf("read %s: %w", d.iri, err)
	}
	m := vocabulary.Members{{Name: "id", Value: string(d.iri)}, {Name: "type", Value: "Create"}}
	for _, name := range []string{"actor", "to", "cc", "audience", "published"} {
		if value, ok := was[name]; ok {
			m = append(m, vocabulary.Member{Name: name, Value: value})
		}
	}
	m = append(m, vocabulary.Member{Name: "object", Value: json.RawMessage(now.Body)})
	return vocabulary.Encode(m, vocabulary.Post|vocabulary.Bare)
}

// outboxPage lists what somebody did, newest first: Creates of posts and Announces,
// whole (ActivityPub §5.1).
func (o *Outbox) outboxPage(ctx context.Context, v coop.Viewer, owner *coop.Account, cursor string) (page, int, error) {
	posts, err := o.store.CountPosts(ctx, v, storage.PostQuery{Authors: []coop.ID{owner.ID}})
	if err != nil {
		return page{}, 0, err
	}
	boosts, err := o.store.CountReactions(ctx, v, storage.ReactionQuery{Actor: owner.ID, Kind: storage.Boost})
	if err != nil || cursor == "" {
		return page{}, posts + boosts, err
	}
	deeds, err := o.deeds(ctx, v, owner, after(cursor))
	if err != nil || len(deeds) == 0 {
		return page{}, posts + boosts, err
	}
	p := page{next: next(len(deeds), deeds[len(deeds)-1].id)}
	for _, d := range deeds {
		o.show(ctx, v, &p, d)
	}
	p.prev, err = before(cursor, func(above coop.Page) ([]coop.ID, error) {
		return idsOf(func(d deed) coop.ID { return d.id })(o.deeds(ctx, v, owner, above))
	})
	return p, posts + boosts, err
}

// deeds merges posts and boosts of an account, newest first.
func (o *Outbox) deeds(ctx context.Context, v coop.Viewer, owner *coop.Account, page coop.Page) ([]deed, error) {
	posts, err := o.store.Posts(ctx, v, storage.PostQuery{Authors: []coop.ID{owner.ID}}, page)
	if err != nil {
		return nil, err
	}
	boosts, err := o.store.Reactions(ctx, v, storage.ReactionQuery{Actor: owner.ID, Kind: storage.Boost}, page)
	if err != nil {
		return nil, err
	}
	list := make([]deed, 0, len(posts)+len(boosts))
	for _, p := range posts {
		list = append(list, deed{p.ID, below(p.IRI, "create"), p})
	}
	for _, b := range boosts {
		list = append(list, deed{b.ID, b.IRI, nil})
	}
	slices.SortFunc(list, func(a, b deed) int { return cmp.Compare(b.id, a.id) })
	if len(list) <= page.Limit {
		return list, nil
	}
	if page.Min != 0 {
		return list[len(list)-page.Limit:], nil
	}
	return list[:page.Limit], nil
}
