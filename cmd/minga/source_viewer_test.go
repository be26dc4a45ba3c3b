// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"maps"
	"reflect"
	"slices"
	"testing"

	"minga/coop"
	"minga/storage"
)

// unseen is a question to storage that takes no viewer, though posts, or what hangs on
// them, come out of it.
type unseen struct {
	why string
	// doors are the faces of web that may ask it; ownedHere means all of them.
	doors []string
}

// ownedHere are the doors of questions whose text names the owner of what it finds: with
// the id of another it finds nothing.
var ownedHere = []string{"web"}

// withoutViewer are all such questions. Those of the program itself have no door.
var withoutViewer = map[string]unseen{
	"Home":                      {"the lines of the account that is asked for, judged as it sees them", ownedHere},
	"ListTimeline":              {"a list of the account that is asked for, judged as it sees it", ownedHere},
	"Liked":                     {"what the account liked, judged as it sees it", ownedHere},
	"Bookmarked":                {"what the account kept, judged as it sees it", ownedHere},
	"Conversation":              {"of the account, judged as it sees it", ownedHere},
	"Conversations":             {"of the account, judged as it sees it", ownedHere},
	"Notification":              {"of the account", ownedHere},
	"Notifications":             {"of the account", ownedHere},
	"FindNotifications":         {"of the account of the query", ownedHere},
	"NotificationGroup":         {"of the account", ownedHere},
	"NotificationGroups":        {"of the account of the query", ownedHere},
	"NotificationGroupAccounts": {"of the account", ownedHere},
	"Scheduled":                 {"of the account", ownedHere},
	"ScheduledOf":               {"of the account", ownedHere},
	"Media":                     {"of the account", ownedHere},
	"ChangeMedia":               {"of the account", ownedHere},
	"Application":               {"to a job of the account, whose hirer asks", []string{"web/mastodon", "web/pages"}},
	"Applications":              {"to a job of the account, whose hirer asks", []string{"web/mastodon", "web/pages"}},
	"ApplicationByLink":         {"by the secret that the applicant alone was sent", []string{"web/pages"}},
	"JobsOf":                    {"drafts too, of an account for which the person may publish jobs", []string{"web/pages"}},
	"RequestsOf":                {"drafts too, of an account for which the person may ask", []string{"web/mastodon", "web/pages"}},
	"RequestOf":                 {"for its author, who is compared before anything is shown", []string{"web/mastodon", "web/pages"}},
	"Offer":                     {"for its two sides, who are compared before anything is shown", []string{"web/mastodon", "web/pages"}},
	"Offers":                    {"for a side of them, or for the author of the request", []string{"web/mastodon", "web/pages"}},
	"Reports":                   {"for moderators", []string{"web/admin", "web/pages"}},
	"ReportsByID":               {"for moderators, and for who hears of an own report", []string{"web/admin", "web/mastodon"}},
	"SharedEntry":               {"a line, written once for readers who were chosen by what they may see", []string{"web/streaming"}},
	"MediaByName":               {"by a name of 128 random bits, for storage/media, whose door judges the post that it hangs on", nil},

	"ApplicationByID": {"what is told to an applicant, and the command line", nil},
	"DecisionOn":      {"what the program does when a decision ends", nil},
	"DueJobs":         {"what ends by its date", nil},
	"DueOffers":       {"what ends by its date", nil},
	"DueRequests":     {"what ends by its date", nil},
	"DueScheduled":    {"what is published by its date", nil},
	"MoveScheduled":   {"what is published by its date", nil},
	"JobsToAsk":       {"which co-ops are asked whether a job still stands", nil},
	"OldApplications": {"which applications are forgotten", nil},
	"OfferByIRI":      {"what an answer of another server is about", nil},
	"HoldOffer":       {"an offer that is answered in this transaction", nil},
	"PushMessage":     {"what is pushed to the account, judged again when it is sent", nil},
}

// judged are the types of coop that not everybody may see.
var judged = []reflect.Type{
	reflect.TypeFor[coop.Post](), reflect.TypeFor[coop.Job](), reflect.TypeFor[coop.Article](), reflect.TypeFor[coop.Revision](),
	reflect.TypeFor[coop.Request](), reflect.TypeFor[coop.Poll](), reflect.TypeFor[coop.Decision](), reflect.TypeFor[coop.Media](),
	reflect.TypeFor[coop.Report](), reflect.TypeFor[coop.Application](), reflect.TypeFor[coop.Conversation](),
	reflect.TypeFor[coop.Notification](), reflect.TypeFor[coop.Offer](),
}

// yields tells whether a value of the type holds one that is judged.
func yields(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if slices.Contains(judged, t) {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return yields(t.Elem(), seen)
	case reflect.Map:
		return yields(t.Key(), seen) || yields(t.Elem(), seen)
	case reflect.Struct:
		return slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return yields(f.Type, seen) })
	case reflect.Func:
		return slices.ContainsFunc(slices.Collect(t.Ins()), func(in reflect.Type) bool { return yields(in, seen) }) ||
			slices.ContainsFunc(slices.Collect(t.Outs()), func(out reflect.Type) bool { return yields(out, seen) })
	}
	return false
}

// blind tells whether a method gives away what is judged, and takes no viewer.
func blind(method reflect.Type) bool {
	if slices.Contains(slices.Collect(method.Ins()), reflect.TypeFor[coop.Viewer]()) {
		return false
	}
	return slices.ContainsFunc(slices.Collect(method.Outs()), func(out reflect.Type) bool { return yields(out, map[reflect.Type]bool{}) })
}

// TestReadsTakeAViewer: each question to storage by which posts, or what hangs on them,
// are read takes a viewer, or stands in a list with its reason.
func TestReadsTakeAViewer(t *testing.T) {
	found := map[string]bool{}
	for _, of := range []reflect.Type{reflect.TypeFor[*storage.Store](), reflect.TypeFor[*storage.Tx]()} {
		for m := range of.Methods() {
			if !blind(m.Type) {
				continue
			}
			found[m.Name] = true
			if withoutViewer[m.Name].why == "" {
				t.Errorf("%s.%s gives away what not everybody may see, and takes no coop.Viewer", of, m.Name)
			}
		}
	}
	for name := range withoutViewer {
		if !found[name] {
			t.Errorf("%s takes a viewer now, or is no question any more", name)
		}
	}
}

// TestBlindReadsAreSeen proves that the rule fires.
func TestBlindReadsAreSeen(t *testing.T) {
	type page struct{ Lines []struct{ Entry coop.Entry } }
	for _, tt := range []struct {
		name   string
		method any
		want   bool
	}{
		{"a post by its id", func(coop.ID) (*coop.Post, error) { return nil, nil }, true},
		{"deep inside a page", func(coop.ID) (map[string]*page, error) { return nil, nil }, true},
		{"to a function that is handed in", func() func(func(*coop.Media) bool) { return nil }, true},
		{"for a viewer", func(coop.Viewer, coop.ID) (*coop.Post, error) { return nil, nil }, false},
		{"a number", func(coop.ID) (int, error) { return 0, nil }, false},
		{"an account", func(coop.ID) (*coop.Account, error) { return nil, nil }, false},
	} {
		if got := blind(reflect.TypeOf(tt.method)); got != tt.want {
			t.Errorf("%s: seen %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestBlindReadsHaveTheirDoors: what judges for itself who asks is asked by the faces of
// web that stand in the list, and by no other; what is the program's own by none.
func TestBlindReadsHaveTheirDoors(t *testing.T) {
	used := map[string]map[string]bool{}
	for _, f := range goFiles(t) {
		if f.isTest() || !under(f.path, "web") {
			continue
		}
		for _, name := range blindCalls(f) {
			doors := withoutViewer[name].doors
			if used[name] == nil {
				used[name] = map[string]bool{}
			}
			if at := slices.IndexFunc(doors, func(door string) bool { return under(f.path, door) }); at >= 0 {
				used[name][doors[at]] = true
			} else {
				t.Errorf("%s asks storage for %s, which takes no viewer: %s", f.path, name, withoutViewer[name].why)
			}
		}
	}
	for name, u := range withoutViewer {
		for _, door := range u.doors {
			if door != "web" && !used[name][door] {
				t.Errorf("%s does not ask for %s any more", door, name)
			}
		}
	}
}

// stores are the names under which the doors hold storage.
var stores = []string{"Store", "store", "tx", "Tx", "Files"}

// blindCalls are the questions without a viewer that a file asks of storage.
func blindCalls(f *sourceFile) (names []string) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.SelectorExpr)
		if !ok || withoutViewer[call.Sel.Name].why == "" {
			return true
		}
		switch x := call.X.(type) {
		case *ast.SelectorExpr:
			if slices.Contains(stores, x.Sel.Name) {
				names = append(names, call.Sel.Name)
			}
		case *ast.Ident:
			if slices.Contains(stores, x.Name) {
				names = append(names, call.Sel.Name)
			}
		}
		return true
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// TestBlindCallsAreSeen proves that the rule sees a call, and that it has all names.
func TestBlindCallsAreSeen(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(withoutViewer)) {
		f := parseSource(t, "web/pages/planted.go", "package pages\nfunc (f *Face) x() { f.Store."+name+"(1) }")
		if got := blindCalls(f); !slices.Equal(got, []string{name}) {
			t.Errorf("of %s the rule sees %v", name, got)
		}
	}
	f := parseSource(t, "web/pages/planted.go", "package pages\nfunc x(p coop.Offer) { p.Media = nil }")
	if got := blindCalls(f); len(got) > 0 {
		t.Errorf("of what asks nothing the rule sees %v", got)
	}
}
