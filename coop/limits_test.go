// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"

	"minga/coop"
)

func TestValidatePost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Post)
		want   string
	}{
		{"a short note", func(*coop.Post) {}, ""},
		{"nothing to say", func(p *coop.Post) { p.Source = "" }, "text required"},
		{"a picture says enough", func(p *coop.Post) { p.Source, p.Attachments = "", []coop.Attachment{{}} }, ""},
		{"5,000 characters", func(p *coop.Post) { p.Source = strings.Repeat("ñ", 5000) }, ""},
		{"one more", func(p *coop.Post) { p.Source = strings.Repeat("ñ", 5001) }, "text too_long"},
		{"a long content warning", func(p *coop.Post) { p.Summary = strings.Repeat("a", 501) }, "summary too_long"},
		{"a long alternative text", func(p *coop.Post) { p.Attachments = []coop.Attachment{{}, {Alt: strings.Repeat("a", 1501)}} }, "media[1].description too_long"},
		{"31 hashtags", func(p *coop.Post) { p.Hashtags = make([]string, 31) }, "tags too_many"},
		{"no language", func(p *coop.Post) { p.Language = "klingonish" }, "language unknown"},
		{"no audience", func(p *coop.Post) { p.Visibility = "friends" }, "visibility unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			post := &coop.Post{Source: "Hola", Visibility: coop.VisiblePublic, Language: "es"}
			tt.change(post)
			if got := complaint(coop.ValidatePost(post)); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
}

func TestValidateProfile(t *testing.T) {
	for _, tt := range []struct {
		name    string
		account coop.Account
		want    string
	}{
		{"an empty profile", coop.Account{}, ""},
		{"a long name", coop.Account{DisplayName: strings.Repeat("a", 101)}, "display_name too_long"},
		{"a long bio", coop.Account{BioSource: strings.Repeat("a", 5001)}, "bio too_long"},
		{"no language", coop.Account{Language: "xx"}, "language unknown"},
		{"nine fields", coop.Account{Fields: make([]coop.Field, 9)}, "fields too_many"},
		{"a field without a name", coop.Account{Fields: []coop.Field{{Value: "x"}}}, "fields[0].name required"},
		{"a field is measured as seen", coop.Account{Fields: []coop.Field{{Name: "web", Value: `<a href="` + strings.Repeat("x", 300) + `">x</a>`}}}, ""},
		{"a long field as typed", coop.Account{Fields: []coop.Field{{Name: "web", Source: strings.Repeat("x", 256)}}}, "fields[0].value too_long"},
		{"an audience that is nobody's usual one", coop.Account{Posting: coop.Posting{Visibility: coop.VisibleMembers}}, "privacy unknown"},
		{"a language of posts that is none", coop.Account{Posting: coop.Posting{Language: "!"}}, "posting.language unknown"},
		{"a long field", coop.Account{Fields: []coop.Field{{Name: "web", Value: strings.Repeat("x", 256)}}}, "fields[0].value too_long"},
		{"no mail address", coop.Account{Email: "ana"}, "email format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := complaint(coop.ValidateProfile(&tt.account)); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
}
