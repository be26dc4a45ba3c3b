// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestDirectory: co-ops stand in the list, on the map where the gazetteer knows their town,
// and in the table, whatever they call themselves.
func TestDirectory(t *testing.T) {
	w := newWorld(t)
	w.coop = w.member("telar")
	if err := w.Store.Write(t.Context(), func(tx *storage.Tx) error {
		a := *w.coop
		a.DisplayName, a.Bio = "=Tejer &", "<p>We <b>weave</b>.</p>"
		a.Coop = &coop.CoopFacts{Members: 7, Workers: -1, Languages: []string{"es"}, Place: &coop.Place{Locality: "Roma", Country: "IT"}}
		if err := putLists(t.Context(), tx); err != nil {
			return err
		}
		return tx.SaveAccount(t.Context(), &a)
	}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path, want string
		not        string
	}{
		{"/directory", "=Tejer &amp;", "No co-op answers"},
		{"/directory", "7 members", ""},
		{"/directory", "We weave.", ""},
		{"/directory?country=IT&language=es&evidence=federation", "=Tejer &amp;", "No co-op answers"},
		{"/directory?country=AR", "No co-op answers", "=Tejer"},
		{"/directory?q=tej", "=Tejer &amp;", ""},
		{"/directory?q=%22%3E%3Cb%3E&source=%3Cscript%3E", "No co-op answers", "<script>"},
		{"/directory?page=nonsense", "=Tejer &amp;", ""},
		{"/directory?country=IT", `<option value="IT" selected>Italy</option>`, ""},
		{"/directory/map", `aria-label="=Tejer &amp;: Roma, Italy"`, "names no place"},
		{"/directory/map?map=oceania", "nothing on this part", ""},
		{"/directory/map?map=xyz&country=AR", "nothing on this part", "=Tejer"},
		{"/directory.csv", "'=Tejer &,", ""},
		{"/directory.csv?country=AR", "name,handle", "Tejer"},
	} {
		answer := w.get(tt.path, "en")
		body := answer.Body.String()
		if answer.Code != 200 || !strings.Contains(body, tt.want) || tt.not != "" && strings.Contains(body, tt.not) {
			t.Errorf("%s answers %d, without %q or with %q", tt.path, answer.Code, tt.want, tt.not)
		}
	}
}
