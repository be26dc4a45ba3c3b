// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
)

// batch is the work on one claimed host.
type batch struct {
	o     *Outbox
	claim *storage.Claim
	until time.Time // no new request after that

	mu      sync.Mutex
	form    signature.Form // what the host takes, as far as we know
	learnt  signature.Form // what was found out; empty: nothing new
	results []result
	failed  *verdict // of the host
	streak  int      // own failures in a row, before and in this batch
	success bool
}

// result is one attempt.
type result struct {
	delivery *storage.ClaimedDelivery
	verdict  verdict
}

// formOf reads the store's memory of a host; nothing known is cavage, since some
// servers answer an RFC 9421 request with less instead of an error.
func formOf(word string) signature.Form {
	switch f := signature.Form(word); f {
	case signature.RFC9421RSA, signature.RFC9421Ed25519:
		return f
	case signature.RFC9421:
		return signature.RFC9421RSA
	}
	return signature.Cavage
}

// send sends the first delivery alone, since it may tell that the host is dead or
// takes Ed25519, and then a few actors' at a time: what one actor says to a host goes
// one after the other, so that it arrives in the order in which it was said.
func (b *batch) send(ctx context.Context) {
	b.streak = b.claim.Streak
	list := b.claim.Deliveries
	if len(list) == 0 {
		return
	}
	b.one(ctx, &list[0])
	var few errgroup.Group
	few.SetLimit(b.o.o.PerHost)
	for _, line := range bySigner(list[1:]) {
		few.Go(func() error {
			for _, d := range line {
				b.one(ctx, d)
			}
			return nil
		})
	}
	_ = few.Wait() // one never fails
}

// bySigner parts deliveries by their actor, each part in its order.
func bySigner(list []storage.ClaimedDelivery) [][]*storage.ClaimedDelivery {
	var lines [][]*storage.ClaimedDelivery
	place := map[coop.ID]int{}
	for i := range list {
		n, known := place[list[i].Signer]
		if !known {
			n = len(lines)
			place[list[i].Signer], lines = n, append(lines, nil)
		}
		lines[n] = append(lines[n], &list[i])
	}
	return lines
}

// one makes one attempt, unless there is no sense in it any more.
func (b *batch) one(ctx context.Context, d *storage.ClaimedDelivery) {
	defer func() {
		if v := recover(); v != nil {
			b.o.panicked(ctx, b.claim.Host, v)
			b.note(result{d, verdict{result: storage.Again, reason: "panic"}})
		}
	}()
	if b.stop(ctx) {
		b.note(result{d, verdict{result: storage.Unsent}})
		return
	}
	start := b.o.now()
	on, cancel := outlive(ctx)
	defer cancel()
	v := b.tried(on, d)
	b.report(ctx, d, v, b.o.now().Sub(start))
	b.note(result{d, v})
}

// lastWord is how long a delivery that was begun may go on when the program ends: what is
// there and was not seen to be is sent once more by the next who asks for work.
const lastWord = 2 * time.Second

// outlive gives a context that ends so long after ctx.
func outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	on, cancel := context.WithCancel(context.WithoutCancel(ctx))
	forget := context.AfterFunc(ctx, func() {
		patience, over := context.WithTimeout(on, lastWord)
		defer over()
		<-patience.Done()
		cancel()
	})
	return on, func() { forget(); cancel() }
}

// stop tells whether the rest of the batch has to wait.
func (b *batch) stop(ctx context.Context) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failed != nil || ctx.Err() != nil || b.o.now().After(b.until) || b.streak >= streakOfHost
}

// attempt sends one delivery: once, and on 400 or 401 once more with the other form of
// signature. Each request is signed anew.
func (b *batch) attempt(ctx context.Context, d *storage.ClaimedDelivery) verdict {
	form := b.know()
	answer, err := b.post(ctx, d, form)
	if err != nil || answer.Status != http.StatusBadRequest && answer.Status != http.StatusUnauthorized {
		b.hear(form, answer)
		return judge(outcome(answer, err))
	}
	other := otherForm(form)
	second, err := b.post(ctx, d, other)
	if err == nil && second.Err() == nil {
		b.teach(other)
		return judge(nil)
	}
	if err == nil {
		return judge(second.Err())
	}
	return judge(answer.Err())
}

// outcome is the error of an exchange, nil for a success.
func outcome(answer *federation.Response, err error) error {
	if err != nil {
		return err
	}
	return answer.Err()
}

// otherForm is what is tried when a form is refused.
func otherForm(form signature.Form) signature.Form {
	if form == signature.Cavage {
		return signature.RFC9421RSA
	}
	return signature.Cavage
}

// post makes one signed request. Up to its signature it has one of few places.
func (b *batch) post(ctx context.Context, d *storage.ClaimedDelivery, form signature.Form) (*federation.Response, error) {
	leave := b.o.pace.enter()
	defer leave()
	pair, err := b.o.keysOf(ctx, b.o.store, d.Signer)
	if err != nil {
		if errors.Is(err, coop.ErrNotFound) {
			return nil, &federation.Error{Kind: federation.KindURL, Host: b.claim.Host, Err: err} // signed by nobody: final
		}
		return nil, err
	}
	key := pair.rsa
	switch {
	case form == signature.RFC9421Ed25519:
		key = pair.ed
	case pair.announcement == d.IRI && d.Attempts == 0:
		// New keys are announced with the old one; who knows the new one already, from
		// elsewhere, gets the repetition signed with that.
		key = pair.old
	}
	part, err := b.synchronization(ctx, d)
	if err != nil {
		return nil, err
	}
	return b.o.o.Client.Post(ctx, string(d.Inbox), d.Body, func(r *http.Request) error {
		defer leave()
		withSynchronization(r, part)
		defer b.o.pace.sign()()
		return signature.Sign(r, d.Body, key, form, b.o.now())
	})
}

func (b *batch) know() signature.Form {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.form
}

// hear reads what form a host asks for (RFC 9421 §5.1).
func (b *batch) hear(used signature.Form, answer *federation.Response) {
	if answer == nil || answer.Err() != nil {
		return
	}
	wanted := signature.ReadAcceptSignature(answer.AcceptSignature)
	if wanted != "" && wanted != used {
		b.teach(wanted)
	}
}

func (b *batch) teach(form signature.Form) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.form, b.learnt = form, form
}
