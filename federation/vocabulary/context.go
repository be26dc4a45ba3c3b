// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"fmt"
	"slices"
	"strings"
)

// The contexts that we name. Strict readers ship these three, so a reader
// without network understands all that we write.
const (
	ActivityStreams = "https://www.w3.org/ns/activitystreams"
	Security        = "https://w3id.org/security/v1"
	DataIntegrity   = "https://w3id.org/security/data-integrity/v2"
)

// appendContext appends the opening of a document with its @context and a comma.
func appendContext(dst []byte, used map[string]bool, kind Kind) ([]byte, error) {
	defined, err := definitions(used, kind)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `{"@context":`...)
	if defined == "" && kind&(Actor|Proven) == 0 {
		return append(dst, `"`+ActivityStreams+`",`...), nil
	}
	dst = append(dst, `["`+ActivityStreams+`"`...)
	if kind&Actor != 0 {
		dst = append(dst, `,"`+Security+`"`...)
	}
	if kind&Proven != 0 {
		dst = append(dst, `,"`+DataIntegrity+`"`...)
	}
	if defined != "" {
		dst = append(dst, ',')
		dst = append(dst, defined...)
	}
	return append(dst, "],"...), nil
}

// definitions is the inline object for the terms in use, empty if there are none:
// first the prefixes that they need, then they, in the order of the table.
func definitions(used map[string]bool, kind Kind) (string, error) {
	var prefixes, terms strings.Builder
	missing, prefix := len(used), ""
	for name := range used {
		if kind&Actor != 0 && inSecurity(name) {
			missing--
		}
	}
	for t := range Terms() {
		if !used[t.Name] || !t.meant(kind) {
			continue
		}
		missing--
		if t.Prefix != prefix && t.Prefix != "as" {
			fmt.Fprintf(&prefixes, `"%s":"%s",`, t.Prefix, t.Namespace)
		}
		prefix = t.Prefix
		terms.WriteString(t.definition())
	}
	if missing > 0 {
		return "", unknown(used, kind)
	}
	if terms.Len() == 0 {
		return "", nil
	}
	return "{" + prefixes.String() + strings.TrimSuffix(terms.String(), ",") + "}", nil
}

// definition is one line of a context, with a comma.
func (t Term) definition() string {
	id := t.Prefix + ":" + t.Local
	if t.Type == "" && t.Container == "" {
		return `"` + t.Name + `":"` + id + `",`
	}
	s := `"` + t.Name + `":{"@id":"` + id + `"`
	if t.Type != "" {
		s += `,"@type":"` + t.Type + `"`
	}
	if t.Container != "" {
		s += `,"@container":"` + t.Container + `"`
	}
	return s + "},"
}

// unknown names the terms that nothing defines.
func unknown(used map[string]bool, kind Kind) error {
	defined := map[string]bool{}
	for t := range Terms() {
		defined[t.Name] = defined[t.Name] || t.meant(kind)
	}
	var names []string
	for name := range used {
		if !defined[name] && !(kind&Actor != 0 && inSecurity(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return fmt.Errorf("%w: %s", ErrUnknownTerm, strings.Join(names, ", "))
}
