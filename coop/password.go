// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	_ "embed" // the list of common ones
	"strings"
)

// Bounds of passwords in characters.
const (
	minPassword = 8
	maxPassword = 128
)

// ValidatePassword says whether somebody may have a password: 8–128 characters,
// none that everybody tries first and none that holds nothing but one of own
// (name, address, host). The error is an [InvalidError] of field password; of
// code [CodeCommon] the command line only warns.
func ValidatePassword(s string, own ...string) error {
	switch {
	case len(s) > 4*maxPassword || runes(s) > maxPassword:
		return passwordError(CodeTooLong, "at most 128 characters")
	case s == "":
		return passwordError(CodeRequired, "a password is needed")
	case runes(s) < minPassword:
		return passwordError(CodeTooShort, "at least 8 characters")
	case commonPassword(s, own):
		return passwordError(CodeCommon, "this is one of the first that anybody tries")
	}
	return nil
}

// passwordError never repeats the password.
func passwordError(code, problem string) error {
	return &InvalidError{Field: "password", Code: code, Problem: problem}
}

// commonPassword tells passwords whose letters, digits around them aside, are a
// common word or one's own name, and those of one sign or of neighbouring ones.
func commonPassword(s string, own []string) bool {
	folded := Fold(s)
	bare := strings.Trim(folded, "0123456789!?.,*@#$_- ")
	for _, word := range own {
		if word = Fold(word); word != "" && (bare == word || folded == word) {
			return true
		}
	}
	return in(commonWords(), bare) || monotonous(folded) || repeatsCommon(folded)
}

// monotonous tells one sign again and again, and runs along the alphabet, the
// digits or the keyboard, forwards or backwards.
func monotonous(s string) bool {
	distinct := map[rune]bool{}
	for _, r := range s {
		distinct[r] = true
	}
	if len(distinct) <= 2 {
		return true
	}
	for _, row := range []string{"abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"} {
		if strings.Contains(row, s) || strings.Contains(row, backwards(s)) {
			return true
		}
	}
	return false
}

// backwards is a text from its end.
func backwards(s string) string {
	letters := []rune(s)
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters)
}

// repeatsCommon tells a common word or short piece written several times.
func repeatsCommon(s string) bool {
	for n := 1; n <= len(s)/2 && n <= 4; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	for _, word := range commonWords() {
		if len(s) > len(word) && len(s)%len(word) == 0 && strings.Repeat(word, len(s)/len(word)) == s {
			return true
		}
	}
	return false
}

// commonPasswords are what people take when they do not think, in the five
// languages, folded and without the digits that they put behind.
//
//go:embed passwords.txt
var commonPasswords string

// commonWords are the words of the list.
func commonWords() []string { return strings.Fields(commonPasswords) }
