// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/storage"
)

// Bounds of suggestions that wait for an answer: of one account to one article, and to
// one article in all.
const (
	mostOffered = 5
	mostWaiting = 50
)

// offer keeps what somebody proposes: a change to an article of ours, an Edit, or work for
// a slot of a request, an Agreement. Other things that can be offered are kept raw.
func (w *work) offer(ctx context.Context) (effect, error) {
	thing := w.doc.Object("object")
	switch thing.Type() {
	case "Edit":
		return w.suggestion(ctx, thing)
	case "Agreement":
		return w.offerAgreement(ctx, thing)
	}
	return w.raw()
}

// suggestion keeps a proposed change, where its author may see the article, has not been
// blocked, and few of theirs wait. The article must be ours: nothing is fetched for it.
func (w *work) suggestion(ctx context.Context, edit *document.Object) (effect, error) {
	s, err := w.readEdit(edit)
	if err != nil {
		return nil, err
	}
	by, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	host, _ := origin.Host(string(by.IRI))
	post, err := w.in.store.PostByIRI(ctx, coop.Signed(by.ID, host), coop.IRI(edit.Ref("article").ID))
	if err != nil {
		return nil, err
	}
	if post.Article == nil || !post.Local || post.AuthorID == by.ID {
		return nil, drop("not_for_us")
	}
	if err := w.maySuggest(ctx, post, by); err != nil {
		return nil, err
	}
	s.PostID, s.ByID, s.By = post.ID, by.ID, by
	return func(ctx context.Context, tx *storage.Tx) error { return w.keepSuggestion(ctx, tx, s, post) }, nil
}

// readEdit reads a proposed change: the whole text, as it was typed.
func (w *work) readEdit(edit *document.Object) (*coop.Suggestion, error) {
	if w.id == "" || !w.in.local(coop.IRI(edit.Ref("article").ID)) {
		return nil, drop("not_for_us")
	}
	if by := coop.IRI(edit.Ref("attributedTo").ID); by != "" && by != w.actor {
		return nil, drop("not_owner")
	}
	source := edit.Source()
	s := &coop.Suggestion{
		IRI: w.id, State: coop.SuggestionOpen, BaseVersion: version(edit, "baseVersion"), Reason: coop.CleanLine(edit.String("reason"), 500),
		Text: coop.SuggestedText{
			Title: coop.CleanLine(edit.Text("name").Value, 150), Summary: coop.CleanText(edit.Text("summary").Value, 500),
			Source: strings.ToValidUTF8(strings.ReplaceAll(source.Content, "\r\n", "\n"), ""),
		},
	}
	if strings.TrimSpace(s.Text.Source) == "" || len(s.Text.Source) > coop.MaxArticleBytes {
		return nil, drop("no_source")
	}
	return s, nil
}

// maySuggest refuses who is blocked, and a flood.
func (w *work) maySuggest(ctx context.Context, post *coop.Post, by *coop.Account) error {
	blocked, err := w.in.store.Blocked(ctx, by.ID, post.AuthorID)
	if err != nil {
		return err
	}
	if blocked {
		return drop("blocked")
	}
	for who, most := range map[coop.ID]int{by.ID: mostOffered, 0: mostWaiting} {
		n, err := w.in.store.OpenSuggestions(ctx, post.ID, who)
		if err != nil {
			return err
		}
		if n >= most {
			return drop("too_many")
		}
	}
	return nil
}

// keepSuggestion stores a proposed change once, with the text that it was made from. From
// then on its server holds a copy of the article, so that it hears what becomes of that.
func (w *work) keepSuggestion(ctx context.Context, tx *storage.Tx, s *coop.Suggestion, post *coop.Post) error {
	base := coop.PresentVersion(post)
	if s.BaseVersion != post.Article.Version {
		if r, err := tx.Revision(ctx, coop.System(), post.ID, s.BaseVersion); err == nil {
			base = r
		}
	}
	s.Base = coop.TextOf(base)
	if s.Text.Title == "" {
		s.Text.Title = s.Base.Title
	}
	if s.Text.Summary == "" {
		s.Text.Summary = s.Base.Summary
	}
	added, err := tx.AddSuggestion(ctx, s)
	if err != nil || !added {
		return err
	}
	if err := tx.AddHolder(ctx, post.ID, s.By.Inbox.Host(), inboxOf(s.By)); err != nil {
		return err
	}
	return w.in.o.Answers.Suggested(ctx, tx, s)
}

// suggestionAnswered ends the waiting of a suggestion of ours: by the author of the
// article alone.
func (w *work) suggestionAnswered(ctx context.Context, s *coop.Suggestion, yes bool) (effect, error) {
	post, err := w.in.store.Post(ctx, coop.System(), s.PostID)
	if err != nil {
		return nil, err
	}
	if post.Local || post.Author == nil || post.Author.IRI != w.actor {
		return nil, drop("not_asked")
	}
	if s.State != coop.SuggestionOpen {
		return nil, drop("not_asked")
	}
	s.State, s.Answer = coop.SuggestionRejected, plain(w.doc.Text("content").Value, 500)
	if yes {
		s.State, s.ResultVersion = coop.SuggestionAccepted, version(w.doc.Object("result"), "version")
	} else if w.doc.String("reason") == coop.ReasonConflict {
		s.State = coop.SuggestionConflict
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if now, err := tx.Suggestion(ctx, s.ID); err != nil || now.State != coop.SuggestionOpen {
			return storeFault("look up a suggestion", err) // taken back meanwhile
		}
		if err := tx.DecideSuggestion(ctx, s); err != nil {
			return err
		}
		return w.in.o.Answers.SuggestionDecided(ctx, tx, s)
	}, nil
}

// undoOffer takes back a suggestion that was not decided.
func (w *work) undoOffer(ctx context.Context, id coop.IRI, _ *document.Object) (effect, error) {
	s, err := w.in.store.SuggestionByIRI(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.By == nil || s.By.IRI != w.actor {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		now, err := tx.Suggestion(ctx, s.ID)
		if err != nil || now.State != coop.SuggestionOpen {
			return storeFault("look up a suggestion", err)
		}
		now.State = coop.SuggestionWithdrawn
		return tx.DecideSuggestion(ctx, now)
	}, nil
}
