// SPDX-License-Identifier: AGPL-3.0-or-later

package main

// webMutants are the checks of the web gate.
var webMutants = []mutant{
	{"web", "a route says what it must", "web/server.go", "if err := route.Check(); err != nil {", "if err := route.Check(); false && err != nil {", "web.TestABareRouteStopsTheStart"},
	{"web", "a scope, an act, a class", "web/auth/route.go", `case r.Access == Token && r.Scope == "":`, `case false && r.Scope == "":`, "web.TestARouteThatSaysNothingIsNotMounted"},
	{"web", "headers of every answer", "web/middleware.go", `h.Set("X-Content-Type-Options", "nosniff")`, `_ = h`, "web.TestHeadersOfEveryAnswer"},
	{"web", "forwarding headers of strangers", "web/reload.go", "if !trusted(proxies, peer) {", "if false && !trusted(proxies, peer) {", "web.TestForwardingHeadersOfStrangersDoNotCount"},
	{"web", "Host", "web/host.go", "if err != nil || !slices.Contains(s.hosts, host) {", "if false && (err != nil || !slices.Contains(s.hosts, host)) {", "web.TestOtherHostsAreMisdirected"},
	{"web", "a body that says that it is too long", "web/server.go", "if route.Body > 0 && c.Request.ContentLength > route.Body {", "if false && c.Request.ContentLength > route.Body {", "web.TestALongBodyIsRefusedBeforeItIsRead"},
	{"web", "a body that does not", "web/server.go", "\t\tc.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, route.Body)\n", "", "web.TestABodyOfUnsaidLengthIsCutOff"},
	{"web", "limits", "web/server.go", "if err := s.count(c, route.Limit); err != nil {", "if err := s.count(c, route.Limit); false && err != nil {", "web.TestEveryLimitFires"},
	{"web", "bad tokens are counted", "web/server.go", "refused := s.gate.Identify(c, route)\n", "refused := s.gate.Identify(c, route)\n\t\tif refused != nil {\n\t\t\treturn refused\n\t\t}\n", "web.TestBadTokensAreCounted"},
	{"web", "what a role or scope refuses", "web/server.go", "return s.gate.Judge(c, route)", "_ = s.gate.Judge(c, route)\n\t\treturn nil", "web.TestEveryWriteAsksForARole"},
	{"web", "a token where one is due", "web/auth/token.go", "if route.Access == Optional {", "if true || route.Access == Optional {", "web.TestRoutesWithTokensRefuseStrangers"},
	{"web", "the scope", "web/auth/token.go", `if route.Scope != "" && !Allows(token.Scopes, route.Scope) {`, `if false && !Allows(token.Scopes, route.Scope) {`, "web.TestRoutesWithTokensRefuseStrangers"},
	{"web", "a token of an app acts for nobody", "web/auth/token.go", "if account == nil && route.Access == Token {", "if false && account == nil {", "web.TestATokenOfAnAppAlone"},
	{"web", "tokens in the address", "web/auth/token.go", `if !route.Stream && c.Request.URL.RawQuery != "" &&`, `if false && c.Request.URL.RawQuery != "" &&`, "web/auth.TestTokensInTheAddressAreRefused"},
	{"web", "tokens that were taken back", "storage/token.go", "const tokenStands = `k.revoked_at = 0\n", "const tokenStands = `k.revoked_at >= 0\n", "web.TestTokensEndAtOnce"},
	{"web", "tokens of who is suspended", "storage/token.go", "AND COALESCE(a.suspended_at, 0) = 0 AND COALESCE(a.deleted_at", "AND COALESCE(a.deleted_at", "storage.TestTokensOfWhoIsSuspended"},
	{"web", "tokens of whose person is suspended", "storage/token.go", "AND COALESCE(w.suspended_at, 0) = 0 AND COALESCE(w.deleted_at", "AND COALESCE(w.deleted_at", "storage.TestTokensOfWhoIsSuspended"},
	{"web", "forms of other sites", "web/auth/session.go", "if changes && g.origins.Check(c.Request) != nil {", "if false && g.origins.Check(c.Request) != nil {", "web/auth.TestForms"},
	{"web", "the token of a form", "web/auth/form.go", "\tgiven := c.Request.PostForm.Get(FormField)\n\tif v.secret == \"\" ||", "\tgiven := c.Request.PostForm.Get(FormField)\n\tif false && v.secret == \"\" ||", "web/auth.TestForms"},
	{"web", "a session where one is due", "web/auth/session.go", "if v.session == nil && route.Access == Session {", "if false && v.session == nil {", "web.TestWalk"},
	{"web", "the rank of a page", "web/auth/session.go", `if route.Rank != "" && !Account(c).Rank.AtLeast(route.Rank) {`, `if false && !Account(c).Rank.AtLeast(route.Rank) {`, "web.TestPagesOfTheStaff"},
	{"web", "a second factor of the staff", "web/auth/session.go", "if err := g.strong(c, route, v.session, Account(c)); err != nil {", "if err := g.strong(c, route, v.session, Account(c)); false && err != nil {", "web.TestTheStaffNeedsASecondFactor"},
	{"web", "own paths only", "web/auth/lead.go", `u.Host != ""`, `false`, "web/auth.TestOwnPath"},
	{"web", "nothing of a token is kept", "web/middleware.go", `h.Set("Cache-Control", "private, no-store")`, `_ = h`, "web.TestNothingOfATokenIsKeptByCaches"},
}
