// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"slices"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// next goes on with the next collection.
func (p *comparing) next() {
	p.Left, p.Next, p.Skip, p.Pages = p.Left[1:], "", 0, 0
}

// mark remembers the ETag of a first page.
func (p *comparing) mark(at coop.IRI, tag string) {
	if p.Marks == nil {
		p.Marks = storage.PageTags{}
	}
	p.Marks[at] = tag
}

// comparePage reads the next page of the current collection.
func (in *Inbox) comparePage(ctx context.Context, account *coop.Account, p *comparing) error {
	at := p.Next
	if at == "" {
		at = p.Left[0].Collection
	}
	tag, err := in.tagOf(ctx, p, at)
	if err != nil {
		return err
	}
	found, read, err := in.askPage(ctx, at, tag)
	switch {
	case err != nil && (temporary(err) || errors.Is(err, errBudget)):
		return err
	case err != nil: // this collection cannot be had; the others may
		p.Unclean = true
		p.Sum.Missed++
		p.next()
		return nil
	case found.NotModified:
		p.mark(at, tag)
		p.next()
		return nil
	}
	if len(read.items) > 0 && p.Left[0].Seen == 0 && found.ETag != "" {
		p.mark(at, found.ETag)
	}
	return in.comparePageItems(ctx, account, p, read)
}

// tagOf is the ETag with which a first page is asked for; empty for none.
func (in *Inbox) tagOf(ctx context.Context, p *comparing, at coop.IRI) (string, error) {
	if p.Full || p.Left[0].Seen > 0 {
		return "", nil
	}
	_, marks, err := in.store.Comparison(ctx, p.Account)
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil
	}
	return marks[at], err
}

// askPage fetches a collection or page, unless its ETag is still the one given.
func (in *Inbox) askPage(ctx context.Context, iri coop.IRI, tag string) (found federation.Fetched, read page, err error) {
	if err := in.allowed(ctx, iri); err != nil {
		return found, read, err
	}
	address, host, err := split(string(iri))
	if err != nil {
		return found, read, err
	}
	if err := errors.Join(in.mayFetch(ctx, address, host, noRemote()), in.polite(ctx, host)); err != nil {
		return found, read, err
	}
	limited, cancel := context.WithTimeout(ctx, fetchDeadline)
	defer cancel()
	found, err = in.o.Client.Fetch(limited, federation.Ask{IRI: address, ETag: tag})
	if err != nil {
		in.noteFailure(address, host, noRemote(), err)
		return found, read, err
	}
	if found.NotModified {
		return found, read, nil
	}
	doc, err := readFetched(found)
	if err == nil {
		read, err = pageOf(doc, iri)
	}
	return found, read, err
}

// comparePageItems holds the entries of a page against what is kept, and goes to the next
// page when it is through.
func (in *Inbox) comparePageItems(ctx context.Context, account *coop.Account, p *comparing, read page) error {
	current, began := &p.Left[0], in.now()
	entries := make([]entry, 0, len(read.items))
	ids := make([]coop.IRI, 0, len(read.items))
	for _, r := range read.items {
		e := entryOf(r, current.Collection)
		entries, ids = append(entries, e), append(ids, e.id)
	}
	known, err := in.store.KnownPosts(ctx, ids)
	if err != nil {
		return err
	}
	healed := p.Sum.Healed()
	var seen []coop.ID
	for _, e := range entries[min(p.Skip, len(entries)):] {
		if current.Seen >= current.Most || in.now().Sub(began) > compareTurn {
			break
		}
		id, err := in.compareEntry(ctx, p, current, e, known[e.id])
		if err != nil {
			return errors.Join(err, in.markSeen(ctx, account, seen))
		}
		if id != 0 {
			seen = append(seen, id)
		}
		p.Skip, current.Seen, p.Sum.Looked = p.Skip+1, current.Seen+1, p.Sum.Looked+1
	}
	if err := in.markSeen(ctx, account, seen); err != nil {
		return err
	}
	in.turnPage(p, read, healed)
	return nil
}

// turnPage goes on behind a page that was read: to the next, to the next collection, or
// nowhere where some of it is left.
func (in *Inbox) turnPage(p *comparing, read page, healed int) {
	current := p.Left[0]
	whole := p.Skip >= len(read.items)
	if !whole && current.Seen < current.Most {
		return // its turn was over
	}
	p.Skip, p.Next, p.Pages = 0, read.next, p.Pages+1
	quiet := current.Ends && len(read.items) > 0 && p.Sum.Healed() == healed
	if read.next != "" && p.Pages < maxPages && current.Seen < current.Most && !quiet {
		return
	}
	for _, kind := range current.Kinds {
		if !slices.Contains(p.Kinds, kind) {
			p.Kinds = append(p.Kinds, kind)
		}
	}
	p.next()
}

// markSeen notes what a page listed, and that it reached us so.
func (in *Inbox) markSeen(ctx context.Context, account *coop.Account, seen []coop.ID) error {
	if len(seen) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // what was done is noted
	without, err := in.store.WithoutPath(ctx, account.ID, seen)
	if err != nil {
		return err
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error {
		for _, id := range without {
			if err := tx.AddPath(ctx, id, coop.Path{Via: account.ID, How: "backfill", At: in.now()}); err != nil {
				return err
			}
		}
		return tx.MarkCompared(ctx, account.ID, seen, in.now())
	})
}
