// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// asked is what a client wants to hear of.
type asked struct {
	input.Values
	query storage.NotificationQuery
	types []coop.NotificationKind
}

// ownKinds are minga's own kinds. A client that does not name them in types[] does
// not know them, and reads them as what is nearest: mentions, or posts with a bell.
var ownKinds = []coop.NotificationKind{coop.NotifyInterest, coop.NotifyMembership, coop.NotifyMatch, coop.NotifyMove, coop.NotifyDecision, coop.NotifyOffer, coop.NotifyRequest}

// readAsked reads types[], exclude_types[], account_id and include_filtered.
func readAsked(c *gin.Context) (asked, error) {
	v, err := input.Read(c)
	if err != nil {
		return asked{}, err
	}
	a := asked{Values: v, query: storage.NotificationQuery{Account: auth.Account(c).ID, Filtered: v.On("include_filtered")}}
	a.types = kindsOf(v.Texts("types"))
	a.query.Kinds, a.query.Except = a.types, kindsOf(v.Texts("exclude_types"))
	for _, own := range ownKinds {
		if slices.Contains(a.types, own) {
			continue
		}
		if len(a.types) > 0 && slices.Contains(a.types, own.Plain()) {
			a.query.Kinds = append(a.query.Kinds, own)
		}
		if slices.Contains(a.query.Except, own.Plain()) {
			a.query.Except = append(a.query.Except, own)
		}
	}
	if text := v.Text("account_id"); text != "" {
		if a.query.From, err = coop.ParseID(text); err != nil {
			a.query.From = -1 // nobody's: nothing is found
		}
	}
	return a, v.Err()
}

// kindsOf reads kinds; names that nobody has are found nowhere.
func kindsOf(names []string) []coop.NotificationKind {
	var kinds []coop.NotificationKind
	for _, name := range names {
		if kind := coop.NotificationKind(name); len(name) <= 40 && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// shown is the type by which a client is told.
func (a asked) shown(kind coop.NotificationKind) string {
	if kind.Own() && !slices.Contains(a.types, kind) {
		return string(kind.Plain())
	}
	return string(kind)
}

// hasWords tells whether a client can show a notification at all: a mention needs
// a post.
func (a asked) hasWords(n coop.Notification) bool {
	return n.From != nil && (n.PostID != 0 || !n.Kind.Own() || a.shown(n.Kind) == string(n.Kind))
}
