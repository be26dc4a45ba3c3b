// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
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

// sealedForm is a form with fields and PDF files, and what of it has come.
type sealedForm struct {
	texts int64    // bytes of all fields together
	names []string // its fields
	set   func(name, value string)

	media.Basket
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
			err = unreadOr(form.Take(c.Request.Context(), f.Media, part.FileName(), part))
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

// unreadOr tells a body that broke off from a fault of ours.
func unreadOr(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) || errors.Is(err, io.ErrUnexpectedEOF) {
		return unreadForm(err)
	}
	return err
}
