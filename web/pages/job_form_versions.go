// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// A job may say the same in several languages. They stand side by side on the form, each
// with a language, a title and a text; the first is the main one.

// mostVersions is how many languages besides the main one the form has room for.
const mostVersions = 5

// jobVersion is a job in one more language, as it was typed.
type jobVersion struct {
	N                            int // of its fields: language_2, title_2, description_2
	Language, Title, Description string
	Tongues                      []choice
	Problems                     map[string]string
}

// empty tells whether nothing was typed.
func (v jobVersion) empty() bool { return v.Title == "" && strings.TrimSpace(v.Description) == "" }

// versionsOf are the other languages of a job that is there.
func versionsOf(p *coop.Post) []jobVersion {
	var list []jobVersion
	for _, tag := range jobTexts(p) {
		if tag == p.Language {
			continue
		}
		v := jobVersion{Language: tag, Title: p.Job.TitleMap[tag], Description: p.Job.Markdown[tag]}
		if v.Description == "" {
			v.Description = coop.VisibleText(p.Job.DescriptionMap[tag])
		}
		list = append(list, v)
	}
	return list
}

// typedVersions reads them from the form.
func typedVersions(c *gin.Context) []jobVersion {
	var list []jobVersion
	for n := 2; n < 2+mostVersions; n++ {
		at := "_" + strconv.Itoa(n)
		v := jobVersion{
			Language: coop.CleanLine(c.PostForm("language"+at), 35), Title: coop.CleanLine(coop.Truncate(c.PostForm("title"+at), 4000), 2000),
			Description: coop.CleanText(c.PostForm("description"+at), 100_000),
		}
		if !v.empty() {
			list = append(list, v)
		}
	}
	return list
}

// listVersions numbers them and makes their lists; one more empty one is there when it
// was asked for, or when there is none yet.
func (v *jobFormView) listVersions(more bool) {
	g := &v.Given
	if (more || len(g.Versions) == 0) && len(g.Versions) < mostVersions {
		g.Versions = append(g.Versions, jobVersion{Language: v.nextLanguage()})
	}
	for i := range g.Versions {
		g.Versions[i].N, g.Versions[i].Tongues = i+2, v.languageChoices([]string{g.Versions[i].Language})
	}
	v.MayAdd = len(g.Versions) < mostVersions
}

// nextLanguage is one of ours that the job is not written in yet.
func (v *jobFormView) nextLanguage() string {
	for _, l := range ourLanguages {
		taken := l.tag == v.Given.Language || slices.ContainsFunc(v.Given.Versions, func(one jobVersion) bool { return one.Language == l.tag })
		if !taken {
			return l.tag
		}
	}
	return "en"
}

// Second tells whether the block for other languages is shown open.
func (g jobFields) Second() bool {
	return len(g.Versions) > 1 || len(g.Versions) == 1 && !g.Versions[0].empty()
}

// writeVersions writes the texts of all languages: those of the form and no others.
func (r *formReader) writeVersions(p *coop.Post) {
	j := p.Job
	j.Title, j.Description = r.Title, ""
	titles, texts := map[string]string{p.Language: r.Title}, map[string]string{p.Language: r.Description}
	for _, v := range r.Versions {
		if v.empty() {
			continue
		}
		if texts[v.Language] != "" || titles[v.Language] != "" {
			r.complain("language_"+strconv.Itoa(v.N), coop.CodeTaken)
			continue
		}
		titles[v.Language], texts[v.Language] = v.Title, v.Description
		if strings.TrimSpace(v.Description) == "" {
			r.complain("description_map."+v.Language, coop.CodeRequired)
		}
	}
	j.TitleMap, j.Markdown, j.DescriptionMap = nil, texts, nil
	if len(titles) > 1 {
		j.TitleMap = titles
	}
}

// versionField is the field of the form that writes a text of a job in another language:
// title_map.es is title_2 where Spanish is the second; empty for what is none of them.
func (v *jobFormView) versionField(field string) string {
	what, tag, ok := strings.Cut(field, ".")
	name := map[string]string{"title_map": "title", "description_map": "description", "markdown": "description"}[what]
	if strings.HasPrefix(field, "language_") {
		return field
	}
	if !ok || name == "" {
		return ""
	}
	for _, one := range v.Given.Versions {
		if one.Language == tag && tag != v.Given.Language {
			return name + "_" + strconv.Itoa(one.N)
		}
	}
	return ""
}
