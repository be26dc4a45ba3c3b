// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"testing"
)

// TestPagesAreInTheLanguagesThatAreOffered: whoever asks for another of ours gets the usual
// one, and nothing on a page leads to another.
func TestPagesAreInTheLanguagesThatAreOffered(t *testing.T) {
	w := newWorld(t)
	w.words = w.words.in(w.Zone, []string{"it", "ca"})
	for _, tt := range []struct{ name, query, accept, want string }{
		{"one that is offered", "", "ca", "ca"},
		{"by the address", "?lang=ca", "it", "ca"},
		{"one of ours that is not", "", "pt, es;q=0.5", "it"},
		{"one of ours that is not, by the address", "?lang=es", "ca", "ca"},
		{"the usual one, which is not offered either", "", "", "it"},
		{"one that is none", "?lang=xx", "de", "it"},
	} {
		page := w.browser().do("/about"+tt.query, nil, "Accept-Language", tt.accept).Body.String()
		if !strings.Contains(page, `<html lang="`+tt.want+`"`) {
			t.Errorf("%s: it is not in %s", tt.name, tt.want)
		}
		if strings.Count(page, `rel="alternate" hreflang="`) != 3 || strings.Count(page, ` hreflang="ca"`) != 2 || strings.Contains(page, `hreflang="es"`) {
			t.Errorf("%s: it leads to others than those that are offered", tt.name)
		}
		if at := strings.Index(page, "Italiano"); at < 0 || at > strings.Index(page, "Català") || strings.Contains(page, "Português") {
			t.Errorf("%s: the switch is another", tt.name)
		}
	}
	w.words = w.words.in(w.Zone, []string{"pt"})
	if page := w.browser().do("/about", nil).Body.String(); strings.Contains(page, `class="languages"`) || !strings.Contains(page, `<html lang="pt"`) {
		t.Error("one language alone has a switch")
	}
	if text := w.browser().do("/.well-known/security.txt", nil).Body.String(); !strings.Contains(text, "Preferred-Languages: pt\n") {
		t.Errorf("security.txt: %s", text)
	}
}
