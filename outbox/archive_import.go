// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// TakenIn is what became of a post of an archive.
type TakenIn string

// What may become of it.
const (
	TakenNew   TakenIn = "new"
	TakenKnown TakenIn = "known" // it was taken in before, or deleted since
	TakenLeft  TakenIn = "left"  // of a kind or for readers that do not go over
)

// TakeOver keeps a post of an archive as one of author, with the day on which it was
// published there. It is sent to nobody and nobody is told: it is old. Each post gets an
// address that follows from the one that it had, so that taking in again finds it. files
// are those of the library, in the order of in.Files. Complaints are *[coop.InvalidError]
// and coop.Invalid.
func (o *Outbox) TakeOver(ctx context.Context, author *coop.Account, in *carry.Post, files []coop.ID) (became TakenIn, err error) {
	if became, err = o.Judge(ctx, author, in); err != nil || became != TakenNew {
		return became, err
	}
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		p := postOf(author, in, files)
		if err := o.prepareCarried(ctx, tx, author, in, p); err != nil {
			return err
		}
		added, err := o.addQuietly(ctx, tx, p)
		if err == nil && !added {
			became = TakenKnown
		}
		return err
	})
	return became, err
}

// Judge says what would become of a post, without changing anything.
func (o *Outbox) Judge(ctx context.Context, author *coop.Account, in *carry.Post) (TakenIn, error) {
	iri := carriedIRI(author, in.Kind, in.IRI)
	if iri == "" || in.IRI.Host() == "" || in.Visibility != coop.VisiblePublic && in.Visibility != coop.VisibleUnlisted && in.Visibility != coop.VisibleFollowers {
		return TakenLeft, nil
	}
	if o.o.Local.own(in.IRI) {
		iri = in.IRI // an archive of this very server
	}
	_, err := o.store.PostByIRI(ctx, coop.System(), iri)
	switch {
	case err == nil || errors.Is(err, coop.ErrGone):
		return TakenKnown, nil
	case isNotFound(err):
		return TakenNew, nil
	}
	return "", err
}

// carriedIRI is the address that a post of elsewhere gets here; empty for kinds that do
// not go over.
func carriedIRI(author *coop.Account, kind coop.PostKind, old coop.IRI) coop.IRI {
	shelf := map[coop.PostKind]string{coop.KindNote: "notes", coop.KindQuestion: "notes", coop.KindArticle: "articles", coop.KindJob: "jobs"}[kind]
	if shelf == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(old))
	return below(author.IRI, shelf+"/carried-"+hex.EncodeToString(sum[:8]))
}

// postOf is what of a carried post is taken over as it is.
func postOf(author *coop.Account, in *carry.Post, files []coop.ID) *coop.Post {
	p := &coop.Post{
		IRI: carriedIRI(author, in.Kind, in.IRI), Author: author, AuthorID: author.ID, Local: true, Kind: in.Kind, Visibility: in.Visibility,
		Title: in.Title, Summary: in.Summary, Sensitive: in.Sensitive, Language: in.Language, Source: in.Source, SourceType: in.SourceType, Hashtags: in.Hashtags,
	}
	for _, id := range files {
		p.Attachments = append(p.Attachments, coop.Attachment{ID: id})
	}
	if in.Kind == coop.KindQuestion {
		p.Kind, p.Source = coop.KindNote, asked(in)
	}
	if in.Job != nil {
		job := *in.Job
		p.Job = &job
	}
	if in.Article != nil {
		article := *in.Article
		p.Article = &article
	}
	return p
}

// asked is a poll as the text of a note: what was asked, the answers and their counts as
// the archive tells them. Nobody votes in it any more.
func asked(in *carry.Post) string {
	lines := []string{in.Source}
	if in.Poll != nil {
		for _, option := range in.Poll.Options[:min(len(in.Poll.Options), maxCarriedOptions)] {
			line := "- " + coop.CleanLine(option.Title, 10*coop.MaxPollTitle)
			if option.Votes >= 0 {
				line += ": " + strconv.Itoa(option.Votes)
			}
			lines = append(lines, line)
		}
	}
	if len(lines) > 1 {
		lines[0] += "\n" // the answers stand apart
	}
	return strings.Join(lines, "\n")
}

// maxCarriedOptions bounds the answers of a poll that comes in; others' polls may have many.
const maxCarriedOptions = 100

// prepareCarried fills in what follows from the rest, as publishing does.
func (o *Outbox) prepareCarried(ctx context.Context, tx *storage.Tx, author *coop.Account, in *carry.Post, p *coop.Post) (err error) {
	published := in.Published.UTC()
	if published.IsZero() || published.After(o.now()) {
		published = o.now().UTC()
	}
	if p.ID, err = tx.NextID(ctx, published); err != nil {
		return err
	}
	switch in.Kind {
	case coop.KindJob:
		err = o.prepareCarriedJob(ctx, tx, author, p)
	case coop.KindArticle:
		err = o.prepareCarriedArticle(ctx, tx, author, p)
	default:
		err = o.prepareCarriedNote(ctx, tx, author, in, p)
	}
	p.Published = published
	if err == nil && in.Kind == coop.KindJob {
		o.finishJob(p)
	}
	if err != nil {
		return err
	}
	return o.attach(ctx, tx, p)
}

// prepareCarriedNote renders what was typed. An answer stays one where what it answers
// came along, or is known here.
func (o *Outbox) prepareCarriedNote(ctx context.Context, tx *storage.Tx, author *coop.Account, in *carry.Post, p *coop.Post) error {
	p.Type, p.URL, p.Thread = "Note", string(p.IRI), below(p.IRI, "context")
	speaks(p, author)
	for _, iri := range []coop.IRI{carriedIRI(author, coop.KindNote, in.InReplyTo), in.InReplyTo} {
		if in.InReplyTo == "" {
			break
		}
		if parent, err := tx.PostByIRI(ctx, coop.System(), iri); err == nil {
			p.InReplyTo, p.InReplyToID, p.Thread = parent.IRI, parent.ID, parent.Thread
			break
		}
	}
	if err := o.renderNote(ctx, tx, p, nil); err != nil {
		return err
	}
	return o.audience(ctx, tx, author, p)
}

// prepareCarriedArticle makes it one of its author here; who else wrote it has to say so
// here again.
func (o *Outbox) prepareCarriedArticle(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	a := articleOf(p)
	a.Status, a.Version, a.History, a.Translations, a.Contributors, a.TranslationOf = coop.ArticlePublished, 1, "", nil, nil, ""
	speaks(p, author)
	if err := coop.ValidateArticle(p); err != nil {
		return err
	}
	return o.prepareArticle(ctx, tx, author, p)
}

// prepareCarriedJob makes it one of its author here. One that is still open has to be
// whole; one that has ended has to be readable.
func (o *Outbox) prepareCarriedJob(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	if p.Job == nil {
		return &coop.InvalidError{Field: "job", Code: coop.CodeRequired, Problem: "there is no job"}
	}
	j := p.Job
	j.HiringOrganization, j.RepostOf = author.IRI, ""
	j.Identifier = coop.Identifier{Value: string(p.IRI[len(author.IRI)+len("/jobs/"):])}
	if err := o.prepareJob(ctx, tx, author, p); err != nil {
		return err
	}
	now := o.now()
	if j.Status == coop.JobOpen && !j.ValidThrough.After(now) {
		j.Status = coop.JobExpired
	}
	if j.Status == coop.JobOpen {
		return errors.Join(j.Validate(now), o.locateJob(ctx, tx, nil, j))
	}
	_, err := j.Admit(now)
	return err
}
