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

func TestOurNodeInfo(t *testing.T) {
	users, posts := int64(12), int64(0)
	n := NodeInfo{
		Software: Software{Name: "minga", Version: "1.0.0", Repository: "https://code.example/minga", Homepage: "https://minga.example"},
		Users:    &users, LocalPosts: &posts, Outbound: []string{"atom1.0"},
		NodeName: "Minga <de> FACTTIC", StaffAccounts: []string{"https://minga.example/ap/1"},
	}
	for version, want := range map[string]string{
		"2.0": `{"version":"2.0","software":{"name":"minga","version":"1.0.0"},"protocols":["activitypub"],"services":{"inbound":[],"outbound":["atom1.0"]},` +
			`"openRegistrations":false,"usage":{"users":{"total":12},"localPosts":0},"metadata":{"nodeName":"Minga \u003cde\u003e FACTTIC","staffAccounts":["https://minga.example/ap/1"]}}`,
		"2.1": `{"version":"2.1","software":{"name":"minga","version":"1.0.0","repository":"https://code.example/minga","homepage":"https://minga.example"},"protocols":["activitypub"],"services":{"inbound":[],"outbound":["atom1.0"]},` +
			`"openRegistrations":false,"usage":{"users":{"total":12},"localPosts":0},"metadata":{"nodeName":"Minga \u003cde\u003e FACTTIC","staffAccounts":["https://minga.example/ap/1"]}}`,
	} {
		body, err := n.Document(version)
		if diff := cmp.Diff(want, string(body)); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if name, err := ParseSoftware(body); err != nil || name != "minga" {
			t.Errorf("%q, %v", name, err)
		}
	}
	if _, err := n.Document("3.0"); err == nil {
		t.Error("a version that is not")
	}
	index, err := json.Marshal(NodeInfoIndex("https://minga.example", "https://minga.example/actor"))
	if err != nil {
		t.Fatal(err)
	}
	if href, err := ParseNodeInfoIndex(index); err != nil || href != "https://minga.example/nodeinfo/2.1" {
		t.Errorf("%q, %v", href, err)
	}
	if !strings.Contains(string(index), `{"rel":"https://www.w3.org/ns/activitystreams#Application","href":"https://minga.example/actor"}`) {
		t.Errorf("no instance actor in %s", index)
	}
	if NodeInfoType("2.1") != `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.1#"` {
		t.Error(NodeInfoType("2.1"))
	}
}

func TestSoftware(t *testing.T) {
	in := newInside(t, "127.0.0.2")
	var link, body atomic.Value
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", `application/json; profile="http://nodeinfo.diaspora.software/ns/schema/2.0#"`)
		if r.URL.Path == "/.well-known/nodeinfo" {
			fmt.Fprintf(w, `{"links":[{"rel":"%s1.0","href":"x"},{"rel":"%s2.0","href":%q}]}`, relNodeInfo, relNodeInfo, link.Load())
			return
		}
		if r.URL.Path == "/html" {
			w.Header().Set("Content-Type", "text/html")
		}
		fmt.Fprint(w, body.Load())
	})
	c := newClient(t, p, nil)
	good := p.at("a.example.com") + "/n"
	for _, tt := range []struct {
		link, body, want string
		kind             Kind
	}{
		{good, `{"software":{"name":"Mastodon","version":"4.6"}}`, "mastodon", ""},
		{p.at("b.example.com") + "/n", `{"software":{"name":"pleroma"}}`, "pleroma", ""},
		{p.at("a.example.com") + "/html", `{"software":{"name":"pleroma"}}`, "", KindType},
		{"https://" + in.addr + "/", ``, "", KindAddress},
		{"http://a.example.com/n", ``, "", KindURL},
		{"https://minga.example/n", ``, "", KindOwn},
		{"file:///etc/passwd", ``, "", KindURL},
		{good, `{"software":{"name":"<script>"}}`, "", KindBody},
		{good, `{"software":{"name":"` + strings.Repeat("a", 65) + `"}}`, "", KindBody},
		{good, `{"software":"x"}`, "", KindBody},
		{good, `{}`, "", KindBody},
		{good, strings.Repeat(" ", maxJRD+1), "", KindSize},
	} {
		link.Store(tt.link)
		body.Store(tt.body)
		got, err := c.Software(t.Context(), "a.example.com:"+p.port)
		if got != tt.want || kindOf(t, err) != tt.kind {
			t.Errorf("%s, %.40s: %q, %v", tt.link, tt.body, got, err)
		}
	}
}

// TestDevelopmentWithoutTLS: a host that speaks no TLS is asked without, in
// development only.
func TestDevelopmentWithoutTLS(t *testing.T) {
	p := newPeer(t, false, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", TypeJRD)
		if r.URL.Path == "/.well-known/nodeinfo" {
			fmt.Fprintf(w, `{"links":[{"rel":"%s2.0","href":"http://%s/n"}],"software":{"name":"x"}}`, relNodeInfo, r.Host)
			return
		}
		fmt.Fprintf(w, `{"software":{"name":"x"},"subject":"acct:ana@%s","links":[{"rel":"self","type":"application/activity+json","href":"http://%s/u"}]}`, r.Host, r.Host)
	})
	host := "coop.localhost:" + p.port
	dev := newClient(t, nil, func(o *Options) { o.Dev, o.AllowNets = true, nil })
	if got, err := dev.LookUp(t.Context(), "ana@"+host); err != nil || got.Actor != "http://"+host+"/u" || got.Handle != "ana@"+host {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := dev.Software(t.Context(), host); err != nil || got != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := newClient(t, nil, nil).LookUp(t.Context(), "ana@"+host); kindOf(t, err) != KindTLS {
		t.Error(err)
	}
}

func FuzzNodeInfo(f *testing.F) {
	f.Add([]byte(`{"software":{"name":"minga"}}`))
	f.Add([]byte(`{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.1","href":"https://a.example/"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if name, err := ParseSoftware(body); err == nil && (name == "" || len(name) > maxSoftware || strings.ContainsAny(name, "<>\"' ")) {
			t.Errorf("software %q", name)
		}
		_, _ = ParseNodeInfoIndex(body)
	})
}
