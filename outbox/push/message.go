// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
)

// maxMessage is the most bytes of a message before it is encrypted: push services take
// 4,096 afterwards (RFC 8030 §7.2).
const maxMessage = 3900

// lengths are the most characters of a post's words, one for each attempt: what is too
// long for an endpoint goes again with the next.
var lengths = [...]int{500, 100, 0}

// Bounds of the other texts, in characters and bytes.
const (
	maxName = 100
	maxIcon = 1000
)

// payload is what an app reads. notification_id is the one id that is a number: iOS
// apps need it so.
type payload struct {
	Access string `json:"access_token"`
	Locale string `json:"preferred_locale"`
	ID     int64  `json:"notification_id"`
	Type   string `json:"notification_type"`
	Icon   string `json:"icon"`
	Title  string `json:"title"`
	Body   string `json:"body"`
}

// write says a message, the words of a post cut to most characters and further, until
// all of it fits.
func (s *Sender) write(ctx context.Context, m *storage.PushMessage, most int) ([]byte, error) {
	language := s.words.Closest(cmp.Or(m.Account.Language, s.o.Language))
	p := payload{
		Access: m.Access, Locale: language, ID: int64(m.Notification.ID), Type: string(m.Subscription.Shown(m.Notification)),
		Icon: s.icon(m.Notification.From), Title: s.title(language, m), Body: coop.Shorten(words(m), most),
	}
	for {
		text, err := compact(p)
		if err != nil || len(text) <= maxMessage {
			return text, err
		}
		if p.Body == "" {
			return nil, fmt.Errorf("message of %d bytes: %w", len(text), coop.ErrTooLarge)
		}
		p.Body = coop.Shorten(p.Body, len([]rune(p.Body))*3/4)
	}
}

// compact is JSON without what only pages need.
func compact(p payload) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p); err != nil { //nolint:gosec // for the app that holds the token, and encrypted for it
		return nil, fmt.Errorf("message: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// icon is the picture of who did it, or ours where its address is too long to carry.
func (s *Sender) icon(a *coop.Account) string {
	if address := s.o.Icon(a); len(address) <= maxIcon {
		return address
	}
	return s.o.Base + "/assets/avatar.svg"
}

// title says what happened, in the language of who is told.
func (s *Sender) title(language string, m *storage.PushMessage) string {
	n := m.Notification
	name := coop.CleanLine(n.From.DisplayName, maxName)
	if name == "" {
		name = coop.Truncate("@"+n.From.Name, maxName)
	}
	key := "push_" + titles[n.Kind]
	if n.Kind == coop.NotifyPoll && n.FromID == n.AccountID {
		key = "push_poll_own"
	}
	return cmp.Or(s.words.Say(language, key, map[string]string{"Name": name}), name)
}

// titles are the words of each kind.
var titles = map[coop.NotificationKind]string{
	coop.NotifyMention: "mention", coop.NotifyStatus: "status", coop.NotifyReblog: "reblog", coop.NotifyFollow: "follow",
	coop.NotifyFollowRequest: "follow_request", coop.NotifyFavourite: "favourite", coop.NotifyPoll: "poll", coop.NotifyUpdate: "update",
	coop.NotifyReport: "report", coop.NotifyMembership: "membership", coop.NotifyInterest: "interest", coop.NotifyMatch: "match", coop.NotifyDecision: "decision",
	coop.NotifyOffer: "offer", coop.NotifyRequest: "request",
}

// words are what a notification shows besides: the warning of a post or what it says,
// what somebody who follows says of themselves. A report is read in the app alone.
func words(m *storage.PushMessage) string {
	n := m.Notification
	switch {
	case m.Post != nil && m.Post.Summary != "" && m.Post.Article == nil:
		return m.Post.Summary
	case m.Post != nil:
		return sanitize.Text(m.Post.Content)
	case n.Kind == coop.NotifyFollow || n.Kind == coop.NotifyFollowRequest:
		return strings.TrimSpace(sanitize.Text(n.From.Bio))
	}
	return ""
}
