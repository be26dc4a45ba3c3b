// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// PayloadNames are the members by which a post is more than its text, in the order in which they are looked for.
func PayloadNames() []string {
	return []string{"job", "request", "pool", "timeOffer", "sale", "decision", "ballot", "service"}
}

// PayloadName is the member that tells what a Note or Question is about, empty
// if it is a plain post. An IRI under such a name is no payload: a Membership
// has its decision so, a Referral its service.
func (o *Object) PayloadName() string {
	for _, name := range PayloadNames() {
		if o.Payload(name) != nil {
			return name
		}
	}
	return ""
}

// Payload is the payload of that name as an object, nil if it is absent or an
// IRI. Its members are found with and without prefix (minga:status, sdo:title).
func (o *Object) Payload(name string) *Object { return o.Object(name) }
