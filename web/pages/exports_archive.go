// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// archivePath is the archive of everything, for whoever the session may speak for: the
// address holds no secret that could be handed on.
const archivePath = exportPath + "/archive.zip"

// archivePatience is how long a download of it may take.
const archivePatience = 2 * time.Hour

// archiveView is how far the archive is.
type archiveView struct {
	State  string // working, ready, failed; empty: none was asked for
	Words  string // how far it is, what is in it, or why it failed
	Since  moment
	Until  moment
	URL    string
	Reload string
	Again  bool // another may be asked for
}

// archiveView reads it.
func (f *Face) archiveView(c *gin.Context, t *tongue, about *coop.Account, as string) (archiveView, error) {
	e, err := f.Store.AccountExport(c.Request.Context(), about.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return archiveView{Again: true}, nil
	}
	if err != nil {
		return archiveView{}, err
	}
	view := archiveView{State: string(e.State), Since: momentOf(t, e.AskedAt), Until: momentOf(t, e.EndsAt), URL: archivePath, Reload: exportPath, Again: e.Again(f.Now())}
	if as != "" {
		view.URL, view.Reload = archivePath+"?"+withAs(as), exportPath+"?"+withAs(as)
	}
	switch e.State {
	case coop.ExportWorking:
		view.Words = t.T("archive_working", "Size", sizeOf(t, e.Written))
	case coop.ExportReady:
		view.Words = t.T("archive_holds", "Size", sizeOf(t, e.Bytes), "Posts", t.Number(e.Posts), "Files", t.Number(e.Files))
	case coop.ExportFailed:
		view.Words = t.T("archive_failed_" + e.Problem)
	}
	return view, nil
}

// sizeOf is a number of bytes as people read it.
func sizeOf(t *tongue, n int64) string {
	for _, unit := range []string{"B", "kB", "MB"} {
		if n < 10_000 {
			return t.Number(int(n)) + " " + unit
		}
		n /= 1000
	}
	return t.Number(int(n)) + " GB"
}

// askArchive answers POST /settings/export: an archive of everything is made, in the
// place of the one before.
func (f *Face) askArchive(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	before, err := f.Outbox.AskExport(c.Request.Context(), about, auth.Account(c))
	done := "archive"
	switch {
	case errors.Is(err, coop.ErrConflict):
		done = "soon"
	case err != nil:
		return err
	default:
		f.Media.DropExport(c.Request.Context(), before)
		if err := f.noteOwn(c, about, "export", "archive"); err != nil {
			return err
		}
	}
	doneAt(c, exportPath, about, done)
	return nil
}

// archive answers GET /settings/export/archive.zip.
func (f *Face) archive(c *gin.Context) (err error) {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	e, err := f.Store.AccountExport(ctx, about.ID)
	if err == nil && e.State != coop.ExportReady {
		err = fmt.Errorf("archive of %s: %w", about.IRI, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	file, err := f.Media.OpenExport(ctx, e.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return sendArchive(c, about.Name+"-"+e.ReadyAt.UTC().Format(time.DateOnly)+".zip", e.Bytes, file)
}

// sendArchive answers with a file that is too large for the memory. What breaks off
// midway is cut off: its length was said before.
func sendArchive(c *gin.Context, name string, size int64, file io.Reader) error {
	defer respond.Patience(c, archivePatience)()
	respond.Unmeasured(c)
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("Content-Length", strconv.FormatInt(size, 10))
	c.Header("Content-Type", "application/zip")
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		return nil
	}
	if _, err := io.CopyN(c.Writer, file, size); err != nil {
		c.Abort()
	}
	return nil
}
