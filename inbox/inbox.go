// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
)

// Local says where this instance lives.
type Local struct {
	Scheme        string // "https"; "http" in development
	Host          string // host[:port] of every id of ours
	AccountDomain string // the domain of our handles; may equal Host
}

// BoardPolicy says whose posts a board of ours announces.
type BoardPolicy string

// The policies. The zero value is BoardMembers.
const (
	BoardMembers   BoardPolicy = "members"   // verified members and the federation
	BoardFollowers BoardPolicy = "followers" // besides them whoever follows the board
	BoardModerated BoardPolicy = "moderated" // nobody by itself
)

// FollowPolicy says when another federation may follow ours.
type FollowPolicy string

// The policies. Whatever is none of them is FollowsByHand.
const (
	FollowsAtOnce  FollowPolicy = "at-once"
	FollowsAllowed FollowPolicy = "allowed" // servers on the allow list at once
	FollowsByHand  FollowPolicy = "by-hand"
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
	// Follows is the policy for federations that want to follow ours; nil: the
	// federation's own account decides, as for everybody else.
	Follows func(ctx context.Context) FollowPolicy
	// TXT asks the DNS for the TXT records of a name, as net.Resolver.LookupTXT does; nil:
	// domains are proven by their files alone.
	TXT func(ctx context.Context, name string) ([]string, error)
	// Board is the policy of a board of ours; nil: BoardMembers.
	Board func(ctx context.Context, board *coop.Account) BoardPolicy
	// Files keeps the files of teams; nil: they are not fetched.
	Files files
	// Counter hears of every refusal and every effect; nil: nobody does.
	Counter counter
	// Tracer begins the spans of work that no request is behind; nil: it leaves no traces.
	Tracer trace.Tracer
	// Alive hears each time that a worker has looked for work in vain or done some; nil:
	// nobody does.
	Alive func()
	// Panicked is told of a panic that was contained; nil: it is only logged.
	// Tests make it fail the test.
	Panicked func(value any, stack []byte)
	// Sleep waits between polite requests; nil waits by the machine's timer.
	Sleep func(ctx context.Context, d time.Duration) error
	// BackfillArticles is how many of the newest articles a backfill takes over;
	// 0: 50.
	BackfillArticles int
	// Zone is where the nights are in which what is kept is compared; nil: UTC.
	Zone *time.Location
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
// motion. Declared here, where it is needed; the outbox never hears of it. It is
// one thing with a verb for each: each is called from one place.
type answerer interface {
	// AnswerFollow queues the Accept or Reject of a follow of a local account.
	AnswerFollow(ctx context.Context, tx *storage.Tx, f *coop.Follow, accept bool, note string) error
	// BoardAnnounce queues what a board of ours says about an activity that was
	// addressed to it: the activity form always, the plain id where first is true.
	BoardAnnounce(ctx context.Context, tx *storage.Tx, board *coop.Account, activity *coop.Document, post *coop.Post, first bool) error
	// FederationAnnounce queues the federation's own Announce of a member's post,
	// if its settings want it and it was not announced before.
	FederationAnnounce(ctx context.Context, tx *storage.Tx, post *coop.Post) error
	// Forward sends the stored bytes on (ActivityPub §7.1.2); from is the host
	// that brought them.
	Forward(ctx context.Context, tx *storage.Tx, activity *coop.Document, post *coop.Post, from string) error
	// FollowInstead makes a local follower follow the target of a Move and undo
	// the follow of the old account, and tells the follower; [coop.ErrForbidden] where
	// the follower may not follow it.
	FollowInstead(ctx context.Context, tx *storage.Tx, follower, old, target *coop.Account) error
	// BlockToo blocks the target of a Move for somebody who blocks the old account.
	BlockToo(ctx context.Context, tx *storage.Tx, blocker, target *coop.Account) error
	// AnswerJoin sends the answer to a Join that was decided once more.
	AnswerJoin(ctx context.Context, tx *storage.Tx, m *coop.Membership) error
	// Refuse sends a Reject of an activity in the name of an account of ours, with a
	// reason in words, by the key of those.
	Refuse(ctx context.Context, tx *storage.Tx, by, to *coop.Account, activity coop.IRI, reason string) error
	// InviteAnswered admits who accepted an Invite of ours, or keeps that it declined.
	InviteAnswered(ctx context.Context, tx *storage.Tx, m *coop.Membership, accepted bool, note string) error
	// AnswerInviteAgain sends the answer to an Invite that was answered once more.
	AnswerInviteAgain(ctx context.Context, tx *storage.Tx, m *coop.Membership) error
	// MembershipChanged tells the network that a membership of ours began, changed
	// or ended.
	MembershipChanged(ctx context.Context, tx *storage.Tx, m *coop.Membership) error
	// Translated lists a translation on its original, where that is of ours.
	Translated(ctx context.Context, tx *storage.Tx, translation *coop.Post) error
	// Suggested tells the author of an article of ours what was suggested, or answers that
	// it is out of date.
	Suggested(ctx context.Context, tx *storage.Tx, s *coop.Suggestion) error
	// SuggestionDecided tells who suggested, here, what became of it.
	SuggestionDecided(ctx context.Context, tx *storage.Tx, s *coop.Suggestion) error
	// KeepBallot keeps a ballot that counts in a decision of ours, and tells what follows.
	KeepBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, b *coop.Ballot) error
	// RefuseBallot says to somebody elsewhere why a ballot was not counted: code is one of
	// coop's.
	RefuseBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, voter *coop.Account, ballot coop.IRI, code string) error
	// DecisionCame tells who may vote here of a decision elsewhere.
	DecisionCame(ctx context.Context, tx *storage.Tx, p *coop.Post) error
	// ForwardInRoom sends what was said in the room of a team of ours to its members, as it
	// came; from is the host that brought it.
	ForwardInRoom(ctx context.Context, tx *storage.Tx, team *coop.Account, activity *coop.Document, from string) error
	// RefuseInRoom says to who wrote into the room of a team of ours why it does not count.
	RefuseInRoom(ctx context.Context, tx *storage.Tx, team, to *coop.Account, activity coop.IRI, reason string) error
	// RefusedInRoom tells an author of ours that a team did not take what it wrote.
	RefusedInRoom(ctx context.Context, tx *storage.Tx, team *coop.Account, post *coop.Post, reason string) error
	// SplitAgreed notes that a member agreed to the split of a team of ours.
	SplitAgreed(ctx context.Context, tx *storage.Tx, team *coop.Account, split, by coop.IRI) error
	// Offered takes an offer for a slot of a request of ours, which came as body, or
	// rejects it with the reason.
	Offered(ctx context.Context, tx *storage.Tx, f *coop.Offer, post *coop.Post, body []byte) error
	// RefuseOffer rejects an Offer by an account of ours.
	RefuseOffer(ctx context.Context, tx *storage.Tx, owner, by *coop.Account, offer coop.IRI, fault *coop.OfferError) error
	// OfferUndone takes back an offer to us, or ends what it became.
	OfferUndone(ctx context.Context, tx *storage.Tx, f *coop.Offer, undo coop.IRI, reason string, body []byte) error
	// OfferAccepted and OfferRejected are the answers to an offer of ours.
	OfferAccepted(ctx context.Context, tx *storage.Tx, f *coop.Offer, g *coop.Agreement, accept coop.IRI, body []byte) error
	OfferRejected(ctx context.Context, tx *storage.Tx, f *coop.Offer, reject coop.IRI, reason string, body []byte) error
	// Disagree takes back an offer of ours whose Accept says something else.
	Disagree(ctx context.Context, tx *storage.Tx, f *coop.Offer, accepted coop.IRI) error
	// UndoLost ends a follow by an account of ours that only the other side knows of.
	UndoLost(ctx context.Context, tx *storage.Tx, follower, target *coop.Account) error
	// AnswerQuote queues the Accept or Reject of a request to quote a post of ours.
	AnswerQuote(ctx context.Context, tx *storage.Tx, post *coop.Post, by *coop.Account, request, quote coop.IRI, accept bool) error
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
type Inbox struct {
	o     Options
	store *storage.Store
	log   *slog.Logger
	now   func() time.Time

	rates    *memo[*rate.Limiter] // by host
	touched  *memo[struct{}]      // hosts that were noted within the minute
	blocked  *memo[bool]          // parent domains
	keys     *memo[signature.PublicKey]
	rotated  *memo[struct{}]       // actors whose key was refetched
	met      *memo[*actorDocument] // actors that were fetched and are not stored yet
	failed   *memo[error]          // addresses that gave nothing
	silent   *memo[struct{}]       // remote address and host, after a network failure
	failures *memo[*failureCount]  // network failures by host
	ownID    *memo[coop.ID]        // of our federation: it never changes
	visited  *memo[*pace]          // when a host was asked last, by tasks
	polls    *memo[struct{}]       // polls elsewhere that were asked for
	flights  singleflight.Group
	load     queueLoad
	away     chan struct{} // activities that wait for another server without a worker
}

// New makes an inbox. It starts nothing; the error names an option that is missing.
func New(o Options) (*Inbox, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("inbox: no store")
	case o.Client == nil:
		return nil, errors.New("inbox: no client")
	case o.Now == nil:
		return nil, errors.New("inbox: no clock")
	case o.Mode == nil:
		return nil, errors.New("inbox: no federation mode")
	case o.Local.Scheme == "" || o.Local.Host == "":
		return nil, errors.New("inbox: no local host")
	}
	o = o.withDefaults()
	in := &Inbox{o: o, store: o.Store, log: o.Log, now: o.Now, away: make(chan struct{}, mostAway)}
	in.remember()
	return in, nil
}

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Local.AccountDomain == "" {
		o.Local.AccountDomain = o.Local.Host
	}
	if o.Answers == nil {
		o.Answers = silence{}
	}
	if o.Counter == nil {
		o.Counter = silence{}
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	o.Workers = orDefault(o.Workers, 8)
	o.BackfillArticles = orDefault(o.BackfillArticles, 50)
	o.MaxWaiting = orDefault(o.MaxWaiting, 100_000)
	o.HostRate = orDefault(o.HostRate, 3_000)
	if o.MaxAge == 0 {
		o.MaxAge = 6 * time.Hour
	}
	return o
}

func orDefault(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

// remember makes the memories. Every one that a stranger can grow has a time and
// a number of keys.
func (in *Inbox) remember() {
	in.rates = newMemo[*rate.Limiter](10*time.Minute, 20_000)
	in.touched = newMemo[struct{}](time.Minute, 20_000)
	in.blocked = newMemo[bool](5*time.Second, 20_000)
	in.keys = newMemo[signature.PublicKey](10*time.Minute, 10_000)
	in.rotated = newMemo[struct{}](5*time.Minute, 10_000)
	in.met = newMemo[*actorDocument](10*time.Minute, 1_000)
	in.failed = newMemo[error](5*time.Minute, 20_000)
	in.silent = newMemo[struct{}](5*time.Minute, 20_000)
	in.failures = newMemo[*failureCount](2*time.Minute, 20_000)
	in.ownID = newMemo[coop.ID](time.Minute, 1)
	in.visited = newMemo[*pace](time.Minute, 5_000)
	in.polls = newMemo[struct{}](pollEvery, 20_000)
}

// sleep waits by the machine's timer, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}
