// SPDX-License-Identifier: AGPL-3.0-or-later

package origin

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// MaxURL is the longest URL that Parse takes, in bytes.
const MaxURL = 2048

// MaxHost is the longest host name, in bytes, as ASCII (RFC 1035 §2.3.4).
const MaxHost = 253

// ErrURL is what every refusal of this package is: errors.Is(err, origin.ErrURL).
var ErrURL = errors.New("not an acceptable URL")

// refuse says why s was refused. The text of s stays out of it: it is hostile
// and may be long.
func refuse(why string) error { return fmt.Errorf("%w: %s", ErrURL, why) }

// Parse reads an absolute http or https URL of at most MaxURL bytes and returns it
// with its host normalised and a default port dropped; path, query and fragment
// stay as they came, but for bytes beyond ASCII, which are percent-encoded.
// Parse(Parse(s).String()) gives the same URL again. Every error is an ErrURL.
func Parse(s string) (*url.URL, error) {
	rest, err := checkText(s)
	if err != nil {
		return nil, err
	}
	authority, _, _ := strings.Cut(rest, "#")
	authority, _, _ = strings.Cut(authority, "?")
	authority, _, _ = strings.Cut(authority, "/")
	u, err := url.Parse(s)
	if err != nil {
		return nil, refuse("unreadable")
	}
	if u.User != nil || strings.Contains(authority, "@") {
		return nil, refuse("user-info")
	}
	if u.Host, err = normalizeAuthority(authority, u.Scheme); err != nil {
		return nil, err
	}
	return u, checkFragment(u)
}

// checkText judges what can be judged before any parser sees the text, and
// returns what stands behind "scheme://".
func checkText(s string) (string, error) {
	if len(s) > MaxURL {
		return "", refuse("too long")
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "http") {
		return "", refuse("scheme is not http or https")
	}
	if strings.Count(s, "#") > 1 {
		return "", refuse("two fragments")
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c == 0x7f || c == '\\' {
			return "", refuse("control character, space or backslash")
		}
	}
	return rest, nil
}

// checkFragment refuses what is only ever written to make two readers disagree
// about where the host ends. Honest fragments are "#main-key" and Mastodon's
// "#accepts/follows/1".
func checkFragment(u *url.URL) error {
	if u.Path == "" && strings.ContainsAny(u.Fragment, "@:/") {
		return refuse("misleading fragment")
	}
	return nil
}

// Of is the origin of a URL in canonical form, such as "https://coop.example" or
// "http://localhost:8080". Errors are those of Parse.
func Of(s string) (string, error) {
	u, err := Parse(s)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host, nil
}

// Same says whether two URLs share an origin. What cannot be parsed shares one
// with nothing, not even with itself.
func Same(a, b string) bool {
	oa, err := Of(a)
	if err != nil {
		return false
	}
	ob, err := Of(b)
	return err == nil && oa == ob
}

// Host is the normalised host[:port] of a URL, the port only where it is not the
// default of its scheme. Errors are those of Parse.
func Host(s string) (string, error) {
	u, err := Parse(s)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}
