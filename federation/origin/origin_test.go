// SPDX-License-Identifier: AGPL-3.0-or-later

package origin

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestURLGrammar(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, tt := range []struct {
		in, want string // want empty: refused
	}{
		{"https://coop.example", "https://coop.example"},
		{"HTTPS://Coop.Example/Users/Ana?x=Y#main-key", "https://coop.example/Users/Ana?x=Y#main-key"},
		{"https://coop.example./a", "https://coop.example/a"},
		{"https://coop.example:443/a", "https://coop.example/a"},
		{"https://coop.example:/a", "https://coop.example/a"},
		{"https://coop.example:80/a", "https://coop.example:80/a"},
		{"http://coop.example:80/a", "http://coop.example/a"},
		{"http://localhost:8080/a", "http://localhost:8080/a"},
		{"https://FACTTIC.coöp.example/", "https://facttic.xn--cop-tna.example/"},
		{"https://xn--cop-tna.example/", "https://xn--cop-tna.example/"},
		{"https://bücher.example/ñ", "https://xn--bcher-kva.example/%C3%B1"},
		{"https://ex．ample.example/", "https://ex.ample.example/"},
		{"https://a.example/%2e%2e/b", "https://a.example/%2e%2e/b"},
		{"https://a.example//b", "https://a.example//b"},
		{"https://r3---sn-x.example/", "https://r3---sn-x.example/"},
		{"https://192.0.2.1/", "https://192.0.2.1/"},
		{"https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443/"},
		{"https://[::ffff:7f00:1]/", "https://[::ffff:127.0.0.1]/"},
		{"https://a.example/users/x#accepts/follows/1", "https://a.example/users/x#accepts/follows/1"},
		{"https://a.example#main-key", "https://a.example#main-key"},

		{"", ""},
		{"coop.example", ""},
		{"//coop.example/", ""},
		{"/users/ana", ""},
		{"ftp://a.example/", ""},
		{"javascript:alert(1)", ""},
		{"javascript://a.example/%0aalert(1)", ""},
		{"data:text/html,x", ""},
		{"file:///etc/passwd", ""},
		{"gopher://a.example/", ""},
		{"acct:ana@a.example", ""},
		{"https:a.example", ""},
		{"https:/a.example/", ""},
		{"https://", ""},
		{"https:///a", ""},
		{"https://:443/", ""},
		{"https://./", ""},
		{"https://a..example/", ""},
		{"https://ana@a.example/", ""},
		{"https://ana:pw@a.example/", ""},
		{"https://@a.example/", ""},
		{"https://good.example@evil.example/", ""},
		{"https://good.example:443@evil.example/", ""},
		{"https://a.example/\r\nHost: b", ""},
		{"https://a.example/\n", ""},
		{"https://a.example/\x00", ""},
		{"https://a.example/\t", ""},
		{"https://a.example\\@b.example/", ""},
		{"https:\\\\a.example/", ""},
		{"https://a.example/\\..\\", ""},
		{"https://a.example/a b", ""},
		{" https://a.example/", ""},
		{"https://a .example/", ""},
		{"https://a.example/\x7f", ""},
		{"https://good.example#@evil.example/", ""},
		{"https://good.example#:80@evil.example/", ""},
		{"https://a.example/x##y", ""},
		{"https://a%2eexample/", ""},
		{"https://%61.example/", ""},
		{"https://a.example%00.b.example/", ""},
		{"https://a.example:0/", ""},
		{"https://a.example:65536/", ""},
		{"https://a.example:-1/", ""},
		{"https://a.example:080/", ""},
		{"https://a.example:80:80/", ""},
		{"https://a.example:http/", ""},
		{"https://a.example:８０/", ""},
		{"http://0177.1/", ""},
		{"http://2130706433/", ""},
		{"http://127.1/", ""},
		{"http://0x7f000001/", ""},
		{"http://0x7f.0.0.1/", ""},
		{"http://127.0.0.01/", ""},
		{"http://1.2.3.4.5/", ""},
		{"http://256.1.1.1/", ""},
		{"http://１２７.0.0.1/", ""},
		{"http://127。0。0。1/", ""},
		{"http://foo.0x7f/", ""},
		{"http://foo.1/", ""},
		{"http://①.example/", "http://1.example/"},
		{"http://[::1%25eth0]/", ""},
		{"http://[fe80::1%25en0]/", ""},
		{"http://[::1/", ""},
		{"http://::1/", ""},
		{"http://[127.0.0.1]/", ""},
		{"http://[]/", ""},
		{"http://[::1]x/", ""},
		{"https://a_b.example/", ""},
		{"https://-a.example/", ""},
		{"https://a-.example/", ""},
		{"https://a!b.example/", ""},
		{"https://xn--a.example/", ""},
		{"https://" + long + "a.example/", ""},
		{"https://" + strings.Repeat(long+".", 4) + "example/", ""},
		{"https://a.example/" + strings.Repeat("a", MaxURL), ""},
		{"https://a.example/%zz", ""},
	} {
		u, err := Parse(tt.in)
		if tt.want == "" {
			if !errors.Is(err, ErrURL) {
				t.Errorf("%.80q gave %v, %v", tt.in, u, err)
			}
			continue
		}
		if err != nil || u.String() != tt.want {
			t.Errorf("%q gave %v, %v, want %s", tt.in, u, err, tt.want)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"https://a.example/users/x", "https://A.example.:443/y#z", true},
		{"https://bücher.example/", "https://xn--bcher-kva.example/", true},
		{"https://a.example/", "http://a.example/", false},
		{"https://a.example/", "https://a.example:8443/", false},
		{"https://a.example/", "https://b.a.example/", false},
		{"https://a.example/", "https://a.example.evil.example/", false},
		{"rubbish", "rubbish", false},
		{"", "", false},
		{"https://a.example/", "", false},
	} {
		if got := Same(tt.a, tt.b); got != tt.want || Same(tt.b, tt.a) != got {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
}

func TestHosts(t *testing.T) {
	for in, want := range map[string]string{
		"Coop.Example": "coop.example", "coop.example.:443": "coop.example:443", "localhost:8080": "localhost:8080",
		"": "", "a/b": "", "a@b": "", "a.example:x": "", "[::1]:80": "[::1]:80", "::1": "", "127.1": "",
	} {
		if got, err := NormalizeHost(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if h, err := Host("https://A.example:443/x"); h != "a.example" || err != nil {
		t.Error(h, err)
	}
	if _, err := Host("x"); err == nil {
		t.Error("a host of nothing")
	}
	if h, err := Authority("https", "A.example:443"); h != "a.example" || err != nil {
		t.Error(h, err)
	}
}

// hostile draws strings that look like URLs, with the signs that confuse parsers.
func hostile() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		host := rapid.StringOfN(rapid.SampledFrom([]rune("aB1.-_:[]@%xＡß١。\\/?#\t ñ")), 0, 24, -1).Draw(t, "host")
		path := rapid.StringOfN(rapid.SampledFrom([]rune("aB/%2e?#@:é\\ \n")), 0, 16, -1).Draw(t, "path")
		return rapid.SampledFrom([]string{"http://", "https://", "HTTPS://"}).Draw(t, "scheme") + host + path
	})
}

func checkURL(t interface{ Fatalf(string, ...any) }, s string) {
	u, err := Parse(s)
	if err != nil {
		if !errors.Is(err, ErrURL) {
			t.Fatalf("%q: an error of another kind: %v", s, err)
		}
		return
	}
	again, err := Parse(u.String())
	if err != nil || again.String() != u.String() {
		t.Fatalf("%q: %q becomes %v, %v", s, u, again, err)
	}
	if u.Host != strings.ToLower(u.Host) || u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		t.Fatalf("%q: host %q", s, u.Host)
	}
	if host, err := NormalizeHost(u.Host); err != nil || host != u.Host {
		t.Fatalf("%q: host %q becomes %q, %v", s, u.Host, host, err)
	}
	if !Same(s, u.String()) {
		t.Fatalf("%q: not of its own origin", s)
	}
}

func TestNormalisersAreIdempotent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) { checkURL(rt, hostile().Draw(rt, "url")) })
	rapid.Check(t, func(rt *rapid.T) {
		host := rapid.String().Draw(rt, "host")
		once, err := NormalizeHost(host)
		if err != nil {
			return
		}
		if twice, err := NormalizeHost(once); err != nil || twice != once {
			rt.Fatalf("%q: %q becomes %q, %v", host, once, twice, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"https://a.example/", "http://[::1]:80/x?y#z", "https://bücher.example:443", "http://127.1/", "https://a%25.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkURL(t, s) })
}

func FuzzNormalizeHost(f *testing.F) {
	f.Add("Bücher.example.:443")
	f.Fuzz(func(t *testing.T, s string) {
		once, err := NormalizeHost(s)
		if err != nil {
			return
		}
		if twice, err := NormalizeHost(once); err != nil || twice != once {
			t.Fatalf("%q: %q becomes %q, %v", s, once, twice, err)
		}
	})
}
