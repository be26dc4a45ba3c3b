// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// A question to the job board may be an actor, @jobs-WORDS, that anybody can follow
// [wire example 18]: it announces the id of each public open job that answers the
// question after the actor was made, at most [coop.MaxAnnounces] an hour and each once,
// and takes back what closed or answers no more. The same question is the same actor,
// whoever asks it. It answers nothing, and goes when nobody has followed it for
// [coop.SearchAlone].

// mostTwins is how many questions may have the same words in their names.
const mostTwins = 200

// errFollowed says that somebody else made the actor of a question meanwhile.
var errFollowed = errors.New("the question has an actor")

// SearchTitle says in a few words of a language what a question asks.
func (o *Outbox) SearchTitle(ctx context.Context, language string, q *coop.JobQuery) string {
	named := o.called(ctx, language, *q)
	return o.words.Search(language, &named)
}

// called is a question with the names of the skills that it asks for by their
// addresses, where they have one.
func (o *Outbox) called(ctx context.Context, language string, q coop.JobQuery) coop.JobQuery {
	names, err := o.store.SkillNames(ctx, q.Skill, o.words.Closest(language))
	if err != nil || len(names) == 0 {
		return q // the addresses will do
	}
	q.Skill = slices.Clone(q.Skill)
	for i, skill := range q.Skill {
		if name := names[skill]; name != "" {
			q.Skill[i] = name
		}
	}
	return q
}

// SearchActor is the actor of a question, or [coop.ErrNotFound].
func (o *Outbox) SearchActor(ctx context.Context, asked coop.JobQuery) (*coop.Account, error) {
	q, err := o.store.SearchQueryOf(ctx, asked)
	if err == nil && q.Account == 0 {
		err = fmt.Errorf("actor of a question: %w", coop.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return o.store.Account(ctx, q.Account)
}

// NewSearchActor makes the actor of a question, or gives the one that it has. The
// question is one of [coop.SearchOf].
func (o *Outbox) NewSearchActor(ctx context.Context, asked coop.JobQuery) (*coop.Account, error) {
	for n := 1; n <= mostTwins; n++ {
		a, err := o.SearchActor(ctx, asked)
		if err == nil || !isNotFound(err) {
			return a, err
		}
		a = o.newSearch(ctx, asked, n)
		if taken, err := o.nameTaken(ctx, a); err != nil {
			return nil, err
		} else if taken {
			continue
		}
		err = o.make(ctx, a, func(ctx context.Context, tx *storage.Tx, a *coop.Account) error { return o.answerBy(ctx, tx, a, asked) })
		if err == nil {
			return a, nil
		}
		if !errors.Is(err, errFollowed) && !errors.Is(err, coop.ErrConflict) {
			return nil, fmt.Errorf("make %s: %w", a.IRI, err)
		}
	}
	return nil, fmt.Errorf("a name for a search: %w", coop.ErrFull)
}

// nameTaken tells whether an account has or had the name of a new one.
func (o *Outbox) nameTaken(ctx context.Context, a *coop.Account) (bool, error) {
	_, err := o.store.AccountByIRI(ctx, a.IRI)
	if isNotFound(err) {
		_, err = o.store.Tombstone(ctx, a.IRI)
	}
	if isNotFound(err) {
		return false, nil
	}
	return err == nil || ignoreGone(err) == nil, ignoreGone(err)
}

// newSearch is the account of a question; nothing is stored.
func (o *Outbox) newSearch(ctx context.Context, asked coop.JobQuery, n int) *coop.Account {
	language := o.setting(ctx, "language", "")
	named := o.called(ctx, language, asked)
	a := o.local(coop.Search, coop.SearchHandle(&named, n))
	a.ActorType, a.Language, a.Discoverable, a.Featured = "Service", language, true, ""
	a.DisplayName = coop.Shorten(o.words.Say(language, "search_name", map[string]string{"What": o.words.Search(language, &named)}), coop.MaxDisplayName)
	a.BioSource = o.words.Say(a.Language, "search_bio", nil)
	a.Bio = text.Typed{}.Write(a.BioSource).HTML
	a.URL = o.o.Local.root() + "/jobs?" + asked.Values().Encode()
	return a
}

// answerBy lets a new account answer a question. What answers it already is not
// announced: the newest of it stand in the outbox alone.
func (o *Outbox) answerBy(ctx context.Context, tx *storage.Tx, a *coop.Account, asked coop.JobQuery) error {
	q, err := tx.EnsureSearchQuery(ctx, asked, o.o.Local.AccountDomain)
	if err != nil {
		return err
	}
	if q.Account != 0 {
		return errFollowed
	}
	if err := tx.SetSearchActor(ctx, q.ID, a.ID, o.now()); err != nil {
		return err
	}
	asked.Order = coop.OrderNewest
	list, err := tx.SearchJobs(ctx, coop.Anonymous(), asked, storage.JobPage{Limit: coop.MaxSearchListed, Domain: o.o.Local.AccountDomain})
	if err != nil {
		return err
	}
	slices.Reverse(list.Posts)
	for _, p := range list.Posts {
		if err := o.listHit(ctx, tx, a, q, p); err != nil {
			return err
		}
	}
	return nil
}

// listHit keeps an announcement for the outbox that nobody is sent.
func (o *Outbox) listHit(ctx context.Context, tx *storage.Tx, a *coop.Account, q coop.SearchQuery, p *coop.Post) error {
	iri, err := o.newIRI(ctx, tx, a.IRI, "Announce")
	if err != nil {
		return err
	}
	if _, err := tx.AddHit(ctx, storage.SearchHit{Query: q.ID, Post: p.ID, PostIRI: p.IRI, At: o.now(), Quiet: true}); err != nil {
		return err
	}
	g := outgoing{activity: announcement(a, iri, string(p.IRI)), signer: a, public: true, object: p.IRI}
	g.activity.Published = o.now()
	if _, err := o.send(ctx, tx, g, nil); err != nil {
		return err
	}
	return tx.SetHit(ctx, storage.SearchHit{Query: q.ID, Post: p.ID, State: storage.HitListed, Announce: coop.IRI(iri)})
}

// searchPage is the outbox of a search: the announcements of its newest answers.
func (o *Outbox) searchPage(ctx context.Context, v coop.Viewer, owner *coop.Account, cursor string) (page, int, error) {
	q, err := o.store.SearchByActor(ctx, owner.ID)
	if isNotFound(err) {
		return page{}, 0, nil
	}
	if err != nil {
		return page{}, 0, err
	}
	hits, err := o.store.NewestHits(ctx, q.ID, coop.MaxSearchListed)
	if err != nil || cursor != firstPage {
		return page{}, len(hits), err
	}
	p := page{}
	for _, h := range hits {
		o.embed(ctx, v, &p, h.Announce)
	}
	return p, len(hits), nil
}

// endSearch takes the actor of a question away for good, telling those who knew it.
func (o *Outbox) endSearch(ctx context.Context, q coop.SearchQuery) error {
	a, err := o.store.Account(ctx, q.Account)
	if err != nil {
		return err
	}
	return o.DeleteAccount(ctx, a)
}

// takeBackAll takes back one announcement, in the words by which it is known.
func (o *Outbox) takeBackAll(ctx context.Context, tx *storage.Tx, a *coop.Account, h storage.SearchHit) error {
	var author []*coop.Account
	post, err := tx.Post(ctx, coop.System(), h.Post)
	switch {
	case err == nil && post.Author != nil:
		author = append(author, post.Author)
	case err != nil && !isNotFound(err) && ignoreGone(err) != nil:
		return err
	}
	if err == nil {
		if _, err := tx.Unreact(ctx, storage.Boost, a.ID, h.Post); err != nil {
			return err
		}
	}
	to, err := o.toFollowers(ctx, tx, a, author...)
	if err != nil {
		return err
	}
	was := outgoing{activity: announcement(a, string(h.Announce), string(h.PostIRI)), signer: a, public: true, object: h.PostIRI}
	return o.undo(ctx, tx, was, to)
}
