// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// Public is the collection of everybody (ActivityPub §5.6).
const Public = "https://www.w3.org/ns/activitystreams#Public"

// isPublic knows the spellings of [Public].
func isPublic(s string) bool { return s == Public || s == "as:Public" || s == "Public" }

// Visibility is how far a document was meant to go.
type Visibility int

// The visibilities that the wire shows. Followers-only, members-only and direct
// are all Limited: telling them apart needs the author's collections.
const (
	Limited  Visibility = iota // Public is nowhere
	Unlisted                   // Public in cc or audience
	Everyone                   // Public in to
)

// Audience is to whom a document is addressed, Public in its one spelling.
type Audience struct {
	To, Cc, Bto, Bcc, Audience []string
}

// lists are the five lists.
func (a Audience) lists() [5][]string { return [...][]string{a.To, a.Cc, a.Audience, a.Bto, a.Bcc} }

// All is everybody addressed, each once, Public included.
func (a Audience) All() []string {
	seen := map[string]bool{}
	var all []string
	for _, list := range a.lists() {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				all = append(all, id)
			}
		}
	}
	return all
}

// Has tells whether id is addressed in any of the lists.
func (a Audience) Has(id string) bool {
	for _, list := range a.lists() {
		if contains(list, id) {
			return true
		}
	}
	return false
}

// Visibility tells where Public stands. In bto and bcc it is nowhere: what is
// hidden cannot make a document public.
func (a Audience) Visibility() Visibility {
	switch {
	case contains(a.To, Public):
		return Everyone
	case contains(a.Cc, Public) || contains(a.Audience, Public):
		return Unlisted
	}
	return Limited
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// Audience reads to, cc, bto, bcc, audience; on an activity that has none of
// them it is its object's.
func (o *Object) Audience() Audience {
	if o == nil {
		return Audience{}
	}
	at := o
	if !o.addressed() && o.Class() == Activity {
		if c := o.Object("object"); c.addressed() {
			at = c
		}
	}
	return at.audience()
}

func (o *Object) addressed() bool {
	for _, name := range [...]string{"to", "cc", "bto", "bcc", "audience"} {
		if o.Has(name) {
			return true
		}
	}
	return false
}

// audience reads the five lists, together at most [MaxRecipients].
func (o *Object) audience() (a Audience) {
	left := MaxRecipients
	take := func(member string) []string {
		list := o.ids(member, left)
		left -= len(list)
		return list
	}
	a.To, a.Cc, a.Audience, a.Bto, a.Bcc = take("to"), take("cc"), take("audience"), take("bto"), take("bcc")
	return a
}
