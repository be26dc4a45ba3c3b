// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Polls (FEP-9967). A question of ours goes out as a Question; who votes sends us a
// ballot, which is counted where it arrives. The counts go out as an Update of the
// question, seldom enough that a poll with many voters is no flood, and once more at
// the end. A vote of ours in a poll elsewhere is a ballot for each answer chosen: a
// Note with the answer for its name, for the author of the poll alone.

// question makes a plain post the question of its poll, or what has none a note again.
// Before is its state until now, nil for a new one: where the answers stay, so do the
// votes.
func (o *Outbox) question(p, before *coop.Post) error {
	p.Kind, p.Type, p.Ends = coop.KindNote, "Note", time.Time{}
	if p.Poll == nil {
		return nil
	}
	p.Kind, p.Type, p.Ends = coop.KindQuestion, "Question", p.Poll.Ends
	same := before != nil && before.Poll != nil && before.Poll.SameQuestion(p.Poll)
	if same {
		p.Poll.Count(before.Poll)
	}
	if same && p.Poll.Ends.Equal(before.Poll.Ends) {
		p.Poll.Closed = before.Poll.Closed // who edits the text of a poll that is over asks nothing new
		return nil
	}
	return p.Poll.Validate(o.now())
}

// pollTerms are what may be chosen, with the counts as far as they are told.
func pollTerms(post *coop.Post) vocabulary.Members {
	p, list := post.Poll, "oneOf"
	if p.Multiple {
		list = "anyOf"
	}
	var options []vocabulary.Members
	for i, o := range p.Options {
		replies := vocabulary.Members{{Name: "type", Value: "Collection"}}
		if !p.HideTotals || !p.Closed.IsZero() {
			replies = append(replies, vocabulary.Member{Name: "totalItems", Value: max(o.Votes, 0)})
		}
		option := vocabulary.Members{{Name: "type", Value: "Note"}, {Name: "name", Value: o.Title}, {Name: "replies", Value: replies}}
		if post.Decision != nil {
			option = option.Add("option", post.Decision.Options[i])
		}
		options = append(options, option)
	}
	m := vocabulary.Members{{Name: list, Value: options}, {Name: "votersCount", Value: max(p.Voters, 0)}}
	return m.Add("closed", p.Closed)
}

// Vote casts the vote of an account of ours in a poll that it may see: the places of
// the options that it chooses. A poll elsewhere gets a ballot for each. An
// *[coop.InvalidError] on the field choices says why a vote does not count;
// [coop.ErrNotFound] that there is no such poll.
func (o *Outbox) Vote(ctx context.Context, account *coop.Account, post coop.ID, choices []int) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		p, err := tx.Post(ctx, storage.Seeing(ctx, account.ID), post)
		if err == nil && p.Poll == nil {
			err = coop.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("vote in %s: %w", post, err)
		}
		if p.Decision != nil {
			done, err := o.voteInDecision(ctx, tx, account, p, choices)
			if done || err != nil {
				return err
			}
		}
		if err := o.cast(ctx, tx, account, p, choices); err != nil || p.Local {
			return err
		}
		for _, choice := range choices {
			if err := o.sendBallot(ctx, tx, account, p, p.Poll.Options[choice]); err != nil {
				return err
			}
		}
		return nil
	})
}

// cast counts a vote that holds. Two at once of one voter are told apart by the store.
func (o *Outbox) cast(ctx context.Context, tx *storage.Tx, account *coop.Account, p *coop.Post, choices []int) error {
	now := o.now()
	if p.AuthorID == account.ID {
		return &coop.InvalidError{Field: "choices", Code: coop.CodeNotAllowed, Problem: "nobody votes in their own poll"}
	}
	votes, err := tx.PollVotes(ctx, account.ID, []coop.ID{p.ID})
	if err != nil {
		return err
	}
	if err := p.Poll.MayChoose(choices, votes[p.ID], now); err != nil {
		return err
	}
	_, err = tx.AddVotes(ctx, storage.Vote{Post: p.ID, Account: account.ID, Options: choices, At: now, Once: true})
	switch {
	case errors.Is(err, coop.ErrConflict):
		return p.Poll.MayChoose(choices, []int{0}, now)
	case errors.Is(err, coop.ErrState):
		return p.Poll.MayChoose(choices, nil, p.Poll.Ends)
	}
	return err
}

// sendBallot tells the author of a poll elsewhere one answer that was chosen.
func (o *Outbox) sendBallot(ctx context.Context, tx *storage.Tx, account *coop.Account, p *coop.Post, option coop.PollOption) error {
	iri, err := o.newIRI(ctx, tx, account.IRI, "Create")
	if err != nil {
		return err
	}
	ballot := vocabulary.Note{
		ID: string(below(coop.IRI(iri), "ballot")), AttributedTo: string(account.IRI), To: []string{string(p.Author.IRI)},
		InReplyTo: string(p.IRI), Name: option.Ballot(), Published: o.now(),
	}
	to, err := o.toOne(ctx, tx, p.Author)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: wrap(ballot, "Create", coop.IRI(iri)), signer: account, object: p.IRI, urgent: true}, to)
	return err
}

const (
	// countsEvery is how seldom the counts of one poll are told elsewhere.
	countsEvery = 5 * time.Minute
	// maxPolls is how many polls are looked after in one call.
	maxPolls = 200
)

// TellPolls ends the polls whose time is over, which tells who asked and who voted
// here, and tells other servers the counts of ours; it says how many. Call it every
// minute.
func (o *Outbox) TellPolls(ctx context.Context) (int, error) {
	now := o.now()
	ending, err := o.store.EndingPolls(ctx, now, maxPolls)
	if err != nil {
		return 0, err
	}
	done, failed := o.eachPoll(ctx, ending, func(tx *storage.Tx, id coop.ID) (bool, error) { return tx.EndPoll(ctx, id, now) })
	counted, err := o.store.CountedPolls(ctx, now.Add(-countsEvery), maxPolls)
	if err != nil {
		return done, errors.Join(failed, err)
	}
	told, more := o.eachPoll(ctx, counted, func(tx *storage.Tx, id coop.ID) (bool, error) { return tx.TakePoll(ctx, id, now) })
	return done + told, errors.Join(failed, more)
}

// eachPoll takes each poll and tells its counts, each in a transaction of its own: one
// that cannot be told must not keep the others back.
func (o *Outbox) eachPoll(ctx context.Context, ids []coop.ID, take func(tx *storage.Tx, id coop.ID) (bool, error)) (done int, failed error) {
	for _, id := range ids {
		err := o.store.Write(ctx, func(tx *storage.Tx) error {
			taken, err := take(tx, id)
			if err != nil || !taken {
				return err
			}
			return o.sendCounts(ctx, tx, id)
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("tell of poll %s: %w", id, err))
			continue
		}
		done++
	}
	return done, failed
}

// sendCounts tells everybody who has a question of ours how many voted. That is no
// edit: the time of the last one stays.
func (o *Outbox) sendCounts(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	p, err := tx.Post(ctx, coop.System(), id)
	if err != nil || !p.Local || p.Visibility == coop.VisibleLocal {
		return err
	}
	iri, err := o.newIRI(ctx, tx, p.Author.IRI, "Update")
	if err != nil {
		return err
	}
	w, err := o.write(ctx, tx, p, "Update", coop.IRI(iri))
	if err != nil {
		return err
	}
	if err := tx.CountPoll(ctx, p, storage.Arrival{Object: w.object, Activity: w.activity}); err != nil {
		return err
	}
	if err := o.spread(ctx, tx, p, w, true); err != nil {
		return err
	}
	return o.announceLocal(ctx, tx, p, w.activity, false)
}
