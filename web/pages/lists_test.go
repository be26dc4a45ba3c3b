// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestWhatIsOfferedWhileTyping: towns and skills in the language of the page, each with the
// value by which a search finds just it.
func TestWhatIsOfferedWhileTyping(t *testing.T) {
	w := newWorld(t)
	if err := w.Store.Write(t.Context(), func(tx *storage.Tx) error { return putLists(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/places.json?q=ro&lang=es":        `[{"value":"Roma, Lazio, IT","label":"Roma, Lazio, Italia"}]`,
		"/places.json?q=Rome&lang=xx":      `"label":"Rome, Lazio, Italy"`,
		"/places.json?q=":                  `[]`,
		"/skills.json?q=bre&lang=it":       `[{"value":"Panificazione","label":"Panificazione (Bread making)"}]`,
		"/skills.json?q=pan&lang=it":       `[{"value":"Panificazione","label":"Panificazione"}]`,
		"/skills.json?q=%00%ff&lang=it":    `[]`,
		"/skills.json?q=none-such&lang=es": `[]`,
	} {
		says(t, w.get(path, "en").Body.String(), want)
	}
}

// putLists puts a town and a skill on the lists.
func putLists(ctx context.Context, tx *storage.Tx) error {
	rome := coop.TownEntry{
		Town:   coop.Town{ID: 1, Name: "Rome", Region: "Lazio", Country: "IT", Point: coop.Point{Latitude: 41.9, Longitude: 12.5}, Weight: 1},
		Labels: []coop.Label{{Language: "es", Text: "Roma"}},
	}
	if err := tx.PutTowns(ctx, []coop.TownEntry{rome}); err != nil {
		return err
	}
	return tx.PutSkills(ctx, storage.StarterSkills, []coop.SkillEntry{{URI: "https://skills.example/1", Labels: []coop.Label{
		{Language: "it", Text: "Panificazione", Preferred: true}, {Language: "en", Text: "Bread making", Preferred: true},
	}}})
}
