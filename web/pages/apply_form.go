// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// Bounds of the form by which people apply, in bytes: files that are a little too large
// are complained about beside their field.
const (
	applyBody  = 40 << 20
	applyTexts = 128 << 10
)

// applyTime is how long sending it may take: a phone in a village sends three PDFs.
const applyTime = 5 * time.Minute

// appliedForm is the form as it came.
type appliedForm struct {
	Name, Email, Message string
	Key                  string // the secret of the applicant's page; see [applyView]
	Files                []coop.ApplicationFile
	FileProblem          string // a word for what is wrong with the files; empty: nothing is
}

// readApply reads the form part by part. Files go sealed to their place as they come, so
// that none lies readable anywhere, nor in memory; what is kept the caller drops unless a
// row names it.
func (f *Face) readApply(c *gin.Context) (*appliedForm, error) {
	defer respond.Patience(c, applyTime)()
	form := &appliedForm{}
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return form, f.readPlainApply(c, form)
	}
	room, checked := int64(applyTexts), false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return form, unreadForm(err)
		}
		if part.FileName() != "" || part.FormName() == "files" {
			if !checked {
				return form, auth.ErrForm
			}
			err = f.takeFile(c.Request.Context(), form, part)
		} else {
			checked, err = f.takeField(c, form, part, &room, checked)
		}
		if err != nil {
			return form, err
		}
	}
	if !checked {
		return form, auth.ErrForm
	}
	return form, nil
}

// unreadForm is said of a form that did not come whole.
func unreadForm(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fmt.Errorf("form: %w", err)
	}
	return &coop.InvalidError{Field: "form", Problem: "this form cannot be read"}
}

// readPlainApply reads a form without files.
func (f *Face) readPlainApply(c *gin.Context, form *appliedForm) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, applyTexts)
	if err := c.Request.ParseForm(); err != nil {
		return unreadForm(err)
	}
	if err := auth.CheckPart(c, c.Request.PostForm.Get(auth.FormField)); err != nil {
		return err
	}
	for _, name := range []string{"name", "email", "message", "key"} {
		form.set(name, c.Request.PostForm.Get(name))
	}
	return nil
}

// takeField reads a field. The token of the form comes before all else.
func (f *Face) takeField(c *gin.Context, form *appliedForm, part *multipart.Part, room *int64, checked bool) (bool, error) {
	text, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return checked, unreadForm(err)
	}
	if *room -= int64(len(text)); *room < 0 {
		return checked, fmt.Errorf("fields of a form: %w", coop.ErrTooLarge)
	}
	if part.FormName() == auth.FormField {
		return true, auth.CheckPart(c, string(text))
	}
	if !checked {
		return false, auth.ErrForm
	}
	form.set(part.FormName(), string(text))
	return true, nil
}

// set notes a field.
func (a *appliedForm) set(name, value string) {
	switch name {
	case "name":
		a.Name = coop.CleanLine(value, 2*coop.MaxApplicantName)
	case "email":
		a.Email = coop.CleanLine(value, 300)
	case "message":
		a.Message = strings.TrimSpace(coop.CleanText(value, 4*coop.MaxApplicationMessage))
	case "key":
		a.Key = coop.Truncate(value, 40)
	}
}

// takeFile keeps a file, sealed. What is wrong with one is noted and the rest of it read
// all the same: a browser that is interrupted shows no answer.
func (f *Face) takeFile(ctx context.Context, form *appliedForm, part *multipart.Part) error {
	defer func() { _, _ = io.Copy(io.Discard, part) }()
	if part.FileName() == "" || form.FileProblem != "" {
		return nil // an empty field
	}
	if f.Media == nil || len(form.Files) == coop.MaxApplicationFiles {
		form.FileProblem = "many"
		return nil
	}
	kept, err := f.Media.KeepSealed(ctx, part.FileName(), part, coop.MaxApplicationFile)
	var invalid *coop.InvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Code == coop.CodeRange:
		form.FileProblem = "large"
	case errors.As(err, &invalid):
		form.FileProblem = "kind"
	case errors.Is(err, coop.ErrFull):
		form.FileProblem = "full"
	case err != nil:
		return unreadOr(err)
	default:
		form.Files = append(form.Files, coop.ApplicationFile{Name: kept.Name, Title: kept.Title, Size: kept.Size})
	}
	return nil
}

// unreadOr tells a body that broke off from a fault of ours.
func unreadOr(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unreadForm(err)
	}
	return err
}

// drop removes the files of a form that was not taken.
func (f *Face) drop(ctx context.Context, form *appliedForm) {
	for _, file := range form.Files {
		f.Media.DropSealed(ctx, file.Name)
	}
	form.Files = nil
}
