// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"minga/coop"
	"minga/web/auth"
)

// Kind is what sort of thing one listens to, by the name that clients use.
type Kind string

// The kinds of streams. Each public one also shows posts with files alone.
const (
	User             Kind = "user"
	UserNotification Kind = "user:notification"
	Public           Kind = "public"
	PublicLocal      Kind = "public:local"
	PublicRemote     Kind = "public:remote"
	PublicMedia      Kind = "public:media"
	PublicLocalMedia Kind = "public:local:media"
	PublicFarMedia   Kind = "public:remote:media"
	Hashtag          Kind = "hashtag"
	HashtagLocal     Kind = "hashtag:local"
	List             Kind = "list"
	Direct           Kind = "direct"
)

// publicKinds are those about the public timelines, hashtagKinds about a hashtag.
var (
	publicKinds  = []Kind{Public, PublicLocal, PublicRemote, PublicMedia, PublicLocalMedia, PublicFarMedia}
	hashtagKinds = []Kind{Hashtag, HashtagLocal}
)

// takes tells whether a post that stands in public lists is for a kind.
func (k Kind) takes(p *coop.WasPost) bool {
	switch k {
	case Public:
		return p.Opens
	case PublicLocal:
		return p.Opens && p.Local
	case PublicRemote:
		return p.Opens && !p.Local
	case PublicMedia:
		return p.Opens && p.Media
	case PublicLocalMedia:
		return p.Opens && p.Media && p.Local
	case PublicFarMedia:
		return p.Opens && p.Media && !p.Local
	case HashtagLocal:
		return p.Local
	default:
		return k == Hashtag
	}
}

// topic is one thing to listen to: arg is the account, the folded hashtag or the list, as
// text, and empty for what is the same for all.
type topic struct {
	kind Kind
	arg  string
}

// asked is how a client names a topic.
type asked struct {
	Kind Kind
	Tag  string
	List string
}

// refusal is why somebody cannot listen, as both doors say it.
type refusal struct {
	status int
	words  string
}

// Error says why.
func (r *refusal) Error() string { return r.words }

// Status is the answer's.
func (r *refusal) Status() int { return r.status }

// Why somebody cannot listen to something. The words are those that clients know.
var (
	errUnknown = &refusal{http.StatusBadRequest, "Unknown stream type"}
	errNoTag   = &refusal{http.StatusBadRequest, "Missing tag name parameter"}
	errNoList  = &refusal{http.StatusBadRequest, "Missing list name parameter"}
	errList    = &refusal{http.StatusNotFound, "Not authorized to stream this list"}
	errScopes  = &refusal{http.StatusForbidden, "Access token does not have the required scopes"}
	errMany    = &refusal{http.StatusTooManyRequests, "Too many subscriptions on one connection"}
)

// longestTag is the longest hashtag or list id that is looked at, in bytes.
const longestTag = 400

// topicOf judges what a stream asks for and says under which label it is told.
func (h *Hub) topicOf(ctx context.Context, s *stream, a asked) (topic, []string, error) {
	scope := "read:statuses"
	if a.Kind == UserNotification {
		scope = "read:notifications"
	}
	none := topic{}
	switch a.Kind {
	case User, UserNotification, Direct:
		if !auth.Allows(s.scopes, scope) {
			return none, nil, errScopes
		}
		return topic{a.Kind, s.account.String()}, []string{string(a.Kind)}, nil
	case Hashtag, HashtagLocal:
		tag := ""
		if len(a.Tag) <= longestTag {
			tag = coop.FoldTag(a.Tag)
		}
		if tag == "" {
			return none, nil, errNoTag
		}
		return h.open(s, scope, topic{a.Kind, tag}, a.Tag)
	case List:
		if a.List == "" {
			return none, nil, errNoList
		}
		id, err := h.listOf(ctx, s, a.List)
		if err != nil {
			return none, nil, err
		}
		return h.open(s, scope, topic{a.Kind, id.String()}, id.String())
	}
	if slices.Contains(publicKinds, a.Kind) {
		return h.open(s, scope, topic{a.Kind, ""})
	}
	return none, nil, errUnknown
}

// open gives a topic to who has the scope.
func (h *Hub) open(s *stream, scope string, t topic, args ...string) (topic, []string, error) {
	if !auth.Allows(s.scopes, scope) {
		return topic{}, nil, errScopes
	}
	return t, append([]string{string(t.kind)}, args...), nil
}

// listOf finds a list of the stream's own account.
func (h *Hub) listOf(ctx context.Context, s *stream, text string) (coop.ID, error) {
	id, err := coop.ParseID(text)
	if err != nil {
		return 0, errList
	}
	_, err = h.Store.List(ctx, s.account, id)
	if errors.Is(err, coop.ErrNotFound) {
		return 0, errList
	}
	if err != nil {
		return 0, fmt.Errorf("list of a stream: %w", err)
	}
	return id, nil
}

// labelText is a label as it stands in frames.
func labelText(label []string) string {
	text, err := json.Marshal(label)
	if err != nil {
		return "[]"
	}
	return string(text)
}
