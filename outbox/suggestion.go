// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strconv"

	"minga/coop"
	"minga/federation/vocabulary"
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
