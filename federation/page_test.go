// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestGetSaysWhereItEnded(t *testing.T) {
	var p *peer
	p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, p.at("b.example.com")+"/", http.StatusFound)
		case "/there-and-back":
			http.Redirect(w, r, p.at("b.example.com")+"/back", http.StatusFound)
		case "/back":
			http.Redirect(w, r, p.at("a.example.com")+"/", http.StatusFound)
		case "/www":
			http.Redirect(w, r, "/", http.StatusMovedPermanently)
		default:
			fmt.Fprint(w, "<p>hello</p>")
		}
	})
	c := newClient(t, p, nil)
	for path, inside := range map[string]bool{"/": true, "/www": true, "/away": false, "/there-and-back": false} {
		page, err := c.Get(t.Context(), p.at("a.example.com")+path, "text/html", MaxPage)
		if err != nil || page.Inside != inside {
			t.Errorf("%s: inside %v, %v", path, page.Inside, err)
		}
	}
}

func TestSaysMe(t *testing.T) {
	const me = "https://coop.example/@ana"
	for _, tt := range []struct {
		name, body string
		want       bool
	}{
		{"a link", `<a href="https://coop.example/@ana" rel="me">me</a>`, true},
		{"among other words", `<A REL="noopener ME nofollow" HREF=' https://coop.example/@ana '>`, true},
		{"in the head", `<link rel=me href=https://coop.example/@ana />`, true},
		{"the second of two", `<a rel="me" href="https://other.example/"></a><a rel="me" href="https://COOP.example/@ana">x</a>`, true},
		{"the actor's id", `<a rel="me" href="https://coop.example/people/ana">x</a>`, true},
		{"with an entity", `<a rel="me" href="https://coop.example&#47;@ana">x</a>`, true},
		{"without rel", `<a href="https://coop.example/@ana">me</a>`, false},
		{"another rel", `<a href="https://coop.example/@ana" rel="home met">me</a>`, false},
		{"somebody else", `<a href="https://coop.example/@anabel" rel="me">me</a>`, false},
		{"in a comment", `<!-- <a href="https://coop.example/@ana" rel="me"> -->`, false},
		{"in a script", `<script>'<a href="https://coop.example/@ana" rel="me">'</script>`, false},
		{"in a text box", `<textarea><a href="https://coop.example/@ana" rel="me"></textarea>`, false},
		{"escaped", `&lt;a href="https://coop.example/@ana" rel="me"&gt;`, false},
		{"a relative address", `<a href="/@ana" rel="me">me</a>`, false},
		{"another element", `<img href="https://coop.example/@ana" rel="me">`, false},
		{"nothing", ``, false},
		{"rubbish", strings.Repeat("<a ", 10_000), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Page{Body: []byte(tt.body)}).SaysMe(me, "https://coop.example/people/ana"); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
