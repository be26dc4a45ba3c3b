// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// Ref names another document, and may have brought a copy of it. The copy is a
// claim of whoever sent it.
type Ref struct {
	ID       string // empty if the copy has no usable id
	Embedded []byte // the original bytes of the copy; nil if only named

	parent *Object
}

// Object reads the copy; nil if there is none.
func (r Ref) Object() *Object { return r.parent.child(r.Embedded) }

// IsZero tells whether there was nothing.
func (r Ref) IsZero() bool { return r.ID == "" && r.Embedded == nil }

// ID is the id if it may serve as one (http or https, host, no user-info, at
// most [MaxID] bytes), else empty: the document is anonymous.
func (o *Object) ID() string {
	raw := o.Raw("id")
	if raw == nil {
		raw = o.Raw("@id")
	}
	return idOf(raw)
}

// idOf is the usable id that a string value holds.
func idOf(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' || len(raw) > 6*MaxID {
		return ""
	}
	return cleanID(decode(raw))
}

// ref makes a reference of one entry.
func (o *Object) ref(raw []byte, scratch *Object) Ref {
	switch {
	case len(raw) == 0:
		return Ref{}
	case raw[0] == '"':
		return Ref{ID: idOf(raw)}
	case raw[0] != '{':
		return Ref{}
	}
	scratch.load(raw, o)
	id := scratch.ID()
	if id == "" {
		id = idOf(scratch.Raw("href"))
	}
	return Ref{ID: id, Embedded: raw, parent: o}
}

// Ref is the first entry of the member as a reference: a string, an object (its
// id, of a Link its href), or the first of an array. An entry that is no usable
// id is none; it does not let the second move up.
func (o *Object) Ref(member string) Ref {
	var scratch Object
	return o.ref(first(o.Raw(member)), &scratch)
}

// Refs are all usable entries of the member as references, at most [MaxRecipients].
func (o *Object) Refs(member string) []Ref {
	var all []Ref
	o.eachRef(member, MaxRecipients, func(r Ref) { all = append(all, r) })
	return all
}

// eachRef calls visit with the usable references of a member, at most limit.
func (o *Object) eachRef(member string, limit int, visit func(Ref)) {
	var scratch Object
	entries(o.Raw(member), func(raw []byte) bool {
		if r := o.ref(raw, &scratch); !r.IsZero() {
			limit--
			visit(r)
		}
		return limit > 0
	})
}

// ids are the ids of a member, at most limit.
func (o *Object) ids(member string, limit int) []string {
	var all []string
	o.eachRef(member, limit, func(r Ref) {
		if r.ID != "" {
			all = append(all, r.ID)
		}
	})
	return all
}

// address is the id of a member, Public being nobody's address.
func (o *Object) address(member string) string {
	if id := o.Ref(member).ID; id != Public {
		return id
	}
	return ""
}

// Owner is the actor whose document this is: the first of attributedTo, of an
// activity its actor, of an actor that names nobody itself. Empty if nobody is
// named.
func (o *Object) Owner() string {
	if o.Class() == Activity {
		return o.address("actor")
	}
	if o.Has("attributedTo") {
		return o.address("attributedTo")
	}
	if o.Class() == Actor {
		return o.ID()
	}
	return o.address("actor")
}

// Claims are the others in attributedTo, which nobody has confirmed.
func (o *Object) Claims() []string {
	all := o.ids("attributedTo", MaxEntries)
	if len(all) < 2 {
		return nil
	}
	return all[1:]
}
