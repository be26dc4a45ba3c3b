// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// What streams send. A status goes to many at once: it is put together once, and only what
// it is to each reader, which of them have in common mostly, is asked for and written
// apart.

// Version is a status in JSON, and the accounts that read it in these words.
type Version = struct {
	JSON    []byte
	Readers []coop.ID
}

// StatusFor writes a line of a timeline for readers who may see it, by as many statements
// for a thousand as for one.
func (f *Face) StatusFor(ctx context.Context, e coop.Entry, readers []coop.ID) ([]Version, error) {
	page := newPage(f, coop.Viewer{Class: coop.ViewerSystem})
	whole := page.add(e)
	if err := page.fill(ctx); err != nil {
		return nil, fmt.Errorf("write line %s: %w", e.ID, err)
	}
	known, err := f.knownOf(ctx, e.Post, readers)
	if err != nil {
		return nil, fmt.Errorf("write line %s: %w", e.ID, err)
	}
	versions, places := []Version{}, map[string]int{}
	for _, reader := range readers {
		own, key := known.of(f, reader)
		at, written := places[key]
		if !written {
			text, err := json.Marshal(own.on(whole))
			if err != nil {
				return nil, fmt.Errorf("write line %s: %w", e.ID, err)
			}
			at, places[key] = len(versions), len(versions)
			versions = append(versions, Version{JSON: text})
		}
		versions[at].Readers = append(versions[at].Readers, reader)
	}
	return versions, nil
}

// known is what a post is to each of its readers.
type known struct {
	post      *coop.Post
	standings map[coop.ID]coop.Standing
	filters   map[coop.ID][]*coop.Filter
	votes     map[coop.ID][]int
	parent    []coop.ID // who may see what it answers, sorted
}

// knownOf asks for that, one question for all readers each.
func (f *Face) knownOf(ctx context.Context, p *coop.Post, readers []coop.ID) (*known, error) {
	k := &known{post: p}
	var errs [4]error
	k.standings, errs[0] = f.Store.StandingsOf(ctx, readers, p.ID)
	k.filters, errs[1] = f.Store.FiltersOf(ctx, readers)
	if p.Poll != nil {
		k.votes, errs[2] = f.Store.VotesOf(ctx, readers, p.ID)
	}
	if p.InReplyToID != 0 {
		k.parent, errs[3] = f.Store.SeenBy(ctx, readers, p.InReplyToID)
		slices.Sort(k.parent)
	}
	return k, errors.Join(errs[:]...)
}

// view is what differs in a status from reader to reader.
type view struct {
	Standing *entity.Standing
	Poll     *entity.Poll
	Parent   bool // may see what it answers
}

// of is the view of one reader, and a text that is the same for the same view.
func (k *known) of(f *Face, reader coop.ID) (view, string) {
	s, p := k.standings[reader], k.post
	v := view{Standing: &entity.Standing{Favourited: s.Liked, Reblogged: s.Boosted, Muted: s.Muted, Bookmarked: s.Bookmarked}}
	if p.AuthorID == reader {
		v.Standing.Pinned = &s.Pinned
	}
	if filters := k.filters[reader]; len(filters) > 0 {
		v.Standing.Filtered = filtered(coop.NewFilterSet(filters, f.Now()), coop.As(reader), p)
	}
	if p.Poll != nil {
		v.Poll = f.pollOf(coop.As(reader), p, k.votes[reader])
	}
	_, v.Parent = slices.BinarySearch(k.parent, reader)
	key := fmt.Sprintf("%t %t %t %t %t %v %t", s.Liked, s.Boosted, s.Muted, s.Bookmarked, p.AuthorID == reader && s.Pinned, p.AuthorID == reader, v.Parent)
	if len(v.Standing.Filtered) > 0 {
		key += fmt.Sprint(" ", reader) // filters are each reader's own
	}
	if p.Poll != nil {
		key += fmt.Sprint(" ", k.votes[reader])
	}
	return v, key
}

// on is a status as the view has it; the status itself stays as it is.
func (v view) on(whole *entity.Status) *entity.Status {
	s := *whole
	if whole.Reblog != nil {
		s.Reblog = v.on(whole.Reblog)
		s.Standing = v.Standing
		return &s
	}
	s.Standing = v.Standing
	if whole.Poll != nil {
		s.Poll = v.Poll
	}
	if !v.Parent {
		s.InReplyToID, s.InReplyToAccountID = 0, 0
	}
	return &s
}

// NotificationFor writes a notification of its account, nil where a client that named no
// kinds has no words for it.
func (f *Face) NotificationFor(ctx context.Context, n *coop.Notification) ([]byte, error) {
	list, err := f.toldOf(ctx, coop.As(n.AccountID), asked{}, []coop.Notification{*n})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return json.Marshal(list[0])
}

// ConversationFor writes a conversation of an account.
func (f *Face) ConversationFor(ctx context.Context, account coop.ID, c coop.Conversation) ([]byte, error) {
	list, err := f.conversationsOf(ctx, coop.As(account), []coop.Conversation{c})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return json.Marshal(list[0])
}

// AnnouncementIn writes an announcement in a language, as somebody sees it who has not
// read it.
func (f *Face) AnnouncementIn(a *coop.Announcement, language string) ([]byte, error) {
	return json.Marshal(f.announcement(a, language))
}
