// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"html"
	"regexp"
	"strings"

	"minga/federation/sanitize"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	rendererhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// WriteMarkdown turns Markdown into the HTML of a note: paragraphs, lists, quotes,
// code and stress, with mentions, hashtags and addresses as in [Typed.Write]. Raw
// HTML is dropped, headings become strong paragraphs, since readers of notes know
// no others, pictures become links. What is too long or tangled is plain text.
func (t Typed) WriteMarkdown(source string) Written {
	if len(source) > MaxMarkdown || tangled(source) {
		return t.Write(source)
	}
	var w Written
	names := &names{typed: t, written: &w}
	md := goldmark.New(
		goldmark.WithExtensions(extension.Strikethrough, extension.Linkify),
		goldmark.WithParserOptions(parser.WithInlineParsers(util.Prioritized(names, 50))),
		goldmark.WithRendererOptions(rendererhtml.WithHardWraps(), rendererhtml.WithXHTML(),
			renderer.WithNodeRenderers(util.Prioritized(&pictures{}, 100), util.Prioritized(addresses{}, 100))))
	var out strings.Builder
	if err := md.Convert([]byte(source), &out); err != nil {
		return t.Write(source)
	}
	w.HTML = sanitize.Own(tight(levelled(out.String())))
	return w
}

// levelled leaves only the elements of notes: no headings, no rules.
func levelled(s string) string {
	s = opening.ReplaceAllString(s, "<p><strong>")
	s = closing.ReplaceAllString(s, "</strong></p>")
	return strings.ReplaceAll(rules.ReplaceAllString(s, ""), "<br />\n", "<br />")
}

var (
	opening = regexp.MustCompile(`<h[1-6]\b[^>]*>`)
	closing = regexp.MustCompile(`</h[1-6]>`)
	rules   = regexp.MustCompile(`<hr ?/?>\n?`)
)

// names finds mentions and hashtags among the inlines of Markdown, before stress
// takes their underscores.
type names struct {
	typed   Typed
	written *Written
}

// Trigger implements goldmark's inline parser.
func (*names) Trigger() []byte { return []byte{'@', '#'} }

// Parse implements goldmark's inline parser.
func (n *names) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	at := token.FindIndex(line)
	if at == nil || at[0] != 0 || joins(block.PrecendingCharacter(), line[0]) {
		return nil
	}
	word := trim(string(line[:at[1]]))
	if len(word) < 2 {
		return nil
	}
	block.Advance(len(word))
	node := ast.NewString([]byte(n.typed.link(n.written, word)))
	node.SetCode(true) // as it is: it is escaped
	return node
}

// addresses writes bare addresses as [Link] does, and those of mail as text.
type addresses struct{}

// RegisterFuncs takes goldmark's bare links.
func (addresses) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindAutoLink, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		n := node.(*ast.AutoLink) //nolint:forcetypeassert // registered for this kind alone
		out := html.EscapeString(string(n.Label(source)))
		if address := string(n.URL(source)); n.AutoLinkType == ast.AutoLinkURL && webAddress(address) {
			out = Link(address)
		}
		_, err := w.WriteString(out)
		return ast.WalkContinue, err
	})
}

// webAddress tells whether an address is one that may be linked.
func webAddress(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}
