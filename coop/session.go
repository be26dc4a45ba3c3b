// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"
	"time"
)

// Session is a person who signed in with a browser.
type Session struct {
	ID        ID
	Hash      []byte // SHA-256 of what the cookie holds
	AccountID ID
	Browser   string // such as "Firefox, Linux"; never the whole of what a browser says
	CreatedAt time.Time
	SeenAt    time.Time // to the hour
	ProvedAt  time.Time // when the person last proved who they are
	Strong    bool      // two factors did, or a passkey that is both
}

// ProofLife is how long a proof of who somebody is counts as fresh: afterwards roles,
// keys and exports ask for it again.
const ProofLife = 15 * time.Minute

// Fresh tells whether the person of a session proved within [ProofLife] who they are.
// A proof of the future counts for nothing, but for what clocks may differ.
func (s *Session) Fresh(now time.Time) bool {
	age := now.Sub(s.ProvedAt)
	return age < ProofLife && age > -time.Minute
}

// SessionIdle is how long a session lives without a visit.
const SessionIdle = 14 * 24 * time.Hour

// browsers and systems by what a User-Agent says of them, the more particular first.
var (
	browsers = [...][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrom", "Chrome"},
		{"Safari", "Safari"},
		{"curl", "curl"},
	}
	systems = [...][2]string{
		{"Android", "Android"}, {"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// BrowserOf is as much of a User-Agent as lets a person know their own browsers by:
// its family and the system, empty where neither is known.
func BrowserOf(agent string) string {
	agent = Truncate(agent, 500)
	browser, system := firstIn(agent, browsers[:]), firstIn(agent, systems[:])
	return strings.Trim(browser+", "+system, ", ")
}

// firstIn is the name of the first sign that a text has.
func firstIn(text string, list [][2]string) string {
	for _, known := range list {
		if strings.Contains(text, known[0]) {
			return known[1]
		}
	}
	return ""
}
