// SPDX-License-Identifier: AGPL-3.0-or-later

package entity_test

import (
	"encoding/json"
	"testing"
	"time"

	"minga/web/mastodon/entity"
)

func TestValuesAsClientsReadThem(t *testing.T) {
	at := time.Date(2026, 1, 5, 10, 0, 0, 123456789, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"a list that was never made", struct{ L entity.List[int] }{}, `{"L":[]}`},
		{"a list", entity.List[int]{1, 2}, `[1,2]`},
		{"a moment has three decimals and Z", entity.Time(at), `"2026-01-05T09:00:00.123Z"`},
		{"a whole second too", entity.Time(at.Truncate(time.Second)), `"2026-01-05T09:00:00.000Z"`},
		{"no moment", entity.Time{}, `null`},
		{"a day", entity.Date(at), `"2026-01-05"`},
		{"no day", entity.Date{}, `null`},
		{"an id is digits in a string", entity.ID(115_000_000_000_000_001), `"115000000000000001"`},
		{"no id", entity.ID(0), `null`},
		{"no text", entity.Null(""), `null`},
		{"a text", entity.Null("x"), `"x"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.value)
			if err != nil || string(got) != tt.want {
				t.Errorf("%s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestAStatusWithoutAViewer(t *testing.T) {
	got, err := json.Marshal(entity.Status{ID: 1, Account: &entity.Account{ID: 2}})
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(got, &members); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"media_attachments", "mentions", "tags", "emojis"} {
		if list, ok := members[name].([]any); !ok || list == nil {
			t.Errorf("%s is %v, want []", name, members[name])
		}
	}
	for _, name := range []string{"favourited", "filtered", "pinned", "text"} {
		if _, ok := members[name]; ok {
			t.Errorf("%s is there although nobody is signed in", name)
		}
	}
}
