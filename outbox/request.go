// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
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
