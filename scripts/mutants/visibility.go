// SPDX-License-Identifier: AGPL-3.0-or-later

package main

// visibilityMutants are the lines of the rule and of the SQL that says the same.
var visibilityMutants = []mutant{
	{"visibility", "withdrawn, or its author gone", "coop/audience.go", "if r.Withdrawn || r.AuthorGone {", "if false && r.Withdrawn {", "coop.TestMaySeeByPeople"},
	{"visibility", "drafts and blocks", "coop/audience.go", "if r.DraftOrFrozen || r.Blocked {", "if false && r.Blocked {", "coop.TestMaySeeByPeople"},
	{"visibility", "roles hide messages", "coop/audience.go", "if v.NoDirect && audience == VisibleDirect && !r.Office || v.NoDrafts && r.DraftOrFrozen {", "if false && v.NoDirect {", "coop.TestRolesHide"},
	{"visibility", "followers", "coop/audience.go", "return v.Class != ViewerAnonymous && (r.Follows || r.Named)", "return v.Class != ViewerAnonymous", "coop.TestMaySeeMatrix"},
	{"visibility", "direct", "coop/audience.go", "return v.Class != ViewerAnonymous && r.Named", "return v.Class != ViewerAnonymous", "coop.TestMaySeeMatrix"},
	{"visibility", "members", "coop/audience.go", "return v.Class != ViewerAnonymous && r.Member", "return v.Class != ViewerAnonymous", "coop.TestMaySeeMatrix"},
	{"visibility", "local", "coop/audience.go", "return v.Class == ViewerAccount", "return true", "coop.TestMaySeeMatrix"},
	{"visibility", "SQL: a gone author, to anybody", "storage/visibility.go", `return "(a.suspended_at = 0 AND a.deleted_at = 0 AND " + open + ")"`, `return "(" + open + ")"`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: a gone author, to servers", "storage/visibility.go", `return "(a.suspended_at = 0 AND a.deleted_at = 0 AND (" + author(a, v)`, `return "(TRUE AND (" + author(a, v)`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: a gone author, to accounts", "storage/visibility.go", `return "(a.suspended_at = 0 AND a.deleted_at = 0 AND (a.id = " + account`, `return "(TRUE AND (a.id = " + account`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: drafts and blocked servers, to servers", "storage/visibility.go", `open := "NOT p.draft AND NOT p.frozen AND NOT " + r.refused(a, "a.server") + " AND " + r.audience(a, v)`, `open := r.audience(a, v)`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: drafts and blocked servers, to accounts", "storage/visibility.go", "open := \"NOT p.draft AND NOT p.frozen AND NOT \" + r.refused(a, \"a.server\") +\n\t\t\" AND (p.vis", "open := \"(p.vis", "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: blocks, to accounts", "storage/visibility.go", `(NOT " + blockBetween("a.id", account) + " AND "`, `("`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: blocks, to remote actors", "storage/visibility.go", `return "NOT " + blockBetween("a.id", a.add(int64(v.Account))) + " AND " + server`, `return server`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: the viewer's server is blocked", "storage/visibility.go", `server := "NOT " + r.refused(a, a.add(v.Host))`, `server := "TRUE"`, "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: accepted followers", "storage/visibility.go", "WHERE f.follower_id = %[1]s AND f.target_id = p.author_id AND f.state = 'accepted')", "WHERE f.follower_id = %[1]s AND f.target_id = p.author_id)", "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: memberships that both sides say", "storage/visibility.go", "WHERE m.member_id = %[1]s AND m.organization_id = p.members_of\n\t\t\t\tAND m.state = 'member' AND m.member_says AND m.organization_says)", "WHERE m.member_id = %[1]s AND m.organization_id = p.members_of)", "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: accepted followers of a server", "storage/visibility.go", "WHERE f.target_id = p.author_id AND f.state = 'accepted' AND x.server = %[1]s AND %[2]s)", "WHERE f.target_id = p.author_id AND x.server = %[1]s AND %[2]s)", "storage.TestVisibilityAgreesWithTheRule"},
	{"visibility", "SQL: roles hide messages", "storage/visibility.go", `hidden = "(p.visibility <> 'direct' OR a.local AND a.kind = 'instance') AND "`, `hidden = ""`, "storage.TestWhoSpeaksForACoopHearsWhatTheirRolesShow"},
	{"visibility", "SQL: unlisted stands in no list", "storage/visibility.go", `return "p.visibility = 'public' AND p.reached`, `return "p.reached`, "web.TestMatrix"},
	{"visibility", "SQL: limited servers stand in no list", "storage/visibility.go", `AND NOT p.frozen AND NOT " + r.policy(a, "a.server", "('limit', 'block')")`, `AND NOT p.frozen"`, "storage.TestListsLeaveOutLimitedAndBlockedServers"},
}
