// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What other programs kept as HTML becomes Markdown, as somebody here would have typed it,
// so that it can be edited. Nothing of the HTML itself goes over: what has no word in
// Markdown is its text alone, scripts and styles are nothing.

// maxRichDepth is how deep lists and quotations are kept apart; without it, each line of a
// hostile text would be as long as it is deep.
const maxRichDepth = 6

// rich is HTML on its way to Markdown: line is the block that is being written.
type rich struct {
	out    strings.Builder
	line   []byte
	base   *url.URL // what relative addresses are relative to; nil: they are dropped
	breaks bool     // line ends mean something, as in what WordPress's first editor kept
	hidden int
	quotes int
	lists  []richList
	marker string   // what the next block begins with
	item   bool     // the last block was one of a list
	quoted int      // with how many signs of a quotation it began
	marks  []string // stress that is open, the innermost last
	unsaid int      // how many of them, the innermost, no text was written for
	links  []richLink
	pre    bool
	exact  bool // in code, which knows no escapes
	table  richTable
}

// richList is a list that is open; last is the number of its last point, -1 without.
type richList struct{ last int }

// richLink is a link that is open: where it leads, and where in the line its text begins.
type richLink struct {
	address string
	at      int
}

// MarkdownOf makes Markdown of HTML. page is where it stood, so that relative addresses
// mean something; empty: nobody knows. breaks says that line ends part lines and
// paragraphs also where no element does.
func MarkdownOf(source, page string, breaks bool) string {
	r := &rich{breaks: breaks}
	if base, err := url.Parse(page); err == nil && base.Host != "" {
		r.base = base
	}
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			r.block()
			r.cell(atom.Table, false)
			return strings.TrimSpace(r.out.String())
		case html.TextToken:
			if r.hidden == 0 {
				r.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(z.Token())
		case html.EndTagToken:
			r.end(z.Token().DataAtom)
		}
	}
}

// richHidden tells elements of which nothing is shown.
func richHidden(tag atom.Atom) bool {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Title, atom.Textarea, atom.Noscript, atom.Svg, atom.Math, atom.Select:
		return true
	}
	return false
}

// richMark is how Markdown writes stress; empty for other elements.
func richMark(tag atom.Atom) string {
	switch tag {
	case atom.B, atom.Strong:
		return "**"
	case atom.I, atom.Em, atom.Cite:
		return "*"
	case atom.S, atom.Del, atom.Strike:
		return "~~"
	}
	return ""
}

// open is the beginning of an element, or one without content.
func (r *rich) open(t html.Token) {
	tag := t.DataAtom
	if richHidden(tag) && t.Type == html.StartTagToken {
		r.hidden++
	}
	if mark := richMark(tag); mark != "" && !r.pre && t.Type == html.StartTagToken {
		r.mark(mark)
		return
	}
	switch tag {
	case atom.Br:
		r.lineBreak()
	case atom.Hr:
		r.block()
		r.write("* * *")
	case atom.A:
		r.endLink()
		r.links = append(r.links, richLink{r.address(richAttr(t, "href"), "mailto"), len(r.line)})
	case atom.Img:
		r.picture(t)
	case atom.Iframe:
		r.frame(t)
	case atom.Code, atom.Kbd, atom.Samp:
		r.verbatim(true)
	case atom.Td, atom.Th, atom.Tr, atom.Table:
		r.cell(tag, true)
	default:
		r.openBlock(tag)
	}
}

// openBlock is the beginning of what stands on lines of its own.
func (r *rich) openBlock(tag atom.Atom) {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		r.block()
		r.marker += strings.Repeat("#", int(tag.String()[1]-'0')) + " "
	case atom.Ul, atom.Ol:
		r.block()
		r.lists = append(r.lists, richList{-1})
		if tag == atom.Ol {
			r.lists[len(r.lists)-1].last = 0
		}
	case atom.Li:
		r.block()
		r.marker = r.point()
	case atom.Blockquote:
		r.block()
		r.quotes++
	case atom.Pre:
		r.block()
		r.pre = true
	default:
		if richBlock(tag) {
			r.block()
		}
	}
}

// end is the end of an element.
func (r *rich) end(tag atom.Atom) {
	if richHidden(tag) {
		r.hidden = max(0, r.hidden-1)
	}
	if mark := richMark(tag); mark != "" && !r.pre {
		r.unmark(mark)
		return
	}
	switch tag {
	case atom.A:
		r.endLink()
	case atom.Code, atom.Kbd, atom.Samp:
		r.verbatim(false)
	case atom.Pre:
		r.code()
	case atom.Ul, atom.Ol:
		r.block()
		r.lists = r.lists[:max(0, len(r.lists)-1)]
		r.marker = ""
	case atom.Blockquote:
		r.block()
		r.quotes = max(0, r.quotes-1)
	case atom.Td, atom.Th, atom.Tr, atom.Table:
		r.cell(tag, false)
	default:
		if richBlock(tag) {
			r.block()
		}
	}
}

// richBlock tells elements that stand on lines of their own.
func richBlock(tag atom.Atom) bool {
	switch tag {
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Aside, atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Figure, atom.Figcaption, atom.Address,
		atom.Dl, atom.Dt, atom.Dd, atom.Details, atom.Summary, atom.Form, atom.Fieldset, atom.Center, atom.Li, atom.Caption,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// point is what the next point of the innermost list begins with.
func (r *rich) point() string {
	if len(r.lists) == 0 {
		return "- "
	}
	list := &r.lists[len(r.lists)-1]
	if list.last < 0 {
		return "- "
	}
	list.last++
	return strconv.Itoa(min(list.last, 99_999)) + ". "
}

// picture writes a picture by its address.
func (r *rich) picture(t html.Token) {
	alt := strings.Join(strings.Fields(richAttr(t, "alt")), " ")
	if address := r.address(richAttr(t, "src"), ""); address != "" {
		r.say("![" + escapeRich(alt) + "](" + address + ")")
	} else if alt != "" {
		r.text(alt)
	}
}

// frame is a film or the like of another site: a link to it.
func (r *rich) frame(t html.Token) {
	if t.Type == html.StartTagToken {
		r.hidden++ // what is inside is for readers that know no frames
		defer func() { r.hidden-- }()
	}
	if address := r.address(richAttr(t, "src"), ""); address != "" {
		r.block()
		r.say("<" + address + ">")
		r.block()
	}
}

// richAttr is an attribute of an element.
func richAttr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// address is an address as Markdown takes it, of the web or of another scheme; empty where
// there is none that leads anywhere.
func (r *rich) address(text, also string) string {
	u, err := url.Parse(text)
	if err != nil || text == "" || len(text) > maxTarget {
		return ""
	}
	if r.base != nil {
		u = r.base.ResolveReference(u)
	}
	if web := (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""; !web && (also == "" || u.Scheme != also) {
		return ""
	}
	return richAddress.Replace(u.String())
}

var richAddress = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\\", "%5C", "\n", "", "\r", "", "\t", "")
