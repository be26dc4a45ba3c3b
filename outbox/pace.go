// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import "sync"

// pace keeps hundreds of workers from taking what people who are here need. A signature
// with RSA keeps a processor for a millisecond; where all of them sign, everything else
// waits each time that it comes back from the database or the network.
type pace struct {
	// starting has two places for each processor. Who has one asks the database whether and
	// with which key something may be sent, and signs; on the network it has none.
	starting chan struct{}
	// signing has a place for each processor but one, spare that of the last.
	signing, spare chan struct{}
	asked          func() bool
}

// newPace is for so many processors; see [Options.Asked].
func newPace(processors int, asked func() bool) *pace {
	return &pace{
		starting: make(chan struct{}, 2*processors), signing: make(chan struct{}, max(1, processors-1)),
		spare: make(chan struct{}, min(1, processors-1)), asked: asked,
	}
}

// enter waits for a place to start. What it returns gives it back, once.
func (p *pace) enter() (leave func()) {
	p.starting <- struct{}{}
	return sync.OnceFunc(func() { <-p.starting })
}

// sign waits for a place to sign, the last one of which is free only while nobody who is
// here waits for an answer. What it returns gives it back.
func (p *pace) sign() (done func()) {
	spare := p.spare
	if p.asked != nil && p.asked() {
		spare = nil
	}
	select {
	case p.signing <- struct{}{}:
		return func() { <-p.signing }
	case spare <- struct{}{}:
		return func() { <-p.spare }
	}
}
