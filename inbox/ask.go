// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
)

// Bounds of asking the network: who asks waits for it, and a server that answers with
// jobs of many co-ops makes us ask it for each.
const (
	askPatience  = 2 * time.Second
	mostAskSpent = 12 // documents fetched of one server
)

// Answer is what one server said to a question.
type Answer struct {
	Host  string
	Jobs  int  // that were kept
	Heard bool // false: it did not answer in time, or not with a collection
}

// AskNetwork asks federations elsewhere that nobody here follows for their jobs, with
// the query string of the job board, all at the same time and for two seconds in all.
// What they send takes the checks of any post that was fetched, and is kept: the board
// here has it from then on. Answers are in the order of the store; an error is one of
// ours.
func (in *Inbox) AskNetwork(ctx context.Context, query url.Values) ([]Answer, error) {
	if len(query) == 0 {
		query = url.Values{"order": {string(coop.OrderNewest)}} // else it is the collection as it is
	}
	boards, err := in.store.AskableBoards(ctx)
	if err != nil {
		return nil, err
	}
	asking, stop := context.WithTimeout(ctx, askPatience)
	defer stop()
	answers := make([]Answer, len(boards))
	var all errgroup.Group
	for n, board := range boards {
		answers[n].Host = board.Host
		all.Go(func() error {
			_ = in.contained(func() error { return in.askBoard(asking, board, query, &answers[n]) }) // the answer says it
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	return answers, ctx.Err()
}

// askBoard asks one of them.
func (in *Inbox) askBoard(ctx context.Context, board *coop.Account, query url.Values, answer *Answer) error {
	ctx = withFetches(ctx, mostAskSpent)
	found, err := in.readPage(ctx, asked(board.Jobs, query))
	if err != nil {
		return err
	}
	answer.Heard = true
	for _, r := range found.items[:min(len(found.items), coop.MostAnswered)] {
		object := r.Object()
		if object == nil || !sameOrigin(coop.IRI(r.ID), board.Jobs) || in.local(coop.IRI(r.ID)) || !openJob(object) {
			continue // what it says of others' jobs is hearsay
		}
		_, err := in.keepPost(ctx, object, coop.Path{How: "fetch"})
		if ctx.Err() != nil || errors.Is(err, errBudget) {
			return err
		}
		if err == nil {
			answer.Jobs++
		}
	}
	return nil
}

// asked is the address of a collection with a query.
func asked(collection coop.IRI, query url.Values) coop.IRI {
	separator := "?"
	if strings.Contains(string(collection), "?") {
		separator = "&"
	}
	return collection + coop.IRI(separator+query.Encode())
}
