// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"minga/coop"
)

func TestMediaPlaces(t *testing.T) {
	both := coop.MediaPlaces{Main: "https://coop.example", Own: "https://media.coop.example"}
	one := coop.MediaPlaces{Main: "https://coop.example"}
	for _, tt := range []struct {
		name        string
		places      coop.MediaPlaces
		kept, shown string
	}{
		{"a file", both, "https://coop.example/media/a.png", "https://media.coop.example/media/a.png"},
		{"no host for media", one, "https://coop.example/media/a.png", "https://coop.example/media/a.png"},
		{"nothing is known", coop.MediaPlaces{}, "/media/a.png", "/media/a.png"},
		{"an id is no file", both, "https://coop.example/people/ana", "https://coop.example/people/ana"},
		{"a name that begins alike", both, "https://coop.example.org/media/a.png", "https://coop.example.org/media/a.png"},
		{"another server", both, "https://far.example/media/a.png", "https://far.example/media/a.png"},
		{"none", both, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.places.Shown(tt.kept); got != tt.shown {
				t.Errorf("shown as %q, want %q", got, tt.shown)
			}
			if got := tt.places.Kept(tt.shown); got != tt.kept {
				t.Errorf("kept as %q, want %q", got, tt.kept)
			}
		})
	}
}
