// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// Local says where this instance lives.
type Local struct {
	Scheme        string // "https"; "http" in development
	Host          string // host[:port] of every id of ours
	AccountDomain string // the domain of our handles; may equal Host
}

// BoardPolicy says whose posts a board of ours announces (federation.md 10).
type BoardPolicy string

// The policies. The zero value is BoardMembers.
const (
	BoardMembers   BoardPolicy = "members"   // verified members and the federation
	BoardFollowers BoardPolicy = "followers" // besides them whoever follows the board
	BoardModerated BoardPolicy = "moderated" // nobody by itself
)

// Options are what an [Inbox] is made of. Store, Client, Now, Local and Mode are
// required.
type Options struct {
	Store  *storage.Store
	Client *federation.Client
	Now    func() time.Time
	Log    *slog.Logger // nil: nothing is logged
	Local  Local
	// Mode is how unknown servers are treated now.
	Mode func(ctx context.Context) coop.FederationMode
	// Answers is the outbox; nil means that nothing is answered (for tests).
	Answers answerer
	// Board is the policy of a board of ours; nil: BoardMembers.
	Board func(ctx context.Context, board *coop.Account) BoardPolicy
	// Counter hears of every refusal and every effect; nil: nobody does.
	Counter counter
	// Panicked is told of a panic that was contained; nil: it is only logged.
	// Tests make it fail the test.
	Panicked func(value any, stack []byte)
	// Sleep waits between polite requests; nil waits by the machine's timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// Workers is how many activities are worked on at once by Run; 0: 8.
	Workers int
	// MaxWaiting and MaxAge bound the incoming queue: over either, requests get a
	// 503 before they are read. 0: 100,000 rows and 6 hours.
	MaxWaiting int
	MaxAge     time.Duration
	// HostRate is how many requests a minute one server may send; 0: 3,000, below
	// zero: no bound.
	HostRate int
}

// answerer is the little of the outbox that an incoming activity may set in
// motion. Declared here, where it is needed; the outbox never hears of it.
type answerer interface {
	// AnswerFollow queues the Accept or Reject of a follow of a local account.
	AnswerFollow(ctx context.Context, tx *storage.Tx, f *coop.Follow, accept bool, note string) error
	// BoardAnnounce queues what a board of ours says about an activity that was
	// addressed to it: the activity form always, the plain id where first is true.
	BoardAnnounce(ctx context.Context, tx *storage.Tx, board *coop.Account, activity *coop.Document, post *coop.Post, first bool) error
	// Forward sends the stored bytes on (ActivityPub §7.1.2); from is the host
	// that brought them.
	Forward(ctx context.Context, tx *storage.Tx, activity *coop.Document, post *coop.Post, from string) error
	// FollowInstead makes a local follower follow the target of a Move and undo
	// the follow of the old account.
	FollowInstead(ctx context.Context, tx *storage.Tx, follower, old, target *coop.Account) error
	// MembershipChanged tells the network that a membership of ours began, changed
	// or ended.
	MembershipChanged(ctx context.Context, tx *storage.Tx, m *coop.Membership) error
}

// federationAnnouncer is what an answerer may have besides: the federation's own
// Announce of a member's post, by its settings.
type federationAnnouncer interface {
	FederationAnnounce(ctx context.Context, tx *storage.Tx, post *coop.Post) error
}

// joinAnswerer is what an answerer may have besides: the same answer once more
// to a Join that was decided already.
type joinAnswerer interface {
	AnswerJoin(ctx context.Context, tx *storage.Tx, m *coop.Membership) error
}

// counter hears what the gate and the worker did, for metrics. Implementations
// must bound the hosts that they remember.
type counter interface {
	// Refused is told of every refusal with its reason, a constant word.
	Refused(host, reason string)
	// Handled is told of every activity that had its turn: "done", "dropped",
	// "postponed" or "failed".
	Handled(activity, outcome string, took time.Duration)
}

// Inbox is the room. It is safe for concurrent use.
type Inbox struct{ o Options }

// errNotBuilt marks what has a signature and no body yet.
var errNotBuilt = errors.New("not built yet")

// New makes an inbox. It starts nothing; the error names an option that is missing.
func New(o Options) (*Inbox, error) { return &Inbox{o: o}, errNotBuilt }

// Step does one piece of work, an activity that waits or else a task of this
// room, and says whether there was one. Errors are those of the store; what a
// document did wrong is no error.
func (in *Inbox) Step(ctx context.Context) (did bool, err error) { return false, errNotBuilt }

// Run works until ctx ends: on activities and on tasks, woken by the store, with
// a slow poll beneath. It returns nil when ctx ended.
func (in *Inbox) Run(ctx context.Context) error { return errNotBuilt }

// Actor finds a remote actor among those that we keep, or fetches it; a local one
// is found too. Errors: [coop.ErrNotFound], [coop.ErrGone], [coop.ErrForbidden]
// for a blocked domain, else a *federation.Error.
func (in *Inbox) Actor(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	return nil, errNotBuilt
}

// Refresh fetches the actor anew and keeps what it says now: profile, keys, handle.
func (in *Inbox) Refresh(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	return nil, errNotBuilt
}

// ByHandle finds an actor by name@host, by WebFinger if we do not keep it.
func (in *Inbox) ByHandle(ctx context.Context, h coop.Handle) (*coop.Account, error) {
	return nil, errNotBuilt
}

// Post finds a post that we keep or fetches it from its origin, as viewer System;
// whether somebody may see it is the caller's question. Errors as [Inbox.Actor].
func (in *Inbox) Post(ctx context.Context, iri coop.IRI) (*coop.Post, error) {
	return nil, errNotBuilt
}

// Backfill queues the fetching of an account's jobs, knowledge and other
// collections (federation.md 7); what comes is quiet and keeps its dates.
func (in *Inbox) Backfill(ctx context.Context, account *coop.Account) error { return errNotBuilt }

// Thread queues the fetching of a post's context and replies, at most once in 15
// minutes for one thread.
func (in *Inbox) Thread(ctx context.Context, post *coop.Post) error { return errNotBuilt }

// Revalidate queues a conditional GET for a remote job that nobody has confirmed
// for 24 hours; for any other post it does nothing. Call it when somebody opens it.
func (in *Inbox) Revalidate(ctx context.Context, post *coop.Post) error { return errNotBuilt }

// CheckMembership queues the reading of both ends of a membership (federation.md
// 11.4), now.
func (in *Inbox) CheckMembership(ctx context.Context, m *coop.Membership) error {
	return errNotBuilt
}
