// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// sealedForm is a form with fields and PDF files, and what of it has come. Files go sealed
// to their place as they come, so that none lies readable anywhere, nor in memory; what is
// kept the caller drops unless a row names it.
type sealedForm struct {
	texts int64    // bytes of all fields together
	names []string // its fields
	set   func(name, value string)
	most  int   // files
	large int64 // bytes of a file

	Files       []media.Sealed
	FileProblem string // a word for what is wrong with the files (many, large, kind, full); empty: nothing is
}

// readSealed reads a form part by part. The token of the form comes before all else.
func (f *Face) readSealed(c *gin.Context, form *sealedForm) error {
	defer respond.Patience(c, applyTime)()
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return form.readPlain(c)
	}
	room, checked := form.texts, false
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadForm(err)
		}
		switch {
		case part.FileName() == "" && part.FormName() != "files":
			checked, err = form.takeField(c, part, &room, checked)
		case !checked:
			err = auth.ErrForm
		default:
			err = f.takeFile(c.Request.Context(), form, part)
		}
		if err != nil {
			return err
		}
	}
	if !checked {
		return auth.ErrForm
	}
	return nil
}

// unreadForm is said of a form that did not come whole.
func unreadForm(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return fmt.Errorf("form: %w", err)
	}
	return &coop.InvalidError{Field: "form", Problem: "this form cannot be read"}
}

// readPlain reads a form without files.
func (form *sealedForm) readPlain(c *gin.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, form.texts)
	if err := c.Request.ParseForm(); err != nil {
		return unreadForm(err)
	}
	if err := auth.CheckPart(c, c.Request.PostForm.Get(auth.FormField)); err != nil {
		return err
	}
	for _, name := range form.names {
		form.set(name, c.Request.PostForm.Get(name))
	}
	return nil
}

// takeField reads a field.
func (form *sealedForm) takeField(c *gin.Context, part *multipart.Part, room *int64, checked bool) (bool, error) {
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

// takeFile keeps a file, sealed. What is wrong with one is noted and the rest of it read
// all the same: a browser that is interrupted shows no answer.
func (f *Face) takeFile(ctx context.Context, form *sealedForm, part *multipart.Part) error {
	defer func() { _, _ = io.Copy(io.Discard, part) }()
	if part.FileName() == "" || form.FileProblem != "" {
		return nil // an empty field
	}
	if f.Media == nil || len(form.Files) == form.most {
		form.FileProblem = "many"
		return nil
	}
	kept, err := f.Media.KeepSealed(ctx, part.FileName(), part, form.large)
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
		form.Files = append(form.Files, kept)
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
func (f *Face) drop(ctx context.Context, form *sealedForm) {
	for _, file := range form.Files {
		f.Media.DropSealed(ctx, file.Name)
	}
	form.Files = nil
}
