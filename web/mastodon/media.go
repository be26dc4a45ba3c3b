// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/mastodon/input"
	"minga/web/respond"
)

// scopeMedia is what uploads ask for.
const scopeMedia = "write:media"

// formSlack is how much a multipart body is longer than the files in it.
const formSlack = 64 << 10

// uploadTime is how long an upload may take.
const uploadTime = 10 * time.Minute

// mediaRoutes take files.
func (f *Face) mediaRoutes() []auth.Route {
	limits := f.Media.Limits()
	upload := func(path string) auth.Route {
		r := f.write("POST", path, scopeMedia, auth.LimitMedia, f.upload).For(coop.ActWrite)
		r.Parts = true
		r.Body = max(limits.File, limits.Played) + limits.File/4 + formSlack // a file and its small picture
		return r
	}
	one := allFor(coop.ActWrite, f.update("/v1/media/:id", scopeMedia, auth.LimitAPI, f.changeMedia))
	for i := range one {
		one[i].Body = limits.File + formSlack
	}
	return append(one, upload("/v1/media"), upload("/v2/media"), f.own("/v1/media/:id", scopeMedia, f.getMedia),
		f.write("DELETE", "/v1/media/:id", scopeMedia, auth.LimitDeletes, f.dropMedia))
}

// upload is POST /api/v1/media and /api/v2/media: a file becomes something that a
// post can name. It is ready when the answer comes, so the answer is 200 with url.
func (f *Face) upload(c *gin.Context) error {
	if f.Media == nil {
		return fmt.Errorf("upload: %w", coop.ErrUnavailable)
	}
	defer respond.Patience(c, uploadTime)()
	form, err := f.receive(c)
	defer form.close()
	if err == nil {
		err = auth.Lend(c, form.as, coop.ActWrite)
	}
	if err != nil {
		return err
	}
	u := media.Upload{Owner: auth.Account(c).ID, Class: coop.MediaPost}
	if form.file == nil {
		return &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "this is needed"}
	}
	if u.Alt, err = coop.CleanAlt(form.alt); err != nil {
		return err
	}
	if u.Focus, err = coop.ParseFocus(form.focus); err != nil {
		return err
	}
	u.File, u.Thumbnail = form.file, form.thumbnail
	m, err := f.Media.Take(c.Request.Context(), u)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.attachments(0, []coop.Attachment{m.Attachment()})[0])
	return nil
}

// uploadForm is an upload as it came.
type uploadForm struct {
	file, thumbnail *media.Incoming
	alt, focus, as  string
}

// close removes what was received.
func (u *uploadForm) close() {
	for _, in := range []*media.Incoming{u.file, u.thumbnail} {
		if in != nil {
			_ = in.Close()
		}
	}
}

// mostParts bounds the parts of an upload.
const mostParts = 20

// receive reads the parts of an upload one after the other. Files go to the disk as
// they come: no request is ever whole in memory. What stands in the query counts
// where no part says otherwise.
func (f *Face) receive(c *gin.Context) (*uploadForm, error) {
	u := &uploadForm{alt: c.Query("description"), focus: c.Query("focus")}
	parts, err := c.Request.MultipartReader()
	if err != nil {
		return u, &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "a file comes as multipart/form-data"}
	}
	return u, eachPart(parts, func(part *multipart.Part) error { return f.receivePart(c.Request.Context(), u, part) })
}

// eachPart takes the parts of a form in, one after the other.
func eachPart(parts *multipart.Reader, take func(*multipart.Part) error) error {
	for range mostParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = take(part)
		}
		if err != nil {
			return bodyFault(err)
		}
	}
	return &coop.InvalidError{Field: "body", Code: coop.CodeTooMany, Problem: "has too many parts"}
}

// receivePart takes one part in.
func (f *Face) receivePart(ctx context.Context, u *uploadForm, part *multipart.Part) (err error) {
	switch part.FormName() {
	case "file":
		if u.file == nil {
			u.file, err = f.Media.Receive(ctx, part.FileName(), part)
		}
	case "thumbnail":
		if u.thumbnail == nil && part.FileName() != "" {
			u.thumbnail, err = f.Media.Receive(ctx, part.FileName(), part)
		}
	case "description":
		u.alt, err = textOf(part)
	case "focus":
		u.focus, err = textOf(part)
	case auth.AsField:
		u.as, err = textOf(part)
	}
	return err
}

// textOf is a part that is a text; one that is far too long is complained of later.
func textOf(part *multipart.Part) (string, error) {
	text, err := io.ReadAll(io.LimitReader(part, formSlack/2))
	return string(text), err
}

// bodyFault tells a body that is no form, or ends too early, from our own faults.
func bodyFault(err error) error {
	var tooLarge *http.MaxBytesError
	var invalid *coop.InvalidError
	var busy *coop.BusyError
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &invalid), errors.As(err, &busy), errors.Is(err, coop.ErrFull), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, multipart.ErrMessageTooLarge), isFormFault(err):
		return &coop.InvalidError{Field: "body", Code: coop.CodeFormat, Problem: "ends too early, or is no multipart form"}
	}
	return err
}

// isFormFault tells what mime/multipart complains of, which has no type.
func isFormFault(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if text := err.Error(); len(text) > 10 && text[:10] == "multipart:" || len(text) > 5 && (text[:5] == "mime:" || text[:5] == "malfo") {
			return true
		}
	}
	return false
}

// getMedia is GET /api/v1/media/:id: of one's own, not another's.
func (f *Face) getMedia(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	m, err := f.Store.Media(c.Request.Context(), auth.Account(c).ID, id)
	if err == nil && !m.GoneAt.IsZero() {
		err = fmt.Errorf("media %s: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.attachments(0, []coop.Attachment{m.Attachment()})[0])
	return nil
}

// dropMedia is DELETE /api/v1/media/:id: of a file that is in no post.
func (f *Face) dropMedia(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error { return tx.DropMedia(ctx, auth.Account(c).ID, id) })
}

// changeMedia is PUT /api/v1/media/:id: description and focus, before the file is in
// a post and after.
func (f *Face) changeMedia(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	v, err := input.Read(c)
	defer func() { _ = v.Close() }()
	if err != nil {
		return err
	}
	change, err := mediaChange(v)
	if err != nil {
		return err
	}
	var m *coop.Media
	err = f.Store.Write(ctx, func(tx *storage.Tx) (err error) {
		m, err = tx.ChangeMedia(ctx, auth.Account(c).ID, id, change)
		return err
	})
	if err == nil {
		err = f.tellOfMedia(ctx, m)
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.attachments(0, []coop.Attachment{m.Attachment()})[0])
	return nil
}

// tellOfMedia edits the post that holds a file, so that readers here and elsewhere
// get its new description. Only what is a plain post of the owner is edited.
func (f *Face) tellOfMedia(ctx context.Context, m *coop.Media) error {
	if m.PostID == 0 {
		return nil
	}
	p, err := f.Store.Post(ctx, storage.Seeing(ctx, m.OwnerID), m.PostID)
	if err != nil {
		return err
	}
	if p.Kind != coop.KindNote && p.Kind != coop.KindQuestion {
		return nil
	}
	return f.Outbox.EditNote(ctx, p)
}

// mediaChange reads what is to change of a file.
func mediaChange(v input.Values) (change coop.MediaChange, err error) {
	if v.Has("description") {
		alt, err := coop.CleanAlt(v.Text("description"))
		if err != nil {
			return change, err
		}
		change.Alt = &alt
	}
	if v.Has("focus") {
		focus, err := coop.ParseFocus(v.Text("focus"))
		if err != nil {
			return change, err
		}
		change.Focus = &focus
	}
	return change, v.Err()
}
