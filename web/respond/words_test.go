// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

func TestEveryLanguageHasAllPhrases(t *testing.T) {
	statuses := slices.Sorted(maps.Keys(phrases["en"].status))
	codes := slices.Sorted(maps.Keys(phrases["en"].codes))
	for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
		p := phrases[lang]
		if p == nil || p.state == "" || p.role == "" || p.steward == "" || p.own != (lang == "en") {
			t.Errorf("%s is not there, or has no word for a step that is not possible", lang)
			continue
		}
		if diff := cmp.Diff(statuses, slices.Sorted(maps.Keys(p.status))); diff != "" {
			t.Errorf("statuses of %s:\n%s", lang, diff)
		}
		if diff := cmp.Diff(codes, slices.Sorted(maps.Keys(p.codes))); diff != "" {
			t.Errorf("codes of %s:\n%s", lang, diff)
		}
		for key, words := range p.status {
			if lang != "en" && words == phrases["en"].status[key] || words == "" {
				t.Errorf("%s says %d in English", lang, key)
			}
		}
	}
}

func TestComplaintsInOtherLanguages(t *testing.T) {
	err := coop.Invalid{{Field: "title", Code: coop.CodeRequired, Problem: "this is needed"}, {Field: "x", Code: "odd", Problem: "it is odd"}}
	for lang, want := range map[string]string{
		"en": "title: this is needed; x: it is odd",
		"es": "title: hace falta; x: no es correcto",
		"pt": "title: é necessário; x: não está correto",
	} {
		if got := phrases[lang].of(422, err); got != want {
			t.Errorf("%s says %q, want %q", lang, got, want)
		}
		if body := phrases[lang].body(422, err); len(body.Details) != 2 || body.Details["title"][0].Error != coop.CodeRequired {
			t.Errorf("%s: details %v", lang, body.Details)
		}
	}
	if got := phrases["it"].of(422, coop.ErrState); got != "questo passo non è possibile in questo stato" {
		t.Errorf("a step that is not possible: %q", got)
	}
	if got := phrases["es"].of(403, &coop.RoleError{Act: coop.ActWrite}); got != "Tus roles no permiten esto en nombre de esa cuenta; hace falta: publisher, hirer" {
		t.Errorf("an act that roles do not allow: %q", got)
	}
	if got := phrases["en"].of(409, coop.ErrLastSteward); got != phrases["en"].steward {
		t.Errorf("the last steward: %q", got)
	}
	if body := phrases["en"].body(404, coop.ErrNotFound); body.Details != nil {
		t.Errorf("a 404 has details: %v", body.Details)
	}
}
