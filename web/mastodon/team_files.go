// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// teamUpload is what a message with files may weigh, in bytes.
const teamUpload = coop.MaxSaidFiles*coop.MaxTeamFile + 2*formSlack

// saidFiles is a message with files as it came.
type saidFiles struct {
	media.Basket
	text, reply, contract, as string
}

// sendTeamFiles answers POST /api/v1/minga/teams/:id/files, a multipart form of PDF files in
// `files`, with `text` (the first file's name where there is none), `in_reply_to_id`, and
// `contract` where they are the client's: the status. Files go sealed to their place as they
// come; those of a message that was not taken are gone.
func (f *Face) sendTeamFiles(c *gin.Context) error {
	defer respond.Patience(c, uploadTime)()
	ctx := c.Request.Context()
	said := &saidFiles{Basket: media.Basket{Most: coop.MaxSaidFiles, Large: coop.MaxTeamFile}}
	err := f.readSaid(c, said)
	if err == nil {
		err = f.saySaid(c, said)
	}
	if err != nil {
		said.Drop(ctx, f.Media)
	}
	return err
}

// readSaid reads the parts one after the other.
func (f *Face) readSaid(c *gin.Context, said *saidFiles) error {
	parts, err := c.Request.MultipartReader()
	if err != nil {
		if _, err := f.team(c, memberAct(c)); err != nil {
			return err // who is no member hears nothing of forms
		}
		return &coop.InvalidError{Field: "files", Code: coop.CodeFormat, Problem: "files come as multipart/form-data"}
	}
	return eachPart(parts, func(part *multipart.Part) error { return said.take(c.Request.Context(), f.Media, part) })
}

// take takes one part in.
func (s *saidFiles) take(ctx context.Context, l *media.Library, part *multipart.Part) (err error) {
	switch part.FormName() {
	case "files", "files[]":
		return s.Take(ctx, l, part.FileName(), part)
	case "text":
		s.text, err = textOf(part)
	case "in_reply_to_id":
		s.reply, err = textOf(part)
	case "contract":
		s.contract, err = textOf(part)
	case auth.AsField:
		s.as, err = textOf(part)
	}
	return err
}

// saySaid judges who speaks and what was sent, and says it.
func (f *Face) saySaid(c *gin.Context, said *saidFiles) error {
	if err := auth.Lend(c, said.as, coop.ActRead); err != nil {
		return err
	}
	t, err := f.team(c, memberAct(c))
	if err != nil {
		return err
	}
	if err := said.judge(); err != nil {
		return err
	}
	reply, _ := coop.ParseID(said.reply)
	contract := said.contract == "true" || said.contract == "1"
	return f.answerSaid(c, t, coop.CleanText(said.text, int(formSlack)), max(reply, 0), said.Records(contract))
}

// judge complains about the files.
func (s *saidFiles) judge() error {
	code, problem := coop.CodeRequired, "this is needed: one to three PDF files"
	switch s.Problem {
	case "":
		if len(s.Files) > 0 {
			return nil
		}
	case media.BasketMany:
		code, problem = coop.CodeTooMany, fmt.Sprintf("at most %d files", coop.MaxSaidFiles)
	case media.BasketLarge:
		code, problem = coop.CodeRange, fmt.Sprintf("at most %d bytes a file", coop.MaxTeamFile)
	case media.BasketFull:
		return fmt.Errorf("keep files of a team: %w", coop.ErrFull)
	default:
		code, problem = coop.CodeFormat, "a file is no PDF"
	}
	return &coop.InvalidError{Field: "files", Code: code, Problem: problem}
}

// answerSaid says something in the room of a team and answers with the status. Where there
// are only files, the name of the first is the text.
func (f *Face) answerSaid(c *gin.Context, t *coop.Room, text string, reply coop.ID, files []coop.Record) error {
	if text == "" && len(files) > 0 {
		text = files[0].Title
	}
	p, err := f.Outbox.SayInTeam(c.Request.Context(), auth.Account(c), t.ID, text, reply, files)
	if err != nil {
		return err
	}
	out, err := f.statuses(c.Request.Context(), auth.Viewer(c), []*coop.Post{p})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out[0])
	return nil
}
