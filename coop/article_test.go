// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"

	"minga/coop"
)

// goodArticle is a knowledge post that is right in every field.
func goodArticle() *coop.Post {
	return &coop.Post{
		Kind: coop.KindArticle, Title: "How we set our pay", Summary: "Three pay models in eleven years.",
		Source: "We have changed it three times.", Language: "en", Visibility: coop.VisiblePublic,
		Article: &coop.Article{
			License: coop.DefaultLicence, Version: 1, Status: coop.ArticlePublished,
			Citations:    []coop.IRI{"https://handbook.example/pay"},
			Contributors: []coop.Contributor{{IRI: telar}},
			Topics:       []coop.Term{{Name: "pay"}},
			Series:       &coop.Term{Name: "basics"}, Position: 4, CheckedOn: "2026-11-01", CheckedBy: telar,
		},
		Attachments: []coop.Attachment{{MediaType: "application/pdf"}, {MediaType: "image/png"}},
	}
}

func TestValidateArticle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Post, *coop.Article)
		want   string
	}{
		{"a full article is valid", func(*coop.Post, *coop.Article) {}, ""},
		{"a title is needed", func(p *coop.Post, _ *coop.Article) { p.Title = "" }, "title required"},
		{"151 characters are too many", func(p *coop.Post, _ *coop.Article) { p.Title = strings.Repeat("ñ", 151) }, "title too_long"},
		{"a title is plain text", func(p *coop.Post, _ *coop.Article) { p.Title = "a <b>bold</b> title" }, "title html"},
		{"a summary is needed", func(p *coop.Post, _ *coop.Article) { p.Summary = "" }, "summary required"},
		{"501 characters are too many", func(p *coop.Post, _ *coop.Article) { p.Summary = strings.Repeat("a", 501) }, "summary too_long"},
		{"a text is needed", func(p *coop.Post, _ *coop.Article) { p.Source = " \n" }, "markdown required"},
		{"256 kB are enough", func(p *coop.Post, _ *coop.Article) { p.Source = strings.Repeat("a", 256<<10) }, ""},
		{"a byte more is too much", func(p *coop.Post, _ *coop.Article) { p.Source = strings.Repeat("a", 256<<10+1) }, "markdown too_long"},
		{"a language is needed", func(p *coop.Post, _ *coop.Article) { p.Language = "" }, "language required"},
		{"a language is one", func(p *coop.Post, _ *coop.Article) { p.Language = "english" }, "language unknown"},
		{"a licence is needed", func(_ *coop.Post, a *coop.Article) { a.License = "" }, "license required"},
		{"a licence is one of the list", func(_ *coop.Post, a *coop.Article) {
			a.License = "https://creativecommons.org/licenses/by-nd/4.0/"
		}, "license unknown"},
		{"nobody may use it", func(p *coop.Post, a *coop.Article) { a.License, p.Visibility = coop.NoReuse, coop.VisibleMembers }, ""},
		{"twenty-one co-authors are too many", func(_ *coop.Post, a *coop.Article) {
			a.Contributors = make([]coop.Contributor, 21)
			for i := range a.Contributors {
				a.Contributors[i].IRI = telar
			}
		}, "authors too_many"},
		{"a co-author is an account", func(_ *coop.Post, a *coop.Article) { a.Contributors[0].IRI = "Ana" }, "authors[0] format"},
		{"a hundred and one citations are too many", func(_ *coop.Post, a *coop.Article) {
			a.Citations = make([]coop.IRI, 101)
			for i := range a.Citations {
				a.Citations[i] = telar
			}
		}, "citations too_many"},
		{"a citation is an address", func(_ *coop.Post, a *coop.Article) { a.Citations[0] = "javascript:1" }, "citations[0] format"},
		{"eleven files are too many", func(p *coop.Post, _ *coop.Article) {
			p.Attachments = make([]coop.Attachment, 11)
			for i := range p.Attachments {
				p.Attachments[i].MediaType = "image/png"
			}
		}, "files too_many"},
		{"a file is an image or a PDF", func(p *coop.Post, _ *coop.Article) { p.Attachments[1].MediaType = "text/html" }, "files[1] unknown"},
		{"an SVG is a program", func(p *coop.Post, _ *coop.Article) { p.Attachments[1].MediaType = "image/svg+xml" }, "files[1] unknown"},
		{"a topic has a name", func(_ *coop.Post, a *coop.Article) { a.Topics[0].Name = "" }, "topics[0].name required"},
		{"only a translation has the version of its original", func(_ *coop.Post, a *coop.Article) { a.TranslatedVersion = 2 }, "translated_version not_allowed"},
		{"a translation of something that is no address", func(_ *coop.Post, a *coop.Article) { a.TranslationOf = "x" }, "translation_of format"},
		{"checked on a day that is none", func(_ *coop.Post, a *coop.Article) { a.CheckedOn = "today" }, "checked_on format"},
		{"a version below nothing", func(_ *coop.Post, a *coop.Article) { a.Version = -1 }, "version range"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			post := goodArticle()
			tt.change(post, post.Article)
			if got := complaint(coop.ValidateArticle(post)); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
	bare := goodArticle()
	bare.Article = nil
	if got := complaint(coop.ValidateArticle(bare)); got != "license required" {
		t.Errorf("an article that is only a post: %q", got)
	}
}

func TestAdmitArticle(t *testing.T) {
	good := goodArticle().Article
	good.Contributors[0].Confirmed = true
	if notes := coop.AdmitArticle(good); notes != nil || good.Contributors[0].Confirmed || good.License == "" {
		t.Errorf("%v, %+v", notes, good)
	}
	bad := &coop.Article{
		License: "free", Version: -3, Position: -1, TranslationOf: "x", TranslatedVersion: 2, CheckedOn: "x", CheckedBy: "x",
		Series: &coop.Term{URI: "x", Name: "x"}, Citations: []coop.IRI{"x", "https://a.example/"}, Contributors: []coop.Contributor{{IRI: "x"}},
		Topics: []coop.Term{{}}, Status: "gone", Reason: "a\nb",
	}
	notes := coop.AdmitArticle(bad)
	if len(notes) < 9 {
		t.Errorf("noted only %v", notes)
	}
	if bad.License != "" || bad.Version != 0 || bad.Position != 0 || bad.TranslationOf != "" || bad.TranslatedVersion != 0 ||
		bad.CheckedOn != "" || bad.CheckedBy != "" || bad.Series != nil || len(bad.Citations) != 1 || bad.Contributors != nil ||
		bad.Topics != nil || bad.Status != coop.ArticlePublished || bad.Reason != "a b" {
		t.Errorf("became %+v", bad)
	}
	if again := coop.AdmitArticle(bad); again != nil {
		t.Errorf("the second time: %v", again)
	}
	odd := &coop.Article{License: "https://licences.example/ours"}
	if coop.AdmitArticle(odd); odd.License == "" || coop.LicenceOf(odd.License).Remix {
		t.Error("a licence that nobody knows stays, and allows nothing")
	}
}

func TestJudgeVersion(t *testing.T) {
	for _, tt := range []struct {
		name         string
		ours, theirs int64
		held         bool
		want         coop.VersionVerdict
	}{
		{"a newer one is shown", 2, 3, false, coop.ShowVersion},
		{"the same with another text is history", 2, 2, false, coop.KeepVersion},
		{"an older one is history", 3, 2, false, coop.KeepVersion},
		{"what we have is ignored", 2, 2, true, coop.IgnoreVersion},
		{"software without versions replaces", 0, 0, false, coop.ShowVersion},
		{"a version is more than none", 0, 1, false, coop.ShowVersion},
		{"none is less than a version", 1, 0, false, coop.KeepVersion},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.JudgeVersion(tt.ours, tt.theirs, tt.held); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestLicenceOf(t *testing.T) {
	for _, tt := range []struct {
		name, url, known string
		translate, remix bool
	}{
		{"public domain", "https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0", true, true},
		{"share-alike", coop.DefaultLicence, "CC BY-SA 4.0", true, true},
		{"an old one without TLS, in German", "http://creativecommons.org/licenses/by-nc-sa/3.0/de/deed.de", "CC BY-NC-SA 3.0", true, true},
		{"its full text", "https://www.creativecommons.org/licenses/by/4.0/legalcode", "CC BY 4.0", true, true},
		{"no derivatives", "https://creativecommons.org/licenses/by-nd/4.0/", "CC BY-ND 4.0", false, false},
		{"no derivatives, not commercial", "https://creativecommons.org/licenses/by-nc-nd/4.0/", "CC BY-NC-ND 4.0", false, false},
		{"no reuse", coop.NoReuse, "no reuse", false, false},
		{"not stated", "", "", false, false},
		{"somebody's own", "https://a.example/licences/by/4.0/", "", false, false},
		{"a version that is none", "https://creativecommons.org/licenses/by/9.9/", "", false, false},
		{"a host that looks like it", "https://creativecommons.org.evil.example/licenses/by/4.0/", "", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := coop.LicenceOf(tt.url)
			if l.Name != tt.known || l.Translate != tt.translate || l.Remix != tt.remix {
				t.Errorf("%+v", l)
			}
			if l.Name != "" && coop.LicenceOf(l.URL) != l {
				t.Errorf("%q is not the canonical address of %+v", l.URL, l)
			}
		})
	}
}

func TestLicenceKeeps(t *testing.T) {
	by := func(letters, number string) coop.Licence {
		return coop.LicenceOf("https://creativecommons.org/licenses/" + letters + "/" + number + "/")
	}
	zero := coop.LicenceOf("https://creativecommons.org/publicdomain/zero/1.0/")
	for _, tt := range []struct {
		name     string
		of, next coop.Licence
		want     bool
	}{
		{"share-alike stays", by("by-sa", "4.0"), by("by-sa", "4.0"), true},
		{"share-alike may become its later version", by("by-sa", "3.0"), by("by-sa", "4.0"), true},
		{"not its earlier one", by("by-sa", "4.0"), by("by-sa", "3.0"), false},
		{"share-alike does not become free of it", by("by-sa", "4.0"), by("by", "4.0"), false},
		{"nor not commercial", by("by-sa", "4.0"), by("by-nc-sa", "4.0"), false},
		{"nor closed", by("by-sa", "4.0"), coop.LicenceOf(coop.NoReuse), false},
		{"not commercial stays so", by("by-nc", "4.0"), by("by-nc-sa", "4.0"), true},
		{"and does not become commercial", by("by-nc", "4.0"), by("by", "4.0"), false},
		{"what names its author goes on doing so", by("by", "4.0"), zero, false},
		{"what is free may become anything", zero, by("by-nc-sa", "4.0"), true},
		{"no derivatives, no remix", by("by-nd", "4.0"), by("by-nd", "4.0"), false},
		{"an unknown licence allows nothing", coop.LicenceOf("https://a.example/"), zero, false},
		{"nothing becomes unknown", zero, coop.LicenceOf("https://a.example/"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.of.Keeps(tt.next); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestLicencesAreKnown(t *testing.T) {
	if len(coop.Licences()) != 5 {
		t.Errorf("%d licences", len(coop.Licences()))
	}
	for _, l := range coop.Licences() {
		post := goodArticle()
		post.Article.License = l.URL
		if err := coop.ValidateArticle(post); l.Name == "" || err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
