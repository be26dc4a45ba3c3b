// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"minga/coop"
)

// TestReadProfile: what other software says of its people.
func TestReadProfile(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	base := doc{"id": "https://a.example/u", "type": "Person", "inbox": "https://a.example/u/inbox", "preferredUsername": "u"}
	for _, tt := range []struct {
		name   string
		change func(doc)
		holds  func(a *coop.Account) bool
	}{
		{"fields", with("attachment", []doc{
			{"type": "PropertyValue", "name": "Site", "value": `<a href="https://u.example" rel="me nofollow noopener" translate="no"><span class="invisible">https://</span>u.example</a>`},
			{"type": "Image", "url": "https://a.example/x.png"},
			{"type": "schema:PropertyValue", "name": "<b>Pronouns</b>", "value": "<script>x</script>they"},
		}), func(a *coop.Account) bool {
			return len(a.Fields) == 2 && a.Fields[0].Value == `<a href="https://u.example" translate="no" rel="me nofollow noopener ugc"><span class="invisible">https://</span>u.example</a>` &&
				a.Fields[1].Value == "they"
		}},
		{"a bot", with("type", "Service"), func(a *coop.Account) bool { return a.Kind == coop.Service && a.ActorType == "Service" }},
		{"an instance", with("type", "Application"), func(a *coop.Account) bool { return a.Kind == coop.Instance }},
		{"a group", with("type", "Group"), func(a *coop.Account) bool { return a.Kind == coop.Board }},
		{"may be found", with("discoverable", true), func(a *coop.Account) bool { return a.Discoverable && !a.Indexable }},
		{"may be searched", func(d doc) { d["indexable"], d["discoverable"] = true, false }, func(a *coop.Account) bool { return a.Indexable && !a.Discoverable }},
		{"in memory", with("memorial", true), func(a *coop.Account) bool { return a.Memorial }},
		{"moved", with("movedTo", "https://b.example/u"), func(a *coop.Account) bool { return a.MovedTo == "https://b.example/u" }},
		{"locked", with("manuallyApprovesFollowers", true), func(a *coop.Account) bool { return a.Locked }},
		{"since when", with("published", "2017-03-04T00:00:00Z"), func(a *coop.Account) bool { return a.CreatedAt.Year() == 2017 }},
		{"since the future is since now", with("published", "2099-03-04T00:00:00Z"), func(a *coop.Account) bool { return a.CreatedAt.Equal(now) }},
		{"suspended there, so it shows nothing", func(d doc) {
			d["suspended"], d["name"], d["summary"], d["icon"] = true, "U", "<p>bio</p>", doc{"type": "Image", "url": "https://a.example/i.png"}
		}, func(a *coop.Account) bool { return a.Bio == "" && a.DisplayName == "u" && a.Icon.URL == "" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := reader(now).readActor(parse(t, edit(base, tt.change)))
			if err != nil {
				t.Fatal(err)
			}
			if !tt.holds(got.account) {
				t.Errorf("%+v", got.account)
			}
		})
	}
}
