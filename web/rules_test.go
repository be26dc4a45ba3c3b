// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/web/auth"
)

// The rules that keep released clients of Mastodon's API working, one test each: what
// they read strictly, what they send, what they never ask for again. Rules about single
// values are held over every answer that a furnished account gets.

// answers are what user one, user two and a stranger read at every GET of the API.
func (w *walk) answers() map[string]any {
	w.Helper()
	file, _ := w.upload(w.one, "description", "", "a loaf", "file", "b.jpg", string(photo(w.T, 60, 40)))
	w.made("POST", "/api/v1/statuses", w.one, `{"status":"with a picture, @berta","media_ids":["`+file.ID+`"]}`)
	w.made("POST", "/api/v1/statuses/{public}/reblog", w.two, "")
	eva := w.remotePost(func(p *coop.Post) { p.Published = time.Now().Add(-48 * time.Hour) })
	w.objects["far"] = eva.ID.String()
	out := map[string]any{}
	for _, s := range w.steps() {
		if s.Method != http.MethodGet || s.kind == page || s.Access == auth.App {
			continue
		}
		path := w.path(s.Route, s.row, true)
		for _, token := range []string{w.owner(s.row), w.two, ""} {
			answer := w.ask("GET", path, token, "")
			if answer.Code == http.StatusOK && strings.HasPrefix(answer.Header().Get("Content-Type"), "application/json") { // no files
				out[path+" of "+token] = w.decoded(answer.Body.String())
			}
		}
	}
	for _, path := range []string{"/api/v1/statuses/" + w.objects["far"], "/api/v1/accounts/" + eva.AuthorID.String(), "/api/v1/timelines/public", "/api/v2/search?q=bread"} {
		out[path] = w.decoded(w.ask("GET", path, w.one, "").Body.String())
	}
	if len(out) < 150 {
		w.Fatalf("only %d answers", len(out))
	}
	return out
}

// decoded reads JSON with its numbers as they stand.
func (h *house) decoded(body string) (value any) {
	h.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		h.Fatalf("%v in %.500s", err, body)
	}
	return value
}

// members calls look for every member of every object in a value.
func members(at string, value any, look func(at, name string, value any)) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			members(at+"[]", one, look)
		}
	case map[string]any:
		for name, one := range v {
			look(at+"."+name, name, one)
			members(at+"."+name, one, look)
		}
	}
}

// collected are the answers of one walk, for all rules about values.
var collected struct {
	sync.Once
	answers map[string]any
}

// everywhere calls look for every member of all answers, and wants to have met many.
func everywhere(t *testing.T, least int, about, look func(at, name string, value any) bool) {
	t.Helper()
	collected.Do(func() { collected.answers = newWalk(t).answers() })
	met := 0
	for path, answer := range collected.answers {
		members(path, answer, func(at, name string, value any) {
			if !about(at, name, value) {
				return
			}
			if met++; !look(at, name, value) {
				t.Errorf("%s is %#v", at, value)
			}
		})
	}
	if met < least {
		t.Errorf("only %d such members were met", met)
	}
}

var (
	digitsOnly = regexp.MustCompile(`^[0-9]+$`)
	toTheMilli = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	bareDate   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
)

func TestRule01IDsAreDecimal(t *testing.T) {
	everywhere(t, 250, func(at, name string, value any) bool {
		return value != nil && (name == "id" || strings.HasSuffix(name, "_id")) && !strings.HasSuffix(at, ".role.id") && !strings.HasSuffix(at, ".params.application_id")
	}, func(at, name string, value any) bool {
		// The two ids that clients read as numbers.
		if name == "most_recent_notification_id" || strings.HasPrefix(at, "/api/v1/push/subscription") {
			number, ok := value.(json.Number)
			return ok && digitsOnly.MatchString(number.String())
		}
		text, ok := value.(string)
		return ok && digitsOnly.MatchString(text)
	})
}

func TestRule02OrderOfIDsIsOrderOfTime(t *testing.T) {
	r := newRead(t)
	r.note(r.leo, "today")
	late := r.remotePost(func(p *coop.Post) { p.Published = time.Now().Add(-24 * time.Hour) })
	r.note(r.leo, "just now")
	var list []struct {
		ID        string
		CreatedAt time.Time `json:"created_at"`
	}
	r.get("/api/v1/timelines/public", "", &list)
	if len(list) != 3 || list[2].ID != late.ID.String() {
		t.Fatalf("what came late is at %+v", list)
	}
	for i := range list[1:] {
		if a, b := list[i], list[i+1]; len(a.ID) != len(b.ID) || a.ID <= b.ID || a.CreatedAt.Before(b.CreatedAt) {
			t.Errorf("%+v stands before %+v", a, b)
		}
	}
}

func TestRule03DatesHaveThreeDecimals(t *testing.T) {
	everywhere(t, 300, func(_, name string, value any) bool { return value != nil && strings.HasSuffix(name, "_at") }, func(_, name string, value any) bool {
		text, ok := value.(string)
		if name == "last_status_at" {
			return ok && bareDate.MatchString(text)
		}
		return ok && toTheMilli.MatchString(text)
	})
}

// lists are the members that clients iterate over without looking.
var listNames = strings.Fields(`media_attachments mentions tags emojis fields roles options own_votes ancestors descendants accounts statuses hashtags history languages
	context keywords keyword_matches status_matches filtered reactions rules reached_through federations features notification_groups sample_account_ids authors status_ids rule_ids`)

// textNames are the members that are a text, even an empty one.
var textNames = strings.Fields(`note display_name spoiler_text content username acct uri avatar avatar_static header header_static name title shortcode static_url visibility type description_text`)

func TestRule05ListsAndTextsAreNeverNull(t *testing.T) {
	everywhere(t, 2500, func(at, name string, _ any) bool {
		return (slices.Contains(listNames, name) || slices.Contains(textNames, name)) &&
			!strings.Contains(at, ".configuration.") && !strings.Contains(at, ".history[]") && !strings.Contains(at, ".minga.job.") && !strings.Contains(at, ".params.") &&
			!strings.Contains(at, "/instance/activity") && !strings.Contains(at, "/v1/profile of") && // numbers as texts; null for no picture
			!strings.Contains(at, "/minga/skills of") && !strings.Contains(at, "/minga/coops/facets of") && !strings.Contains(at, "/diff of") // minga's own
	}, func(at, name string, value any) bool {
		switch value.(type) {
		case []any:
			return slices.Contains(listNames, name)
		case string:
			return slices.Contains(textNames, name)
		case map[string]any: // the policy's and other objects that share a name
			return name == "context" || name == "statuses" || name == "accounts"
		}
		return false
	})
}

// TestRule05AddressesAreAddressesOrNull: an empty text is no address.
func TestRule05AddressesAreAddressesOrNull(t *testing.T) {
	addresses := strings.Fields("avatar avatar_static header header_static preview_url remote_url image url uri static_url website")
	everywhere(t, 900, func(at, name string, value any) bool {
		return value != nil && !strings.HasSuffix(at, "/instance.uri") && !strings.Contains(at, "/instance of") && slices.Contains(addresses, name)
	}, func(_, _ string, value any) bool {
		text, ok := value.(string)
		return !ok && value != nil || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "http://")
	})
}

func TestRule06LinkNamesBothNeighbours(t *testing.T) {
	r := newRead(t)
	for n := range 3 {
		p := r.note(r.leo, fmt.Sprint("n", n))
		for _, act := range []string{"favourite", "bookmark"} {
			r.ask("POST", "/api/v1/statuses/"+p.ID.String()+"/"+act, r.anas, "")
		}
	}
	eva := r.person("eva")
	r.ask("POST", "/api/v1/accounts/"+eva.ID.String()+"/block", r.anas, "")
	form := regexp.MustCompile(`^<https://coop\.example/api/v1/[^>]*[?&]max_id=([0-9]+)[^>]*>; rel="next", <https://coop\.example/api/v1/[^>]*[?&]min_id=([0-9]+)[^>]*>; rel="prev"$`)
	for path, inBody := range map[string]bool{
		"/api/v1/timelines/home?limit=2": true, "/api/v1/timelines/public?local=1&limit=2": true,
		"/api/v1/favourites?limit=2": false, "/api/v1/bookmarks?limit=2": false, "/api/v1/blocks": false,
		"/api/v1/accounts/" + r.leo.ID.String() + "/followers": false, "/api/v1/accounts/" + r.ana.ID.String() + "/following": false,
	} {
		var list []struct{ ID string }
		link := r.get(path, r.anas, &list).Get("Link")
		m := form.FindStringSubmatch(link)
		if m == nil || len(list) == 0 {
			t.Errorf("%s names %q after %d", path, link, len(list))
			continue
		}
		if same := m[1] == list[len(list)-1].ID && m[2] == list[0].ID; same != inBody {
			t.Errorf("%s pages from %s to %s, shows %+v", path, m[2], m[1], list)
		}
		if strings.Contains(path, "limit=2") && !strings.Contains(m[0], "limit=2") || strings.Contains(path, "local=1") && !strings.Contains(m[0], "local=1") {
			t.Errorf("%s loses what was asked: %s", path, link)
		}
	}
}

func TestRule07SinceIsNotMin(t *testing.T) {
	r := newRead(t)
	var ids []string
	for n := range 6 {
		ids = append(ids, r.note(r.leo, fmt.Sprint("n", n)).ID.String())
	}
	for query, want := range map[string]string{
		"since_id=" + ids[0] + "&limit=2":                       "n5, n4",
		"min_id=" + ids[0] + "&limit=2":                         "n2, n1",
		"max_id=" + ids[3] + "&limit=2":                         "n2, n1",
		"max_id=" + ids[4] + "&since_id=" + ids[1]:              "n3, n2",
		"min_id=" + ids[1] + "&max_id=" + ids[5] + "&limit=2":   "n3, n2",
		"min_id=" + ids[5]:                                      "",
		"since_id=" + ids[5]:                                    "",
		"min_id=" + ids[0] + "&since_id=" + ids[3] + "&limit=1": "n4",
	} {
		if got := r.timeline("/api/v1/timelines/home?"+query, r.anas); got != want {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
	}
}

// TestRule26EnumerationsAreClosed: no answer has a word that strict clients do not know.
func TestRule26EnumerationsAreClosed(t *testing.T) {
	closed := map[string][]string{
		"visibility": {"public", "unlisted", "private", "direct"}, ".privacy": {"public", "unlisted", "private", "direct"},
		".card.type": {"link", "photo", "video", "rich"}, ".media_attachments[].type": {"image", "video", "gifv", "audio", "unknown"},
		"replies_policy": {"followed", "list", "none"}, "filter_action": {"warn", "hide", "blur"},
	}
	met := map[string]bool{}
	everywhere(t, 90, func(at, _ string, _ any) bool {
		return slices.ContainsFunc(slices.Collect(maps.Keys(closed)), func(end string) bool { return strings.HasSuffix(at, end) })
	}, func(at, _ string, value any) bool {
		for end, words := range closed {
			if strings.HasSuffix(at, end) {
				met[end] = true
				text, ok := value.(string)
				return ok && slices.Contains(words, text)
			}
		}
		return false
	})
	if diff := cmp.Diff(slices.Sorted(maps.Keys(closed)), slices.Sorted(maps.Keys(met))); diff != "" {
		t.Error(diff)
	}
}

// TestRule29AcctHasNoHostAtHome: user for ours, user@host for others, no leading @.
func TestRule29AcctHasNoHostAtHome(t *testing.T) {
	everywhere(t, 120, func(_, name string, _ any) bool { return name == "acct" }, func(_, _ string, value any) bool {
		text, ok := value.(string)
		name, host, remote := strings.Cut(text, "@")
		return ok && name != "" && (!remote || host == "far.example")
	})
}
