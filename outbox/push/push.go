// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/outbox/text"
	"minga/storage"
)

// Options are what a [Sender] is made of. Store, Client, Now and Base are required.
type Options struct {
	Store  *storage.Store
	Client *federation.Client
	Now    func() time.Time
	Log    *slog.Logger // nil: nothing is logged
	Base   string       // "https://coop.example"
	// Contact is a mail address for those who run push services; empty: they are told
	// Base.
	Contact string
	// Language is that of people who named none.
	Language string
	// Icon is where apps get an account's picture from; nil: all have ours.
	Icon func(a *coop.Account) string
	// Counter hears of every message; nil: nobody does.
	Counter counter
	// Panicked is told of a panic that was contained; nil: it is only logged.
	Panicked func(value any, stack []byte)
	// Workers is how many messages go out at once, PerHost how many of them to one
	// host; 0: 64 and 8.
	Workers, PerHost int
}

// counter hears what became of messages, for metrics.
type counter interface {
	// Pushed is told of each turn of a message: "sent", "void" (it need not be sent any
	// more), "again", "refused" or "dropped" (with its subscription).
	Pushed(outcome string, took time.Duration)
}

// Sender tells subscriptions of notifications. It is safe for concurrent use.
type Sender struct {
	o        Options
	store    *storage.Store
	now      func() time.Time
	log      *slog.Logger
	key      present
	words    *text.Catalogue
	hosts    *hosts
	patience time.Duration // for one exchange; tests make it shorter
	// putOff says that a message found its host busy and comes again soon.
	putOff atomic.Bool
}

// New makes a sender, and at the first start of an instance its key. It starts nothing.
func New(ctx context.Context, o Options) (*Sender, error) {
	if o.Store == nil || o.Client == nil || o.Now == nil || o.Base == "" {
		return nil, errors.New("web push: store, client, clock and base are needed")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Icon == nil {
		o.Icon = func(*coop.Account) string { return o.Base + "/assets/avatar.svg" }
	}
	if o.Workers <= 0 {
		o.Workers = 64
	}
	if o.PerHost <= 0 {
		o.PerHost = 8
	}
	words, err := text.Load()
	if err != nil {
		return nil, err
	}
	s := &Sender{o: o, store: o.Store, now: o.Now, log: o.Log, words: words, hosts: newHosts(o.PerHost), patience: exchangeTime}
	return s, s.readKey(ctx, o.Now())
}

// PublicKey is what apps give their push service, so that it takes messages from this
// instance alone (RFC 8292 §4): a point of P-256 in base64url without padding.
func (s *Sender) PublicKey(ctx context.Context) string { return s.keyNow(ctx).public }

// MaySend judges the endpoint of a new subscription without asking it. What could never
// be reached is a [coop.InvalidError] of field subscription.endpoint; where a name
// leads is judged each time something is sent.
func (s *Sender) MaySend(ctx context.Context, endpoint string) error {
	if len(endpoint) > coop.MaxEndpoint {
		return badEndpoint("is longer than 2,048 characters")
	}
	err := s.o.Client.MayAsk(ctx, endpoint)
	var e *federation.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e) && e.Kind == federation.KindBlocked:
		return badEndpoint("is on a server that is blocked here")
	case errors.As(err, &e) && (e.Kind == federation.KindAddress || e.Kind == federation.KindOwn):
		return badEndpoint("leads to where nothing is sent")
	}
	return badEndpoint("is an address that begins with https://")
}

// badEndpoint says what is wrong with an endpoint.
func badEndpoint(problem string) error {
	return &coop.InvalidError{Field: "subscription.endpoint", Code: coop.CodeFormat, Problem: problem}
}

// subject is whom a push service may write to (RFC 8292 §2.1).
func (s *Sender) subject() string {
	if s.o.Contact != "" {
		return "mailto:" + s.o.Contact
	}
	return s.o.Base
}
