// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// mayBeNull are the members of each entity that an answer may have as null, since
// clients expect it. Any other null makes a released client drop the item or the page.
var mayBeNull = map[string]string{
	"Status":       "edited_at language in_reply_to_id in_reply_to_account_id reblog quote poll card application minga",
	"StatusApp":    "website",
	"StatusEdit":   "poll",
	"Account":      "last_status_at",
	"Field":        "verified_at",
	"Source":       "language",
	"Emoji":        "category",
	"Card":         "language image blurhash",
	"Attachment":   "preview_url remote_url description blurhash meta",
	"Poll":         "expires_at voters_count",
	"PollOption":   "votes_count",
	"Relationship": "muting_expires_at",
	"Filter":       "expires_at", "FilterHead": "expires_at", "FilterV1": "expires_at",
	"NotificationRequest": "last_status",
	"Conversation":        "last_status",
	"Announcement":        "starts_at ends_at",
	"Profile":             "avatar avatar_static header header_static",
	"FeaturedTag":         "last_status_at",
	"Report":              "action_taken_at",
	"ScheduledStatus":     "minga",
	"ScheduledParams":     "content_type idempotency media_ids sensitive in_reply_to_id poll spoiler_text language",
}

// TestOnlySomeMembersAreNull reads the shapes themselves: what a zero value would turn
// into null is named above, or it is left out, or it is an id or time that all have.
func TestOnlySomeMembersAreNull(t *testing.T) {
	structs := 0
	for name, fields := range shapes(t) {
		structs++
		allowed := strings.Fields(mayBeNull[name])
		var met []string
		for member, kind := range fields {
			switch {
			case !nullable(kind):
			case slices.Contains(allowed, member):
				met = append(met, member)
			case name+"."+member == "Rule.translations", name+"."+member == "PushSubscription.alerts": // always made
			case strings.HasPrefix(kind, "[]"), strings.HasPrefix(kind, "map["):
				t.Errorf("%s.%s is a %s, which is null when it is empty", name, member, kind)
			case !slices.Contains(always, member):
				t.Errorf("%s.%s is a %s and may be null: do clients expect that?", name, member, kind)
			}
		}
		for _, member := range allowed {
			if !slices.Contains(met, member) {
				t.Errorf("%s.%s is named as null and is not", name, member)
			}
		}
	}
	if structs < 30 {
		t.Errorf("only %d shapes were read", structs)
	}
}

// always are members that can be null by their type and never are: every record has an
// id and a time, and what it is about.
var always = strings.Fields("id created_at account account_id updated_at published_at scheduled_at target_account page_min_id page_max_id latest_page_notification_at status_id filter")

// nullable tells whether the zero value of a type is written as null.
func nullable(kind string) bool {
	switch kind {
	case "Null", "Time", "Date", "ID", "any":
		return true
	}
	return strings.HasPrefix(kind, "*") || strings.HasPrefix(kind, "[]") || strings.HasPrefix(kind, "map[")
}

// shapes are the structs of this package: the members that are always there, by their
// names in JSON, each with its type.
func shapes(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if shape, ok := spec.Type.(*ast.StructType); ok {
				out[spec.Name.Name] = membersOf(shape)
			}
			return true
		})
	}
	return out
}

// membersOf are the members of a struct that no answer leaves out.
func membersOf(shape *ast.StructType) map[string]string {
	out := map[string]string{}
	for _, field := range shape.Fields.List {
		if field.Tag == nil {
			continue
		}
		name, option, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
		if option != "omitempty" && name != "" && name != "-" {
			out[name] = typeName(field.Type)
		}
	}
	return out
}

// typeName is a type as it is written, as far as it matters here.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.ArrayType:
		return "[]" + typeName(e.Elt)
	case *ast.MapType:
		return "map[" + typeName(e.Key) + "]"
	case *ast.IndexExpr:
		return typeName(e.X)
	}
	return "another"
}
