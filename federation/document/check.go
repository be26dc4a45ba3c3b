// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// Check walks the tokens of body once and refuses at the first excess, with a
// *[ShapeError]. It builds nothing: its memory does not grow with the body, and
// its time is that of reading the bytes once.
//
// Why before any decoder: 8,000 levels or 40,000 small objects fit into 1 MiB
// and cost a general decoder a gigabyte; and of a member that stands twice each
// reader takes another one.
func Check(body []byte, limits Limits) error {
	if len(body) > limits.Body {
		return &ShapeError{TooLarge, limits.Body}
	}
	c := checker{cursor: cursor{b: body}, limits: limits, excess: -1}
	if err := c.document(); err != nil {
		return err
	}
	return nil
}

// role is what an object is to the document.
type role uint8

const (
	part    role = iota // somewhere inside: a tag, a picture, a payload
	root                // the document itself
	subject             // object of the document: what the activity is about
	party               // actor or attributedTo of one of these two
	context             // inside @context, where names define and mean nothing
)

// weighty tells whether the object's own id, actor and owner are looked at.
func (r role) weighty() bool { return r == root || r == subject }

// inner is the role of a member's value.
func (r role) inner(k key) role {
	switch {
	case r == context || k == keyContext:
		return context
	case r.weighty() && k == keyObject:
		return subject
	case r.weighty() && (k == keyActor || k == keyAttributedTo):
		return party
	}
	return part
}

// place is where a value stands.
type place struct {
	key  key
	role role // of the value itself
	// weighty: the object around it is the document or its object.
	weighty bool
	depth   int
}

// checker counts. excess is where the limit of tokens was passed in a document
// that may still turn out to be a collection.
type checker struct {
	cursor
	limits     Limits
	tokens     int
	excess     int
	collection bool
}

func (c *checker) document() *ShapeError {
	if c.peek() != '{' {
		if err := c.skip(1); err != nil {
			return err
		}
		c.pos = 0
		return c.fail(NotObject)
	}
	if _, err := c.object(place{role: root, depth: 1}); err != nil {
		return err
	}
	if c.peek(); c.pos < len(c.b) {
		return c.fail(TrailingData)
	}
	if c.excess >= 0 && !c.collection {
		return &ShapeError{TooMany, c.excess}
	}
	return nil
}

// count counts one token.
func (c *checker) count() *ShapeError {
	c.tokens++
	if c.tokens <= c.limits.Tokens {
		return nil
	}
	if c.tokens > c.limits.CollectionTokens {
		return c.fail(TooMany)
	}
	if c.excess < 0 {
		c.excess = c.pos
	}
	return nil
}

// value takes any value. named tells whether it names something: a string that
// is not empty, an object with an id, or an array of such.
func (c *checker) value(at place) (named bool, err *ShapeError) {
	switch c.peek() {
	case '{':
		return c.object(at)
	case '[':
		return c.array(at)
	case '"':
		return c.str(at)
	}
	if err := c.count(); err != nil {
		return false, err
	}
	if at.key == keyID && at.weighty && !isNull(c.b[c.pos:]) {
		return false, c.fail(BadID)
	}
	return false, c.literal()
}

// isNull tells whether the value that b begins with is null.
func isNull(b []byte) bool { return len(b) >= 4 && string(b[:4]) == "null" }
