// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"minga/coop"
)

func TestReadActors(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	f, err := reader(now).readActor(example(t, "01-federation-actor.json"))
	if err != nil {
		t.Fatal(err)
	}
	if a := f.account; a.Kind != coop.Federation || a.Members == "" || a.Jobs == "" || len(a.Boards) != 2 || !a.HasEd25519 || len(f.keys) != 2 || a.Host != "fed-sur.example" || a.Name != "sur" {
		t.Errorf("federation %+v", f.account)
	}
	c, err := reader(now).readActor(example(t, "02-coop-actor.json"))
	if err != nil {
		t.Fatal(err)
	}
	a := c.account
	if a.Kind != coop.Coop || len(a.MemberOf) != 2 || a.Coop == nil || a.Coop.Members != 11 || a.Coop.Workers != -1 || a.Coop.Founded != "2014-05-02" || a.Coop.Place.Country != "AR" {
		t.Errorf("co-op %+v, facts %+v", a, a.Coop)
	}
	for _, tt := range []struct {
		name   string
		change func(doc)
	}{
		{"inbox elsewhere", with("inbox", "https://victim.example/inbox")},
		{"no inbox", without("inbox")},
		{"no id", without("id")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := doc{"id": "https://a.example/u", "type": "Person", "inbox": "https://a.example/u/inbox", "preferredUsername": "u"}
			tt.change(d)
			if got, err := reader(now).readActor(parse(t, d)); err == nil {
				t.Errorf("taken as %+v", got.account)
			}
		})
	}
}

func TestReadActorKeepsNoForeignKeys(t *testing.T) {
	d := doc{
		"id": "https://a.example/u", "type": "Person", "inbox": "https://a.example/u/inbox", "preferredUsername": "u",
		"sharedInbox": "https://victim.example/inbox", "endpoints": doc{"sharedInbox": "https://victim.example/inbox"},
		"followers": "https://victim.example/followers",
		"publicKey": []doc{
			{"id": "https://victim.example/v#main-key", "owner": "https://a.example/u", "publicKeyPem": "x"},
			{"id": "https://a.example/u#k", "owner": "https://victim.example/v", "publicKeyPem": "x"},
			{"id": "https://a.example/u#main-key", "owner": "https://a.example/u", "publicKeyPem": "x"},
		},
	}
	got, err := reader(time.Now()).readActor(parse(t, d))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.keys) != 1 || got.keys[0].ID != "https://a.example/u#main-key" || got.account.SharedInbox != "" || got.account.Followers != "" {
		t.Errorf("keys %+v, shared inbox %q, followers %q", got.keys, got.account.SharedInbox, got.account.Followers)
	}
}
