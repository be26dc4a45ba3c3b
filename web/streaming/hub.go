// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"log/slog"
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

// note logs what went wrong, unless the program stops.
func (h *Hub) note(ctx context.Context, err error) {
	if ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "event not streamed", "err", err)
	}
}
