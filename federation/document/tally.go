// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// tally is what is counted in one object.
type tally struct {
	seen       uint8 // a bit for each deciding member
	members    int
	recipients int
	named      bool
}

func (c *checker) object(at place) (named bool, err *ShapeError) {
	if at.depth > min(c.limits.Depth, maxScanDepth) {
		return false, c.fail(TooDeep)
	}
	if err := c.count(); err != nil {
		return false, err
	}
	var t tally
	err = c.list('}', func() *ShapeError { return c.member(at, &t) })
	return t.named, err
}

// member takes one member of an object.
func (c *checker) member(at place, t *tally) *ShapeError {
	start := c.pos
	k, err := c.name()
	if err != nil {
		return err
	}
	if at.role == context {
		k = other
	}
	if reason := c.tally(k, at, t); reason != "" {
		return &ShapeError{reason, start}
	}
	if err := c.expect(':'); err != nil {
		return err
	}
	return c.memberValue(k, at, t)
}

// tally counts a member and says why it may not be.
func (c *checker) tally(k key, at place, t *tally) Reason {
	t.members++
	bit := uint8(1) << (k & 7)
	switch {
	case t.members > c.limits.Members:
		return TooWide
	case k == keyKeyword:
		return Keyword
	case k.deciding() && t.seen&bit != 0:
		return Twice
	case k.deciding():
		t.seen |= bit
	case k == keyItems && at.role == root:
		c.collection = true
	}
	return ""
}

// memberValue takes the value of a member of the object at at.
func (c *checker) memberValue(k key, at place, t *tally) *ShapeError {
	// An id is looked at wherever it says who somebody is.
	weighty := at.role.weighty() || (at.role == party && k == keyID)
	inner := place{key: k, role: at.role.inner(k), weighty: weighty, depth: at.depth + 1}
	next, start := c.peek(), c.pos
	named, n, err := c.entries(next, inner)
	switch {
	case err != nil:
		return err
	case k == keyID && weighty && (next == '{' || next == '['):
		return &ShapeError{BadID, start}
	case k == keyID:
		t.named = named
	case k == keyActor && weighty && !actorShape(next, named, n) && !isNull(c.b[start:]):
		return &ShapeError{BadActor, start}
	case k == keyType && at.role == root:
		c.collection = c.collection || isCollectionType(c.b[start:c.pos])
	case k == keyRecipients:
		if t.recipients += n; t.recipients > c.limits.Recipients {
			return &ShapeError{Recipients, start}
		}
	}
	return nil
}

// actorShape tells whether an actor is one: an IRI, an object with an id, or an
// array of exactly one of these. Hubzilla and kroeg send objects, Prismo arrays.
func actorShape(first byte, named bool, entries int) bool {
	return named && entries == 1 && (first == '"' || first == '{' || first == '[')
}

// entries takes a member's value and counts its entries: of an array its
// elements, else one.
func (c *checker) entries(first byte, at place) (named bool, n int, err *ShapeError) {
	if first != '[' {
		named, err = c.value(at)
		return named, 1, err
	}
	return c.elements(at)
}

func (c *checker) array(at place) (named bool, err *ShapeError) {
	named, _, err = c.elements(at)
	return named, err
}

// elements takes an array. Of an array of arrays nothing is named: no reader of
// ours looks into one.
func (c *checker) elements(at place) (named bool, n int, err *ShapeError) {
	if at.depth > min(c.limits.Depth, maxScanDepth) {
		return false, 0, c.fail(TooDeep)
	}
	if err := c.count(); err != nil {
		return false, 0, err
	}
	limit, reason := c.room(at)
	inner := at
	inner.depth++
	err = c.list(']', func() *ShapeError {
		if n++; n > limit {
			return c.fail(reason)
		}
		nested := c.peek() == '['
		one, err := c.value(inner)
		named = named || (one && !nested)
		return err
	})
	return named, n, err
}

// room is how many entries an array may have, and the reason if it has more.
func (c *checker) room(at place) (int, Reason) {
	switch at.key {
	case keyEntries, keyObject:
		return c.limits.Entries, TooManyIn
	case keyRecipients:
		return c.limits.Recipients, Recipients
	case keyItems:
		return c.limits.Items, TooManyItems
	}
	return c.limits.CollectionTokens, TooMany
}

// str takes a string value and looks at it where it is an id.
func (c *checker) str(at place) (named bool, err *ShapeError) {
	if err := c.count(); err != nil {
		return false, err
	}
	start := c.pos
	escaped, err := c.text()
	if err != nil {
		return false, err
	}
	if c.pos-start > c.limits.String {
		return false, &ShapeError{TooLong, start}
	}
	if at.weighty && at.role != context && !c.goodID(start, escaped, at.key) {
		return false, &ShapeError{BadID, start}
	}
	return c.pos-start > 2, nil
}

// goodID tells whether the string from start to here may stand under the key.
func (c *checker) goodID(start int, escaped bool, k key) bool {
	switch k {
	case keyID, keyActor, keyObject, keyAttributedTo:
	default:
		return true
	}
	// Written with escapes a byte takes six at most.
	if c.pos-start-2 > c.limits.ID*6 {
		return false
	}
	text := c.b[start+1 : c.pos-1]
	if escaped {
		var buf [MaxID * 2]byte
		text = appendUnescaped(buf[:0], text)
	}
	return len(text) == 0 || usable(text, c.limits.ID) || (k == keyObject && isPublic(string(text)))
}

// name takes a member's name.
func (c *checker) name() (key, *ShapeError) {
	start := c.pos
	escaped, err := c.text()
	if err != nil {
		return other, err
	}
	text := c.b[start+1 : c.pos-1]
	switch {
	case len(text) > c.limits.String:
		return other, &ShapeError{TooLong, start}
	case len(text) > 6*64:
		return other, c.count() // no name that we know is that long
	case escaped:
		var buf [6 * 64]byte
		text = appendUnescaped(buf[:0], text)
	}
	return keyOf(string(text)), c.count()
}
