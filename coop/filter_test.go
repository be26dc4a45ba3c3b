// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
)

func TestFiltersMeetPosts(t *testing.T) {
	for _, tt := range []struct {
		name, keyword string
		whole         bool
		post          coop.Post
		want          bool
	}{
		{"a word in the text", "bread", false, coop.Post{Content: "<p>Fresh bread</p>"}, true},
		{"in any case", "BREAD", false, coop.Post{Content: "<p>fresh Bread</p>"}, true},
		{"without its accents", "cafe", false, coop.Post{Content: "<p>CAFÉ</p>"}, true},
		{"accents in the keyword", "señal", true, coop.Post{Content: "<p>senal</p>"}, true},
		{"a part of a word", "read", false, coop.Post{Content: "<p>bread</p>"}, true},
		{"not a part of a word where the whole is meant", "read", true, coop.Post{Content: "<p>bread, reader</p>"}, false},
		{"the whole word beside its kin", "read", true, coop.Post{Content: "<p>bread (read) reader</p>"}, true},
		{"at the edges of the text", "read", true, coop.Post{Content: "<p>read</p>"}, true},
		{"after an underscore it is no word", "read", true, coop.Post{Content: "<p>to_read</p>"}, false},
		{"words of other scripts end where they end", "хлеб", true, coop.Post{Content: "<p>хлеба, хлеб.</p>"}, true},
		{"and go on where they go on", "хлеб", true, coop.Post{Content: "<p>хлеба</p>"}, false},
		{"a hashtag", "#job", true, coop.Post{Content: `<p><a href="https://x.example/tags/job">#<span>job</span></a></p>`}, true},
		{"a longer hashtag is another", "#job", true, coop.Post{Content: `<p>#<span>jobs</span></p>`}, false},
		{"a sign is its own edge", "c++", true, coop.Post{Content: "<p>c++20</p>"}, true},
		{"a phrase over a line break", "fresh bread", true, coop.Post{Content: "<p>fresh<br />bread</p>"}, true},
		{"mark-up is no text", "strong", false, coop.Post{Content: "<p><strong>x</strong></p>"}, false},
		{"entities are read", "a&b", false, coop.Post{Content: "<p>a&amp;b</p>"}, true},
		{"the warning", "bread", false, coop.Post{Summary: "about bread"}, true},
		{"the title", "baker", false, coop.Post{Title: "Baker wanted"}, true},
		{"what media show", "bread", false, coop.Post{Attachments: []coop.Attachment{{Alt: "a bread"}}}, true},
		{"the answers of a poll", "rye", false, coop.Post{Poll: &coop.Poll{Options: []coop.PollOption{{Title: "Rye"}}}}, true},
		{"something else", "casino", false, coop.Post{Content: "<p>bread</p>"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &coop.Filter{Title: "x", Keywords: []coop.FilterKeyword{{Keyword: tt.keyword, WholeWord: tt.whole}}}
			met := coop.NewFilterSet([]*coop.Filter{f}, noon).Match(&tt.post)
			if (len(met) == 1) != tt.want {
				t.Fatalf("met %+v", met)
			}
			if tt.want && (met[0].Filter != f || !cmp.Equal(met[0].Keywords, []string{tt.keyword})) {
				t.Errorf("met %+v", met[0])
			}
		})
	}
}

func TestFiltersMeetPostsByName(t *testing.T) {
	f := &coop.Filter{Posts: []coop.FilterPost{{PostID: 7}}}
	ended := &coop.Filter{Keywords: []coop.FilterKeyword{{Keyword: "x"}}, ExpiresAt: noon}
	set := coop.NewFilterSet([]*coop.Filter{f, ended}, noon)
	want := []coop.FilterMatch{{Filter: f, Posts: []coop.ID{7}}}
	if diff := cmp.Diff(want, set.Match(&coop.Post{ID: 7, Content: "x"})); diff != "" {
		t.Error(diff)
	}
	if met := set.Match(&coop.Post{ID: 8, Content: "x"}); met != nil {
		t.Errorf("met %+v", met)
	}
	if met := (*coop.FilterSet)(nil).Match(&coop.Post{ID: 7}); met != nil {
		t.Errorf("no filters met %+v", met)
	}
}

// TestFilteringHasABound: five hundred words and a post of two million bytes take no
// longer than a page may.
func TestFilteringHasABound(t *testing.T) {
	f := &coop.Filter{}
	for range coop.MaxKeywords {
		f.Keywords = append(f.Keywords, coop.FilterKeyword{Keyword: strings.Repeat("a", 99) + "b", WholeWord: true})
	}
	set := coop.NewFilterSet([]*coop.Filter{f}, noon)
	post := &coop.Post{Content: strings.Repeat("a", 2_000_000)}
	if met := set.Match(post); met != nil {
		t.Errorf("met %d", len(met))
	}
}

func TestFilterValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		filter coop.Filter
		field  string
	}{
		{"all is well", coop.Filter{Title: "x", Contexts: coop.FilterContexts(), Act: coop.FilterBlur, Keywords: []coop.FilterKeyword{{Keyword: " a  b "}}}, ""},
		{"no title", coop.Filter{Contexts: coop.FilterContexts(), Act: coop.FilterWarn}, "title"},
		{"nowhere", coop.Filter{Title: "x", Act: coop.FilterWarn}, "context"},
		{"an unknown place", coop.Filter{Title: "x", Contexts: []coop.FilterContext{"garden"}, Act: coop.FilterWarn}, "context"},
		{"an unknown act", coop.Filter{Title: "x", Contexts: coop.FilterContexts()}, "filter_action"},
		{"an empty keyword", coop.Filter{Title: "x", Contexts: coop.FilterContexts(), Act: coop.FilterWarn, Keywords: []coop.FilterKeyword{{Keyword: "a"}, {}}}, "keywords_attributes[1].keyword"},
		{"a keyword of an accent alone", coop.Filter{Title: "x", Contexts: coop.FilterContexts(), Act: coop.FilterWarn, Keywords: []coop.FilterKeyword{{Keyword: "\u0301"}}}, "keywords_attributes[0].keyword"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			field := ""
			var invalid *coop.InvalidError
			if errors.As(tt.filter.Validate(), &invalid) {
				field = invalid.Field
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
			if tt.field == "" && tt.filter.Keywords[0].Keyword != "a b" {
				t.Errorf("keyword %q", tt.filter.Keywords[0].Keyword)
			}
		})
	}
}

// TestAnyKeywordMeetsItself: whatever text is a keyword, a post of that text meets it.
func TestAnyKeywordMeetsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := coop.FilterKeyword{Keyword: rapid.String().Draw(t, "keyword"), WholeWord: rapid.Bool().Draw(t, "whole")}
		if k.Validate() != nil {
			t.Skip("no keyword")
		}
		set := coop.NewFilterSet([]*coop.Filter{{Keywords: []coop.FilterKeyword{k}}}, noon)
		if met := set.Match(&coop.Post{Summary: "before (" + k.Keyword + ") after"}); len(met) != 1 {
			t.Fatalf("%q is not met", k.Keyword)
		}
	})
}

func TestReportValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		report coop.Report
		field  string
		want   coop.ReportCategory
	}{
		{"of nothing more", coop.Report{Accounts: []coop.ID{1}}, "", coop.ReportOther},
		{"of a rule", coop.Report{Accounts: []coop.ID{1}, Rules: []coop.ID{2}}, "", coop.ReportViolation},
		{"of spam", coop.Report{Accounts: []coop.ID{1}, Rules: []coop.ID{2}, Category: coop.ReportSpam}, "", coop.ReportSpam},
		{"of nobody", coop.Report{}, "account_id", ""},
		{"of two", coop.Report{Accounts: []coop.ID{1, 2}}, "account_id", ""},
		{"too long", coop.Report{Accounts: []coop.ID{1}, Comment: strings.Repeat("x", 1001)}, "comment", ""},
		{"of what nobody knows", coop.Report{Accounts: []coop.ID{1}, Category: "boring"}, "category", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			field := ""
			var invalid *coop.InvalidError
			if errors.As(tt.report.Validate(), &invalid) {
				field = invalid.Field
			}
			if field != tt.field || field == "" && tt.report.Category != tt.want {
				t.Errorf("complained about %q, category %q", field, tt.report.Category)
			}
		})
	}
}

func TestValidEmoji(t *testing.T) {
	for s, want := range map[string]bool{
		"🎉": true, "❤️": true, "👩‍🌾": true, "👍🏽": true, "🇺🇾": true, "1️⃣": true, "#️⃣": true, "🏴󠁧󠁢󠁳󠁣󠁴󠁿": true,
		"": false, "x": false, "1": false, "party": false, "🎉x": false, "\xff": false, strings.Repeat("🎉", 20): false, "<b>": false,
	} {
		if coop.ValidEmoji(s) != want {
			t.Errorf("%q: %t", s, !want)
		}
	}
}

func TestTextsInALanguage(t *testing.T) {
	for _, tt := range []struct {
		texts          coop.Texts
		language, want string
	}{
		{coop.Texts{"en": "a", "es": "b"}, "es", "b"},
		{coop.Texts{"en": "a", "es": "b"}, "it", "a"},
		{coop.Texts{"pt": "c"}, "", "c"},
		{coop.Texts{"eu": "d"}, "en", "d"},
		{nil, "en", ""},
	} {
		if got := tt.texts.In(tt.language); got != tt.want {
			t.Errorf("%v in %q: %q", tt.texts, tt.language, got)
		}
	}
}

func TestMembershipNotice(t *testing.T) {
	states := []coop.MembershipState{coop.MembershipAsked, coop.MembershipMember, coop.MembershipSuspended, coop.MembershipRefused, coop.MembershipLeft, coop.MembershipRemoved}
	seen := map[string]bool{}
	for _, language := range []string{"es", "en", "ca", "it", "pt"} {
		for _, state := range states {
			s := coop.MembershipNotice(language, state, "Telar", "Norte")
			if seen[s] || !strings.Contains(s, "Telar") || !strings.Contains(s, "Norte") || strings.Contains(s, "%") {
				t.Errorf("%s, %s: %q", language, state, s)
			}
			seen[s] = true
		}
	}
	if coop.MembershipNotice("es-AR", coop.MembershipLeft, "a", "b") != "a dejó b." || coop.MembershipNotice("eu", coop.MembershipLeft, "a", "b") != "a has left b." {
		t.Error("a region has the words of its language, an unknown language English ones")
	}
}

func TestAnnouncementValidate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		a     coop.Announcement
		field string
	}{
		{"all is well", coop.Announcement{Texts: coop.Texts{"en": "x"}, StartsAt: noon, EndsAt: noon.Add(time.Hour)}, ""},
		{"nothing said", coop.Announcement{}, "text"},
		{"an empty text", coop.Announcement{Texts: coop.Texts{"en": " "}}, "text.en"},
		{"in no language", coop.Announcement{Texts: coop.Texts{"!": "x"}}, "text"},
		{"over already", coop.Announcement{Texts: coop.Texts{"en": "x"}, EndsAt: noon}, "ends"},
		{"ends before it begins", coop.Announcement{Texts: coop.Texts{"en": "x"}, StartsAt: noon.Add(2 * time.Hour), EndsAt: noon.Add(time.Hour)}, "ends"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			field := ""
			var invalid *coop.InvalidError
			if errors.As(tt.a.Validate(noon), &invalid) {
				field = invalid.Field
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
		})
	}
}
