// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestLimitsThatAreToldAreKept: what a composer is told may be sent is taken, and one
// more is not.
func TestLimitsThatAreToldAreKept(t *testing.T) {
	r := newRead(t)
	doc := r.decoded(r.ask("GET", "/api/v2/instance", "", "").Body.String())
	limit := func(path string) int {
		n, err := strconv.Atoi(fmt.Sprint(memberAt(doc, "configuration."+path)))
		if err != nil || n < 1 {
			t.Fatalf("%s: %v", path, memberAt(doc, "configuration."+path))
		}
		return n
	}
	status := func(members map[string]any) func() int {
		return func() int {
			body, _ := json.Marshal(members)
			return r.ask("POST", "/api/v1/statuses", r.anas, string(body)).Code
		}
	}
	options := func(n, length int) []string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("%0*d", length, i))
		}
		return list
	}
	poll := func(n, length, seconds int) func() int {
		return status(map[string]any{"status": "?", "poll": map[string]any{"options": options(n, length), "expires_in": seconds}})
	}
	profile := func(members map[string]any) func() int {
		return func() int {
			body, _ := json.Marshal(members)
			return r.ask("PATCH", "/api/v1/accounts/update_credentials", r.anas, string(body)).Code
		}
	}
	fields := func(n int) []map[string]string {
		list := make([]map[string]string, n)
		for i := range list {
			list[i] = map[string]string{"name": fmt.Sprint("n", i), "value": "v"}
		}
		return list
	}
	most, title, short, long := limit("polls.max_options"), limit("polls.max_characters_per_option"), limit("polls.min_expiration"), limit("polls.max_expiration")
	for name, pair := range map[string][2]func() int{
		"max_characters":            {status(map[string]any{"status": strings.Repeat("é", limit("statuses.max_characters"))}), status(map[string]any{"status": strings.Repeat("é", limit("statuses.max_characters")+1)})},
		"max_options":               {poll(most, 3, 3600), poll(most+1, 3, 3600)},
		"max_characters_per_option": {poll(2, title, 3600), poll(2, title+1, 3600)},
		"min_expiration":            {poll(2, 3, short), poll(2, 3, short-2)},
		"max_expiration":            {poll(2, 3, long), poll(2, 3, long+60)},
		"max_profile_fields":        {profile(map[string]any{"fields_attributes": fields(limit("accounts.max_profile_fields"))}), profile(map[string]any{"fields_attributes": fields(limit("accounts.max_profile_fields") + 1)})},
		"max_display_name_length":   {profile(map[string]any{"display_name": strings.Repeat("é", limit("accounts.max_display_name_length"))}), profile(map[string]any{"display_name": strings.Repeat("é", limit("accounts.max_display_name_length")+1)})},
		"max_note_length":           {profile(map[string]any{"note": strings.Repeat("é", limit("accounts.max_note_length"))}), profile(map[string]any{"note": strings.Repeat("é", limit("accounts.max_note_length")+1)})},
	} {
		if code := pair[0](); code != http.StatusOK {
			t.Errorf("%s: as many as told answers %d", name, code)
		}
		if code := pair[1](); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: one more answers %d", name, code)
		}
	}
	pinned := limit("accounts.max_pinned_statuses")
	for n := range pinned + 1 {
		id := r.note(r.ana, fmt.Sprint("pin ", n)).ID.String()
		if code := r.ask("POST", "/api/v1/statuses/"+id+"/pin", r.anas, "").Code; (code == 200) != (n < pinned) {
			t.Errorf("pin %d of %d answers %d", n+1, pinned, code)
		}
	}
}
