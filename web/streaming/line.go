// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"

	"minga/coop"
)

// audience is who hears of a line: the subscriptions of each account.
type audience map[coop.ID][]*sub

// add lets subscriptions hear of it.
func (a audience) add(subs []*sub) {
	for _, x := range subs {
		a[x.account] = append(a[x.account], x)
	}
}

// accounts are those of the audience.
func (a audience) accounts() []coop.ID {
	ids := make([]coop.ID, 0, len(a))
	for id := range a {
		ids = append(ids, id)
	}
	return ids
}

// arrived tells of a post or a boost whoever has it in what they listen to.
func (h *Hub) arrived(ctx context.Context, line, post coop.ID) error {
	return h.line(ctx, eventUpdate, line, post, func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
		return h.Store.HomesWith(ctx, accounts, line, post)
	}, func(ctx context.Context, lists []coop.ID) ([]coop.ID, error) {
		return h.Store.ListsShowing(ctx, lists, line, post)
	})
}

// edited tells of an edit whoever has the post, by itself or by a boost.
func (h *Hub) edited(ctx context.Context, post coop.ID) error {
	return h.line(ctx, eventEdited, post, post, func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
		return h.Store.HomesWithAny(ctx, accounts, post)
	}, func(ctx context.Context, lists []coop.ID) ([]coop.ID, error) {
		return h.Store.ListsShowingAny(ctx, lists, post)
	})
}

// line tells of a line those who have it at home, in a list or in public.
func (h *Hub) line(ctx context.Context, event string, line, post coop.ID, homes, lists which) error {
	who := audience{}
	if err := h.addHomes(ctx, who, homes); err != nil {
		return err
	}
	if err := h.addLists(ctx, who, lists); err != nil {
		return err
	}
	if line == post {
		if err := h.addPublic(ctx, who, post); err != nil {
			return err
		}
	}
	return h.show(ctx, event, line, who)
}

// show writes a line once and sends it to its audience.
func (h *Hub) show(ctx context.Context, event string, line coop.ID, who audience) error {
	if len(who) == 0 {
		return nil
	}
	entry, err := h.Store.SharedEntry(ctx, line)
	if err != nil {
		return err
	}
	versions, err := h.Write.StatusFor(ctx, entry, who.accounts())
	if err != nil {
		return err
	}
	for _, v := range versions {
		m := &message{event: event, payload: v.JSON}
		for _, reader := range v.Readers {
			h.tell(m, who[reader])
		}
	}
	return nil
}

// which asks which of some ids something is true of.
type which func(ctx context.Context, ids []coop.ID) ([]coop.ID, error)

// addHomes adds those who have a line at home.
func (h *Hub) addHomes(ctx context.Context, who audience, have which) error {
	return addThose(ctx, who, h.onKind(User), have)
}

// addLists adds those in whose list a line stands.
func (h *Hub) addLists(ctx context.Context, who audience, have which) error {
	return addThose(ctx, who, h.onKind(List), have)
}

// addThose adds the subscriptions about those ids that have the line.
func addThose(ctx context.Context, who audience, subs map[string][]*sub, have which) error {
	if len(subs) == 0 {
		return nil
	}
	ids := make([]coop.ID, 0, len(subs))
	for arg := range subs {
		if id, err := coop.ParseID(arg); err == nil {
			ids = append(ids, id)
		}
	}
	found, err := have(ctx, ids)
	for _, id := range found {
		who.add(subs[id.String()])
	}
	return err
}

// addPublic adds those who have a post in a public timeline or under a hashtag.
func (h *Hub) addPublic(ctx context.Context, who audience, post coop.ID) error {
	if !h.publicHeard() {
		return nil
	}
	p, err := h.Store.PostFacts(ctx, post)
	if err != nil || p == nil || !p.Listed {
		return err
	}
	return h.addReaders(ctx, who, h.publicOf(p), func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
		return h.Store.PublicFor(ctx, accounts, post)
	})
}

// publicHeard tells whether somebody listens to anything public.
func (h *Hub) publicHeard() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, kinds := range [][]Kind{publicKinds, hashtagKinds} {
		for _, kind := range kinds {
			if len(h.topics[kind]) > 0 {
				return true
			}
		}
	}
	return false
}

// publicOf are the subscriptions that a public post is for, whoever reads.
func (h *Hub) publicOf(p *coop.WasPost) (subs []*sub) {
	for _, kind := range publicKinds {
		if kind.takes(p) {
			subs = append(subs, h.on(kind, "")...)
		}
	}
	for _, kind := range hashtagKinds {
		if !kind.takes(p) {
			continue
		}
		for _, tag := range p.Tags {
			subs = append(subs, h.on(kind, tag)...)
		}
	}
	return subs
}

// addReaders adds those of the subscriptions whose accounts read a public post.
func (h *Hub) addReaders(ctx context.Context, who audience, subs []*sub, read which) error {
	if len(subs) == 0 {
		return nil
	}
	some := audience{}
	some.add(subs)
	found, err := read(ctx, some.accounts())
	for _, id := range found {
		who.add(some[id])
	}
	return err
}

// deleted tells whoever had a post that it is gone.
func (h *Hub) deleted(ctx context.Context, c coop.Change) error {
	who := audience{}
	if c.Was == nil {
		return nil
	}
	if err := h.addHomes(ctx, who, func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
		return h.Store.HomesThatHad(ctx, accounts, c.Account, c.Was)
	}); err != nil {
		return err
	}
	if err := h.addLists(ctx, who, func(ctx context.Context, lists []coop.ID) ([]coop.ID, error) {
		return h.Store.ListsThatHad(ctx, lists, c.Account, c.Was)
	}); err != nil {
		return err
	}
	if c.Was.Listed {
		if err := h.addReaders(ctx, who, h.publicOf(c.Was), func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
			return h.Store.PublicThatHad(ctx, accounts, c.Account)
		}); err != nil {
			return err
		}
	}
	for account, subs := range who {
		who[account] = hearing(subs, c.Was.Visibility)
	}
	h.gone(c.Post, who)
	return nil
}

// unboosted tells whoever had a boost that it is gone.
func (h *Hub) unboosted(ctx context.Context, c coop.Change) error {
	who := audience{}
	if err := h.addHomes(ctx, who, func(ctx context.Context, accounts []coop.ID) ([]coop.ID, error) {
		return h.Store.HomesThatRead(ctx, accounts, c.Account)
	}); err != nil {
		return err
	}
	if err := h.addLists(ctx, who, func(ctx context.Context, lists []coop.ID) ([]coop.ID, error) {
		return h.Store.ListsThatHad(ctx, lists, c.Account, nil)
	}); err != nil {
		return err
	}
	h.gone(c.ID, who)
	return nil
}

// gone says that a line is gone: the bare id.
func (h *Hub) gone(line coop.ID, who audience) {
	m := &message{event: eventDelete, payload: []byte(line.String())}
	for _, subs := range who {
		h.tell(m, subs)
	}
}
