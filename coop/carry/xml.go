// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"minga/coop"
)

// Feeds and exports are XML (RSS 2.0, RSS 1.0, Atom RFC 4287, WordPress's WXR): a list of
// things, each with members of text. They are read a thing at a time, with bounds for each,
// so that a file of any length costs no more memory than its longest thing. Entities that
// a file declares are never resolved: a file that declares any is refused, whether it is a
// bomb or not.

// Bounds of XML that comes in.
const (
	maxXMLDepth  = 40
	maxXMLThing  = 4 << 20 // bytes of one thing, and of what stands between two
	maxXMLFields = 5_000   // members of one thing
)

// thing is one of the list: its members in the order in which they stand.
type thing struct {
	number int // from 1
	fields []thingField
}

// thingField is a member, by its name with a short word for the vocabulary that it is of,
// such as "content:encoded"; what RSS and Atom name themselves has none.
type thingField struct {
	name string
	text []byte
	attr map[string]string
}

// text is the first member of the first of the names that says something.
func (t *thing) text(names ...string) string {
	for _, name := range names {
		for _, f := range t.fields {
			if f.name != name {
				continue
			}
			if text := strings.TrimSpace(string(f.text)); text != "" {
				return text
			}
		}
	}
	return ""
}

// xmlWords are the short words of vocabularies, by what their names hold.
var xmlWords = []struct{ holds, word string }{
	{"wordpress.org/export/", "wp:"},
	{"purl.org/rss/1.0/modules/content", "content:"},
	{"purl.org/dc/", "dc:"},
	{"www.w3.org/2005/Atom", ""},
	{"purl.org/rss/1.0/", ""},
	{"www.w3.org/1999/xhtml", ""},
}

// xmlName is the name of an element as [thingField] has it.
func xmlName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	if strings.Contains(n.Space, "wordpress.org/export/") && strings.HasSuffix(n.Space, "/excerpt/") {
		return "excerpt:" + n.Local
	}
	for _, w := range xmlWords {
		if strings.Contains(n.Space, w.holds) {
			return w.word + n.Local
		}
	}
	return "x:" + n.Local
}

// xmlReading is a file on its way.
type xmlReading struct {
	in    *rationed
	d     *xml.Decoder
	names []string // of the elements that are things
	head  thing    // what stands outside of them
	now   *thing   // the one that is being read
	field int      // which member of it is open, -1 none
	path  []string
	count int
}

// eachThing gives every element of a name, and what stood outside of things before it. A
// file that is no XML, or that declares entities, gives a *[coop.InvalidError] of field
// file, a thing that is too long [coop.ErrTooLarge]; what was given until then stays.
func eachThing(from io.Reader, names []string, take func(head, t *thing) error) error {
	r := &xmlReading{in: &rationed{from, maxXMLThing}, names: names, field: -1}
	r.d = xml.NewDecoder(r.in)
	r.d.Entity, r.d.CharsetReader = xml.HTMLEntity, charset.NewReaderLabel
	for {
		token, err := r.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, coop.ErrTooLarge) {
			return fmt.Errorf("something of a file after the %d things before: %w", r.count, err)
		}
		if err != nil {
			return badXML("cannot be read to its end: " + coop.CleanLine(coop.Truncate(err.Error(), 200), 200))
		}
		if err := r.token(token, take); err != nil {
			return err
		}
	}
	if r.count == 0 {
		return &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "there is nothing in it of what is sought"}
	}
	return nil
}

func badXML(problem string) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: problem}
}

// token takes one token.
func (r *xmlReading) token(token xml.Token, take func(head, t *thing) error) error {
	switch t := token.(type) {
	case xml.StartElement:
		return r.open(t)
	case xml.EndElement:
		return r.end(take)
	case xml.CharData:
		if f := r.member(); f != nil {
			if f.attr["type"] == "xhtml" {
				f.text = append(f.text, html.EscapeString(string(t))...)
			} else {
				f.text = append(f.text, t...)
			}
		}
	case xml.Directive:
		if strings.Contains(strings.ToUpper(string(t)), "<!ENTITY") || strings.Contains(string(t), "[") {
			return badXML("declares words of its own, as files do that are made to break programs")
		}
	}
	return nil
}

// at is the thing that members go to.
func (r *xmlReading) at() *thing {
	if r.now != nil {
		return r.now
	}
	return &r.head
}

// member is the member that is open; nil: none.
func (r *xmlReading) member() *thingField {
	if r.field < 0 {
		return nil
	}
	return &r.at().fields[r.field]
}

// open is the beginning of an element.
func (r *xmlReading) open(t xml.StartElement) error {
	name := xmlName(t.Name)
	if r.path = append(r.path, name); len(r.path) > maxXMLDepth {
		return badXML("is nested deeper than any such file is")
	}
	if r.now == nil && slices.Contains(r.names, name) {
		r.in.left, r.count = maxXMLThing, r.count+1
		r.now, r.field = &thing{number: r.count}, -1
		return nil
	}
	if f := r.member(); f != nil && f.attr["type"] == "xhtml" { // Atom §3.1.1.3: its text is elements
		f.text = append(f.text, "<"+t.Name.Local+xhtmlAttr(t.Attr)+">"...)
		return nil
	}
	into := r.at()
	if r.now == nil && len(into.fields) >= 100 {
		r.field = -1
		return nil
	}
	if len(into.fields) >= maxXMLFields {
		return fmt.Errorf("members of one thing: %w", coop.ErrTooLarge)
	}
	f := thingField{name: name, attr: map[string]string{}}
	for _, a := range t.Attr[:min(len(t.Attr), 20)] {
		f.attr[a.Name.Local] = a.Value
	}
	into.fields = append(into.fields, f)
	r.field = len(into.fields) - 1
	return nil
}

// xhtmlAttr are the attributes that links and pictures need.
func xhtmlAttr(list []xml.Attr) (out string) {
	for _, a := range list {
		if slices.Contains([]string{"href", "src", "alt"}, a.Name.Local) {
			out += " " + a.Name.Local + `="` + html.EscapeString(a.Value) + `"`
		}
	}
	return out
}

// end is the end of an element.
func (r *xmlReading) end(take func(head, t *thing) error) error {
	name := r.path[len(r.path)-1]
	r.path = r.path[:len(r.path)-1]
	if r.now != nil && slices.Contains(r.names, name) && !slices.ContainsFunc(r.path, func(above string) bool { return slices.Contains(r.names, above) }) {
		done := r.now
		r.now, r.field, r.in.left = nil, -1, maxXMLThing
		return take(&r.head, done)
	}
	if f := r.member(); f != nil && f.attr["type"] == "xhtml" && name != f.name {
		f.text = append(f.text, "</"+name+">"...)
		return nil
	}
	if r.now != nil || r.field >= 0 {
		r.field = -1
	}
	return nil
}
