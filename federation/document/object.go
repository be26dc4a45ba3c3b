// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "bytes"

// Object is one JSON object of a document, read lazily from the original bytes.
// A nil *Object is an absent one: all its accessors answer with nothing, so
// calls can be chained without looking. An Object may be read by several
// goroutines at once.
type Object struct {
	raw     []byte
	parent  *Object // the document around it, which may know the language
	members []span
	escaped []string // the names that were written with escapes, decoded
	odd     bool     // some name is escaped or prefixed, so a miss needs a second look
}

// span is a member as offsets into raw: the name with its quotes, the value.
type span struct {
	nameStart, nameEnd, start, end int32
	escaped                        int32 // place in escaped, counted from 1; 0 for none
}

// Read indexes body, which must be one JSON object. It keeps body and never
// changes it; the caller must not either. It checks the syntax, but of the
// limits only the depth: a stranger's body goes through [Check] first. Errors
// are *[ShapeError].
func Read(body []byte) (*Object, error) {
	if len(body) > 1<<30 {
		return nil, &ShapeError{TooLarge, 1 << 30}
	}
	c := cursor{b: body}
	if c.peek() != '{' {
		return nil, c.fail(NotObject)
	}
	start := c.pos
	if err := c.skip(1); err != nil {
		return nil, err
	}
	end := c.pos
	if c.peek(); c.pos < len(c.b) {
		return nil, c.fail(TrailingData)
	}
	o := &Object{}
	o.load(body[start:end], nil)
	return o, nil
}

// load indexes raw, an object whose syntax was checked. A scratch object may be
// loaded again and again.
func (o *Object) load(raw []byte, parent *Object) {
	o.raw, o.parent, o.odd, o.members, o.escaped = raw, parent, false, o.members[:0], nil
	if o.members == nil {
		o.members = make([]span, 0, 24)
	}
	for i := next(raw, 1); i < len(raw) && raw[i] == '"'; i = next(raw, i) {
		m := span{nameStart: int32(i)}
		i = jumpText(raw, i)
		m.nameEnd = int32(i)
		i = next(raw, i) // the colon counts as space
		m.start = int32(i)
		i = jump(raw, i)
		m.end = int32(i)
		o.noteOddity(&m)
		o.members = append(o.members, m)
	}
}

// next is the place of the next byte that is neither space nor , nor :.
func next(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\t', '\n', '\r', ',', ':':
			i++
		default:
			return i
		}
	}
	return i
}

// noteOddity looks for escapes and prefixes in a name. An escaped name is decoded
// once: a stranger may send a thousand, and each is looked at for each question.
func (o *Object) noteOddity(m *span) {
	name := o.raw[m.nameStart:m.nameEnd]
	if bytes.IndexByte(name, '\\') >= 0 {
		o.escaped = append(o.escaped, decode(name))
		m.escaped = int32(len(o.escaped))
		o.odd = true
	}
	o.odd = o.odd || bytes.IndexByte(name, ':') >= 0
}

// name is a member's name as text.
func (o *Object) name(m span) string {
	if m.escaped > 0 {
		return o.escaped[m.escaped-1]
	}
	return decode(o.raw[m.nameStart:m.nameEnd])
}

// is tells whether the member has that very name.
func (o *Object) is(m span, name string) bool {
	if m.escaped > 0 {
		return o.escaped[m.escaped-1] == name
	}
	return string(o.raw[m.nameStart+1:m.nameEnd-1]) == name
}

// means tells whether the member has the name behind a known prefix.
func (o *Object) means(m span, name string) bool {
	if m.escaped > 0 {
		return prefixed(o.escaped[m.escaped-1], name)
	}
	return prefixed(o.raw[m.nameStart+1:m.nameEnd-1], name)
}

// Raw is the member's value as it was written, nil if absent or null. Of a name
// that stands there twice the last one counts, as everywhere in Go; the members
// that decide cannot stand there twice. Where the name is missing, it is looked
// for under the known old prefixes.
func (o *Object) Raw(member string) []byte {
	if o == nil {
		return nil
	}
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.is(o.members[i], member) {
			return o.value(o.members[i])
		}
	}
	if !o.odd {
		return nil
	}
	for i := len(o.members) - 1; i >= 0; i-- {
		if o.means(o.members[i], member) {
			return o.value(o.members[i])
		}
	}
	return nil
}

// value is a member's value, nil for null.
func (o *Object) value(m span) []byte {
	raw := o.raw[m.start:m.end]
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// Bytes are the original bytes of this object, without what surrounds it.
func (o *Object) Bytes() []byte {
	if o == nil {
		return nil
	}
	return o.raw
}

// Has tells whether the member is there and not null.
func (o *Object) Has(member string) bool { return o.Raw(member) != nil }

// Member is one member as it was written.
type Member struct {
	Name string
	Raw  []byte
}

// Members are all members in document order, null ones too.
func (o *Object) Members() []Member {
	if o == nil {
		return nil
	}
	all := make([]Member, 0, len(o.members))
	for _, m := range o.members {
		all = append(all, Member{Name: o.name(m), Raw: o.raw[m.start:m.end]})
	}
	return all
}

// entries calls each with the entries of a value, of an array its elements, else
// the value alone, until each says false. Nulls are left out.
func entries(raw []byte, each func(raw []byte) bool) {
	if len(raw) == 0 {
		return
	}
	if raw[0] != '[' {
		each(raw)
		return
	}
	for i := next(raw, 1); i < len(raw) && raw[i] != ']'; i = next(raw, i) {
		end := jump(raw, i)
		if one := raw[i:end]; string(one) != "null" && !each(one) {
			return
		}
		i = end
	}
}

// first is the first entry of a value.
func first(raw []byte) (one []byte) {
	entries(raw, func(raw []byte) bool { one = raw; return false })
	return one
}

// child reads an object inside this one; nil if raw is none.
func (o *Object) child(raw []byte) *Object {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	c := &Object{}
	c.load(raw, o)
	return c
}

// Object is the member's value, or of an array the first entry, if that is an
// object; else nil. Known old prefixes of the name do not matter.
func (o *Object) Object(member string) *Object { return o.child(first(o.Raw(member))) }

// Objects are the objects among the member's entries, at most limit.
func (o *Object) Objects(member string, limit int) []*Object {
	var all []*Object
	entries(o.Raw(member), func(raw []byte) bool {
		if c := o.child(raw); c != nil && len(all) < limit {
			all = append(all, c)
		}
		return len(all) < limit
	})
	return all
}

// each calls visit with the objects of a member, at most limit, in one scratch
// object that is only good during the call.
func (o *Object) each(member string, limit int, visit func(c *Object)) {
	var scratch Object
	entries(o.Raw(member), func(raw []byte) bool {
		if limit--; limit < 0 {
			return false
		}
		if raw[0] == '{' {
			scratch.load(raw, o)
			visit(&scratch)
		}
		return true
	})
}
