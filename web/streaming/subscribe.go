// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import "context"

// mostTopics is how many topics one stream listens to.
const mostTopics = 64

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
