// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
)

// sent is a request with a body.
func sent(target, kind, body string) (*gin.Context, *httptest.ResponseRecorder) {
	gin.SetMode(gin.TestMode)
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest("POST", target, strings.NewReader(body))
	c.Request.Header.Set("Content-Type", kind)
	return c, w
}

func TestFields(t *testing.T) {
	const form, object = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
	for _, tt := range []struct {
		name, target, kind, body string
		want                     url.Values // nil: refused
	}{
		{"a form", "/", form, "a=1&b[]=x&b[]=y", url.Values{"a": {"1"}, "b": {"x", "y"}}},
		{"several parts", "/", "multipart/form-data; boundary=z", "--z\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--z--\r\n", url.Values{"a": {"1"}}},
		{"JSON", "/", object, `{"a":"1","b":["x","y"],"c":7,"d":true,"e":null,"f":[]}`, url.Values{"a": {"1"}, "b": {"x", "y"}, "c": {"7"}, "d": {"true"}}},
		{"nothing but an address", "/?a=1", form, "", url.Values{"a": {"1"}}},
		{"an address beside a body counts for nothing", "/?a=1&b=2", form, "a=3", url.Values{"a": {"3"}}},
		{"no JSON", "/", object, `{`, nil},
		{"a list of JSON", "/", object, `["a"]`, nil},
		{"an object within", "/", object, `{"a":{"b":1}}`, nil},
		{"a list within a list", "/", object, `{"a":[["b"]]}`, nil},
		{"very deep", "/", object, `{"a":` + strings.Repeat("[", 50000), nil},
		{"a form that is none", "/", form, "%zz", nil},
	} {
		c, _ := sent(tt.target, tt.kind, tt.body)
		got, err := fields(c)
		if (err != nil) != (tt.want == nil) {
			t.Errorf("%s: %v", tt.name, err)
		} else if diff := cmp.Diff(tt.want, got); tt.want != nil && diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestRedirectsKeepTheirBytes(t *testing.T) {
	for redirect, want := range map[string]string{
		"https://elk.zone/a%2Fb":     "https://elk.zone/a%2Fb?code=c&state=s+%26",
		"https://elk.zone/?x=%20y":   "https://elk.zone/?x=%20y&code=c&state=s+%26",
		"https://elk.zone/?":         "https://elk.zone/?code=c&state=s+%26",
		"icecubesapp://":             "icecubesapp://?code=c&state=s+%26",
		"com.App:/CallBack/../x":     "com.App:/CallBack/../x?code=c&state=s+%26",
		"https://EXAMPLE.org:443/A/": "https://EXAMPLE.org:443/A/?code=c&state=s+%26",
	} {
		c, w := sent("/", "", "")
		sendOn(c, &asked{redirect: redirect, state: "s &"}, url.Values{"code": {"c"}})
		if got := w.Header().Get("Location"); w.Code != 302 || got != want {
			t.Errorf("%s: %d %s", redirect, w.Code, got)
		}
	}
}

func TestVerifiers(t *testing.T) {
	// The example of RFC 7636, appendix B.
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	if !fits(verifier, challenge) || fits(verifier, challenge[1:]) || fits("", challenge) || fits(strings.Repeat("a", 200), challenge) {
		t.Error("S256 is not checked")
	}
	for _, tt := range []struct {
		challenge, method string
		want              bool
	}{{"", "", true}, {challenge, "S256", true}, {challenge, "plain", false}, {challenge, "", false}, {"", "plain", false}, {challenge + "=", "S256", false}, {"x", "S256", false}} {
		if got := proves(tt.challenge, tt.method); got != tt.want {
			t.Errorf("%q by %q: %v", tt.challenge, tt.method, got)
		}
	}
}
