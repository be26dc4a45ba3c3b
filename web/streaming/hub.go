// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/storage"
)

// Writer writes what clients read, each in the way of its endpoint.
type Writer interface {
	// StatusFor writes a line for those who may see it, in as few versions as there are.
	StatusFor(ctx context.Context, e coop.Entry, readers []coop.ID) ([]Version, error)
	// NotificationFor writes a notification; nil: its client has no words for it.
	NotificationFor(ctx context.Context, n *coop.Notification) ([]byte, error)
	// ConversationFor writes a conversation of an account.
	ConversationFor(ctx context.Context, account coop.ID, c coop.Conversation) ([]byte, error)
	// AnnouncementIn writes an announcement in a language, for no account.
	AnnouncementIn(a *coop.Announcement, language string) ([]byte, error)
}

// Version is a status in JSON, and the accounts that read it in these words.
type Version = struct {
	JSON    []byte
	Readers []coop.ID
}

// Limits bound the streams of one node. Zero values take the default.
type Limits struct {
	PerAccount int           // 8: at once of one account, or of one person in the name of others
	All        int           // 10,000: at once
	Beat       time.Duration // 15 s: after which tokens are looked at again and signs of life are sent
	Write      time.Duration // 10 s: that one frame may take
}

// orDefault fills in what is zero.
func (l Limits) orDefault() Limits {
	if l.PerAccount <= 0 {
		l.PerAccount = 8
	}
	if l.All <= 0 {
		l.All = 10_000
	}
	if l.Beat <= 0 {
		l.Beat = 15 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 10 * time.Second
	}
	return l
}

// waitToOpen is when somebody may come again who came while the program starts or stops.
const waitToOpen = 5 * time.Second

// mostTopics is how many topics one stream listens to.
const mostTopics = 64

// Options are what the hub is made of; all are required but Limits.
type Options struct {
	Store  *storage.Store
	Write  Writer
	Now    func() time.Time
	Log    *slog.Logger
	Limits Limits
}

// Hub knows who listens on this node.
type Hub struct {
	Options

	parts errgroup.Group // of WebSockets, each until its connection is closed

	mu      sync.Mutex
	running bool
	streams map[*stream]bool
	holds   map[coop.ID]int // streams of each account
	topics  map[Kind]map[string]map[*sub]bool
}

// New makes a hub. It takes streams while [Hub.Run] runs.
func New(o Options) *Hub {
	o.Limits = o.Limits.orDefault()
	return &Hub{Options: o, streams: map[*stream]bool{}, holds: map[coop.ID]int{}, topics: map[Kind]map[string]map[*sub]bool{}}
}

// Open is how many streams there are.
func (h *Hub) Open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// Run hands out what happens until ctx ends.
func (h *Hub) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	feed := h.Store.Changes(ctx)
	h.setRunning(true)
	defer h.conclude()
	for ctx.Err() == nil {
		h.untilBeat(ctx, feed)
		if ctx.Err() == nil {
			h.recheck(ctx, nil)
			h.beat()
		}
	}
	return nil
}

// untilBeat hands out changes until the next sign of life is due.
func (h *Hub) untilBeat(ctx context.Context, feed *storage.Feed) {
	beat, cancel := context.WithTimeout(ctx, h.Limits.Beat)
	defer cancel()
	for {
		select {
		case <-beat.Done():
			return
		case <-feed.More():
		}
		changes, missed := feed.Take()
		if missed {
			h.recheck(ctx, nil)
		}
		h.handle(ctx, changes)
	}
}

// setRunning lets streams in, or keeps them out.
func (h *Hub) setRunning(on bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = on
}

// End ends all streams and takes no more: the program stops.
func (h *Hub) End() {
	h.setRunning(false)
	for _, s := range h.all(nil) {
		s.end(errStopped)
	}
}

// farewell is how long the end of all streams may take: a word to each and its answer.
const farewell = time.Second

// conclude ends all streams and waits until their clients know, but not for those who do
// not answer.
func (h *Hub) conclude() {
	h.End()
	patience, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	for h.Open() > 0 && patience.Err() == nil {
		look, done := context.WithTimeout(patience, 10*time.Millisecond)
		<-look.Done()
		done()
	}
}

// all are the streams that something is true of.
func (h *Hub) all(is func(*stream) bool) []*stream {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make([]*stream, 0, len(h.streams))
	for s := range h.streams {
		if is == nil || is(s) {
			list = append(list, s)
		}
	}
	return list
}

// beat tells every stream to give a sign of life.
func (h *Hub) beat() {
	for _, s := range h.all(nil) {
		select {
		case s.beat <- struct{}{}:
		default:
		}
	}
}

// holder is against whom a stream counts: the person behind it.
func (s *stream) holder() coop.ID {
	if s.person != 0 {
		return s.person
	}
	return s.account
}

// enter takes a stream in, if there is room and its token still stands; whoever calls it
// calls leave when the connection has ended. Its token was looked at before it was known
// here, and may have been withdrawn in between.
func (h *Hub) enter(s *stream) error {
	if err := h.admit(s); err != nil {
		return err
	}
	h.endRoles(s.ctx, func(other *stream) bool { return other == s })
	h.recheck(s.ctx, func(other *stream) bool { return other == s })
	return nil
}

// admit counts a stream.
func (h *Hub) admit(s *stream) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.running:
		return &coop.BusyError{After: waitToOpen, Reason: "streams are not open"}
	case len(h.streams) >= h.Limits.All:
		return &coop.BusyError{After: time.Minute, Limit: true, Reason: "too many streams are open"}
	case h.holds[s.holder()] >= h.Limits.PerAccount:
		return &coop.BusyError{After: 30 * time.Second, Limit: true, Reason: "too many streams of one account"}
	}
	h.streams[s] = true
	h.holds[s.holder()]++
	return nil
}

// leave forgets a stream.
func (h *Hub) leave(s *stream) {
	s.end(errLeft)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.streams[s] {
		return
	}
	for _, x := range s.subs {
		h.drop(x)
	}
	delete(h.streams, s)
	if h.holds[s.holder()]--; h.holds[s.holder()] == 0 {
		delete(h.holds, s.holder())
	}
}

// subscribe lets a stream hear of a topic; twice is once.
func (h *Hub) subscribe(ctx context.Context, s *stream, a asked) error {
	t, label, err := h.topicOf(ctx, s, a)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.subs[t] != nil || !h.streams[s] {
		return nil
	}
	if len(s.subs) >= mostTopics {
		return errMany
	}
	x := &sub{stream: s, topic: t, label: labelText(label)}
	s.subs[t] = x
	args := h.topics[t.kind]
	if args == nil {
		args = map[string]map[*sub]bool{}
		h.topics[t.kind] = args
	}
	if args[t.arg] == nil {
		args[t.arg] = map[*sub]bool{}
	}
	args[t.arg][x] = true
	return nil
}

// unsubscribe ends that; what was not heard of is no error.
func (h *Hub) unsubscribe(ctx context.Context, s *stream, a asked) error {
	t, _, err := h.topicOf(ctx, s, a)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if x := s.subs[t]; x != nil {
		h.drop(x)
	}
	return nil
}

// drop takes a subscription out. The lock is held.
func (h *Hub) drop(x *sub) {
	delete(x.subs, x.topic)
	args := h.topics[x.topic.kind]
	delete(args[x.topic.arg], x)
	if len(args[x.topic.arg]) == 0 {
		delete(args, x.topic.arg)
	}
}

// on are the subscriptions to one topic.
func (h *Hub) on(kind Kind, arg string) []*sub {
	h.mu.Lock()
	defer h.mu.Unlock()
	return keys(h.topics[kind][arg])
}

// onKind are the subscriptions to all topics of a kind, by what they are about.
func (h *Hub) onKind(kind Kind) map[string][]*sub {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := make(map[string][]*sub, len(h.topics[kind]))
	for arg, subs := range h.topics[kind] {
		list[arg] = keys(subs)
	}
	return list
}

// keys lists a set.
func keys(set map[*sub]bool) []*sub {
	list := make([]*sub, 0, len(set))
	for x := range set {
		list = append(list, x)
	}
	return list
}

// recheck ends those of the streams whose token is not good any more; is nil means all.
// When the database does not answer they stay, until the next time.
func (h *Hub) recheck(ctx context.Context, is func(*stream) bool) {
	list := h.all(is)
	if len(list) == 0 {
		return
	}
	tokens := make([]coop.ID, len(list))
	for i, s := range list {
		tokens[i] = s.token
	}
	stand, err := h.Store.TokensStand(ctx, tokens)
	if err != nil {
		h.note(ctx, fmt.Errorf("tokens of streams: %w", err))
		return
	}
	slices.Sort(stand)
	for _, s := range list {
		if _, stands := slices.BinarySearch(stand, s.token); !stands {
			s.end(errRights)
		}
	}
}

// note logs what went wrong, unless the program stops.
func (h *Hub) note(ctx context.Context, err error) {
	if ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "event not streamed", "err", err)
	}
}
