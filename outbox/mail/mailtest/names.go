// SPDX-License-Identifier: AGPL-3.0-or-later

package mailtest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Names is a name server on loopback that knows what it was told, and of all else says
// that there is no such name (RFC 1035 §4).
type Names struct {
	Resolver *net.Resolver // asks it and nobody else

	mu    sync.Mutex
	texts map[string][]string
	addrs map[string][]netip.Addr
	mails map[string][]string
	asked int
}

// OpenNames starts one that runs until the test ends.
func OpenNames(t testing.TB) *Names {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &Names{texts: map[string][]string{}, addrs: map[string][]netip.Addr{}, mails: map[string][]string{}}
	to := conn.LocalAddr().String()
	n.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", to)
	}}
	ended := make(chan struct{})
	go func() { defer close(ended); n.serve(conn) }()
	t.Cleanup(func() { _ = conn.Close(); <-ended })
	return n
}

// key is how names are kept.
func key(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// Text lets a name have texts in place of those that it had.
func (n *Names) Text(name string, texts ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.texts[key(name)] = texts
}

// Address lets a name have addresses.
func (n *Names) Address(name string, addrs ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addrs[key(name)] = nil
	for _, a := range addrs {
		n.addrs[key(name)] = append(n.addrs[key(name)], netip.MustParseAddr(a))
	}
}

// Mail says which hosts take the mail of a name.
func (n *Names) Mail(name string, hosts ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.mails[key(name)] = hosts
}

// Asked is how many questions came.
func (n *Names) Asked() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

// serve answers until the connection is closed.
func (n *Names) serve(conn net.PacketConn) {
	buffer := make([]byte, 4096)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		if answer, err := n.answer(m).Pack(); err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

// answer is what is known of the question.
func (n *Names) answer(m dnsmessage.Message) *dnsmessage.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked++
	q := m.Questions[0]
	name := key(q.Name.String())
	answer := &dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, Questions: m.Questions}
	add := func(body dnsmessage.ResourceBody) {
		answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 60}, Body: body})
	}
	for _, a := range n.addrs[name] {
		if q.Type == dnsmessage.TypeA && a.Is4() {
			add(&dnsmessage.AResource{A: a.As4()})
		}
		if q.Type == dnsmessage.TypeAAAA && a.Is6() {
			add(&dnsmessage.AAAAResource{AAAA: a.As16()})
		}
	}
	for _, text := range n.texts[name] {
		if q.Type == dnsmessage.TypeTXT {
			add(&dnsmessage.TXTResource{TXT: []string{text[:min(len(text), 255)], text[min(len(text), 255):]}})
		}
	}
	for _, host := range n.mails[name] {
		if q.Type == dnsmessage.TypeMX {
			add(&dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host + ".")})
		}
	}
	if len(n.addrs[name])+len(n.texts[name])+len(n.mails[name]) == 0 {
		answer.RCode = dnsmessage.RCodeNameError
	}
	return answer
}
