// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
)

// applicationView is what an applicant sees of what they sent.
type applicationView struct {
	formFrame
	Sent     bool // just now
	Mail     bool // a mail goes to them
	Path     string
	Job      string
	JobURL   string // empty: its page is gone
	Coop     person
	Name     string
	Email    string
	Message  []string // paragraphs
	Files    []sentFile
	At       moment
	Answered moment
	Ended    string // the day on which the job ended; empty: it has not
	Kept     string
}

// sentFile is a file of an application.
type sentFile struct{ Name, Size, URL string }

// applicationOf finds the application whose secret stands in the address.
func (f *Face) applicationOf(c *gin.Context) (*coop.Application, error) {
	secret := c.Param("secret")
	if !coop.ValidSecret(secret) {
		return nil, fmt.Errorf("application: %w", coop.ErrNotFound)
	}
	return f.Store.ApplicationByLink(c.Request.Context(), outbox.LinkHash(secret))
}

// noApplication answers for a link that leads to nothing, used or never made.
func (f *Face) noApplication(c *gin.Context, err error) error {
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return f.show(c, http.StatusNotFound, "no-application", f.formFrame(c, "application_none", nil))
}

// applicationPage answers GET /applications/SECRET.
func (f *Face) applicationPage(c *gin.Context) error {
	a, err := f.applicationOf(c)
	if err != nil {
		return f.noApplication(c, err)
	}
	ctx := c.Request.Context()
	until, err := f.Outbox.ApplicationKept(ctx, a)
	if err != nil {
		return err
	}
	view := applicationView{formFrame: f.formFrame(c, "application_title", nil), Path: c.Request.URL.EscapedPath(), Mail: f.Outbox.SendsMail(), Sent: c.Query("sent") != ""}
	view.Section, view.Job, view.Name, view.Email, view.Message = "jobs", a.Title, a.Name, a.Email, linesOf(a.Message)
	view.At, view.Answered, view.Kept = momentOf(view.tongue, a.CreatedAt), momentOf(view.tongue, a.AnsweredAt), view.Day(until)
	if !a.EndedAt.IsZero() {
		view.Ended = view.Here(a.EndedAt)
	}
	if p, err := f.Store.Post(ctx, anybody(), a.PostID); err == nil {
		view.JobURL = f.pathOf(p)
	}
	author, err := f.Store.Account(ctx, a.AccountID)
	if err != nil {
		return err
	}
	view.Coop = f.person(author)
	for _, file := range a.Files {
		view.Files = append(view.Files, sentFile{Name: file.Title, Size: view.sizeOf(file.Size)})
	}
	return f.show(c, http.StatusOK, "application", view)
}

// linesOf are the paragraphs of a plain text.
func linesOf(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// sizeOf is how large a file is, in words.
func (t *tongue) sizeOf(bytes int64) string {
	kib := max((bytes+1023)/1024, 1)
	if kib < 1024 {
		return t.T("size_kib", "Count", t.Number(int(kib)))
	}
	return t.T("size_mib", "Count", t.Number(int((kib+1023)/1024)))
}

// withdraw answers POST /applications/SECRET: everything of it is deleted at once.
func (f *Face) withdraw(c *gin.Context) error {
	a, err := f.applicationOf(c)
	if err == nil {
		err = f.Outbox.WithdrawApplication(c.Request.Context(), a)
	}
	if err != nil {
		return f.noApplication(c, err)
	}
	if err := f.Media.SweepSealed(c.Request.Context()); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/applications/withdrawn")
	return nil
}

// withdrawnPage answers GET /applications/withdrawn.
func (f *Face) withdrawnPage(c *gin.Context) error {
	return f.show(c, http.StatusOK, "withdrawn", f.formFrame(c, "application_withdrawn", nil))
}

// exportedApplication is what an applicant takes along.
type exportedApplication struct {
	Job      string     `json:"job"`
	URL      string     `json:"url,omitempty"`
	Coop     string     `json:"coop"`
	Name     string     `json:"name"`
	Email    string     `json:"email"`
	Message  string     `json:"message"`
	Files    []string   `json:"files"`
	SentAt   time.Time  `json:"sent_at"`
	Answered *time.Time `json:"answered_at"`
	Kept     string     `json:"deleted_on"`
}

// exportApplication answers GET /applications/SECRET/export.zip: what was written as
// JSON, and the files.
func (f *Face) exportApplication(c *gin.Context) error {
	a, err := f.applicationOf(c)
	if err != nil {
		return f.noApplication(c, err)
	}
	body, err := f.packApplication(c, a)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Content-Disposition", `attachment; filename="application.zip"`)
	c.Data(http.StatusOK, "application/zip", body)
	return nil
}

// packApplication makes the archive.
func (f *Face) packApplication(c *gin.Context, a *coop.Application) ([]byte, error) {
	e, err := f.exportedApplication(c.Request.Context(), a)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	if err := f.packFiles(c.Request.Context(), archive, &e, a); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("export an application: %w", err)
	}
	w, err := archive.Create("application.json")
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		return nil, fmt.Errorf("export an application: %w", err)
	}
	return out.Bytes(), nil
}

// exportedApplication is what the archive says of an application, its files left out.
func (f *Face) exportedApplication(ctx context.Context, a *coop.Application) (exportedApplication, error) {
	until, err := f.Outbox.ApplicationKept(ctx, a)
	if err != nil {
		return exportedApplication{}, err
	}
	e := exportedApplication{Job: a.Title, Name: a.Name, Email: a.Email, Message: a.Message, Files: []string{}, SentAt: a.CreatedAt.UTC(), Kept: until.UTC().Format(time.DateOnly)}
	if p, err := f.Store.Post(ctx, anybody(), a.PostID); err == nil {
		e.URL = p.URL
	}
	if author, err := f.Store.Account(ctx, a.AccountID); err == nil {
		e.Coop = f.person(author).Name
	}
	if !a.AnsweredAt.IsZero() {
		at := a.AnsweredAt.UTC()
		e.Answered = &at
	}
	return e, nil
}

// packFiles puts the files in, as they were sent.
func (f *Face) packFiles(ctx context.Context, archive *zip.Writer, e *exportedApplication, a *coop.Application) error {
	for i, file := range a.Files {
		name := fmt.Sprintf("%d-%s", i+1, pdfName(file))
		e.Files = append(e.Files, name)
		content, err := f.Media.OpenSealed(ctx, file.Name)
		if err != nil {
			return err
		}
		w, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: a.CreatedAt})
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			return fmt.Errorf("export an application: %w", err)
		}
	}
	return nil
}

// pdfName is what a person called a file, as far as every system can have it, always
// with the ending of its type.
func pdfName(file coop.ApplicationFile) string {
	title := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|%`, r) {
			return '_'
		}
		return r
	}, file.Title)
	if len(title) > 4 && strings.EqualFold(title[len(title)-4:], ".pdf") {
		title = title[:len(title)-4]
	}
	title = strings.Trim(title, " ._")
	if title == "" {
		title = "file"
	}
	return coop.Truncate(title, 100) + ".pdf"
}

// sendPDF hands a file of an application out, to be kept and never shown: opened by
// itself it runs nothing, loads nothing and is of no origin.
func (f *Face) sendPDF(c *gin.Context, file coop.ApplicationFile) error {
	content, err := f.Media.OpenSealed(c.Request.Context(), file.Name)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": pdfName(file)}))
	c.Data(http.StatusOK, "application/pdf", content)
	return nil
}
