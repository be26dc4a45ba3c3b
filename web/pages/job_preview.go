// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
)

// jobPreview is a job as others will see it: the post in apps, by language, the page, and
// what each reader makes of it.
type jobPreview struct {
	*tongue
	Notes []notePreview
	Page  *jobPage
	Rows  []checkRow
	Good  bool // minga would publish it
}

// notePreview is the post of a job in one language.
type notePreview struct {
	Lang  string
	Name  string // of the language; empty: there is only one
	HTML  sanitize.Clean
	Count int // characters
}

// preview draws a job as far as it is written.
func (f *Face) preview(c *gin.Context, view *jobFormView, p *coop.Post, unread coop.Invalid) (*jobPreview, error) {
	list := unread
	var found coop.Invalid
	if err := f.Outbox.CheckJob(c.Request.Context(), p); errors.As(err, &found) {
		list = append(list, found...)
	} else if err != nil {
		return nil, err
	}
	judged := &jobFormView{formFrame: formFrame{frame: view.frame}, Given: view.Given}
	judged.complainAll(list)
	pv := &jobPreview{tongue: view.tongue, Good: len(list) == 0}
	texts := f.Outbox.JobText(p.Author, p)
	for _, lang := range append([]string{p.Language}, otherTexts(p)...) {
		if html, ok := texts[lang]; ok {
			note := notePreview{Lang: lang, HTML: sanitize.Page(html), Count: coop.VisibleLength(html)}
			if len(texts) > 1 {
				note.Name = view.Language(lang)
			}
			pv.Notes = append(pv.Notes, note)
		}
	}
	pv.Page = &jobPage{frame: view.frame}
	f.fillJob(pv.Page, p, "")
	most := 0
	if len(pv.Notes) > 0 {
		most = pv.Notes[0].Count
	}
	problems := judged.Problems
	if pv.Good {
		problems = nil
	}
	pv.Rows = view.checkJob(p, problems, most)
	return pv, nil
}

// otherTexts are the languages of a job besides its main one.
func otherTexts(p *coop.Post) []string {
	var list []string
	for _, tag := range jobTexts(p) {
		if tag != p.Language {
			list = append(list, tag)
		}
	}
	return list
}

// previewJob answers POST /jobs/preview: a page with what the form would publish, or only
// the part for a script that asks for a fragment. Nothing is kept.
func (f *Face) previewJob(c *gin.Context) error {
	j, err := f.startForm(c)
	if err != nil {
		return err
	}
	j.fields = typedFields(c)
	var view jobFormView
	f.fillFormView(c, &view, j, "/jobs/new", "job_form_preview_title")
	p := &coop.Post{Author: j.author, AuthorID: j.author.ID, Local: true, Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: j.fields.Language, Job: &coop.Job{Status: coop.JobOpen}}
	if before, err := f.own(c, j, c.PostForm("job")); err == nil && before.Job != nil {
		p.Job, p.Language, p.IRI, p.ID = before.Job.Clone(), before.Language, before.IRI, before.ID
	}
	unread := (&formReader{jobFields: view.Given}).write(p)
	if view.Preview, err = f.preview(c, &view, p, unread); err != nil {
		return err
	}
	if strings.Contains(c.GetHeader("Accept"), "fragment=1") {
		return f.showPart(c, "job-preview", "job-preview", view.Preview)
	}
	return f.show(c, http.StatusOK, "job-preview", view)
}
