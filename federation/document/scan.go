// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "unicode/utf8"

// maxScanDepth bounds the recursion of every walk, whatever the limits say.
const maxScanDepth = 64

// cursor walks JSON text (RFC 8259) byte by byte and believes nothing.
type cursor struct {
	b   []byte
	pos int
}

func (c *cursor) fail(r Reason) *ShapeError { return &ShapeError{Reason: r, Offset: c.pos} }

// unexpected tells a NUL from any other byte that does not belong here.
func (c *cursor) unexpected() *ShapeError {
	if c.pos < len(c.b) && c.b[c.pos] == 0 {
		return c.fail(HasNUL)
	}
	return c.fail(NotJSON)
}

// peek skips white space and returns the next byte, 0 at the end.
func (c *cursor) peek() byte {
	for c.pos < len(c.b) {
		switch c.b[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return c.b[c.pos]
		}
	}
	return 0
}

// expect takes one byte of punctuation.
func (c *cursor) expect(want byte) *ShapeError {
	if c.peek() != want || c.pos >= len(c.b) {
		return c.unexpected()
	}
	c.pos++
	return nil
}

// text takes a string and tells whether it holds escapes. The string is
// c.b[start:c.pos], quotes included.
func (c *cursor) text() (escaped bool, err *ShapeError) {
	if err := c.expect('"'); err != nil {
		return false, err
	}
	for c.pos < len(c.b) {
		switch ch := c.b[c.pos]; {
		case ch == '"':
			c.pos++
			return escaped, nil
		case ch == '\\':
			escaped = true
			if err := c.escape(); err != nil {
				return true, err
			}
		case ch < 0x20:
			return escaped, c.unexpected()
		case ch < utf8.RuneSelf:
			c.pos++
		default:
			r, n := utf8.DecodeRune(c.b[c.pos:])
			if r == utf8.RuneError && n == 1 {
				return escaped, c.fail(BadUTF8)
			}
			c.pos += n
		}
	}
	return escaped, c.fail(NotJSON)
}

// escape takes one escape sequence, a surrogate pair as one.
func (c *cursor) escape() *ShapeError {
	if c.pos+1 >= len(c.b) {
		return c.fail(NotJSON)
	}
	switch c.b[c.pos+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		c.pos += 2
		return nil
	case 'u':
		return c.unicode()
	}
	return c.fail(NotJSON)
}

// unicode takes \uXXXX. PostgreSQL keeps neither NUL nor half a pair, and two
// readers would make different texts of them: both are refused.
func (c *cursor) unicode() *ShapeError {
	u, ok := hex4(c.b, c.pos+2)
	switch {
	case !ok:
		return c.fail(NotJSON)
	case u == 0:
		return c.fail(HasNUL)
	case u < 0xD800 || u > 0xDFFF:
		c.pos += 6
		return nil
	}
	low, ok := lowSurrogate(c.b, c.pos+6)
	if u > 0xDBFF || !ok || low == 0 {
		return c.fail(LoneSurrogate)
	}
	c.pos += 12
	return nil
}

// lowSurrogate reads the second half of a pair at i.
func lowSurrogate(b []byte, i int) (uint32, bool) {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' {
		return 0, false
	}
	u, ok := hex4(b, i+2)
	return u, ok && u >= 0xDC00 && u <= 0xDFFF
}

// hex4 reads four hexadecimal digits at i.
func hex4(b []byte, i int) (u uint32, ok bool) {
	if i+4 > len(b) {
		return 0, false
	}
	for _, ch := range b[i : i+4] {
		switch {
		case ch >= '0' && ch <= '9':
			u = u<<4 | uint32(ch-'0')
		case ch >= 'a' && ch <= 'f':
			u = u<<4 | uint32(ch-'a'+10)
		case ch >= 'A' && ch <= 'F':
			u = u<<4 | uint32(ch-'A'+10)
		default:
			return 0, false
		}
	}
	return u, true
}

// literal takes a number, true, false or null.
func (c *cursor) literal() *ShapeError {
	for _, word := range [...]string{"true", "false", "null"} {
		if len(c.b)-c.pos >= len(word) && string(c.b[c.pos:c.pos+len(word)]) == word {
			c.pos += len(word)
			return nil
		}
	}
	n := numberLength(c.b[c.pos:])
	if n == 0 {
		return c.unexpected()
	}
	c.pos += n
	return nil
}

// numberLength is the length of the JSON number that b begins with, 0 if none.
func numberLength(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	whole := digits(b, i)
	if whole == 0 || (whole > 1 && b[i] == '0') {
		return 0
	}
	i += whole
	if i < len(b) && b[i] == '.' {
		n := digits(b, i+1)
		if n == 0 {
			return 0
		}
		i += 1 + n
	}
	return i + exponentLength(b[i:])
}

// exponentLength is the length of the exponent that b begins with.
func exponentLength(b []byte) int {
	if len(b) < 2 || (b[0] != 'e' && b[0] != 'E') {
		return 0
	}
	i := 1
	if b[i] == '+' || b[i] == '-' {
		i++
	}
	n := digits(b, i)
	if n == 0 {
		return 0
	}
	return i + n
}

// digits counts the digits from i on.
func digits(b []byte, i int) int {
	n := 0
	for i+n < len(b) && b[i+n] >= '0' && b[i+n] <= '9' {
		n++
	}
	return n
}

// skip takes a whole value, checking its syntax.
func (c *cursor) skip(depth int) *ShapeError {
	if depth > maxScanDepth {
		return c.fail(TooDeep)
	}
	switch c.peek() {
	case '{':
		return c.list('}', func() *ShapeError {
			if _, err := c.text(); err != nil {
				return err
			}
			if err := c.expect(':'); err != nil {
				return err
			}
			return c.skip(depth + 1)
		})
	case '[':
		return c.list(']', func() *ShapeError { return c.skip(depth + 1) })
	case '"':
		_, err := c.text()
		return err
	}
	return c.literal()
}

// list takes an object or array whose entries are taken by entry; the opening
// byte is the next one.
func (c *cursor) list(closing byte, entry func() *ShapeError) *ShapeError {
	c.pos++
	if c.peek() == closing {
		c.pos++
		return nil
	}
	for {
		c.peek()
		if err := entry(); err != nil {
			return err
		}
		switch c.peek() {
		case ',':
			c.pos++
		case closing:
			c.pos++
			return nil
		default:
			return c.unexpected()
		}
	}
}
