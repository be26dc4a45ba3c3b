// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"testing"

	"minga/coop"
)

// TestWordsMeanOneThing: a word that meant two things would be read by chance.
func TestWordsMeanOneThing(t *testing.T) {
	for name, v := range map[string]vocabulary{"labels": labels, "states": states, "kinds": kinds, "units": units, "taxes": taxes, "modes": modes} {
		means := map[string]string{}
		for key, byLanguage := range v {
			for _, lang := range Languages() {
				if v.first(key, lang) == "" {
					t.Errorf("%s: %s has no word in %s", name, key, lang)
				}
				for word, m := range (vocabulary{key: {lang: byLanguage[lang]}}).index() {
					if word == "" || means[word] != "" && means[word] != m.key {
						t.Errorf("%s: %q in %s is %s and %s", name, word, lang, means[word], m.key)
					}
					means[word] = m.key
				}
			}
		}
	}
	for _, engagement := range coop.Engagements() {
		if kinds[engagement] == nil {
			t.Errorf("no words for %s", engagement)
		}
	}
	for _, unit := range coop.PayUnits() {
		if units[unit] == nil {
			t.Errorf("no words for %s", unit)
		}
	}
}
