// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"minga/coop"
	"minga/web/auth"
)

// The events of the API.
const (
	eventUpdate        = "update"
	eventEdited        = "status.update"
	eventDelete        = "delete"
	eventNotification  = "notification"
	eventMerged        = "notifications_merged"
	eventConversation  = "conversation"
	eventFilters       = "filters_changed"
	eventAnnouncement  = "announcement"
	eventEmoji         = "announcement.reaction"
	eventAnnounceEnded = "announcement.delete"
)

// handle hands out changes in their order; lost rights first, whatever else there is.
func (h *Hub) handle(ctx context.Context, changes []coop.Change) {
	h.endFor(ctx, changes)
	for _, c := range changes {
		if h.Open() == 0 || ctx.Err() != nil {
			return
		}
		if err := h.handleOne(ctx, c); err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
			h.note(ctx, fmt.Errorf("%s of post %s, account %s: %w", c.Kind, c.Post, c.Account, err))
		}
	}
}

// endFor looks at the tokens of those whose rights changed.
func (h *Hub) endFor(ctx context.Context, changes []coop.Change) {
	whose := map[coop.ID]bool{}
	for _, c := range changes {
		if c.Kind == coop.ChangeRights {
			whose[c.Account] = true
		}
	}
	if len(whose) > 0 {
		h.endRoles(ctx, func(s *stream) bool { return whose[0] || whose[s.person] })
		h.recheck(ctx, func(s *stream) bool { return whose[0] || whose[s.account] || whose[s.person] })
	}
}

// endRoles ends those of the streams that hear by roles that are not what they were:
// who comes again hears what they may now.
func (h *Hub) endRoles(ctx context.Context, is func(*stream) bool) {
	for _, s := range h.all(func(s *stream) bool { return s.speaks() && is(s) }) {
		roles, err := h.Store.RolesIn(ctx, s.account, s.person)
		switch {
		case err != nil:
			h.note(ctx, fmt.Errorf("roles of a stream: %w", err))
		case !slices.Equal(roles, s.roles):
			s.end(errRights)
		}
	}
}

// handleOne hands out one change. What is not there any more is nobody's news.
func (h *Hub) handleOne(ctx context.Context, c coop.Change) error {
	switch c.Kind {
	case coop.ChangePost:
		return h.arrived(ctx, c.Post, c.Post)
	case coop.ChangeBoost:
		return h.arrived(ctx, c.ID, c.Post)
	case coop.ChangeEdit:
		return h.edited(ctx, c.Post)
	case coop.ChangeDeleted:
		return h.deleted(ctx, c)
	case coop.ChangeUnboost:
		return h.unboosted(ctx, c)
	case coop.ChangeNotification:
		return h.notification(ctx, c)
	case coop.ChangeMerged:
		h.tell(&message{event: eventMerged, payload: []byte("1")}, h.notified(c.Account))
	case coop.ChangeConversation:
		return h.conversation(ctx, c)
	case coop.ChangeFilters:
		h.tell(&message{event: eventFilters}, h.on(User, c.Account.String()))
	case coop.ChangeAnnouncement:
		return h.announcement(ctx, c.ID)
	case coop.ChangeAnnouncementEmoji:
		return h.emoji(ctx, c.ID, c.Name)
	case coop.ChangeAnnouncementRemoved:
		h.tell(&message{event: eventAnnounceEnded, payload: []byte(c.ID.String())}, h.everybody())
	}
	return nil
}

// tell sends a message to subscriptions.
func (h *Hub) tell(m *message, subs []*sub) {
	for _, x := range subs {
		m.to(x)
	}
}

// everybody is who listens to their home.
func (h *Hub) everybody() (subs []*sub) {
	for _, some := range h.onKind(User) {
		subs = append(subs, some...)
	}
	return subs
}

// notified is where an account hears of its notifications: at home only with a token that
// may read them.
func (h *Hub) notified(account coop.ID) []*sub {
	subs := h.on(UserNotification, account.String())
	for _, x := range h.on(User, account.String()) {
		if auth.Allows(x.scopes, "read:notifications") {
			subs = append(subs, x)
		}
	}
	return subs
}

// notification tells an account of one, if it is still there and none that waits.
func (h *Hub) notification(ctx context.Context, c coop.Change) error {
	subs := h.notified(c.Account)
	if len(subs) == 0 {
		return nil
	}
	n, err := h.Store.Notification(ctx, c.Account, c.ID)
	if err != nil || n.Filtered {
		return err
	}
	if n.PostID != 0 && slices.ContainsFunc(subs, func(x *sub) bool { return !x.hearsDirect() }) {
		facts, err := h.Store.PostFacts(ctx, n.PostID)
		if err != nil || facts == nil {
			return err
		}
		subs = hearing(subs, facts.Visibility)
	}
	text, err := h.Write.NotificationFor(ctx, n)
	if err != nil || text == nil {
		return err
	}
	h.tell(&message{event: eventNotification, payload: text}, subs)
	return nil
}

// conversation tells an account that a direct post came.
func (h *Hub) conversation(ctx context.Context, c coop.Change) error {
	subs := hearing(h.on(Direct, c.Account.String()), coop.VisibleDirect)
	if len(subs) == 0 {
		return nil
	}
	found, err := h.Store.Conversation(ctx, c.Account, c.ID)
	if err != nil {
		return err
	}
	text, err := h.Write.ConversationFor(ctx, c.Account, found)
	if err != nil {
		return err
	}
	h.tell(&message{event: eventConversation, payload: text}, subs)
	return nil
}

// announced finds an announcement that holds.
func (h *Hub) announced(ctx context.Context, id coop.ID) (*coop.Announcement, error) {
	list, err := h.Store.Announcements(ctx, 0, true)
	for _, a := range list {
		if a.ID == id {
			return a, err
		}
	}
	if err == nil {
		err = coop.ErrNotFound
	}
	return nil, err
}

// announcement tells everybody, each in their language.
func (h *Hub) announcement(ctx context.Context, id coop.ID) error {
	subs := h.everybody()
	if len(subs) == 0 {
		return nil
	}
	a, err := h.announced(ctx, id)
	if err != nil {
		return err
	}
	byLanguage := map[string][]*sub{}
	for _, x := range subs {
		byLanguage[x.language] = append(byLanguage[x.language], x)
	}
	for language, some := range byLanguage {
		text, err := h.Write.AnnouncementIn(a, language)
		if err != nil {
			return err
		}
		h.tell(&message{event: eventAnnouncement, payload: text}, some)
	}
	return nil
}

// emoji tells everybody how many put an emoji under an announcement.
func (h *Hub) emoji(ctx context.Context, id coop.ID, name string) error {
	subs := h.everybody()
	if len(subs) == 0 {
		return nil
	}
	a, err := h.announced(ctx, id)
	if err != nil {
		return err
	}
	told := struct {
		Name         string  `json:"name"`
		Count        int     `json:"count"`
		Announcement coop.ID `json:"announcement_id"`
	}{Name: name, Announcement: id}
	for _, r := range a.Reactions {
		if r.Name == name {
			told.Count = r.Count
		}
	}
	text, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("emoji under announcement %s: %w", id, err)
	}
	h.tell(&message{event: eventEmoji, payload: text}, subs)
	return nil
}
