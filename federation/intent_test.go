// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"strings"
	"testing"
)

// TestIntent puts a job into the templates that servers publish, and into those that
// would lead elsewhere.
func TestIntent(t *testing.T) {
	values := map[string]string{"object": "https://a.example/jobs/1?x=y&z", "content": "@telar hi"}
	door := func(rel, template string) *JRD {
		return &JRD{Links: []Link{{Rel: "self"}, {Rel: rel, Template: template}}}
	}
	for _, tt := range []struct {
		name   string
		jrd    *JRD
		intent Intent
		want   string
	}{
		{"the object is escaped", door(relIntent+"Object", "https://b.example/open?uri={object}"), IntentObject, "https://b.example/open?uri=https%3A%2F%2Fa.example%2Fjobs%2F1%3Fx%3Dy%26z"},
		{"holes that nobody fills are empty", door(relIntent+"Create", "https://b.example/new?text={content}&then={on-success}"), IntentCreate, "https://b.example/new?text=%40telar+hi&then="},
		{"an old server has the subscribe template alone", door(relSubscribe, "https://b.example/authorize_interaction?uri={uri}"), IntentObject, "https://b.example/authorize_interaction?uri=https%3A%2F%2Fa.example%2Fjobs%2F1%3Fx%3Dy%26z"},
		{"which is for opening, not for liking", door(relSubscribe, "https://b.example/authorize_interaction?uri={uri}"), IntentLike, ""},
		{"no template", door(relIntent+"Like", ""), IntentLike, ""},
		{"a script", door(relIntent+"Like", "javascript:alert({object})"), IntentLike, ""},
		{"data", door(relIntent+"Like", "data:text/html,{object}"), IntentLike, ""},
		{"the host is a hole", door(relIntent+"Like", "https://{object}/x"), IntentLike, ""},
		{"the host ends in a hole", door(relIntent+"Like", "https://b.example{object}/x"), IntentLike, ""},
		{"somebody's name before the host", door(relIntent+"Like", "https://mastodon.example@b.example/{object}"), IntentLike, ""},
		{"a path on this server", door(relIntent+"Like", "/like?{object}"), IntentLike, ""},
		{"a line break", door(relIntent+"Like", "https://b.example/\n{object}"), IntentLike, ""},
		{"longer than an address", door(relIntent+"Like", "https://b.example/"+strings.Repeat("a", 3000)), IntentLike, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.jrd.Intent(tt.intent, values); got != tt.want {
				t.Errorf("leads to %q, want %q", got, tt.want)
			}
		})
	}
	ours := &JRD{Links: IntentLinks("https://c.example")}
	if got := ours.Intent(IntentFollow, map[string]string{"object": "https://a.example/x"}); got != "https://c.example/intents/follow?object=https%3A%2F%2Fa.example%2Fx" {
		t.Errorf("our own leads to %q", got)
	}
	if !ours.Takes(IntentCreate, "inReplyTo") || ours.Takes(IntentCreate, "name") {
		t.Error("our own takes what it does not, or not what it does")
	}
}
