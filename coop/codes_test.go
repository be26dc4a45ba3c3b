// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
)

// yesNo is a table of one question.
type yesNo struct {
	name string
	in   string
	want bool
}

// ask runs such a table.
func ask(t *testing.T, rule func(string) bool, rows []yesNo) {
	t.Helper()
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule(tt.in); got != tt.want {
				t.Errorf("%.80q: %v, want %v", tt.in, got, tt.want)
			}
		})
	}
}

func TestValidMail(t *testing.T) {
	ask(t, coop.ValidMail, []yesNo{
		{"a plain address", "sumate@telar.coop.example", true},
		{"a tag and dots", "ana.perez+job@telar.example", true},
		{"routing by percent is refused", "a%b@c.example", false},
		{"a quoted local part is refused", `"a b"@c.example`, false},
		{"an address literal is refused", "x@[10.0.0.1]", false},
		{"a bare IP address is refused", "x@10.0.0.1", false},
		{"two at signs are refused", "a@b@c.example", false},
		{"a comma would be a list", "a@b.example,c@d.example", false},
		{"a line break would be a header", "a@b.example\r\nBcc: c@d.example", false},
		{"NUL is refused", "a\x00@b.example", false},
		{"a host without a dot is refused", "a@localhost", false},
		{"two dots in a row are refused", "a..b@c.example", false},
		{"a label that begins with a hyphen is refused", "a@-c.example", false},
		{"an address with a name is refused", "Ana <a@b.example>", false},
		{"255 characters are too many", "a@" + strings.Repeat("b.", 122) + "example.x", false},
		{"a local part of 65 is too long", strings.Repeat("a", 65) + "@b.example", false},
		{"nothing is no address", "", false},
	})
}

func TestValidLink(t *testing.T) {
	ask(t, coop.ValidLink, []yesNo{
		{"https with a path", "https://telar.example/jobs/1?x=1", true},
		{"http is not for people", "http://telar.example/", false},
		{"scripts are refused", "javascript:alert(1)", false},
		{"scripts in capitals too", "JavaScript:alert(1)", false},
		{"a tab in the scheme is refused", "java\tscript:alert(1)", false},
		{"data is refused", "data:text/html,x", false},
		{"an address without a host is refused", "https:///x", false},
		{"a user in it hides the host", "https://bank.example@evil.example/", false},
		{"a backslash is read differently by browsers", `https://a.example\@b.example`, false},
		{"a relative address is refused", "/jobs", false},
		{"2,049 bytes are too many", "https://a.example/" + strings.Repeat("x", 2031), false},
		{"white space is refused", "https://a.example/a b", false},
	})
}

func TestCodes(t *testing.T) {
	ask(t, coop.ValidLanguage, []yesNo{
		{"a language", "es", true},
		{"with a region", "es-AR", true},
		{"with a variant", "ca-valencia", true},
		{"unknown letters", "xx", false},
		{"undetermined", "und", false},
		{"an underscore is not BCP 47", "en_US", false},
		{"a word", "spanish", false},
		{"nothing", "", false},
		{"a long one", strings.Repeat("a-", 40), false},
	})
	ask(t, coop.ValidCountry, []yesNo{
		{"Argentina", "AR", true},
		{"small letters", "ar", false},
		{"the United Kingdom is GB", "UK", false},
		{"a union is no country", "EU", false},
		{"a continent is none", "419", false},
		{"unknown is none", "ZZ", false},
	})
	ask(t, coop.ValidCurrency, []yesNo{
		{"euro", "EUR", true},
		{"Uruguayan peso", "UYU", true},
		{"bolívar of 2018", "VES", true},
		{"no currency", "XXX", false},
		{"small letters", "eur", false},
		{"a sign", "€", false},
		{"unknown", "ABC", false},
	})
	ask(t, coop.ValidZone, []yesNo{
		{"Buenos Aires", "America/Argentina/Buenos_Aires", true},
		{"UTC", "UTC", true},
		{"that of the machine", "Local", false},
		{"a path", "../../etc/passwd", false},
		{"nothing", "", false},
		{"invented", "Europe/Atlantis", false},
	})
	ask(t, func(s string) bool { _, ok := coop.ParseDate(s); return ok }, []yesNo{
		{"a date", "2026-11-20", true},
		{"a day that is none", "2026-02-30", false},
		{"a moment", "2026-11-20T10:00:00Z", false},
		{"the year 10,000", "10000-01-01", false},
		{"far past", "0001-01-01", false},
	})
}

func TestCleanLanguage(t *testing.T) {
	for in, want := range map[string]string{"ES-ar": "es-AR", " pt_BR ": "pt-BR", "ca": "ca", "xx": "", "iw": "iw"} {
		if got := coop.CleanLanguage(in); got != want {
			t.Errorf("CleanLanguage(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	ask(t, func(s string) bool { _, err := coop.ParseDuration(s); return err == nil }, []yesNo{
		{"six months", "P6M", true},
		{"a year and a half", "P1Y6M", true},
		{"two weeks", "P2W", true},
		{"a day and a half", "P1DT12H", true},
		{"minutes need a T", "PT30M", true},
		{"no number", "PM", false},
		{"nothing after P", "P", false},
		{"nothing after T", "P1DT", false},
		{"wrong order", "P1M1Y", false},
		{"a unit twice", "P1M1M", false},
		{"a fraction", "P0.5Y", false},
		{"a sign", "-P1M", false},
		{"words", "6 months", false},
		{"six digits", "P100000D", false},
		{"hours before T", "P1H", false},
		{"small letters", "p6m", false},
	})
}

func TestDurationCompare(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		want       int
	}{
		{"twelve months are a year", "P12M", "P1Y", 0},
		{"156 weeks are less than three years", "P156W", "P3Y", -1},
		{"a second more is more", "P3YT1S", "P3Y", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, errA := coop.ParseDuration(tt.a)
			b, errB := coop.ParseDuration(tt.b)
			if errA != nil || errB != nil || a.Compare(b) != tt.want {
				t.Errorf("%s to %s: %d, want %d", tt.a, tt.b, a.Compare(b), tt.want)
			}
		})
	}
}

func TestDurationIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 99999)
		d := coop.Duration{
			Years: n.Draw(t, "y"), Months: n.Draw(t, "m"), Weeks: n.Draw(t, "w"), Days: n.Draw(t, "d"),
			Hours: n.Draw(t, "h"), Minutes: n.Draw(t, "min"), Seconds: n.Draw(t, "s"),
		}
		if got, err := coop.ParseDuration(d.String()); err != nil || got != d {
			t.Fatalf("%s became %+v, %v", d, got, err)
		}
		if d.From(time.Unix(0, 0)).Before(time.Unix(0, 0)) {
			t.Fatalf("%s leads into the past", d)
		}
	})
}

// FuzzValidMail: an address that passes is one address to every reader of mails, and
// nothing in it ends a line, opens a list or leads through another host.
func FuzzValidMail(f *testing.F) {
	for _, seed := range []string{"ana@telar.example", "a%b@c.example", "x@[10.0.0.1]", "a@b@c.example", `"a b"@c.example`, "a,b@c.example", "a@c.example\r\nBcc: x@y.example", "é@c.example", "a..b@c.example", "a@c", "a+b@sub.c.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !coop.ValidMail(s) {
			return
		}
		read, err := mail.ParseAddress(s)
		if err != nil || read.Address != s || read.Name != "" {
			t.Errorf("%q is read as %+v, %v", s, read, err)
		}
		if len(s) > 254 || strings.ContainsAny(s, "\r\n\x00 ,;<>()[]%\"\\") {
			t.Errorf("%q passed", s)
		}
	})
}
