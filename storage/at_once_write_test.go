// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"minga/coop"
	"minga/storage"
)

// counted is an act that counts how often it was kept by its transaction.
func counted(n *atomic.Int32, do act, late ...error) act {
	return orNot(func(ctx context.Context, tx *storage.Tx) error {
		err := do(ctx, tx)
		if err == nil {
			tx.AfterCommit(func() { n.Add(1) })
		}
		return err
	}, late...)
}

// nobodyGetsMoreThanTheMost: what may be there so many times at most is asked for
// several times at once.
func nobodyGetsMoreThanTheMost(w *world) {
	for i := range 3 {
		ana := w.account(fmt.Sprintf("anaf%d", i), "", coop.Person)
		key := func(name string) act {
			return func(ctx context.Context, tx *storage.Tx) error {
				return tx.AddPasskey(ctx, &coop.Passkey{AccountID: ana.ID, Credential: []byte(name), Handle: make([]byte, 32), Record: "{}", Name: name})
			}
		}
		tag := func(name string) act {
			return func(ctx context.Context, tx *storage.Tx) error {
				_, _, err := tx.FeatureTag(ctx, ana.ID, name)
				if _, much := err.(*coop.InvalidError); much {
					return coop.ErrGone
				}
				return err
			}
		}
		for i := range coop.MostPasskeys - 1 {
			w.write(key(fmt.Sprintf("key %d of %s", i, ana.ID)))
		}
		for i := range coop.MaxFeaturedTags - 1 {
			w.write(tag(fmt.Sprintf("tag%d", i)))
		}
		var keys, tags atomic.Int32
		var all []act
		for i := range 6 {
			all = append(all, counted(&keys, key(fmt.Sprintf("more %d of %s", i, ana.ID)), coop.ErrConflict), counted(&tags, tag(fmt.Sprintf("more%d", i))))
		}
		w.atOnce(all...)
		if keys.Load() != 1 || tags.Load() != 1 {
			w.Errorf("%d keys and %d tags more than there was room for one of each", keys.Load(), tags.Load())
		}
	}
}

// aSuggestionIsDecidedOnce: it is accepted, rejected and taken back at once.
func aSuggestionIsDecidedOnce(w *world) {
	author, by := w.account("telarg", "", coop.Coop), w.account("beag", "", coop.Person)
	p := w.post(author, func(p *coop.Post) {
		p.Kind, p.Type, p.Title, p.Article = coop.KindArticle, "Article", "How we weave", &coop.Article{Version: 1, Status: coop.ArticlePublished}
	})
	for i := range rounds {
		s := &coop.Suggestion{IRI: by.IRI + coop.IRI(fmt.Sprintf("/offers/%d", i)), PostID: p.ID, ByID: by.ID, State: coop.SuggestionOpen}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.AddSuggestion(ctx, s)
			return err
		})
		var decided atomic.Int32
		decide := func(state coop.SuggestionState) act {
			return counted(&decided, func(ctx context.Context, tx *storage.Tx) error {
				answer := *s
				answer.State = state
				return tx.DecideSuggestion(ctx, &answer)
			}, coop.ErrState)
		}
		w.atOnce(decide(coop.SuggestionAccepted), decide(coop.SuggestionRejected), decide(coop.SuggestionWithdrawn), decide(coop.SuggestionAccepted))
		if decided.Load() != 1 {
			w.Errorf("round %d: decided %d times", i, decided.Load())
		}
	}
}

// aMembershipGoesOneWay: a petition is accepted, refused and taken back at once.
func aMembershipGoesOneWay(w *world) {
	red := w.account("redh", "", coop.Federation)
	for i := range rounds {
		telar := w.account(fmt.Sprintf("telarh%d", i), "", coop.Coop)
		var asked, decided atomic.Int32
		ask := func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.MembershipOf(ctx, telar.ID, red.ID); err == nil {
				return coop.ErrGone
			}
			return tx.PutMembership(ctx, &coop.Membership{Member: telar, Organization: red, Role: coop.RoleFull, State: coop.MembershipAsked})
		}
		w.atOnce(counted(&asked, ask), counted(&asked, ask), counted(&asked, ask))
		m, err := w.s.MembershipOf(w.Context(), telar.ID, red.ID)
		id := must(w, m, err).ID
		step := func(action coop.MembershipAction) act {
			return counted(&decided, func(ctx context.Context, tx *storage.Tx) error {
				m, err := tx.Membership(ctx, id)
				if err != nil || m.State != coop.MembershipAsked {
					return errors.Join(coop.ErrGone, err)
				}
				m.State, err = m.State.Step(action)
				if err != nil {
					return err
				}
				return tx.PutMembership(ctx, m)
			})
		}
		w.atOnce(step(coop.MembershipAccept), step(coop.MembershipRefuse), step(coop.MembershipLeave))
		if asked.Load() != 1 || decided.Load() != 1 {
			w.Errorf("round %d: asked %d times, decided %d times", i, asked.Load(), decided.Load())
		}
	}
}

// votesDuringAnEditCount: the text around a poll is changed while people vote.
func votesDuringAnEditCount(w *world) {
	author := w.account("telari", "", coop.Coop)
	var voters []*coop.Account
	for i := range 3 {
		voters = append(voters, w.account(fmt.Sprintf("voteri%d", i), "", coop.Person))
	}
	for i := range rounds {
		p := w.post(author, w.asks(false, "yes", "no"))
		w.clock.Advance(time.Second)
		var all []act
		for n, a := range voters {
			all = append(all, func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.AddVotes(ctx, storage.Vote{Post: p.ID, Account: a.ID, Options: []int{0}, At: w.clock.Now(), Once: true})
				return err
			}, func(ctx context.Context, tx *storage.Tx) error {
				next, err := tx.Post(ctx, coop.System(), p.ID)
				if err != nil {
					return err
				}
				next.Content, next.Updated = fmt.Sprintf("<p>%d</p>", n), w.clock.Now()
				_, err = tx.UpdatePost(ctx, next, storage.Arrival{})
				return err
			})
		}
		w.atOnce(all...)
		if got := w.counts(p); got != "3 0 | 3" {
			w.Errorf("round %d: counts %q", i, got)
		}
	}
}

// anApplicationEndsOnce: it counts once in what an account has answered in time.
func anApplicationEndsOnce(w *world) {
	telar := w.account("telark", "", coop.Coop)
	p := w.post(telar, job("Baker"))
	for i := range rounds {
		a := &coop.Application{PostID: p.ID, AccountID: telar.ID, Name: "Rosa", Email: "rosa@mail.example", Title: "Baker", AnswerBy: w.clock.Now().Add(-time.Hour)}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddApplication(ctx, a, hashOf(byte(20+i)), 0)
		})
		end := orNot(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveApplication(ctx, a.ID) }, coop.ErrNotFound)
		w.atOnce(end, end, end, end)
	}
	if r, err := w.s.AnswerRecord(w.Context(), telar.ID); must(w, r, err).Due != rounds {
		w.Errorf("%d applications count as %d", rounds, r.Due)
	}
}

// whatManyLikeAtOnceIsFound: who reacts to a post of others makes it findable for
// people here, and two who do so at once are not in each other's way.
func whatManyLikeAtOnceIsFound(w *world) {
	far := w.account("farl", "far.example", coop.Person)
	var all []*coop.Account
	for i := range 5 {
		all = append(all, w.account(fmt.Sprintf("readerl%d", i), "", coop.Person))
	}
	for range rounds {
		p := w.post(far, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleFollowers, []coop.IRI{far.Followers} })
		var acts []act
		for _, a := range all {
			acts = append(acts, func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.React(ctx, storage.Reaction{Kind: storage.Like, Actor: a.ID, Post: p.ID})
				return err
			})
		}
		w.atOnce(acts...)
	}
}

// termsMergedIntoEachOther: of two that are merged into each other at once one stays.
func termsMergedIntoEachOther(w *world) {
	telar := w.account("telarm", "", coop.Coop)
	for i := range rounds {
		names := []string{fmt.Sprintf("weaving%d", i), fmt.Sprintf("looms%d", i)}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutServices(ctx, telar.ID, []coop.Offering{{Kind: coop.KindService, Label: names[0]}, {Kind: coop.KindService, Label: names[1]}})
		})
		a, err := w.s.ServiceTermNamed(w.Context(), coop.KindService, names[0])
		must(w, a, err)
		b, err := w.s.ServiceTermNamed(w.Context(), coop.KindService, names[1])
		must(w, b, err)
		var merged atomic.Int32
		merge := func(id, into coop.ID) act {
			return counted(&merged, func(ctx context.Context, tx *storage.Tx) error { return tx.MergeTerm(ctx, id, into) }, coop.ErrState)
		}
		w.atOnce(merge(a.ID, b.ID), merge(b.ID, a.ID), merge(a.ID, b.ID), merge(b.ID, a.ID))
		if merged.Load() != 1 {
			w.Errorf("round %d: merged %d times", i, merged.Load())
		}
	}
}

// aCodeThatIsExchangedAsAllEnds: a token that is given while everything of a person is
// revoked is revoked too.
func aCodeThatIsExchangedAsAllEnds(w *world) {
	ana := w.account("anan", "", coop.Person)
	app := &coop.App{ClientID: "app of a test, long enough", Name: "app", Secret: hashOf(39)}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddApp(ctx, app) })
	for i := range rounds {
		w.clock.Advance(time.Second)
		hash := hashOf(byte(40 + i))
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddCode(ctx, &coop.Code{Hash: hash, AppID: app.ID, AccountID: ana.ID, PersonID: ana.ID, EndsAt: w.clock.Now().Add(time.Minute)})
		})
		exchange := func(ctx context.Context, tx *storage.Tx) error {
			code, err := tx.CodeByHash(ctx, hash)
			if err != nil || !code.EndsAt.After(w.clock.Now()) {
				return errors.Join(coop.ErrGone, err)
			}
			token := &coop.Token{Hash: hash, AccountID: ana.ID, PersonID: ana.ID, AppID: app.ID}
			if err := tx.AddToken(ctx, token); err != nil {
				return err
			}
			return tx.UseCode(ctx, code.ID, token.ID)
		}
		w.atOnce(exchange, func(ctx context.Context, tx *storage.Tx) error { return tx.RevokeTokensOf(ctx, ana.ID, w.clock.Now()) })
		if _, err := w.s.TokenByHash(w.Context(), hash); err == nil {
			w.Errorf("round %d: a token outlives the end of all", i)
		}
	}
}

// whoComesInAsAllEnds: who is let in by a password while it is changed is out again, or
// was not let in.
func whoComesInAsAllEnds(w *world) {
	ana := w.account("anao", "", coop.Person)
	for i := range rounds {
		old, next := strings.Repeat(string(rune('a'+i)), 40), strings.Repeat(string(rune('b'+i)), 40)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ChangePassword(ctx, ana.ID, old, 0) })
		signIn := func(n int) act {
			return func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.AtTheDoor(ctx, ana.ID); err != nil {
					return err
				}
				if now, err := tx.PasswordHash(ctx, ana.ID); err != nil || now != old {
					return errors.Join(coop.ErrGone, err)
				}
				return tx.AddSession(ctx, &coop.Session{Hash: hashOf(byte(100 + 10*i + n)), AccountID: ana.ID})
			}
		}
		change := func(ctx context.Context, tx *storage.Tx) error { return tx.ChangePassword(ctx, ana.ID, next, 0) }
		w.atOnce(signIn(0), signIn(1), change, signIn(2), signIn(3))
		if list, err := w.s.Sessions(w.Context(), ana.ID); len(must(w, list, err)) != 0 {
			w.Errorf("round %d: the old password keeps %d sessions", i, len(list))
		}
	}
}
