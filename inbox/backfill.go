// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"log/slog"

	"minga/coop"
	"minga/federation/document"
	"minga/storage"
)

// Bounds of one backfill.
const (
	maxBackfill = 2_000 // items in all
	maxOutbox   = 100   // the newest of an outbox
)

// progress is the payload of a backfill: where it stands, so that it goes on
// there after a restart.
type progress struct {
	Account coop.ID  `json:"account"`
	Left    []part   `json:"left"`           // what is still to be read, the current part first
	Done    int      `json:"done"`           // items looked at
	Kept    int      `json:"kept"`           // of them kept
	Skip    int      `json:"skip,omitempty"` // items of the current page that are done
	Next    coop.IRI `json:"next,omitempty"` // page of the current part; empty: its start
	Pages   int      `json:"pages,omitempty"`
}

// part is one collection of a backfill.
type part struct {
	Collection coop.IRI `json:"collection"`
	Most       int      `json:"most"`
	Seen       int      `json:"seen,omitempty"`
	Open       bool     `json:"open,omitempty"` // jobs and requests: open ones only
}

// Backfill queues the fetching of what an account published before: jobs, knowledge
// and requests, else what is pinned and the outbox. What comes
// is quiet and keeps its dates.
func (in *Inbox) Backfill(ctx context.Context, account *coop.Account) error {
	return in.store.Write(ctx, func(tx *storage.Tx) error { return in.queueBackfill(ctx, tx, account) })
}

func (in *Inbox) queueBackfill(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	parts := backfillParts(a, in.o.BackfillArticles)
	if a.Local || len(parts) == 0 {
		return nil
	}
	if err := tx.NoteBackfill(ctx, coop.Backfill{Account: a.ID}); err != nil {
		return err
	}
	return in.addTask(ctx, tx, taskBackfill, a.ID.String(), in.now(), progress{Account: a.ID, Left: parts})
}

// backfillParts are the collections that an account has of those worth reading.
func backfillParts(a *coop.Account, articles int) []part {
	var parts []part
	add := func(collection coop.IRI, most int, open bool) {
		if collection != "" {
			parts = append(parts, part{Collection: collection, Most: most, Open: open})
		}
	}
	add(a.Jobs, maxBackfill, true)
	add(a.Knowledge, articles, false)
	add(a.Requests, maxBackfill, true)
	if len(parts) == 0 {
		add(a.Featured, maxOutbox, false)
		add(a.Outbox, maxOutbox, false)
	}
	add(a.FeaturedTags, coop.MaxFeaturedTags, false)
	return parts
}

// runBackfill reads one page and keeps its place: a restart goes on there, and
// between pages other work has its turn.
func (in *Inbox) runBackfill(ctx context.Context, t storage.Task) (*again, error) {
	p, err := decode[progress](t)
	if err != nil {
		return nil, err
	}
	account, err := in.store.Account(ctx, p.Account)
	if err != nil {
		return nil, err
	}
	if len(p.Left) == 0 || p.Done >= maxBackfill || account.Gone() {
		if err := in.noteBackfill(ctx, p, true); err != nil {
			return nil, err
		}
		in.log.InfoContext(ctx, "backfilled", slog.String("host", account.Host), slog.Int("items", p.Done), slog.Int("kept", p.Kept))
		return nil, nil
	}
	if err := in.backfillPage(ctx, account, &p); err != nil {
		return nil, err
	}
	if err := in.noteBackfill(ctx, p, false); err != nil {
		return nil, err
	}
	return &again{at: in.now(), payload: p}, nil
}

// noteBackfill writes down how far it came, for who asked for it.
func (in *Inbox) noteBackfill(ctx context.Context, p progress, over bool) error {
	b := coop.Backfill{Account: p.Account, Done: p.Done, Kept: p.Kept}
	if over {
		b.FinishedAt = in.now()
	}
	return in.store.Write(ctx, func(tx *storage.Tx) error { return tx.NoteBackfill(ctx, b) })
}

// backfillPage takes in the items of the next page.
func (in *Inbox) backfillPage(ctx context.Context, account *coop.Account, p *progress) error {
	current := &p.Left[0]
	at := p.Next
	if at == "" {
		at = current.Collection
	}
	found, err := in.readPage(ctx, at)
	if err != nil {
		if temporary(err) {
			return err
		}
		p.nextPart() // this collection cannot be had; the others may
		return nil
	}
	for _, r := range found.items[min(p.Skip, len(found.items)):] {
		if current.Seen >= current.Most || p.Done >= maxBackfill {
			p.nextPart()
			return nil
		}
		kept, err := in.backfillItem(ctx, account, current, r)
		if err != nil {
			return err
		}
		p.Skip, p.Done, current.Seen = p.Skip+1, p.Done+1, current.Seen+1
		if kept {
			p.Kept++
		}
	}
	p.Skip, p.Next, p.Pages = 0, found.next, p.Pages+1
	if found.next == "" || p.Pages >= maxPages {
		p.nextPart()
	}
	return nil
}

// nextPart goes on with the next collection.
func (p *progress) nextPart() {
	p.Left, p.Next, p.Skip, p.Pages = p.Left[1:], "", 0, 0
}

// backfillItem keeps one item: embedded and of the collection's origin, it is
// believed; named or foreign, it is fetched. Only failures that may end are
// errors.
func (in *Inbox) backfillItem(ctx context.Context, account *coop.Account, from *part, r document.Ref) (bool, error) {
	object, via := r.Object(), account
	if object != nil && object.Type() == "Hashtag" && from.Collection == account.FeaturedTags {
		return true, in.store.Write(ctx, func(tx *storage.Tx) error {
			return keepFeaturedTag(ctx, tx, account.ID, object.String("name"))
		})
	}
	if object != nil && object.Class() == document.Activity {
		switch object.Type() {
		case "Create":
			r = object.Ref("object")
		case "Announce":
			r = document.Ref{ID: object.Ref("object").ID}
		default:
			return false, nil
		}
		object = r.Object()
	}
	id := coop.IRI(r.ID)
	if id == "" || in.local(id) {
		return false, nil
	}
	if object == nil || !sameOrigin(id, from.Collection) {
		var err error
		if object, err = in.missing(ctx, id, via); err != nil || object == nil {
			return false, backfillFault(ctx, err)
		}
	}
	if from.Open && !openJob(object) {
		return false, nil
	}
	_, err := in.keepPost(ctx, object, coop.Path{Via: via.ID, How: "backfill"})
	return err == nil, backfillFault(ctx, err)
}

// missing fetches a post that we do not keep; nil where we do, and its way is noted.
func (in *Inbox) missing(ctx context.Context, id coop.IRI, via *coop.Account) (*document.Object, error) {
	post, err := in.store.PostByIRI(ctx, coop.System(), id)
	if err == nil {
		return nil, in.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.AddPath(ctx, post.ID, coop.Path{Via: via.ID, How: "backfill", At: in.now()})
		})
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	return in.ask(ctx, id)
}

// backfillFault lets one bad item not end the rest: only what ended the whole
// task's time is an error.
func backfillFault(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return nil
	}
	return err
}

// openJob tells whether a document's job or request is open, as far as it says.
func openJob(doc *document.Object) bool {
	if request := doc.Payload("request"); request != nil {
		return !coop.RequestState(request.String("status")).Ended()
	}
	job := doc.Payload("job")
	if job == nil {
		return true
	}
	status := job.String("status")
	return status == "" || status == string(coop.JobOpen) || status == string(coop.JobPaused)
}
