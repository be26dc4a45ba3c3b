// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
)

// teamFile answers GET /team-files/NAME: a file of a team's room, to a signed fetch by a
// member, by its server, or by the server of the team. NAME copy with of=ADDRESS is the
// copy of a file that a member elsewhere brought. To others there is none.
func (f *Face) teamFile(c *gin.Context) error {
	ctx := c.Request.Context()
	viewer, err := f.viewer(c)
	if err != nil {
		return err
	}
	iri := coop.IRI(f.base() + outbox.TeamFilePath + c.Param("name"))
	if c.Param("name") == "copy" {
		iri = coop.IRI(c.Query("of"))
	}
	record, err := f.Store.Record(ctx, viewer, iri)
	if err != nil {
		return err
	}
	if record.Kind != coop.RecordFile || record.Sealed == "" {
		return fmt.Errorf("file %s: %w", iri, coop.ErrNotFound)
	}
	body, err := f.Media.OpenSealed(ctx, record.Sealed)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Vary", "Signature, Signature-Input")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Disposition", "attachment")
	h.Set("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, record.MediaType, body)
	return nil
}
