// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// TestOddSpellingsAreRefused: no request, and no question to the resolver.
func TestOddSpellingsAreRefused(t *testing.T) {
	in := newInside(t, "127.0.0.1")
	_, port, _ := net.SplitHostPort(in.addr)
	n := all("127.0.0.1")
	c := newClient(t, nil, func(o *Options) {
		o.Resolver, o.Dev, o.AllowNets = n, true, prefixes("127.0.0.7/32")
	})
	for _, host := range []string{
		"0177.1", "2130706433", "127.1", "0x7f000001", "0x7f.0.0.1", "127.0.0.01", "127.0.0.1", "１２７.0.0.1", "127。0。0。1",
		"[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[::1]", "[::]", "[64:ff9b::7f00:1]", "[::7f00:1]", "[::1%25lo]", "0", "0.0.0.0",
		"localhost", "x.localhost", "LOCALHOST.",
	} {
		for name, err := range everyCaller(c, "http://"+host+":"+port+"/x") {
			if k := kindOf(t, err); k != KindURL && k != KindAddress {
				t.Errorf("%s of %s: %v", name, host, err)
			}
		}
	}
	if len(n.asked) != 0 {
		t.Errorf("the resolver was asked for %v", n.asked)
	}
}

func TestURLGrammarBeforeAnyRequest(t *testing.T) {
	c := newClient(t, nil, nil)
	for _, url := range []string{
		"https://u:p@a.example.com/", "https://a.example.com/\r\nX: y", "https://a.example.com/\x00", "https://a.example.com\\@b.example.com/",
		"https://a.example.com/a b", "ftp://a.example.com/", "file:///etc/passwd", "//a.example.com/", "", "https://a.example.com#@b.example.com/",
		"http://a.example.com/", "https://" + strings.Repeat("a.", 200) + "example/",
	} {
		if _, err := c.Get(context.Background(), url, "*/*", 10); kindOf(t, err) != KindURL {
			t.Errorf("%.60q: %v", url, err)
		}
		if _, err := c.Post(context.Background(), url, nil, nil); kindOf(t, err) != KindURL {
			t.Errorf("post %.60q: %v", url, err)
		}
	}
}

// TestEveryCallerInside drives each way out at an inside address, by address and by
// name, also with a proxy in the environment.
func TestEveryCallerInside(t *testing.T) {
	in, proxy := newInside(t, "127.0.0.2"), newInside(t, "127.0.0.1")
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://"+proxy.addr)
	}
	_, port, _ := net.SplitHostPort(in.addr)
	for name, c := range map[string]*Client{
		"by default":          newClient(t, nil, func(o *Options) { o.AllowNets, o.Resolver = nil, all("127.0.0.2") }),
		"with another opened": newClient(t, nil, func(o *Options) { o.Dev, o.Resolver = true, all("127.0.0.2") }),
	} {
		for _, url := range []string{"http://" + in.addr + "/", "https://" + in.addr + "/", "https://a.example.com:" + port + "/", "http://a.example.com:" + port + "/", "https://a.example.com/"} {
			for caller, err := range everyCaller(c, url) {
				if k := kindOf(t, err); k != KindAddress && k != KindURL {
					t.Errorf("%s, %s of %s: %v", name, caller, url, err)
				}
			}
		}
	}
}

// TestProxiesOfTheEnvironmentAreIgnored: a good request goes straight.
func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	proxy := newInside(t, "127.0.0.1")
	t.Setenv("HTTPS_PROXY", "http://"+proxy.addr)
	t.Setenv("HTTP_PROXY", "http://"+proxy.addr)
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) { document(w, self(r)) })
	c := newClient(t, p, nil)
	if _, err := c.Document(t.Context(), p.at("a.example.com")+"/n"); err != nil {
		t.Error(err)
	}
	// net/http reads the environment once a process, so the above proves it only when
	// it comes first.
	if c.transport.current.Load().Proxy != nil {
		t.Error("the client has a proxy")
	}
}

// TestRebinding: the name is public when it is judged and private when asked again;
// nobody asks again, and what is dialled is what was judged.
func TestRebinding(t *testing.T) {
	in := newInside(t, "127.0.0.2")
	_, port, _ := net.SplitHostPort(in.addr)
	n := &names{answers: map[string][][]string{
		"turns.example.com": {{"127.0.0.1"}, {"127.0.0.2"}},
		"both.example.com":  {{"127.0.0.2", "127.0.0.1"}},
	}}
	c := newClient(t, nil, func(o *Options) { o.Resolver = n })
	// 127.0.0.1 stands for a public address here: it is on the list, and at this port
	// nobody listens.
	for range 2 {
		_, err := c.Get(t.Context(), "https://turns.example.com:"+port+"/", "*/*", 10)
		if k := kindOf(t, err); k != KindConnect && k != KindAddress {
			t.Errorf("turning: %v", err)
		}
	}
	if len(n.asked) != 2 {
		t.Errorf("asked %v: once a connection", n.asked)
	}
	if _, err := c.Get(t.Context(), "https://both.example.com:"+port+"/", "*/*", 10); kindOf(t, err) != KindConnect {
		t.Errorf("one good and one bad: %v", err)
	}
}

// TestOnlyJudgedAddressesAreKept: IPv4 first, and at most four.
func TestOnlyJudgedAddressesAreKept(t *testing.T) {
	d := dialer{"https", newGuard(false, nil), all("127.0.0.1")}
	var addrs []netip.Addr
	for _, s := range []string{"127.0.0.1", "2606:2800:220:1::1", "10.0.0.1", "8.8.8.8", "::1", "1.1.1.1", "9.9.9.9", "::ffff:8.8.4.4", "8.8.8.9"} {
		addrs = append(addrs, netip.MustParseAddr(s))
	}
	good, err := d.judged(addrs, 443)
	if err != nil || fmt.Sprint(good) != "[8.8.8.8 1.1.1.1 9.9.9.9 8.8.4.4]" {
		t.Errorf("%v, %v", good, err)
	}
	if good, err = d.judged(addrs[:3], 443); err != nil || fmt.Sprint(good) != "[2606:2800:220:1::1]" {
		t.Errorf("%v, %v", good, err)
	}
	if good, err = d.judged(addrs[:1], 443); err == nil {
		t.Errorf("%v", good)
	}
}

// TestTheSocketHasTheLastWord: even if the judgement above it were gone.
func TestTheSocketHasTheLastWord(t *testing.T) {
	d := dialer{"https", newGuard(false, nil), all("127.0.0.1")}
	for _, a := range []string{"127.0.0.1:443", "[::1]:443", "8.8.8.8:22", "rubbish"} {
		if kindOf(t, d.control(t.Context(), "tcp", a, nil)) != KindAddress {
			t.Errorf("%s", a)
		}
	}
	if err := d.control(t.Context(), "tcp", "8.8.8.8:443", nil); err != nil {
		t.Error(err)
	}
}

// TestRedirectsInside: each hop is judged anew.
func TestRedirectsInside(t *testing.T) {
	in := newInside(t, "127.0.0.2")
	var to atomic.Value
	var requests atomic.Int64
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("Set-Cookie", "a=b")
		http.Redirect(w, r, to.Load().(string), http.StatusFound)
	})
	n := all("127.0.0.1")
	n.answers["b.example.com"] = [][]string{{"127.0.0.2"}}
	c := newClient(t, p, func(o *Options) {
		o.Resolver = n
		o.Blocked = func(_ context.Context, host string) (bool, error) {
			return strings.HasPrefix(host, "c.example.com"), nil
		}
	})
	_, port, _ := net.SplitHostPort(in.addr)
	for target, want := range map[string]Kind{
		"https://" + in.addr + "/":            KindAddress,
		"https://b.example.com:" + port + "/": KindAddress,
		"https://169.254.169.254/":            KindAddress,
		"https://[::1]/":                      KindAddress,
		"https://minga.example/users/x":       KindOwn,
		"https://c.example.com/":              KindBlocked,
		"http://a.example.com/":               KindRedirect,
		"ftp://a.example.com/":                KindRedirect,
		"https://u@a.example.com/":            KindRedirect,
		"javascript:alert(1)":                 KindRedirect,
		"/again":                              KindRedirect, // for ever
		"https://127.1/":                      KindRedirect,
	} {
		to.Store(target)
		for _, ask := range []func() error{
			func() error { _, err := c.Document(t.Context(), p.at("a.example.com")+"/x"); return err },
			func() error { _, err := c.Get(t.Context(), p.at("a.example.com")+"/x", "*/*", 10); return err },
		} {
			requests.Store(0)
			if err := ask(); kindOf(t, err) != want {
				t.Errorf("to %s: %v", target, err)
			}
			if n := requests.Load(); n > 4 {
				t.Errorf("to %s: %d requests", target, n)
			}
		}
	}
}

func TestOwnHostIsNeverAsked(t *testing.T) {
	n := all("127.0.0.1")
	c := newClient(t, nil, func(o *Options) {
		o.Resolver, o.Dev, o.OwnHosts = n, true, []string{"Minga.Example", "localhost:8080"}
	})
	for _, url := range []string{"https://minga.example/x", "https://MINGA.example.:443/x", "http://minga.example/x", "http://localhost:8080/x"} {
		for caller, err := range everyCaller(c, url) {
			if k := kindOf(t, err); k != KindOwn {
				t.Errorf("%s of %s: %v", caller, url, err)
			}
		}
	}
	if len(n.asked) != 0 {
		t.Errorf("the resolver was asked for %v", n.asked)
	}
}

func TestBlockedDomainIsNeverAsked(t *testing.T) {
	n := all("127.0.0.1")
	c := newClient(t, nil, func(o *Options) {
		o.Resolver = n
		o.Blocked = func(_ context.Context, host string) (bool, error) { return host == "a.example.com", nil }
	})
	for caller, err := range everyCaller(c, "https://a.example.com/x") {
		if kindOf(t, err) != KindBlocked {
			t.Errorf("%s: %v", caller, err)
		}
	}
	if len(n.asked) != 0 {
		t.Errorf("the resolver was asked for %v", n.asked)
	}
}

func TestPlainHTTPOnlyInDevelopment(t *testing.T) {
	p := newPeer(t, false, func(w http.ResponseWriter, r *http.Request) { document(w, self(r)) })
	url := "http://127.0.0.1:" + p.port + "/n"
	if _, err := newClient(t, nil, nil).Document(t.Context(), url); kindOf(t, err) != KindURL {
		t.Errorf("without development: %v", err)
	}
	if f, err := newClient(t, nil, func(o *Options) { o.Dev = true }).Document(t.Context(), url); err != nil || f.ID != url {
		t.Errorf("in development: %v", err)
	}
	named := "http://coop.localhost:" + p.port + "/n"
	if f, err := newClient(t, nil, func(o *Options) { o.Dev, o.AllowNets = true, nil }).Document(t.Context(), named); err != nil || f.ID != named {
		t.Errorf("a name under .localhost: %v", err)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) { document(w, self(r)) })
	n := all("127.0.0.1")
	n.answers["other.example"] = [][]string{{"127.0.0.1"}}
	with := newClient(t, p, func(o *Options) { o.Resolver = n })
	if _, err := with.Document(t.Context(), p.at("a.example.com")+"/n"); err != nil {
		t.Errorf("control: %v", err)
	}
	if _, err := with.Document(t.Context(), p.at("other.example")+"/n"); kindOf(t, err) != KindTLS {
		t.Errorf("another name: %v", err)
	}
	without := newClient(t, p, func(o *Options) { o.ExtraCA = nil })
	_, err := without.Document(t.Context(), p.at("a.example.com")+"/n")
	if kindOf(t, err) != KindTLS || !err.(*Error).HostFault() || !err.(*Error).Temporary() {
		t.Errorf("an unknown authority: %v", err)
	}
	old := newPeerTLS(t, oldTLS)
	if _, err := newClient(t, old, nil).Document(t.Context(), old.at("a.example.com")+"/n"); kindOf(t, err) != KindTLS {
		t.Errorf("TLS 1.1: %v", err)
	}
}

// TestMayAsk: what could never be asked is told before anybody is asked.
func TestMayAsk(t *testing.T) {
	public := newClient(t, nil, func(o *Options) { o.AllowNets, o.Resolver = nil, &names{} })
	opened := newClient(t, nil, func(o *Options) { o.Resolver = &names{} })
	dev := newClient(t, nil, func(o *Options) { o.Dev, o.AllowNets, o.Resolver = true, nil, &names{} })
	for _, tt := range []struct {
		url                 string
		public, opened, dev Kind
	}{
		{"https://push.example.com/a?b", "", "", ""},
		{"https://push.example.com:443/a", "", "", ""},
		{"https://push.example.com:8443/a", KindAddress, "", ""},
		{"http://push.example.com/a", KindURL, KindURL, ""},
		{"https://127.0.0.1/", KindAddress, "", ""},
		{"https://127.0.0.1:8443/", KindAddress, "", ""},
		{"https://127.0.0.2/", KindAddress, KindAddress, ""},
		{"https://localhost/", KindAddress, "", ""},
		{"https://push.localhost:9/", KindAddress, "", ""},
		{"https://[::1]/", KindAddress, KindAddress, ""},
		{"https://[::ffff:127.0.0.1]/", KindAddress, "", ""},
		{"https://10.0.0.1/", KindAddress, KindAddress, KindAddress},
		{"https://169.254.169.254/", KindAddress, KindAddress, KindAddress},
		{"https://9.9.9.9/", "", "", ""},
		{"https://9.9.9.9:22/", KindAddress, KindAddress, KindAddress},
		{"https://minga.example/push", KindOwn, KindOwn, KindOwn},
		{"https://a:b@push.example.com/", KindURL, KindURL, KindURL},
		{"ftp://push.example.com/", KindURL, KindURL, KindURL},
		{"/push", KindURL, KindURL, KindURL},
		{"", KindURL, KindURL, KindURL},
	} {
		for name, c := range map[string]*Client{"public": public, "opened": opened, "dev": dev} {
			want := map[string]Kind{"public": tt.public, "opened": tt.opened, "dev": tt.dev}[name]
			if got := kindOf(t, c.MayAsk(t.Context(), tt.url)); got != want {
				t.Errorf("%s, %s: %q, want %q", name, tt.url, got, want)
			}
		}
	}
}
