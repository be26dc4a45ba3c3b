// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"minga/coop/jobtext"
)

// TestTheExamplesOfTheDocsAreRead: what members are told to type is understood, in five
// languages.
func TestTheExamplesOfTheDocsAreRead(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "clients.md"))
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```job\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		r := jobtext.Parse(block[1], now)
		if !jobtext.Begins(block[1]) || problems(r) != "" {
			t.Errorf("%s\nis not understood: %s", block[1], problems(r))
		}
		languages[r.Language] = true
	}
	if len(languages) != 5 {
		t.Errorf("there are examples in %v", languages)
	}
}
