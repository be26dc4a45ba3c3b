// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"bytes"
	"strings"
)

// Localized is a text in one language.
type Localized struct {
	Language string // BCP 47 as written, empty if unknown
	Value    string
}

// Text is a text in one or several languages.
type Text struct {
	Value    string      // the main one
	Language string      // of Value; empty if nobody said
	All      []Localized // the map in document order; empty if there is none
}

// In is the text in the language, or in a wider or narrower form of it (pt for
// pt-BR), else the main one.
func (t Text) In(language string) string {
	wanted, _, _ := strings.Cut(language, "-")
	found := t.Value
	for _, l := range t.All {
		if strings.EqualFold(l.Language, language) {
			return l.Value
		}
	}
	for _, l := range t.All {
		if have, _, _ := strings.Cut(l.Language, "-"); strings.EqualFold(have, wanted) {
			return l.Value
		}
	}
	return found
}

// Text reads the member and its map (content and contentMap). The main language
// is the one that the document declares, else the one whose text equals the
// plain one, else the first in document order (Mastodon writes its post's
// language so).
func (o *Object) Text(member string) Text {
	t := Text{Value: o.String(member), All: o.languages(member)}
	t.Language = t.main(o.language())
	if t.Value == "" {
		t.Value = t.In(t.Language)
	}
	if t.Value == "" && len(t.All) > 0 {
		t.Value = t.All[0].Value
	}
	return t
}

// languages reads the map of a member. Some write the map in the member's place.
func (o *Object) languages(member string) []Localized {
	var m Object
	switch plain := first(o.Raw(member)); {
	case len(o.Raw(member+"Map")) > 0 && o.Raw(member + "Map")[0] == '{':
		m.load(o.Raw(member+"Map"), nil)
	case len(plain) > 0 && plain[0] == '{':
		m.load(plain, nil)
	}
	var all []Localized
	for _, s := range m.members {
		name := m.name(s)
		if raw := m.value(s); len(raw) > 0 && raw[0] == '"' && isLanguage(name) && len(all) < MaxLanguage {
			all = append(all, Localized{Language: name, Value: decode(raw)})
		}
	}
	return all
}

// isLanguage tells whether a key may be a language tag (BCP 47).
func isLanguage(key string) bool {
	if len(key) < 2 || len(key) > 35 {
		return false
	}
	for _, ch := range []byte(key) {
		letter := ch|0x20 >= 'a' && ch|0x20 <= 'z'
		if !letter && ch != '-' && ch != '_' && (ch < '0' || ch > '9') {
			return false
		}
	}
	return true
}

// main is the main language, given what the document declares.
func (t Text) main(declared string) string {
	if declared != "" || len(t.All) == 0 {
		return declared
	}
	for _, l := range t.All {
		if l.Value == t.Value {
			return l.Language
		}
	}
	return t.All[0].Language
}

// language is what the document declares: inLanguage (or Lemmy's and PeerTube's
// language), else @language of its context or of the document around it.
func (o *Object) language() string {
	for c := o; c != nil; c = c.parent {
		for _, s := range [...]string{c.declared("inLanguage"), c.declared("language"), c.contextLanguage()} {
			if isLanguage(s) && s != "und" && s != "mul" && s != "zxx" {
				return s
			}
		}
	}
	return ""
}

// declared is a language member: a string, or an object with an identifier.
func (o *Object) declared(member string) string {
	raw := first(o.Raw(member))
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '{' {
		return o.child(raw).String("identifier")
	}
	s, _ := scalar(raw)
	return s
}

// maxContext is how long a context may be to be searched for a language: it is
// searched for every text, and a stranger chooses its size.
const maxContext = 64 << 10

// contextLanguage is @language of the context.
func (o *Object) contextLanguage() (language string) {
	raw := o.Raw("@context")
	if len(raw) > maxContext || !bytes.Contains(raw, []byte(`"@language"`)) {
		return ""
	}
	entries(raw, func(raw []byte) bool {
		if s := o.child(raw).String("@language"); s != "" {
			language = s
		}
		return language == ""
	})
	return language
}

// Source is the text that the author typed.
type Source struct{ Content, MediaType string }

// Source reads source (ActivityPub §3.3).
func (o *Object) Source() Source {
	raw := first(o.Raw("source"))
	if s, ok := scalar(raw); ok {
		return Source{Content: s}
	}
	c := o.child(raw)
	return Source{Content: c.String("content"), MediaType: c.String("mediaType")}
}
