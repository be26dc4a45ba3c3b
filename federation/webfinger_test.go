// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// world is a peer with two names whose WebFinger answers are a table: "a x" is the
// resource x asked of host a.example.com. In the answers A and B become the hosts.
func world(t *testing.T, answers map[string]string) (*Client, func(string) string) {
	t.Helper()
	var p *peer
	names := func(s string) string {
		return strings.NewReplacer("A!", "a.example.com:"+p.port, "B!", "b.example.com:"+p.port).Replace(s)
	}
	p = newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.Host[:1]+" "+strings.ReplaceAll(r.URL.Query().Get("resource"), ":"+p.port, "")]
		if r.URL.Path != "/.well-known/webfinger" || !ok {
			http.NotFound(w, r)
			return
		}
		switch answer {
		case "503":
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case "go":
			http.Redirect(w, r, names("https://B!")+r.URL.RequestURI(), http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", TypeJRD+"; charset=utf-8")
		fmt.Fprint(w, names(answer))
	})
	return newClient(t, p, nil), names
}

// jrd is an answer with a subject and a self link.
func jrd(subject, self string) string {
	return fmt.Sprintf(`{"subject":"acct:%s","links":[{"rel":"self","type":"application/activity+json","href":"https://%s"}]}`, subject, self)
}

// TestHandleOf is the rule of the account domain with its forged twins.
func TestHandleOf(t *testing.T) {
	const id = "B!/users/ana"
	plain := "b acct:ana@b.example.com"
	domain := "a acct:ana@a.example.com"
	for _, tt := range []struct {
		name    string
		answers map[string]string
		want    string
	}{
		{"one domain", map[string]string{plain: jrd("ana@B!", id)}, "ana@B!"},
		{"an account domain that agrees", map[string]string{plain: jrd("ana@A!", id), domain: jrd("ana@A!", id)}, "ana@A!"},
		{"an account domain that redirects", map[string]string{plain: jrd("ana@A!", id), domain: "go", "b acct:ana@a.example.com": jrd("ana@A!", id)}, "ana@A!"},
		{"another case of the name", map[string]string{plain: jrd("Ana@B!", id)}, "Ana@B!"},
		{"an account domain that names another actor", map[string]string{plain: jrd("ana@A!", id), domain: jrd("ana@A!", "A!/users/ana")}, "ana@B!"},
		{"an account domain that has another subject", map[string]string{plain: jrd("ana@A!", id), domain: jrd("eva@A!", id)}, "ana@B!"},
		{"an account domain that knows nobody", map[string]string{plain: jrd("ana@A!", id)}, "ana@B!"},
		{"a subject on our host", map[string]string{plain: jrd("ana@minga.example", id)}, "ana@B!"},
		{"a subject inside", map[string]string{plain: jrd("ana@127.0.0.2", id)}, "ana@B!"},
		{"a subject that is no handle", map[string]string{plain: strings.Replace(jrd("x", id), "acct:x", "https://a.example.com/", 1)}, "ana@B!"},
		{"a host that does not know its actor", map[string]string{}, "ana@B!"},
		{"a host that names another actor", map[string]string{plain: jrd("ana@B!", "B!/users/eva")}, "ana@B!"},
		{"a host that names another actor, though the domain agrees", map[string]string{plain: jrd("ana@A!", "B!/users/eva"), domain: jrd("ana@A!", id)}, "ana@B!"},
		{"rubbish", map[string]string{plain: `<html>`}, "ana@B!"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, names := world(t, tt.answers)
			got, err := c.HandleOf(t.Context(), "https://"+names(id), "ana")
			if err != nil || got != names(tt.want) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	c, names := world(t, map[string]string{plain: "503"})
	if _, err := c.HandleOf(t.Context(), "https://"+names(id), "ana"); kindOf(t, err) != KindStatus {
		t.Errorf("for now: %v", err)
	}
	if _, err := c.HandleOf(t.Context(), "https://"+names(id), "a b"); kindOf(t, err) != KindURL {
		t.Errorf("an odd name: %v", err)
	}
}

func TestLookUp(t *testing.T) {
	const id = "B!/users/ana"
	for _, tt := range []struct {
		name, ask string
		answers   map[string]string
		handle    string
		kind      Kind
	}{
		{"a handle", "ana@B!", map[string]string{"b acct:ana@b.example.com": jrd("ana@B!", id)}, "ana@B!", ""},
		{"with an at sign before it", "@ana@B!", map[string]string{"b acct:ana@b.example.com": jrd("ana@B!", id)}, "ana@B!", ""},
		{"an account domain", "ana@A!", map[string]string{"a acct:ana@a.example.com": jrd("ana@A!", id)}, "ana@A!", ""},
		{"the server of an account domain", "ana@B!", map[string]string{"b acct:ana@b.example.com": jrd("ana@A!", id), "a acct:ana@a.example.com": jrd("ana@A!", id)}, "ana@A!", ""},
		{"a subject that nobody confirms", "ana@B!", map[string]string{"b acct:ana@b.example.com": jrd("ana@A!", id)}, "", ""},
		{"a subject of ours", "ana@B!", map[string]string{"b acct:ana@b.example.com": jrd("root@minga.example", id)}, "", ""},
		{"nobody", "ana@B!", nil, "", KindStatus},
		{"no actor", "ana@B!", map[string]string{"b acct:ana@b.example.com": `{"subject":"acct:ana@B!"}`}, "", KindBody},
		{"an actor that is a script", "ana@B!", map[string]string{"b acct:ana@b.example.com": `{"links":[{"rel":"self","type":"application/activity+json","href":"javascript:alert(1)"}]}`}, "", KindBody},
		{"no JSON", "ana@B!", map[string]string{"b acct:ana@b.example.com": `x`}, "", KindBody},
		{"no handle", "ana", nil, "", KindURL},
		{"our own", "ana@minga.example", nil, "", KindOwn},
		{"inside", "ana@127.0.0.2", nil, "", KindAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, names := world(t, tt.answers)
			got, err := c.LookUp(t.Context(), names(tt.ask))
			if kindOf(t, err) != tt.kind || err == nil && (got.Handle != names(tt.handle) || got.Actor != "https://"+names(id)) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

// TestWebFingerByTemplate: where the well-known path is unknown, host-meta may say
// another; never one inside.
func TestWebFingerByTemplate(t *testing.T) {
	in := newInside(t, "127.0.0.2")
	var template atomic.Value
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/host-meta":
			w.Header().Set("Content-Type", TypeXRD)
			fmt.Fprintf(w, `<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" template="%s"/></XRD>`, template.Load())
		case "/wf":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, jrd("ana@"+r.Host, r.Host+"/"+r.URL.Query().Get("r")))
		default:
			http.NotFound(w, r)
		}
	})
	c := newClient(t, p, nil)
	handle := "ana@b.example.com:" + p.port
	for to, want := range map[string]Kind{
		p.at("b.example.com") + "/wf?r={uri}": "",
		"https://" + in.addr + "/wf?r={uri}":  KindAddress,
		"http://b.example.com/wf?r={uri}":     KindURL,
		"/wf":                                 KindStatus,
		p.at("b.example.com") + "/wf":         KindStatus,
	} {
		template.Store(to)
		found, err := c.LookUp(t.Context(), handle)
		if kindOf(t, err) != want || err == nil && found.Actor != p.at("b.example.com")+"/acct:"+handle {
			t.Errorf("%s: %+v, %v", to, found, err)
		}
	}
}

func TestWebFingerWantsItsMediaType(t *testing.T) {
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, jrd("ana@"+r.Host, r.Host+"/u"))
	})
	c := newClient(t, p, nil)
	if _, err := c.LookUp(t.Context(), "ana@a.example.com:"+p.port); kindOf(t, err) != KindType {
		t.Error(err)
	}
	if _, err := c.Software(t.Context(), "a.example.com:"+p.port); kindOf(t, err) != KindType {
		t.Error(err)
	}
}

func TestSplitHandle(t *testing.T) {
	for in, want := range map[string]string{
		"ana@Coop.Example": "ana coop.example", "@ana@coop.example": "ana coop.example", "acct:ana@coop.example:443": "ana coop.example",
		"Ana.b_c-d@coop.example:8080": "Ana.b_c-d coop.example:8080", "ñandú@bücher.example": "ñandú xn--bcher-kva.example",
		"": "", "ana": "", "@": "", "ana@": "", "@coop.example": "", "a@b@coop.example": "", "a b@coop.example": "", "a/b@coop.example": "",
		"a\x00@coop.example": "", "a\u202e@coop.example": "", "a<b@coop.example": "", "ana@127.1": "", "ana@a b": "", "ana@b/c": "",
		strings.Repeat("a", 300) + "@coop.example": "", "\xff@coop.example": "",
	} {
		name, host, err := SplitHandle(in)
		if got := strings.TrimSpace(name + " " + host); got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q: %q, %v", in, got, err)
		}
	}
}

func TestParseResource(t *testing.T) {
	for in, want := range map[string]Resource{
		"acct:ana@coop.example":          {Name: "ana", Host: "coop.example"},
		"ana@coop.example":               {Name: "ana", Host: "coop.example"},
		"https://Coop.Example/users/ana": {URL: "https://coop.example/users/ana"},
		"https://coop.example/@ana":      {URL: "https://coop.example/@ana"},
		"https://coop.example/":          {URL: "https://coop.example/"},
	} {
		if got, err := ParseResource(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "acct:", "ana", "mailto:ana@coop.example", "https://", "javascript:alert(1)", "https://a@coop.example/x"} {
		if got, err := ParseResource(in); err == nil {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

func TestOurJRD(t *testing.T) {
	j := Card{
		Handle: "facttic@facttic.example", ID: "https://minga.facttic.example/ap/1", Profile: "https://minga.facttic.example/@facttic",
		Avatar: "https://minga.facttic.example/a.png", AvatarType: "image/png", Subscribe: "https://minga.facttic.example/authorize?uri={uri}",
	}.JRD()
	body, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "subject": "acct:facttic@facttic.example",
 "aliases": [
  "https://minga.facttic.example/ap/1",
  "https://minga.facttic.example/@facttic"
 ],
 "links": [
  {
   "rel": "self",
   "type": "application/activity+json",
   "href": "https://minga.facttic.example/ap/1"
  },
  {
   "rel": "self",
   "type": "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
   "href": "https://minga.facttic.example/ap/1"
  },
  {
   "rel": "http://webfinger.net/rel/profile-page",
   "type": "text/html",
   "href": "https://minga.facttic.example/@facttic"
  },
  {
   "rel": "http://webfinger.net/rel/avatar",
   "type": "image/png",
   "href": "https://minga.facttic.example/a.png"
  },
  {
   "rel": "http://ostatus.org/schema/1.0/subscribe",
   "template": "https://minga.facttic.example/authorize?uri={uri}"
  }
 ]
}`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Error(diff)
	}
	back, err := ParseJRD(body)
	if err != nil || back.Self() != "https://minga.facttic.example/ap/1" || back.Handle() != "facttic@facttic.example" {
		t.Errorf("%+v, %v", back, err)
	}
	if d := cmp.Diff(&JRD{Subject: "https://h.example/", Links: []Link{{Rel: relService, Type: TypeActivity, Href: "https://h.example/actor"}}}, InstanceJRD("https://h.example/", "https://h.example/actor")); d != "" {
		t.Error(d)
	}
}

func FuzzParseJRD(f *testing.F) {
	f.Add([]byte(jrd("ana@coop.example", "coop.example/users/ana")))
	f.Fuzz(func(t *testing.T, body []byte) {
		j, err := ParseJRD(body)
		if err != nil {
			return
		}
		if h := j.Handle(); h != "" {
			if name, host, err := SplitHandle(h); err != nil || name+"@"+host != h {
				t.Errorf("handle %q", h)
			}
		}
		if s := j.Self(); s != "" && !strings.HasPrefix(strings.ToLower(s), "http") {
			t.Errorf("self %q", s)
		}
	})
}
