// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// visitor is somebody at the pages of a house, without scripts.
type visitor struct {
	*browser
	h *house
}

// visitor opens a fresh browser at this house, signed in as nobody.
func (h *house) visitor() *visitor {
	h.f.t.Helper()
	b := newBrowser(h.f.t, h.config.BaseURL())
	_, port, _ := net.SplitHostPort(b.base.Host)
	road := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}}
	h.f.t.Cleanup(road.CloseIdleConnections)
	b.client.Transport = road
	return &visitor{b, h}
}

// signedIn makes a person with roles in an account of this house, and signs them in by
// the form.
func (h *house) signedIn(name string, in *coop.Account, roles ...coop.Role) *visitor {
	h.f.t.Helper()
	who := h.person(name)
	hash, err := auth.NewPasswords().Hash(h.f.ctx, anaPassword)
	h.f.must(err)
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
		if err := tx.SetPassword(h.f.ctx, who.ID, hash); err != nil {
			return err
		}
		for _, role := range roles {
			if _, err := tx.GiveRole(h.f.ctx, in.ID, who.ID, role, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	v := h.visitor()
	v.sends(v.sees("/sign-in"), "/sign-in", "", 200, "login", name, "password", anaPassword)
	return v
}

// sees opens a page that must be there and say all that is named.
func (v *visitor) sees(path string, words ...string) webPage {
	v.t.Helper()
	return v.reads(v.get(v.h.config.BaseURL()+path), words...)
}

// reads holds an answer against what it must say.
func (v *visitor) reads(p webPage, words ...string) webPage {
	v.t.Helper()
	if p.status != http.StatusOK {
		v.t.Fatalf("%s answers %d: %s", p.url, p.status, plainOf(p))
	}
	for _, word := range words {
		if !strings.Contains(p.text, word) {
			v.t.Errorf("%s does not say %q: %s", p.url, word, plainOf(p))
		}
	}
	return p
}

// anID is the id in a path.
var anID = regexp.MustCompile(`/\d{9,}`)

// kept: none of these pages is for this visitor; they look as those of ids that there are
// not, and none tells what it holds. Who lacks a role that such a page asks of everybody is
// told so whatever the id, hence 403.
func (v *visitor) kept(secret string, paths ...string) {
	v.t.Helper()
	for _, path := range paths {
		p, none := v.get(v.h.config.BaseURL()+path), v.get(v.h.config.BaseURL()+anID.ReplaceAllString(path, "/7"))
		closed := p.status == http.StatusNotFound || p.status == http.StatusForbidden || p.url.Path == "/sign-in"
		if !closed || strings.Contains(p.text, secret) {
			v.t.Errorf("%s answers somebody else with %d at %s", path, p.status, p.url)
		}
		if none.status != p.status {
			v.t.Errorf("%s answers %d, and what is not there %d", path, p.status, none.status)
		}
	}
}

// follows goes where a link of the page's own part leads that has these words, or this
// part of an address, on the same server.
func (v *visitor) follows(p webPage, words string) webPage {
	v.t.Helper()
	own := findNode(p.root, func(n *html.Node) bool { return n.Data == "main" || n.Data == "li" && n == p.root })
	if own == nil {
		own = p.root
	}
	link := findNode(own, func(n *html.Node) bool {
		return n.Data == "a" && (strings.Contains(textOf(n), words) || strings.Contains(attr(n, "href"), words))
	})
	if link == nil {
		v.t.Fatalf("%s has no link %q: %s", p.url, words, plainOf(p))
	}
	to, err := p.url.Parse(attr(link, "href"))
	v.h.f.must(err)
	if to.Host != v.base.Host {
		v.t.Fatalf("%s: %q leads away to %s", p.url, words, to)
	}
	return v.reads(v.get(to.String()))
}

// textOf is the text of an element.
func textOf(n *html.Node) string {
	var text strings.Builder
	eachNode(n, func(n *html.Node) {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
	})
	return strings.TrimSpace(text.String())
}

// plainOf is the own part of a page as text, in one line.
func plainOf(p webPage) string {
	own := findNode(p.root, func(n *html.Node) bool { return n.Data == "main" })
	if own == nil {
		return p.text
	}
	return strings.Join(strings.Fields(textOf(own)), " ")
}

// sends fills in the form whose address ends so, presses the button whose name and value
// are press (empty: the first), and expects a status. Names that the form lacks are no
// fields that a person could fill in, and fail.
func (v *visitor) sends(p webPage, action, press string, want int, fields ...string) webPage {
	v.t.Helper()
	form := findNode(p.root, func(n *html.Node) bool {
		return n.Data == "form" && attr(n, "method") == "post" && strings.HasSuffix(attr(n, "action"), action)
	})
	if form == nil {
		v.t.Fatalf("%s (%d) has no form %s: %s", p.url, p.status, action, plainOf(p))
	}
	sent := untouched(form)
	for i := 0; i+1 < len(fields); i += 2 {
		if findNode(form, func(n *html.Node) bool { return attr(n, "name") == fields[i] }) == nil {
			v.t.Fatalf("%s: the form %s has no field %s", p.url, action, fields[i])
		}
		sent.Set(fields[i], optionOf(form, fields[i], fields[i+1]))
	}
	if name, value, ok := strings.Cut(press, "="); ok {
		if findNode(form, func(n *html.Node) bool {
			return n.Data == "button" && attr(n, "name") == name && attr(n, "value") == value
		}) == nil {
			v.t.Fatalf("%s: the form %s has no button %s: %s", p.url, action, press, plainOf(p))
		}
		sent.Set(name, value)
	}
	to, err := p.url.Parse(attr(form, "action"))
	v.h.f.must(err)
	answer := v.posts(to.String(), sent, form)
	if answer.status != want {
		v.t.Fatalf("%s sent to %s answers %d at %s, want %d: %s", p.url, to, answer.status, answer.url, want, plainOf(answer))
	}
	return answer
}

// optionOf is the value of the option of a list that reads so; of other fields, what was typed.
func optionOf(form *html.Node, name, says string) string {
	list := findNode(form, func(n *html.Node) bool { return n.Data == "select" && attr(n, "name") == name })
	if list == nil {
		return says
	}
	option := findNode(list, func(n *html.Node) bool {
		return n.Data == "option" && (attr(n, "value") == says || strings.Contains(textOf(n), says))
	})
	if option == nil {
		return says
	}
	return attr(option, "value")
}

// untouched is what stands in a form before anybody types.
func untouched(form *html.Node) url.Values {
	sent := url.Values{}
	eachNode(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "textarea":
			sent.Add(name, textOf(n))
		case n.Data == "select":
			option := findNode(n, func(n *html.Node) bool { return n.Data == "option" && has(n, "selected") })
			if option == nil {
				option = findNode(n, func(n *html.Node) bool { return n.Data == "option" })
			}
			if option != nil {
				sent.Add(name, attr(option, "value"))
			}
		case n.Data != "input" || attr(n, "type") == "file":
		case attr(n, "type") != "checkbox" && attr(n, "type") != "radio", has(n, "checked"):
			sent.Add(name, attr(n, "value"))
		}
	})
	return sent
}

// has tells whether an element has an attribute, whatever it says.
func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// posts sends a form as a browser does, and follows where it leads.
func (v *visitor) posts(to string, sent url.Values, form *html.Node) webPage {
	v.t.Helper()
	body, kind := bytes.NewBufferString(sent.Encode()), "application/x-www-form-urlencoded"
	if attr(form, "enctype") == "multipart/form-data" {
		body.Reset()
		parts := multipart.NewWriter(body)
		eachNode(form, func(n *html.Node) { // the token stands first, and is read first
			name := attr(n, "name")
			for _, value := range sent[name] {
				v.h.f.must(parts.WriteField(name, value))
			}
			delete(sent, name)
		})
		v.h.f.must(parts.Close())
		kind = parts.FormDataContentType()
	}
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, to, body)
	v.h.f.must(err)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", v.base.String())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.ask(r)
}

// card is the part of a page that lists a thing with these words.
func (v *visitor) card(p webPage, words string) webPage {
	v.t.Helper()
	li := findNode(p.root, func(n *html.Node) bool { return n.Data == "li" && strings.Contains(textOf(n), words) })
	if li == nil {
		v.t.Fatalf("%s lists no %q: %s", p.url, words, plainOf(p))
	}
	p.root = li
	return p
}
