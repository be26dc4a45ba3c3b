// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "strings"

// prefixes are the namespaces that may stand before a name of ours. The context
// that would define the short ones is not read: these meanings are fixed.
func prefixes() [23]string {
	return [...]string{
		"as:", "https://www.w3.org/ns/activitystreams#", "http://www.w3.org/ns/activitystreams#",
		"minga:", "https://w3id.org/minga/ns#",
		"sdo:", "schema:", "http://schema.org/", "https://schema.org/", "http://schema.org#", "https://schema.org#",
		"toot:", "http://joinmastodon.org/ns#",
		"vf:", "ValueFlows:", "valueflows:", "https://w3id.org/valueflows/ont/vf#", "https://w3id.org/valueflows#",
		"om2:", "http://www.ontology-of-units-of-measure.org/resource/om-2/",
		"sec:", "https://w3id.org/security#", "https://w3id.org/security/v1#",
	}
}

// short takes a known namespace off a name; other names stay as they are.
func short(name string) string {
	if strings.IndexByte(name, ':') < 0 {
		return name
	}
	for _, p := range prefixes() {
		if len(name) > len(p) && strings.HasPrefix(name, p) {
			return name[len(p):]
		}
	}
	return name
}

// prefixed tells whether full is a known namespace and the name.
func prefixed[T string | []byte](full T, name string) bool {
	n := len(full) - len(name)
	if n <= 0 || string(full[n:]) != name {
		return false
	}
	for _, p := range prefixes() {
		if string(full[:n]) == p {
			return true
		}
	}
	return false
}

// key is a member name that the shape check cares about.
type key uint8

const (
	other key = iota
	keyID
	keyType
	keyActor
	keyObject
	keyAttributedTo
	keyEntries    // tag, attachment
	keyRecipients // to, cc, bto, bcc, audience
	keyItems      // items, orderedItems
	keyContext
	keyKeyword // @graph, @included, @reverse
)

// deciding tells whether the member says whose document this is and what it does.
func (k key) deciding() bool { return k >= keyID && k <= keyAttributedTo }

// keyOf sorts a name; the JSON-LD spelling of a name is the same name.
func keyOf(name string) key {
	switch short(name) {
	case "id", "@id":
		return keyID
	case "type", "@type":
		return keyType
	case "actor":
		return keyActor
	case "object":
		return keyObject
	case "attributedTo":
		return keyAttributedTo
	case "tag", "attachment":
		return keyEntries
	case "to", "cc", "bto", "bcc", "audience":
		return keyRecipients
	case "items", "orderedItems":
		return keyItems
	case "@context":
		return keyContext
	case "@graph", "@included", "@reverse":
		return keyKeyword
	}
	return other
}
