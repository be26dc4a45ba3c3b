// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"minga/coop"
	"minga/federation/document"
)

// politePause lies between two requests of ours to one host when nobody waits.
const politePause = 250 * time.Millisecond

// politeKey is the context key of work that nobody waits for.
type politeKey struct{}

// withPause makes everything done under the context ask each host one thing at a
// time, 250 ms apart.
func withPause(ctx context.Context) context.Context {
	return context.WithValue(ctx, politeKey{}, true)
}

// pace is when a host may be asked next.
type pace struct {
	mu   sync.Mutex
	next time.Time
}

// polite waits until the host may be asked again, where the context wants that.
func (in *Inbox) polite(ctx context.Context, host string) error {
	if ctx.Value(politeKey{}) == nil {
		return nil
	}
	p := in.visited.getOrPut(host, in.now(), func() *pace { return &pace{} })
	p.mu.Lock()
	now := in.now()
	wait := p.next.Sub(now)
	p.next = maxTime(p.next, now).Add(politePause)
	p.mu.Unlock()
	if wait <= 0 {
		return ctx.Err()
	}
	return in.o.Sleep(ctx, wait)
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// ask fetches a document for a task; a Create that stands at its post's place
// counts as the post.
func (in *Inbox) ask(ctx context.Context, iri coop.IRI) (*document.Object, error) {
	if err := in.allowed(ctx, iri); err != nil {
		return nil, err
	}
	doc, err := in.fetchDocument(ctx, string(iri), noRemote())
	if err != nil {
		return nil, err
	}
	return unwrap(doc), nil
}

// unwrap gives the post inside a Create of its own origin, else what there is.
func unwrap(doc *document.Object) *document.Object {
	if doc.Class() != document.Activity || doc.Type() != "Create" {
		return doc
	}
	if inner := doc.Ref("object").Object(); sameOrigin(coop.IRI(inner.ID()), coop.IRI(doc.ID())) {
		return inner
	}
	return doc
}

// page is a part of a collection and where it goes on.
type page struct {
	items []document.Ref
	next  coop.IRI
	total int64 // negative: not said
}

// readPage fetches a collection or one page of it. Pages are of the collection's
// own origin, or they are not read.
func (in *Inbox) readPage(ctx context.Context, iri coop.IRI) (page, error) {
	doc, err := in.ask(ctx, iri)
	if err != nil {
		return page{}, err
	}
	return pageOf(doc, iri)
}

// pageOf reads the document that stands at the address of a collection or page.
func pageOf(doc *document.Object, iri coop.IRI) (page, error) {
	switch doc.Class() {
	case document.Collection, document.Page:
	default:
		return page{}, fmt.Errorf("%s is no collection: %w", iri, coop.ErrNotFound)
	}
	view := doc.Collection()
	p := page{total: -1}
	if n, ok := view.TotalItems(); ok {
		p.total = n
	}
	for r := range view.Items() {
		p.items = append(p.items, r)
	}
	next := view.Next()
	if doc.Class() == document.Collection && len(p.items) == 0 {
		next = view.First()
		if first := next.Object(); first != nil && (first.Has("items") || first.Has("orderedItems")) {
			for r := range first.Collection().Items() {
				p.items = append(p.items, r)
			}
			next = first.Collection().Next()
		}
	}
	if sameOrigin(coop.IRI(next.ID), iri) && coop.IRI(next.ID) != iri {
		p.next = coop.IRI(next.ID)
	}
	return p, nil
}

// walk reads a collection item by item until visit says no, over at most pages
// pages; a page that comes twice ends it.
func (in *Inbox) walk(ctx context.Context, iri coop.IRI, pages int, visit func(document.Ref) bool) error {
	seen := map[coop.IRI]bool{}
	for range pages {
		if iri == "" || seen[iri] {
			return nil
		}
		seen[iri] = true
		p, err := in.readPage(ctx, iri)
		if err != nil {
			return fetchFault(err)
		}
		for _, r := range p.items {
			if !visit(r) {
				return nil
			}
		}
		iri = p.next
	}
	return nil
}
