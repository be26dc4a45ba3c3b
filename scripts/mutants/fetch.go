// SPDX-License-Identifier: AGPL-3.0-or-later

package main

// fetchMutants are the checks of the fetch gate.
var fetchMutants = []mutant{
	{"fetch", "http and https", "federation/origin/origin.go", `if !ok || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {`, `if !ok || false && !strings.EqualFold(scheme, "http") {`, "federation/origin.TestURLGrammar"},
	{"fetch", "no control character, space or backslash", "federation/origin/origin.go", `if c <= ' ' || c == 0x7f || c == '\\' {`, `if false && c == 0x7f {`, "federation/origin.TestURLGrammar"},
	{"fetch", "no misleading fragment", "federation/origin/origin.go", "return u, checkFragment(u)", "_ = checkFragment(u)\n\treturn u, nil", "federation/origin.TestURLGrammar"},
	{"fetch", "odd spellings of addresses", "federation/origin/host.go", "return ascii, checkNumber(ascii, s)", "_ = checkNumber(ascii, s)\n\treturn ascii, nil", "federation.TestOddSpellingsAreRefused"},
	{"fetch", "https", "federation/client.go", `case u.Scheme != "https" && !c.dev:`, `case false && !c.dev:`, "federation.TestPlainHTTPOnlyInDevelopment"},
	{"fetch", "own host", "federation/client.go", "case c.isOwn(u.Scheme, u.Host):", "case false && c.isOwn(u.Scheme, u.Host):", "federation.TestOwnHostIsNeverAsked"},
	{"fetch", "blocked domains", "federation/client.go", "\tif blocked {\n", "\tif false && blocked {\n", "federation.TestBlockedDomainIsNeverAsked"},
	{"fetch", "the addresses of a name are judged", "federation/dial.go", "if err := d.guard.allow(d.scheme, a, port); err != nil {\n\t\t\trefusal", "if err := d.guard.allow(d.scheme, a, port); false && err != nil {\n\t\t\trefusal", "federation.TestOnlyJudgedAddressesAreKept"},
	{"fetch", "the address of the socket is judged", "federation/dial.go", "if err := d.guard.allow(d.scheme, ap.Addr(), ap.Port()); err != nil {", "if err := d.guard.allow(d.scheme, ap.Addr(), ap.Port()); false && err != nil {", "federation.TestTheSocketHasTheLastWord"},
	{"fetch", "link-local, multicast, unspecified are never opened", "federation/guard.go", "case a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast():", "case false && a.IsUnspecified():", "federation.TestDevelopmentOpens"},
	{"fetch", "public addresses", "federation/guard.go", "case !public(a):", "case false && !public(a):", "federation.TestAddressTable"},
	{"fetch", "the special ranges of IPv4", "federation/guard.go", `"100.64.0.0/10", `, ``, "federation.TestAddressTable"},
	{"fetch", "2000::/3 and nothing else", "federation/guard.go", "return global6.Contains(a) && !contains(special6, a)", "return !contains(special6, a)", "federation.TestAddressTable"},
	{"fetch", "Teredo and 6to4", "federation/guard.go", "return global6.Contains(a) && !contains(special6, a)", "return global6.Contains(a)", "federation.TestAddressTable"},
	{"fetch", "the IPv4 inside NAT64", "federation/guard.go", `if a.Is6() && nat64.Contains(a.WithZone("")) {`, `if false && nat64.Contains(a) {`, "federation.TestAddressTable"},
	{"fetch", "port 443", "federation/guard.go", `case scheme != "https" || port != 443:`, `case false && port != 443:`, "federation.TestTheSocketHasTheLastWord"},
	{"fetch", "a list replaces what development opens", "federation/guard.go", "if dev && len(nets) == 0 {", "if dev {", "federation.TestDevelopmentOpens"},
	{"fetch", "no proxy of the environment", "federation/client.go", "ForceAttemptHTTP2:      !o.HTTP1,", "ForceAttemptHTTP2:      !o.HTTP1,\n\t\tProxy: http.ProxyFromEnvironment,", "federation.TestProxiesOfTheEnvironmentAreIgnored"},
	{"fetch", "TLS 1.2", "federation/client.go", "MinVersion: tls.VersionTLS12,", "MinVersion: tls.VersionTLS10,", "federation.TestCertificatesAreChecked"},
	{"fetch", "certificates", "federation/client.go", "MinVersion: tls.VersionTLS12,", "MinVersion: tls.VersionTLS12, InsecureSkipVerify: true,", "federation.TestCertificatesAreChecked"},
	{"fetch", "one deadline over all", "federation/exchange.go", "ctx, cancel := context.WithTimeout(ctx, c.total)", "ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)", "federation.TestOneDeadlineOverAll"},
	{"fetch", "three redirects", "federation/exchange.go", "for range maxRedirects + 1 {", "for range 20 {", "federation.TestRedirectsInside"},
	{"fetch", "no lesser scheme", "federation/exchange.go", `if base.Scheme == "https" && next.Scheme != "https" {`, `if false && next.Scheme != "https" {`, "federation.TestRedirectsInside"},
	{"fetch", "each hop is judged", "federation/exchange.go", "target, host, err := c.gate(ctx, w.url)\n\tif err != nil {", "target, host := w.url, hostOf(w.url)\n\tvar err error\n\tif err != nil {", "federation.TestRedirectsInside"},
	{"fetch", "each hop is signed anew", "federation/exchange.go", "if w.sign != nil {", "if false && w.sign != nil {", "federation.TestEachHopIsSignedAnew"},
	{"fetch", "size after decompression", "federation/exchange.go", "\tcase whole:\n\t\treturn nil, &Error{Kind: KindSize, Host: host}", "\tcase false && whole:\n\t\treturn nil, &Error{Kind: KindSize, Host: host}", "federation.TestDecompressedSizeCounts"},
	{"fetch", "eight at once to one host", "federation/slots.go", "fetchesPerHost = 8 ", "fetchesPerHost = 80 ", "federation.TestFetchesAtOnce"},
	{"fetch", "documents are ActivityPub", "federation/document.go", "if !isActivity(a.header) {", "if false && !isActivity(a.header) {", "federation.TestADocumentIsWhatItsIDServes"},
	{"fetch", "the final URL is the id", "federation/document.go", "return found, atHome(id, ask.IRI, a), nil", "_ = atHome(id, ask.IRI, a)\n\treturn found, true, nil", "federation.TestADocumentIsWhatItsIDServes"},
	{"fetch", "one id", "federation/document.go", "if seen || json.Unmarshal(raw, &id) != nil {", "if false && seen || json.Unmarshal(raw, &id) != nil {", "federation.TestADocumentIsWhatItsIDServes"},
}
