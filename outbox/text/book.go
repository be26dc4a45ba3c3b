// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"fmt"
	"io/fs"
	"sync"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Book is one language of a catalogue: files of messages in TOML, read when somebody
// first speaks it. Ready for use a language takes a dozen times the room that it has in
// the program, and an instance speaks one or two of five. It is safe for concurrent use.
type Book struct {
	open func() (*i18n.Localizer, error)
}

// NewBook is the book of a language (BCP 47) in those files, each named
// `<language>.toml` or `<section>.<language>.toml`.
func NewBook(files fs.FS, lang string, names ...string) *Book {
	return &Book{open: sync.OnceValues(func() (*i18n.Localizer, error) {
		bundle := i18n.NewBundle(language.Make(lang))
		bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
		for _, name := range names {
			if _, err := bundle.LoadMessageFileFS(files, name); err != nil {
				return nil, fmt.Errorf("words in %s: %w", name, err)
			}
		}
		return i18n.NewLocalizer(bundle, lang), nil
	})}
}

// Localize says a message. An error is a key that is not there, or a mistake in a file.
func (b *Book) Localize(what *i18n.LocalizeConfig) (string, error) {
	say, err := b.open()
	if err != nil {
		return "", err
	}
	return say.Localize(what)
}
