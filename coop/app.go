// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// App is a program that asks people to act for them (RFC 6749 §2).
type App struct {
	ID        ID
	ClientID  string
	Secret    []byte // SHA-256 of the client's secret
	Name      string
	Website   string // http or https; may be empty
	Redirects []string
	Scopes    []string // all that it may ask for
	CreatedAt time.Time
	UsedAt    time.Time // when somebody let it in last, to the day
}

// Code is what an app gets from a person's browser and gives back for a token
// (RFC 6749 §4.1.2).
type Code struct {
	ID        ID
	Hash      []byte // SHA-256 of the code
	AppID     ID
	AccountID ID // whom the token will act as
	PersonID  ID // who said so
	Redirect  string
	Scopes    []string
	Challenge string // of PKCE with S256 (RFC 7636 §4.2); empty: none
	CreatedAt time.Time
	EndsAt    time.Time
	TokenID   ID // what it gave; zero: not used
}

// OutOfBand is the redirect of apps that cannot be sent to: the code is shown and
// the person carries it over.
const OutOfBand = "urn:ietf:wg:oauth:2.0:oob"

// Bounds of what an app says of itself, in characters and in number.
const (
	maxAppName   = 200
	maxRedirect  = 2000
	mostRedirect = 20
)

// deadSchemes run something, read something, or are not to be left to the sender.
var deadSchemes = []string{"javascript", "data", "vbscript", "file", "blob", "filesystem", "about", "view-source", "intent", "mailto", "tel", "sms"}

// Validate checks what an app says of itself; the complaints are an [Invalid].
func (a *App) Validate() error {
	var all Invalid
	complain := func(field, code, problem string) {
		all = append(all, &InvalidError{Field: field, Code: code, Problem: problem})
	}
	if a.Name = CleanLine(a.Name, maxAppName+1); a.Name == "" {
		complain("client_name", CodeRequired, "an app needs a name")
	} else if runes(a.Name) > maxAppName {
		complain("client_name", CodeTooLong, "at most 200 characters")
	}
	if a.Website != "" && !validWebsite(a.Website) {
		complain("website", "invalid", "an address that begins with https://")
	}
	if len(a.Redirects) == 0 {
		complain("redirect_uris", CodeRequired, "an app needs a place to return to")
	}
	if len(a.Redirects) > mostRedirect {
		complain("redirect_uris", CodeTooLong, "at most 20 addresses")
	}
	if slices.ContainsFunc(a.Redirects, func(r string) bool { return !ValidRedirect(r) }) {
		complain("redirect_uris", "invalid", "an absolute address without a fragment, of a scheme that only leads to the app")
	}
	return all.Or()
}

// validWebsite takes addresses of the web.
func validWebsite(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxRedirect && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && plainASCII(s)
}

// ValidRedirect tells whether a browser may be sent to an address with a code
// (RFC 6749 §3.1.2, RFC 8252 §7): absolute, without a fragment, of no scheme that
// runs or reads something. Schemes of apps may have a host or none.
func ValidRedirect(s string) bool {
	if s == OutOfBand {
		return true
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxRedirect || u.Scheme == "" || strings.Contains(s, "#") || !plainASCII(s) {
		return false
	}
	if u.Scheme == "http" || u.Scheme == "https" {
		return u.Host != "" && u.Hostname() != "" && u.User == nil
	}
	rest := s[len(u.Scheme)+1:]
	return rest != "" && u.User == nil && !slices.Contains(deadSchemes, strings.ToLower(u.Scheme))
}

// plainASCII tells texts that stand in a header as they are, and that no browser
// reads in another way.
func plainASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' || r == '<' || r == '>' || r == '"' })
}

// HostOf is where a redirect leads, as people may judge it: the host with its port
// on the web, else the scheme; empty for [OutOfBand].
func HostOf(redirect string) string {
	u, err := url.Parse(redirect)
	switch {
	case err != nil || redirect == OutOfBand:
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return u.Host
	}
	return strings.ToLower(u.Scheme) + ":"
}
