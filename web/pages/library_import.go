// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/outbox"
	"minga/storage"
)

// libraryImportBody is how much a form with files may have, in bytes.
const libraryImportBody = 16 << 20

// libraryImportView is the page on which a folder of Markdown becomes drafts.
type libraryImportView struct {
	formFrame
	Speakers []choice
	Tongues  []choice
	Licences []choice
	As       string
	Who      person
	Read     bool // files were taken in
	Rows     []importedRow
	Bad      []importedRow
	Ready    []string // ids of the drafts that are complete
	Publish  string   // the button for them
}

// importedRow is a file and what became of it.
type importedRow struct {
	Name, Title, Lang, URL, State string
	Wrong                         []string
}

// libraryImportPage answers GET /library/import.
func (f *Face) libraryImportPage(c *gin.Context) error {
	_, view, err := f.libraryImportView(c)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "library-import", view)
}

// libraryImportView makes the page as it is before files came.
func (f *Face) libraryImportView(c *gin.Context) (*articleForm, *libraryImportView, error) {
	w, err := f.startArticle(c)
	if err != nil {
		return nil, nil, err
	}
	view := &libraryImportView{formFrame: f.formFrame(c, "library_import", nil), As: w.author.ID.String(), Who: f.person(w.author)}
	view.Section = "library"
	for _, a := range w.speakers {
		view.Speakers = append(view.Speakers, choice{a.ID.String(), f.person(a).Name, a.ID == w.author.ID})
	}
	w.fields = newFields(w.author, view.Lang, f.licence())
	if tag := c.PostForm("language"); tag != "" && coop.ValidLanguage(tag) {
		w.fields.Language = tag
	}
	if licence := coop.LicenceOf(c.PostForm("license")); licence.Name != "" {
		w.fields.License = licence.URL
	}
	view.Tongues = view.languageChoices([]string{w.fields.Language})
	for _, l := range coop.Licences() {
		view.Licences = append(view.Licences, choice{l.URL, view.licence(l.URL), l.URL == w.fields.License})
	}
	return w, view, nil
}

// libraryImport answers POST /library/import: files become drafts, or the complete ones
// among them are published, once somebody said so.
func (f *Face) libraryImport(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	w, view, err := f.libraryImportView(c)
	if err != nil {
		return err
	}
	if err := w.speak(c); err != nil {
		return err
	}
	if c.PostForm("act") == "publish" {
		return f.publishImported(c, w)
	}
	files, bad, err := f.importedFiles(c, w)
	if problem := folderProblem(err); problem != "" {
		view.complain("files", view.T("library_import_"+problem))
		return f.show(c, http.StatusUnprocessableEntity, "library-import", view)
	}
	if err != nil {
		return err
	}
	done, err := f.Outbox.ImportArticles(c.Request.Context(), w.author, files)
	if err != nil {
		return err
	}
	view.report(done, bad)
	return f.show(c, http.StatusOK, "library-import", view)
}

// folderProblem is the word for what is wrong with what was sent; empty for what is no
// fault of it.
func folderProblem(err error) string {
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, coop.ErrTooLarge):
		return "large"
	case errors.As(err, &invalid):
		return "none"
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrAlgorithm), errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return "archive"
	}
	return ""
}

// importedFiles reads what was sent: Markdown files, and archives of them.
func (f *Face) importedFiles(c *gin.Context, w *articleForm) (list []carry.Article, bad []carry.BadFile, err error) {
	form := c.Request.MultipartForm
	if form == nil || len(form.File["files"]) == 0 {
		return nil, nil, &coop.InvalidError{Field: "files", Code: coop.CodeRequired, Problem: "no file was sent"}
	}
	for _, header := range form.File["files"] {
		data, err := partOf(header)
		if err != nil {
			return nil, nil, err
		}
		name := coop.CleanLine(header.Filename, 200)
		if strings.HasSuffix(strings.ToLower(name), ".zip") {
			archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return nil, nil, fmt.Errorf("archive %s: %w", name, err)
			}
			inside, wrong, err := carry.Articles(archive, w.fields.Language, w.fields.License)
			if err != nil {
				return nil, nil, fmt.Errorf("archive %s: %w", name, err)
			}
			list, bad = append(list, inside...), append(bad, wrong...)
		} else if article, problem := carry.ReadArticle(name, data, w.fields.Language, w.fields.License); problem != "" {
			bad = append(bad, carry.BadFile{Name: name, Problem: problem})
		} else {
			list = append(list, article)
		}
		if len(list)+len(bad) > carry.MaxArticles {
			return nil, nil, fmt.Errorf("more than %d files: %w", carry.MaxArticles, coop.ErrTooLarge)
		}
	}
	return list, bad, nil
}

// partOf reads a file of a form.
func partOf(header *multipart.FileHeader) ([]byte, error) {
	file, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("file %.100q: %w", header.Filename, err)
	}
	defer file.Close() //nolint:errcheck // read only
	return io.ReadAll(io.LimitReader(file, libraryImportBody))
}

// report says what became of each file.
func (v *libraryImportView) report(done []outbox.Imported, bad []carry.BadFile) {
	v.Read = true
	for _, one := range done {
		row := importedRow{Name: one.Name, State: v.T("library_import_known")}
		if one.Post != nil {
			row.Title, row.Lang, row.URL, row.State = one.Post.Title, one.Post.Language, libraryPath(one.Post, "/edit"), v.T("library_import_draft")
			for _, e := range one.Wrong {
				field := fieldOfArticle(e.Field)
				row.Wrong = append(row.Wrong, v.T("library_field_"+field)+": "+v.T("problem_"+codeOr(e.Code)))
			}
			if len(one.Wrong) == 0 {
				v.Ready = append(v.Ready, one.Post.ID.String())
			}
		}
		v.Rows = append(v.Rows, row)
	}
	for _, one := range bad {
		v.Bad = append(v.Bad, importedRow{Name: one.Name, State: v.T("library_import_bad_" + string(one.Problem))})
	}
	if len(v.Ready) > 0 {
		v.Publish = v.N("library_import_publish", len(v.Ready))
	}
}

// fieldOfArticle is the field of the form that writes a field of an article.
func fieldOfArticle(field string) string {
	for _, f := range articleFieldNames {
		if strings.HasPrefix(field, f.prefix) {
			return f.name
		}
	}
	return "title"
}

// codeOr is a complaint that has words of its own, else that something is not understood.
func codeOr(code string) string {
	for _, known := range fieldCodes {
		if code == known {
			return code
		}
	}
	return "format"
}

// publishImported publishes the drafts that are named: only those of the author.
func (f *Face) publishImported(c *gin.Context, w *articleForm) error {
	ctx := c.Request.Context()
	for i, text := range c.PostFormArray("id") {
		id, err := coop.ParseID(text)
		if err != nil || i >= carry.MaxArticles {
			return fmt.Errorf("draft %.40q: %w", text, coop.ErrNotFound)
		}
		p, err := f.Store.Post(ctx, storage.Seeing(ctx, w.author.ID), id)
		if err != nil {
			return err
		}
		if p.AuthorID != w.author.ID || p.Article == nil {
			return fmt.Errorf("draft %s of another: %w", id, coop.ErrNotFound)
		}
		if p.Article.Status != coop.ArticleDraft {
			continue // sent twice
		}
		if err := f.Outbox.PublishArticle(ctx, w.author, p); err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, "/library/mine?done=published")
	return nil
}
