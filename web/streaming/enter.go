// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"fmt"
	"slices"
	"time"

	"minga/coop"
)

// waitToOpen is when somebody may come again who came while the program starts or stops.
const waitToOpen = 5 * time.Second

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
