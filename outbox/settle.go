// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"minga/storage"
)

// How results are written down
//
// A post that goes to a thousand servers has a thousand results within a second. Were each
// a transaction of its own, who posts meanwhile would stand in line behind hundreds of them,
// for a connection or for the one writer of SQLite. So one worker at a time writes, and
// those that have something to write meanwhile gather and are written by the next together:
// the line that others see is never longer than one.

const (
	// settleWithin is the time for writing results down when the program ends.
	settleWithin = 10 * time.Second
	// settlePause and settleTries are for a store that does not answer: they end well
	// before the lease.
	settlePause, settleTries = time.Second, 80
	// settleAtOnce bounds the hosts of one transaction, and with it its length.
	settleAtOnce = 64
)

// errNotSettled is of results that nobody came to write.
var errNotSettled = errors.New("the results were not written")

// settling is the line of results that are to be written.
type settling struct {
	turn chan struct{} // of the one that writes

	mu      sync.Mutex
	waiting []*unsettled
}

// unsettled is a batch in that line. done gets what came of it, once.
type unsettled struct {
	b    *batch
	done chan error
}

func newSettling() *settling { return &settling{turn: make(chan struct{}, 1)} }

// join puts batches in the line.
func (s *settling) join(list ...*unsettled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, list...)
}

// take takes the first few out of it.
func (s *settling) take() []*unsettled {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(settleAtOnce, len(s.waiting))
	list := slices.Clone(s.waiting[:n])
	s.waiting = slices.Delete(s.waiting, 0, n)
	return list
}

// leave takes one out, and says whether it still was in it.
func (s *settling) leave(u *unsettled) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := slices.Index(s.waiting, u)
	if n >= 0 {
		s.waiting = slices.Delete(s.waiting, n, n+1)
	}
	return n >= 0
}

// settle writes down what became of a claim. It must happen although the program is
// ending, else what was delivered would be delivered once more.
//
// A store that is away for now is asked again while the lease lasts, since nobody else
// may say what became of these.
func (o *Outbox) settle(ctx context.Context, b *batch) error {
	err := o.settleOnce(ctx, b)
	for n := 0; n < settleTries && storage.Away(err) && holdOn(ctx, settlePause); n++ {
		err = o.settleOnce(ctx, b)
	}
	if errors.Is(err, storage.ErrLeaseLost) {
		o.log.WarnContext(ctx, "lease lost", "host", b.claim.Host)
		return nil
	}
	if err != nil {
		return fmt.Errorf("settle %s: %w", b.claim.Host, err)
	}
	return nil
}

// holdOn waits, and says whether ctx goes on.
func holdOn(ctx context.Context, d time.Duration) bool {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-wait.Done()
	return ctx.Err() == nil
}

// settleOnce tries it one time: with others, by whoever has the turn.
func (o *Outbox) settleOnce(ctx context.Context, b *batch) error {
	mine := &unsettled{b, make(chan error, 1)}
	o.settling.join(mine)
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	for {
		select {
		case err := <-mine.done:
			return err
		case o.settling.turn <- struct{}{}:
			o.settleSome(ctx)
		case <-patience.Done():
			if o.settling.leave(mine) {
				return patience.Err()
			}
			return <-mine.done // it is being written, which has an end of its own
		}
	}
}

// settleSome writes the first of the line, and ends the turn.
func (o *Outbox) settleSome(ctx context.Context) {
	list := o.settling.take()
	defer func() { <-o.settling.turn }()
	defer func() { // also when writing panics
		for _, u := range list {
			u.tell(errNotSettled)
		}
	}()
	o.settleAll(ctx, list)
}

// tell says what came of it, unless that was said.
func (u *unsettled) tell(err error) {
	select {
	case u.done <- err:
	default:
	}
}

// settleAll writes some together. Where that cannot be done each is written alone, so that
// one does no harm to the others. Where somebody else is at some of the hosts, such as who
// publishes to a thousand, the first of these waits for that and the others come again.
func (o *Outbox) settleAll(ctx context.Context, list []*unsettled) {
	late, err := o.writeSettled(ctx, list)
	if err != nil && len(list) > 1 && !storage.Away(err) {
		for i := range list {
			o.settleAll(ctx, list[i:i+1])
		}
		return
	}
	var busy []*unsettled
	for i, u := range list {
		switch {
		case err != nil:
			u.tell(err)
		case errors.Is(late[i], storage.ErrHostBusy):
			busy = append(busy, u)
		default:
			u.tell(late[i])
		}
	}
	if len(busy) > 0 {
		o.settleAll(ctx, busy[:1])
		o.settleAll(ctx, busy[1:])
	}
}

// writeSettled writes some in one transaction, and says for each what [storage.Tx.SettleDestinations]
// says.
func (o *Outbox) writeSettled(ctx context.Context, list []*unsettled) (late []error, err error) {
	if len(list) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	now := o.now()
	all := make([]storage.Settlement, len(list))
	for i, u := range list {
		all[i] = u.b.settlement(now)
	}
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		if late, err = tx.SettleDestinations(ctx, all); err != nil {
			return err
		}
		return o.learn(ctx, tx, list, late)
	})
	return late, err
}

// learn keeps, in the same transaction, what those that were settled found out.
func (o *Outbox) learn(ctx context.Context, tx *storage.Tx, list []*unsettled, late []error) error {
	took := map[string]storage.Exchanged{}
	for i, u := range list {
		if late[i] != nil {
			continue
		}
		if u.b.success {
			took[u.b.claim.Host] = u.b.last()
		}
		if err := u.b.learn(ctx, tx); err != nil {
			return err
		}
	}
	return tx.TouchPeers(ctx, storage.PeerDelivered, o.now(), took)
}
