// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// listTeamMessages answers GET /api/v1/minga/teams/:id/messages: statuses, newest first.
func (f *Face) listTeamMessages(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	posts, err := f.Store.Posts(ctx, auth.Viewer(c), storage.PostQuery{Room: t.ID}, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	if len(posts) > 0 {
		f.link(c, posts[0].ID, posts[len(posts)-1].ID)
	}
	out, err := f.statuses(ctx, auth.Viewer(c), posts)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// sayInTeam answers POST /api/v1/minga/teams/:id/messages with `text`, and `in_reply_to_id`
// for an answer: the status.
func (f *Face) sayInTeam(c *gin.Context) error {
	t, err := f.team(c, memberAct(c))
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	said := in.Text("text")
	reply, _ := coop.ParseID(in.Text("in_reply_to_id"))
	if said == "" {
		in.Complain("text", coop.CodeRequired, "this is needed")
	}
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerSaid(c, t, said, max(reply, 0), nil)
}

// teamArchive answers GET /api/v1/minga/teams/:id/archive.zip.
func (f *Face) teamArchive(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/zip")
	c.Header("Content-Disposition", `attachment; filename="`+t.Account.Name+`.zip"`)
	return f.Outbox.ExportTeam(c.Request.Context(), c.Writer, t.ID, f.Media.OpenSealed)
}

// teamFile answers GET /api/v1/minga/teams/:id/files/:file: a PDF.
func (f *Face) teamFile(c *gin.Context) error {
	t, err := f.team(c, "")
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.Param("file"))
	if err != nil {
		return fmt.Errorf("file %.40q: %w", c.Param("file"), coop.ErrNotFound)
	}
	r, err := f.Store.RecordByID(c.Request.Context(), auth.Viewer(c), t.ID, id)
	if err != nil {
		return err
	}
	if r.Sealed == "" {
		return fmt.Errorf("file %s: %w", id, coop.ErrNotFound)
	}
	body, err := f.Media.OpenSealed(c.Request.Context(), r.Sealed)
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", "attachment")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, r.MediaType, body)
	return nil
}
