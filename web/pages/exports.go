// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/web/auth"
)

// exportPath is where people take with them what they have.
const exportPath = "/settings/export"

// exportView is what stands on that page.
type exportView struct {
	settingsFrame
	Files   []exportFile
	Archive archiveView
}

// exportFile is a file that can be had.
type exportFile struct{ Name, What, URL string }

// exportPage answers GET /settings/export.
func (f *Face) exportPage(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	var view exportView
	if view.settingsFrame, err = f.settingsFrame(c, "export_title", exportPath, about, coop.ActProfile); err != nil {
		return err
	}
	if view.Archive, err = f.archiveView(c, view.tongue, about, view.As); err != nil {
		return err
	}
	if done := c.Query("done"); done == "archive" || done == "soon" {
		view.Done = view.T("archive_done_" + done)
	}
	for _, kind := range carry.Kinds() {
		address := exportPath + "/" + string(kind) + ".csv"
		if view.As != "" {
			address += "?" + withAs(view.As)
		}
		view.Files = append(view.Files, exportFile{view.T("carry_" + string(kind)), view.T("carry_" + string(kind) + "_what"), address})
	}
	return f.show(c, http.StatusOK, "export", view)
}

// export answers GET /settings/export/KIND.csv: a file in Mastodon's columns.
func (f *Face) export(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	name, isFile := strings.CutSuffix(c.Param("kind"), ".csv")
	kind := carry.Kind(name)
	if !isFile || !kind.Valid() {
		return fmt.Errorf("export %.40q: %w", name, coop.ErrNotFound)
	}
	var file bytes.Buffer
	if err := f.Outbox.Export(c.Request.Context(), &file, about, kind); err != nil {
		return err
	}
	if err := f.noteOwn(c, about, "export", name); err != nil {
		return err
	}
	sendFile(c, kind.FileName(), file.Bytes())
	return nil
}

// sendFile answers with a file to be kept.
func sendFile(c *gin.Context, name string, body []byte) {
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", body)
}
