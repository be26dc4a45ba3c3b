// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rsa"
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"

	"minga/federation"
	"minga/outbox/mail"
	"minga/outbox/text"
	"minga/storage"
)

// Local says where this instance lives.
type Local struct {
	Scheme        string // "https"; "http" in development
	Host          string // host[:port] of every id of ours
	AccountDomain string // the domain of our handles; may equal Host
	MediaURL      string // scheme and host where others read our files; empty: where all is
}

// Options are what an [Outbox] is made of. Store, Client, Now and Local are
// required.
type Options struct {
	Store  *storage.Store
	Client *federation.Client
	Now    func() time.Time
	Log    *slog.Logger // nil: nothing is logged
	Local  Local
	// Setting reads a setting as configured, "" for none; nil: what admins changed
	// in the store alone. Asked for federation_handle, federation_name, language,
	// announce_jobs, announce_articles and announce_notes.
	Setting func(ctx context.Context, key string) string
	// Blocked says whether nothing may be sent to a host[:port]; nil: what the
	// peers of the store say.
	Blocked func(ctx context.Context, host string) bool
	// Counter hears of every attempt; nil: nobody does.
	Counter counter
	// Tracer begins the spans of deliveries; nil: they leave no traces.
	Tracer trace.Tracer
	// Asked says whether somebody waits for an answer of this node: then deliveries leave a
	// processor to them. Nil: nobody ever does. It is called before each signature.
	Asked func() bool
	// Alive hears each time that deliveries were looked for; nil: nobody does.
	Alive func()
	// Find looks up whom and what imported files name; nil: only what is stored is found.
	Find finder
	// Mail is the server that takes our mails; nil: none are sent.
	Mail *mail.Server
	// MailCA are certificates (PEM) that a mail server may show which the staff names
	// later, besides those of the system; may be nil.
	MailCA []byte
	// Panicked is told of a panic that was contained; nil: it is only logged.
	Panicked func(value any, stack []byte)
	// Hosts is to how many hosts is sent at once, PerHost how many requests a host
	// gets at once; 0: 512 and 4.
	Hosts, PerHost int
	// NewRSA makes the RSA key of an account; nil: one that nobody had before. Tests
	// take keys that were made already.
	NewRSA func() (*rsa.PrivateKey, error)
}

// counter hears what became of attempts, for metrics. Implementations must bound
// the hosts that they remember.
type counter interface {
	// Attempted is told of each attempt to deliver an activity of a type: "delivered",
	// "final", "again" or "unsent".
	Attempted(host, activity, outcome string, took time.Duration)
	// Turned is told when a host begins to rest ("open"), is tried with one delivery
	// ("half_open") and is delivered to again ("closed").
	Turned(host, state string)
	// Mailed is told of each turn of a mail: "sent", "again" or "lost".
	Mailed(outcome string)
}

// Outbox is the room. It is safe for concurrent use.
type Outbox struct {
	o     Options
	store *storage.Store
	now   func() time.Time
	log   *slog.Logger
	keys  *keyring
	words *text.Catalogue
	mails *mail.Words
	// mailer takes our mails; nil: none are sent. It changes when the staff names one.
	mailer *atomic.Pointer[mail.Server]
	// around is what happens besides when a post is written.
	around   around
	pace     *pace
	settling *settling
	// tended is when saved searches were tidied last, in Unix milliseconds.
	tended *atomic.Int64
}

// New makes an outbox. It starts nothing and asks nothing; the error names an option
// that is missing.
func New(o Options) (*Outbox, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("outbox: no store")
	case o.Now == nil:
		return nil, errors.New("outbox: no clock")
	case o.Local.Scheme == "" || o.Local.Host == "":
		return nil, errors.New("outbox: no local host")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Local.AccountDomain == "" {
		o.Local.AccountDomain = o.Local.Host
	}
	o.Hosts, o.PerHost = orDefault(o.Hosts, 512), orDefault(o.PerHost, 4)
	words, err := text.Load()
	if err != nil {
		return nil, err
	}
	mails, err := mail.Load()
	if err != nil {
		return nil, err
	}
	out := &Outbox{
		o: o, store: o.Store, now: o.Now, log: o.Log, keys: newKeyring(maxKeys), words: words, mails: mails,
		tended: new(atomic.Int64), pace: newPace(runtime.GOMAXPROCS(0), o.Asked), settling: newSettling(),
	}
	out.mailer = &atomic.Pointer[mail.Server]{}
	out.mailer.Store(o.Mail)
	return out, nil
}

func orDefault(n, usual int) int {
	if n <= 0 {
		return usual
	}
	return n
}

// setting reads a setting, with the value that holds when nobody set it.
func (o *Outbox) setting(ctx context.Context, key, usual string) string {
	if o.o.Setting != nil {
		if v := o.o.Setting(ctx, key); v != "" {
			return v
		}
		return usual
	}
	if v, err := o.store.Setting(ctx, key); err == nil && v != "" {
		return v
	}
	return usual
}
