// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
)

// requestTag is the first hashtag of a request.
const requestTag = "cooprequest"

// SaveRequestDraft stores a request that is not published: new when p.ID is zero. What
// is there must be right; what is missing may come later. p.Request.Status is draft, or
// review for what a client sent. file is what stays here; nil leaves it as it is.
func (o *Outbox) SaveRequestDraft(ctx context.Context, author *coop.Account, p *coop.Post, file *coop.RequestFile) error {
	ctx = storage.Under(ctx, coop.ActRequest.In(author.Kind))
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		if p.Request.Status != coop.RequestReview {
			p.Request.Status = coop.RequestDraft
		}
		if p.ID != 0 {
			if err := o.mayLeave(ctx, tx, p.ID); err != nil {
				return err
			}
		}
		if err := o.prepareRequest(ctx, tx, author, p); err != nil {
			return err
		}
		if err := p.Request.ValidateDraft(o.now()); err != nil {
			return err
		}
		p.Title, p.Ends = p.Request.Title, p.Request.RespondBy
		if err := tx.PutRequest(ctx, p, storage.Arrival{}); err != nil {
			return wrapErr("save", p.IRI, err)
		}
		return o.keepFile(ctx, tx, p, file)
	})
}

// PublishRequest publishes a request, new or a draft (p.ID set), of a federation or
// co-op: p.Request holds its fields with Markdown by language, p.Language the main
// language. Address, text, hashtags and audience are filled in. Complaints are
// coop.Invalid. What a client sent is a draft first, see [Outbox.TakeRequest]. file is
// what stays here, nil leaves it as it is; its members' part goes to the members alone,
// as a reply.
func (o *Outbox) PublishRequest(ctx context.Context, author *coop.Account, p *coop.Post, file *coop.RequestFile) error {
	ctx = storage.Under(ctx, coop.ActRequest.In(author.Kind))
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		stored := p.ID != 0
		if stored {
			before, err := o.ownRequest(ctx, tx, p.ID)
			if err != nil {
				return err
			}
			if _, err := before.Request.Status.Step(coop.RequestPublish); err != nil || !draft(before) {
				return fmt.Errorf("publish %s: %w", before.IRI, coop.ErrState)
			}
			p.IRI, p.Language = before.IRI, cmpOr(p.Language, before.Language)
		}
		p.Request.Status, p.Request.Version = coop.RequestOpen, max(p.Request.Version, 1)
		if err := o.prepareRequest(ctx, tx, author, p); err != nil {
			return err
		}
		if err := p.Request.Validate(o.now()); err != nil {
			return err
		}
		o.finishRequest(p)
		send := o.publish
		if stored {
			send = o.publishDraft
		}
		if err := send(ctx, tx, p); err != nil {
			return err
		}
		return o.keepFile(ctx, tx, p, file)
	})
}

// cmpOr is the first of two texts that says something.
func cmpOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// prepareRequest fills in what the author need not say.
func (o *Outbox) prepareRequest(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	if author.Kind != coop.Federation && author.Kind != coop.Coop {
		return fmt.Errorf("a request of %s: %w", author.IRI, coop.ErrForbidden)
	}
	p.Author, p.AuthorID, p.Local, p.Kind, p.Type = author, author.ID, true, coop.KindRequest, "Note"
	p.Published, p.Visibility = o.now().UTC(), coop.VisiblePublic
	if p.ID == 0 {
		id, err := tx.NextID(ctx, o.now())
		if err != nil {
			return fmt.Errorf("address of a request of %s: %w", author.IRI, err)
		}
		p.ID, p.IRI = id, coop.IRI(o.o.Local.root()+"/requests/"+id.String())
	}
	p.URL, p.Thread = string(p.IRI), below(p.IRI, "context")
	o.describeRequest(p)
	p.Hashtags = requestTags(p.Hashtags)
	return o.audience(ctx, tx, author, p)
}

// describeRequest takes the texts of the main language and makes the HTML of what was
// typed.
func (o *Outbox) describeRequest(p *coop.Post) {
	q := p.Request
	if p.Language == "" {
		for _, m := range []map[string]string{q.TitleMap, q.Markdown, q.DescriptionMap} {
			if keys := slices.Sorted(maps.Keys(m)); len(keys) > 0 && p.Language == "" {
				p.Language = keys[0]
			}
		}
	}
	speaks(p, p.Author)
	for lang, source := range q.Markdown {
		if q.DescriptionMap == nil {
			q.DescriptionMap = map[string]string{}
		}
		q.DescriptionMap[lang] = text.Brief(source)
	}
	for lang, html := range q.DescriptionMap {
		q.DescriptionMap[lang] = sanitize.Brief(html)
	}
	q.Description = sanitize.Brief(cmpOr(q.DescriptionMap[p.Language], q.Description))
	q.Title = cmpOr(q.TitleMap[p.Language], q.Title)
	if len(q.DescriptionMap) == 1 && q.DescriptionMap[p.Language] != "" && len(q.TitleMap) < 2 {
		q.DescriptionMap, q.TitleMap = nil, nil // one language needs no map
	}
	q.Complete(o.now())
}

// requestTags are the hashtags of a request: ours first, then the author's, five at most.
func requestTags(given []string) []string {
	tags := []string{requestTag}
	for _, t := range jobTags(given)[1:] {
		if !strings.EqualFold(t, requestTag) {
			tags = append(tags, t)
		}
	}
	return tags
}

// finishRequest writes the text of the note for the state that the request is in.
func (o *Outbox) finishRequest(p *coop.Post) {
	p.Title, p.Ends = p.Request.Title, p.Request.RespondBy
	p.ContentMap = o.RequestText(p)
	p.Content = p.ContentMap[p.Language]
	if len(p.ContentMap) < 2 {
		p.ContentMap = nil
	}
}

// ownRequest is a request of this instance.
func (o *Outbox) ownRequest(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Post, error) {
	p, err := o.ownPost(ctx, tx, id)
	if err == nil && p.Request == nil {
		err = fmt.Errorf("request %s: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// EditRequest publishes a new state of the fields of a request that is looking for
// co-ops, or saves a draft. Its state and what is accepted stay; [coop.Request.MayEdit]
// says what else must. p.Request.Version names the state that was edited, and
// [coop.ErrConflict] says that it is not the last; zero: whatever it is. file is as of
// [Outbox.PublishRequest].
func (o *Outbox) EditRequest(ctx context.Context, p *coop.Post, file *coop.RequestFile) error {
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		if err := tx.HoldPost(ctx, p.ID); err != nil {
			return err
		}
		before, err := o.ownRequest(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		ctx := storage.Under(ctx, coop.ActRequest.In(before.Author.Kind))
		switch v := p.Request.Version; {
		case !draft(before) && !before.Request.Takes(o.now()):
			return fmt.Errorf("edit %s: %w", before.IRI, coop.ErrState)
		case v != 0 && v != max(before.Request.Version, 1):
			return fmt.Errorf("edit version %d of %s: %w", v, before.IRI, coop.ErrConflict)
		}
		o.keepRequest(before, p)
		if err := o.editRequest(ctx, tx, before, p); err != nil {
			return err
		}
		return o.keepFile(ctx, tx, p, file)
	})
}

// keepRequest takes over what an edit does not change.
func (o *Outbox) keepRequest(before, p *coop.Post) {
	p.IRI, p.URL, p.Author, p.AuthorID, p.Local = before.IRI, before.URL, before.Author, before.AuthorID, true
	p.Kind, p.Type, p.Visibility, p.Published, p.Thread = before.Kind, before.Type, before.Visibility, before.Published, before.Thread
	p.To, p.Cc, p.Language = before.To, before.Cc, cmpOr(p.Language, before.Language)
	if p.Hashtags == nil {
		p.Hashtags = before.Hashtags
	}
	q, old := p.Request, before.Request
	q.Status, q.Closed, q.Version = old.Status, old.Closed, max(old.Version, 1)+1
	p.Updated = o.edited(before)
	o.describeRequest(p)
	p.Hashtags = requestTags(p.Hashtags)
	for i := range q.Slots {
		q.Slots[i].Accepted = 0
		if was := old.Slot(q.Slots[i].Key); was != nil {
			q.Slots[i].Accepted = was.Accepted
		}
	}
}

// editRequest checks an edit as a form is checked, and sends it.
func (o *Outbox) editRequest(ctx context.Context, tx *storage.Tx, before, p *coop.Post) error {
	if draft(before) {
		if err := p.Request.ValidateDraft(o.now()); err != nil {
			return err
		}
		p.Title, p.Ends = p.Request.Title, p.Request.RespondBy
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("save", p.IRI, err)
	}
	offered, err := tx.RequestOffered(ctx, p.ID)
	if err == nil {
		err = before.Request.MayEdit(p.Request, offered)
	}
	if err == nil {
		err = p.Request.Validate(o.now())
	}
	if err != nil {
		return err
	}
	return o.requestChanged(ctx, tx, p)
}

// TakeRequest makes a draft of what a client sent: somebody has read it and works on it.
func (o *Outbox) TakeRequest(ctx context.Context, id coop.ID) (*coop.Post, error) {
	return o.changeRequest(ctx, id, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		before := p.Request.Status
		if err := p.Request.Do(coop.RequestTake, o.now()); err != nil || p.Request.Status == before {
			return err
		}
		_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
		return wrapErr("take", p.IRI, err)
	})
}

// StepRequest takes a request of ours along an arrow of its states: propose, win, lose,
// start, finish, withdraw. A step that its state does not have gives [coop.ErrState];
// one that is done already changes nothing. What promises that the team sees the contract
// is not won before there is one: a [coop.InvalidError] of the field contract.
func (o *Outbox) StepRequest(ctx context.Context, id coop.ID, action coop.RequestAction) (*coop.Post, error) {
	return o.changeRequest(ctx, id, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		if !slices.Contains(coop.RequestActions(), action) {
			return fmt.Errorf("%s %s by a step: %w", action, p.IRI, coop.ErrState)
		}
		return o.stepRequest(ctx, tx, p, action)
	})
}

// changeRequest runs act on a request of ours, alone.
func (o *Outbox) changeRequest(ctx context.Context, id coop.ID, act func(ctx context.Context, tx *storage.Tx, p *coop.Post) error) (*coop.Post, error) {
	var p *coop.Post
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.HoldPost(ctx, id)
		if err == nil {
			p, err = o.ownRequest(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		return act(storage.Under(ctx, coop.ActRequest.In(p.Author.Kind)), tx, p)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// stepRequest is StepRequest in a transaction.
func (o *Outbox) stepRequest(ctx context.Context, tx *storage.Tx, p *coop.Post, action coop.RequestAction) error {
	before := p.Request.Status
	if action == coop.RequestWin {
		if err := o.mayWin(ctx, tx, p); err != nil {
			return err
		}
	}
	if err := p.Request.Do(action, o.now()); err != nil || p.Request.Status == before {
		return err
	}
	return o.requestChanged(ctx, tx, p)
}

// mayWin keeps the promise that the team sees the contract before it is bound.
func (o *Outbox) mayWin(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if known, err := o.teamMayWin(ctx, tx, p); known || err != nil {
		return err
	}
	if !p.Request.Promises(coop.ContractVisible) {
		return nil
	}
	file, err := tx.RequestFile(ctx, p.ID)
	if err != nil && !isNotFound(err) {
		return err
	}
	if file == nil || strings.TrimSpace(file.Contract) == "" {
		return &coop.InvalidError{Field: "contract", Code: coop.CodeRequired, Problem: "the team was promised to see the contract: put it in before"}
	}
	return nil
}

// requestChanged makes everybody know a new state of a request of ours: its note is
// written anew, with what is open of each role, and its Update goes to whoever has it.
// What was accepted or released moves it along open → forming ⇄ covered. p is the whole
// request as the transaction has it.
func (o *Outbox) requestChanged(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	ctx = storage.Under(ctx, coop.ActRequest.In(p.Author.Kind))
	before := p.Request.Version
	p.Request.Settle(o.now())
	p.Updated = o.edited(p)
	p.Request.Version = max(before, 1) + 1
	o.finishRequest(p)
	return o.update(ctx, tx, p)
}

// ExpireRequests ends the requests of this instance whose date has come without a team,
// telling everybody; it says how many. Call it every minute.
func (o *Outbox) ExpireRequests(ctx context.Context) (int, error) {
	due, err := o.store.DueRequests(ctx, o.now(), maxExpired)
	if err != nil {
		return 0, fmt.Errorf("requests that are due: %w", err)
	}
	done, failed := 0, error(nil)
	for _, p := range due {
		_, err := o.changeRequest(ctx, p.ID, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
			if p.Request.StateAt(o.now()) != coop.RequestExpired || p.Request.Status.Ended() {
				return nil // somebody was faster
			}
			return o.stepRequest(ctx, tx, p, coop.RequestExpire)
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("expire %s: %w", p.IRI, err))
			continue
		}
		done++
	}
	return done, failed
}

// DropRequest deletes a request that was never published, with all that was kept of it.
// One that was gives [coop.ErrState]: that is withdrawn.
func (o *Outbox) DropRequest(ctx context.Context, p *coop.Post) error {
	_, err := o.changeRequest(ctx, p.ID, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		if !draft(p) {
			return fmt.Errorf("delete %s: %w", p.IRI, coop.ErrState)
		}
		return o.remove(ctx, tx, p)
	})
	return err
}
