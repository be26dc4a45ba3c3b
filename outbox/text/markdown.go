// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"minga/coop"
	"minga/federation/sanitize"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// MaxMarkdown is the longest Markdown that is read as such, in bytes; what is
// longer, or nested deeper than [MaxNesting], is shown as plain text.
const (
	MaxMarkdown = 256 << 10
	MaxNesting  = 32
)

// Markdown is the clean HTML of Markdown, without raw HTML, and the pictures that
// it shows: they become links, since most readers drop pictures inside a text, and
// belong into the attachments.
func Markdown(source string) (string, []coop.Attachment) {
	if len(source) > MaxMarkdown || tangled(source) {
		return Typed{}.Write(source).HTML, nil
	}
	pictures := &pictures{}
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify, extension.Footnote),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(pictures, 100))))
	var out bytes.Buffer
	if err := md.Convert([]byte(source), &out); err != nil {
		return Typed{}.Write(source).HTML, nil
	}
	return strings.TrimSpace(sanitize.Own(tight(out.String()))), pictures.found
}

// Brief is Markdown for the fields of a job: paragraphs, lists, links and stress,
// which every job site reads.
func Brief(source string) string {
	clean, _ := Markdown(source)
	return BriefHTML(clean)
}

// BriefHTML cleans HTML down to what [Brief] writes; headings become paragraphs.
func BriefHTML(source string) string {
	return sanitize.Brief(headings.ReplaceAllString(source, "<${1}p>"))
}

var headings = regexp.MustCompile(`(?i)<(/?)h[1-6]\b[^>]*>`)

// between finds the line ends that goldmark writes after blocks.
var between = regexp.MustCompile(`(</(?:p|h[1-6]|ul|ol|li|blockquote|pre|table|thead|tbody|tr|td|th)>|<(?:ul|ol|li|blockquote|table|thead|tbody|tr)\b[^>]*>|<hr ?/?>)\n+`)

// tight drops them: clients that keep white space would show gaps.
func tight(s string) string { return strings.TrimSpace(between.ReplaceAllString(s, "$1")) }

// tangled tells whether a text is made to keep a parser busy: no person nests that
// deep or writes a thousand brackets in a row.
func tangled(source string) bool {
	for line := range strings.Lines(source) {
		depth := 0
		for _, r := range line {
			if r == '>' || r == '-' || r == '*' || r == '+' {
				depth++
			} else if r != ' ' && r != '\t' {
				break
			}
		}
		indent := len(line) - len(strings.TrimLeft(line, " \t"))
		rule := strings.Trim(line, "-*_ \t\r\n") == ""
		if !rule && depth > MaxNesting || indent > 8*MaxNesting {
			return true
		}
	}
	for _, c := range []string{"[", "(", "*", "_", "`", "!", "<", "~"} {
		if strings.Contains(source, strings.Repeat(c, 200)) || strings.Count(source, c) > 20000 {
			return true
		}
	}
	return false
}

// pictures writes pictures as links and remembers them.
type pictures struct{ found []coop.Attachment }

// RegisterFuncs takes goldmark's pictures.
func (p *pictures) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindImage, p.image)
}

func (p *pictures) image(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image) //nolint:forcetypeassert // registered for this kind alone
	address, alt := string(n.Destination), altText(n, source)
	if !coop.ValidIRI(coop.IRI(address)) {
		_, err := w.WriteString(html.EscapeString(alt))
		return ast.WalkSkipChildren, err
	}
	p.found = append(p.found, coop.Attachment{Type: "Image", URL: address, Alt: alt})
	if alt == "" {
		alt = Bare(address)
	}
	_, err := w.WriteString(`<a href="` + html.EscapeString(address) + `">` + html.EscapeString(alt) + `</a>`)
	return ast.WalkSkipChildren, err
}

// altText is the text inside a picture.
func altText(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(source))
		} else {
			b.WriteString(altText(c, source))
		}
	}
	return b.String()
}
