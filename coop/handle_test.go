// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"minga/coop"
)

func TestValidateName(t *testing.T) {
	for _, tt := range []struct {
		name, handle string
		kind         coop.AccountKind
		want         string
	}{
		{"a plain name", "telar", coop.Coop, ""},
		{"one letter", "a", coop.Person, ""},
		{"dots and hyphens inside", "ana.perez-2_x", coop.Person, ""},
		{"no dot at the end", "ana.", coop.Person, "name format"},
		{"no hyphen at the beginning", "-ana", coop.Person, "name format"},
		{"no capitals", "Ana", coop.Person, "name format"},
		{"no accents", "peña", coop.Person, "name format"},
		{"no look-alikes", "аna", coop.Person, "name format"},
		{"no line end", "ana\n", coop.Person, "name format"},
		{"no slash", "a/b", coop.Person, "name format"},
		{"thirty characters", strings.Repeat("a", 30), coop.Person, ""},
		{"thirty-one are too many", strings.Repeat("a", 31), coop.Person, "name too_long"},
		{"nothing", "", coop.Person, "name required"},
		{"the job board is a board", "jobs", coop.Board, ""},
		{"and nobody else", "jobs", coop.Coop, "name reserved"},
		{"so is the library", "library", coop.Person, "name reserved"},
		{"a saved search", "jobs-python-1", coop.Search, ""},
		{"a person is no saved search", "jobs-python-1", coop.Person, "name reserved"},
		{"a name that only begins so", "jobsearch", coop.Coop, ""},
		{"a topic", "topic-pay", coop.Topic, ""},
		{"a co-op is no topic", "topic-pay", coop.Coop, "name reserved"},
		{"the federation has its handle", "sur", coop.Federation, ""},
		{"nobody else has", "sur", coop.Coop, "name reserved"},
		{"the instance is named as its domain", "a-very-long-name-of-a-federation.fed-sur.example", coop.Instance, ""},
		{"nobody else is", "fed-sur.example", coop.Coop, "name reserved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := complaint(coop.ValidateName(tt.kind, tt.handle, "sur", "fed-sur.example")); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAValidNameIsAHandle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringMatching(`[a-z0-9_.-]{1,32}`), rapid.String()).Draw(t, "name")
		if coop.ValidateName(coop.Person, s) != nil {
			return
		}
		if h, err := coop.ParseHandle("@" + s + "@a.example"); err != nil || h.Name != s {
			t.Fatalf("%q became %v, %v", s, h, err)
		}
	})
}

func TestValidatePassword(t *testing.T) {
	for _, tt := range []struct{ name, password, want string }{
		{"four words", "horse of another colour", ""},
		{"eight odd signs", "x7!Kq2zp", ""},
		{"seven are too few", "x7!Kq2z", "password too_short"},
		{"seven letters of two bytes are too few", "ñandúés", "password too_short"},
		{"128 are enough", strings.Repeat("tr0ub4 &", 16), ""},
		{"129 are too many", strings.Repeat("tr0ub4 &", 16) + "x", "password too_long"},
		{"10 kB are too many", strings.Repeat("a1b", 3413), "password too_long"},
		{"nothing", "", "password required"},
		{"the word itself", "password", "password common"},
		{"with capitals and digits", "Password123!", "password common"},
		{"in Spanish", "Contraseña2026", "password common"},
		{"in Portuguese", "senha12345", "password common"},
		{"digits in a row", "12345678", "password common"},
		{"and backwards", "87654321", "password common"},
		{"along the keyboard", "qwertyuiop", "password common"},
		{"one letter", "aaaaaaaaaa", "password common"},
		{"two letters", "abababab", "password common"},
		{"a piece again and again", "abcabcabc", "password common"},
		{"a common word twice", "minga" + "minga", "password common"},
		{"one's own name", "AnaPerez99", "password common"},
		{"one's own address", "ana@telar.example", "password common"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := coop.ValidatePassword(tt.password, "anaperez", "ana@telar.example")
			if got := complaint(err); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
			if err != nil && tt.password != "" && tt.password != "password" && strings.Contains(err.Error(), tt.password) {
				t.Errorf("%q tells the password", err)
			}
		})
	}
}
