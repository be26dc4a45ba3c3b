// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"slices"
	"strconv"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

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
