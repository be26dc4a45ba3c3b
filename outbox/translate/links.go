// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minga/federation/sanitize"
)

// mend cleans a translated text and gives it the links of its original, clean HTML both:
// one to a person, a hashtag or an address as it stood there, one with words with its new
// words and its old target. Others are taken out, and those that got lost stand at the end.
func mend(original, translated string) string {
	was, err := parse(original)
	if err != nil {
		return ""
	}
	is, err := parse(sanitize.HTML(translated))
	if err != nil {
		return ""
	}
	left := links(was)
	for _, link := range links(is) {
		at := slices.IndexFunc(left, func(a *html.Node) bool { return target(a) == target(link) })
		if at < 0 {
			unwrap(link)
			continue
		}
		restore(link, left[at])
		left = slices.Delete(left, at, at+1)
	}
	if len(left) > 0 {
		is.AppendChild(lost(left))
	}
	return sanitize.HTML(render(is))
}

// parse reads a fragment into an element of its own.
func parse(text string) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(text), body)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body, nil
}

// render writes what is inside of an element.
func render(body *html.Node) string {
	var b strings.Builder
	for n := range body.ChildNodes() {
		if html.Render(&b, n) != nil {
			return ""
		}
	}
	return b.String()
}

// links are the links inside of an element, in their order.
func links(body *html.Node) (list []*html.Node) {
	for n := range body.Descendants() {
		if n.Type == html.ElementNode && n.DataAtom == atom.A {
			list = append(list, n)
		}
	}
	return list
}

// target is where a link leads.
func target(link *html.Node) string { return attribute(link, "href") }

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// restore gives a link what its original has: all of it where that is a name and no words.
func restore(link, original *html.Node) {
	link.Attr = slices.Clone(original.Attr)
	if !named(original) && strings.TrimSpace(words(link)) != "" {
		return
	}
	for link.FirstChild != nil {
		link.RemoveChild(link.FirstChild)
	}
	for n := range original.ChildNodes() {
		link.AppendChild(deepCopy(n))
	}
}

// named tells a link to a person, a hashtag, or one that shows its own address: none of
// them has words.
func named(link *html.Node) bool {
	class := strings.Fields(attribute(link, "class"))
	text := strings.TrimSpace(words(link))
	return slices.Contains(class, "mention") || slices.Contains(class, "hashtag") || attribute(link, "translate") == "no" ||
		strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "@") || strings.HasPrefix(text, "#") ||
		!strings.ContainsAny(text, " \n") && strings.Contains(target(link), text)
}

// words are the text inside of an element.
func words(body *html.Node) string {
	var b strings.Builder
	for n := range body.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// unwrap leaves of a link its words.
func unwrap(link *html.Node) {
	for link.FirstChild != nil {
		n := link.FirstChild
		link.RemoveChild(n)
		link.Parent.InsertBefore(n, link)
	}
	link.Parent.RemoveChild(link)
}

// lost is a paragraph of links.
func lost(list []*html.Node) *html.Node {
	p := &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
	for i, link := range list {
		if i > 0 {
			p.AppendChild(&html.Node{Type: html.TextNode, Data: " "})
		}
		p.AppendChild(deepCopy(link))
	}
	return p
}

// deepCopy is a node without a place.
func deepCopy(n *html.Node) *html.Node {
	twin := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	for child := range n.ChildNodes() {
		twin.AppendChild(deepCopy(child))
	}
	return twin
}
