// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Suggestions: who did not write an article proposes another text of it by an Offer of an
// Edit to its author alone, with the version that was read and the whole source. The
// answer is an Accept whose result is the new version, which names who suggested among
// its contributors, or a Reject with a reason; its reason is the word conflict where the
// article has another version by now. Where both sides are of this instance, the same
// happens without the wire.

// mostSuggestions is how many suggestions of one account to one article wait at once.
const mostSuggestions = 5

// Suggest proposes another text of an article: s.Text and s.Reason, made from the version
// s.BaseVersion. It fills in the rest. [coop.ErrConflict] says that this is not the
// version that is here now, [coop.ErrState] that the article takes no suggestions,
// [coop.ErrForbidden] that it is the author's own, or that one blocks the other; other
// complaints are [coop.Invalid].
func (o *Outbox) Suggest(ctx context.Context, by *coop.Account, article coop.ID, s *coop.Suggestion) error {
	s.Text.Title, s.Text.Summary = coop.CleanLine(s.Text.Title, len(s.Text.Title)), coop.CleanText(s.Text.Summary, len(s.Text.Summary))
	s.Reason = coop.CleanLine(s.Reason, len(s.Reason))
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		post, err := o.suggestable(ctx, tx, by, article)
		if err != nil {
			return err
		}
		if s.BaseVersion != post.Article.Version {
			return fmt.Errorf("suggest a change of version %d of %s: %w", s.BaseVersion, post.IRI, coop.ErrConflict)
		}
		next := *s
		next.PostID, next.ByID, next.By, next.State, next.Base = post.ID, by.ID, by, coop.SuggestionOpen, coop.TextOf(coop.PresentVersion(post))
		if err := coop.ValidateSuggestion(&next); err != nil {
			return err
		}
		if err := o.addSuggestion(ctx, tx, &next, post); err != nil {
			return err
		}
		*s = next
		return nil
	})
}

// suggestable finds an article to which an account may propose a change.
func (o *Outbox) suggestable(ctx context.Context, tx *storage.Tx, by *coop.Account, id coop.ID) (*coop.Post, error) {
	post, err := tx.Post(ctx, storage.Seeing(ctx, by.ID), id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("suggest a change: %w", err)
	case post.Article == nil || post.Author == nil:
		return nil, fmt.Errorf("suggest a change of %s: %w", post.IRI, coop.ErrNotFound)
	case !by.Local || post.AuthorID == by.ID:
		return nil, fmt.Errorf("suggest a change of %s: %w", post.IRI, coop.ErrForbidden)
	case post.Article.Status != coop.ArticlePublished || post.Source == "":
		return nil, fmt.Errorf("suggest a change of %s: %w", post.IRI, coop.ErrState)
	}
	blocked, err := tx.Blocked(ctx, by.ID, post.AuthorID)
	if err == nil && blocked {
		err = coop.ErrForbidden
	}
	if err != nil {
		return nil, fmt.Errorf("suggest a change of %s: %w", post.IRI, err)
	}
	return post, nil
}

// addSuggestion stores a suggestion of ours and brings it to the author.
func (o *Outbox) addSuggestion(ctx context.Context, tx *storage.Tx, s *coop.Suggestion, post *coop.Post) error {
	waiting, err := tx.OpenSuggestions(ctx, post.ID, s.ByID)
	if err != nil {
		return err
	}
	if waiting >= mostSuggestions {
		return &coop.InvalidError{Field: "reason", Code: coop.CodeTooMany, Problem: "others of yours wait for an answer"}
	}
	iri, err := o.newIRI(ctx, tx, s.By.IRI, "Offer")
	if err != nil {
		return err
	}
	s.IRI = coop.IRI(iri)
	if _, err := tx.AddSuggestion(ctx, s); err != nil {
		return err
	}
	if post.Local {
		return o.Suggested(ctx, tx, s)
	}
	to, err := o.toOne(ctx, tx, post.Author)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: o.offerEdit(s, post), signer: s.By, object: post.IRI, urgent: true}, to)
	return err
}

// offerEdit is a suggestion on the wire.
func (o *Outbox) offerEdit(s *coop.Suggestion, post *coop.Post) vocabulary.Activity {
	return vocabulary.Activity{
		ID: string(s.IRI), Type: "Offer", Actor: string(s.By.IRI), To: []string{string(post.Author.IRI)}, Published: o.now(),
		Object: vocabulary.Members{
			{Name: "type", Value: "Edit"},
			{Name: "id", Value: string(s.IRI) + "#edit"},
			{Name: "attributedTo", Value: string(s.By.IRI)},
			{Name: "article", Value: string(post.IRI)},
			{Name: "baseVersion", Value: strconv.FormatInt(s.BaseVersion, 10)},
			{Name: "name", Value: s.Text.Title},
			{Name: "summary", Value: s.Text.Summary},
			{Name: "source", Value: vocabulary.Members{{Name: "content", Value: s.Text.Source}, {Name: "mediaType", Value: "text/markdown"}}},
			{Name: "reason", Value: s.Reason},
		},
	}
}

// Suggested says to the author of an article of ours that a change was proposed, which
// has just been stored; one that was made from another version than the present one is
// rejected at once.
func (o *Outbox) Suggested(ctx context.Context, tx *storage.Tx, s *coop.Suggestion) error {
	post, err := o.ownPost(ctx, tx, s.PostID)
	if err != nil {
		return err
	}
	if post.Article == nil || post.Article.Status != coop.ArticlePublished {
		return o.decide(ctx, tx, s, post, coop.SuggestionRejected, "")
	}
	if s.BaseVersion != post.Article.Version {
		return o.decide(ctx, tx, s, post, coop.SuggestionConflict, "")
	}
	return o.tell(ctx, tx, post.Author, o.saySuggestion("suggestion_arrived", post.Author, s, post))
}

// saySuggestion says to somebody here what happened to a suggestion.
func (o *Outbox) saySuggestion(key string, to *coop.Account, s *coop.Suggestion, post *coop.Post) string {
	who := post.Author
	if key == "suggestion_arrived" {
		who = s.By
	}
	name := ""
	if who != nil {
		name = "@" + who.Handle(o.o.Local.AccountDomain).String()
	}
	said := o.words.Say(to.Language, key, map[string]string{"Who": name, "Title": post.Title, "Link": o.o.Local.root() + "/library/suggestions/" + s.ID.String()})
	why := s.Reason
	if key != "suggestion_arrived" {
		why = s.Answer
	}
	if why != "" {
		said += "\n\n“" + why + "”"
	}
	return said
}

// DecideSuggestion answers a suggestion to an article of ours: accepted, it becomes the
// next version, in which who suggested it is named; note says why not. An answer to one
// whose base is out of date is a rejection for that reason: the state of what is returned
// says which it was. [coop.ErrState] says that it was decided before.
func (o *Outbox) DecideSuggestion(ctx context.Context, id coop.ID, accept bool, note string) (*coop.Suggestion, error) {
	var s *coop.Suggestion
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if s, err = tx.Suggestion(ctx, id); err != nil {
			return err
		}
		post, err := o.ownPost(ctx, tx, s.PostID)
		if err != nil {
			return err
		}
		switch {
		case !accept:
			return o.decide(ctx, tx, s, post, coop.SuggestionRejected, note)
		case post.Article == nil || s.BaseVersion != post.Article.Version:
			return o.decide(ctx, tx, s, post, coop.SuggestionConflict, note)
		}
		return o.takeSuggestion(ctx, tx, s, post)
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// takeSuggestion makes a suggestion the next version of the article.
func (o *Outbox) takeSuggestion(ctx context.Context, tx *storage.Tx, s *coop.Suggestion, before *coop.Post) error {
	if _, err := before.Article.Status.Step(coop.ArticleRevise); err != nil {
		return err
	}
	p := clone(before)
	p.Title, p.Summary, p.Source = s.Text.Title, s.Text.Summary, s.Text.Source
	p.Article.Reason = credit(s, o.o.Local.AccountDomain)
	p.Article.Contributors = credited(p, s.By)
	if err := coop.ValidateArticle(p); err != nil {
		return err
	}
	if err := o.nextVersion(ctx, tx, p, o.edited(before)); err != nil {
		return err
	}
	s.ResultVersion = p.Article.Version
	return o.decide(ctx, tx, s, p, coop.SuggestionAccepted, "")
}

// credit is the reason of a version that somebody suggested.
func credit(s *coop.Suggestion, domain string) string {
	if s.By == nil {
		return s.Reason
	}
	return s.Reason + " (@" + s.By.Handle(domain).String() + ")"
}

// mostContributors is how many co-authors an article names.
const mostContributors = 20

// credited are the co-authors of an article with one more, whose own word it is that the
// text is theirs.
func credited(p *coop.Post, by *coop.Account) []coop.Contributor {
	list := slices.Clone(p.Article.Contributors)
	if by == nil || by.ID == p.AuthorID || len(list) >= mostContributors {
		return list
	}
	if at := slices.IndexFunc(list, func(c coop.Contributor) bool { return c.IRI == by.IRI }); at >= 0 {
		list[at].Confirmed = true
		return list
	}
	return append(list, coop.Contributor{IRI: by.IRI, Confirmed: true})
}

// decide stores the answer to a suggestion and brings it to who suggested.
func (o *Outbox) decide(ctx context.Context, tx *storage.Tx, s *coop.Suggestion, post *coop.Post, state coop.SuggestionState, note string) error {
	s.State, s.Answer = state, coop.CleanText(note, 500)
	if err := tx.DecideSuggestion(ctx, s); err != nil {
		return err
	}
	if s.By == nil || s.By.Gone() {
		return nil
	}
	if s.By.Local {
		return o.SuggestionDecided(ctx, tx, s)
	}
	to, err := o.toOne(ctx, tx, s.By)
	if err != nil {
		return err
	}
	activity, err := o.answerEdit(ctx, tx, s, post)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: activity, signer: post.Author, object: s.IRI, urgent: true}, to)
	return err
}

// answerEdit is the answer on the wire.
func (o *Outbox) answerEdit(ctx context.Context, tx *storage.Tx, s *coop.Suggestion, post *coop.Post) (vocabulary.Activity, error) {
	kind := "Reject"
	if s.State == coop.SuggestionAccepted {
		kind = "Accept"
	}
	iri, err := o.newIRI(ctx, tx, post.Author.IRI, kind)
	a := vocabulary.Activity{ID: iri, Type: kind, Actor: string(post.Author.IRI), Object: string(s.IRI), To: []string{string(s.By.IRI)}, Published: o.now()}
	switch s.State {
	case coop.SuggestionAccepted:
		a.Result = vocabulary.Members{
			{Name: "type", Value: "Article"}, {Name: "id", Value: string(post.IRI)}, {Name: "version", Value: strconv.FormatInt(s.ResultVersion, 10)},
		}
	case coop.SuggestionConflict:
		a.Extra = vocabulary.Members{{Name: "reason", Value: coop.ReasonConflict}}
		fallthrough
	default:
		a.Content = text.Typed{}.Write(s.Answer).HTML
	}
	return a, err
}

// SuggestionDecided tells who suggested, here, what became of it.
func (o *Outbox) SuggestionDecided(ctx context.Context, tx *storage.Tx, s *coop.Suggestion) error {
	post, err := tx.Post(ctx, coop.System(), s.PostID)
	if err != nil || s.By == nil || !s.By.Local {
		return err
	}
	key := map[coop.SuggestionState]string{
		coop.SuggestionAccepted: "suggestion_accepted", coop.SuggestionRejected: "suggestion_rejected", coop.SuggestionConflict: "suggestion_conflict",
	}[s.State]
	if key == "" {
		return nil
	}
	return o.tell(ctx, tx, s.By, o.saySuggestion(key, s.By, s, post))
}

// WithdrawSuggestion takes back a suggestion of ours that was not decided; to another
// server's article by an Undo of the Offer.
func (o *Outbox) WithdrawSuggestion(ctx context.Context, by *coop.Account, id coop.ID) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		s, err := tx.Suggestion(ctx, id)
		if err != nil {
			return err
		}
		if s.ByID != by.ID {
			return fmt.Errorf("withdraw suggestion %s: %w", id, coop.ErrForbidden)
		}
		s.State = coop.SuggestionWithdrawn
		if err := tx.DecideSuggestion(ctx, s); err != nil {
			return err
		}
		post, err := tx.Post(ctx, coop.System(), s.PostID)
		if err != nil || post.Local {
			return err
		}
		iri, err := o.newIRI(ctx, tx, by.IRI, "Undo")
		if err != nil {
			return err
		}
		to, err := o.toOne(ctx, tx, post.Author)
		if err != nil {
			return err
		}
		undo := vocabulary.Activity{ID: iri, Type: "Undo", Actor: string(by.IRI), Object: string(s.IRI), To: []string{string(post.Author.IRI)}, Published: o.now()}
		_, err = o.send(ctx, tx, outgoing{activity: undo, signer: by, object: post.IRI, urgent: true}, to)
		return err
	})
}
