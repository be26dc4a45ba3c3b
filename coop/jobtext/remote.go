// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

// Remote reads from where one may apply for remote work: countries by code or name,
// "anywhere", or nothing, which is a problem.
func Remote(value string) *Reading {
	r := &Reading{Lines: map[Field]int{}}
	p := &parser{Reading: r, document: &document{lines: map[Field]lineOf{Where: {1, value}}}}
	if clean(value) == "" {
		p.complain(Where, CodeCountry, "")
		return r
	}
	p.where("remote, " + clean(value))
	if r.Anywhere && !says(value, "anywhere") {
		p.complain(Where, CodeCountry, value)
	}
	return r
}

// says tells whether a value has a word of that meaning.
func says(value, mode string) bool {
	w := &wherever{modes: map[string]bool{}}
	w.place(value)
	return w.modes[mode]
}

// Anywhere is the word for remote work from everywhere, in a language of ours.
func Anywhere(lang string) string { return modes.first("anywhere", Closest(lang)) }
