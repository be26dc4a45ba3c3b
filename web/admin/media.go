// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// mediaPath is what files take.
const mediaPath = "/admin/media"

// mediaView says how much is kept, and of whom.
type mediaView struct {
	Done, Preview string
	Sums          []mediaSum
	Rows          []mediaRow
	More          string // rows that are not shown, in words
	Ages          []choice
	Age           string // of the preview
	None          bool   // this instance keeps no files
}

// mediaSum is a kind of files with its bound.
type mediaSum struct {
	Name, Files, Size string
	Cap               string // in words; empty: none
	Used, Most        int64  // for a meter; Most 0: there is no bound
}

// mediaRow is what one account, or one server, takes.
type mediaRow struct{ Origin, Account, Kind, Files, Size string }

// mediaShown is how many rows the table has.
const mediaShown = 100

// mediaAges are how long ago a picture of another server was looked at for the last time.
var mediaAges = []int{0, 7, 30, 90}

// mediaPage answers GET /admin/media, and with age=… (days) says what would go.
func (f *Face) mediaPage(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view := mediaView{None: f.Media == nil}
	if c.Query("done") == "pruned" {
		view.Done = t.T("admin_media_pruned")
	}
	if view.None {
		return f.draw(c, "admin-media", "admin_media_title", view)
	}
	usage, err := f.Store.MediaUsage(ctx)
	if err != nil {
		return err
	}
	f.sumMedia(t, &view, usage)
	age, asked := mediaAge(c.Query("age"))
	for _, days := range mediaAges {
		name := t.N("admin_media_days", days)
		if days == 0 {
			name = t.T("admin_media_all")
		}
		view.Ages = append(view.Ages, choice{Value: strconv.Itoa(days), Name: name, Chosen: asked && days == age || !asked && days == 30})
	}
	if asked {
		gone, err := f.Media.Prune(ctx, time.Duration(age)*24*time.Hour, true)
		if err != nil {
			return err
		}
		view.Age = strconv.Itoa(age)
		view.Preview = t.T("admin_media_would", "Uploads", t.Number(gone.Uploads), "Cache", t.Number(gone.Cache), "Orphans", t.Number(gone.Orphans), "Size", sizeText(gone.Bytes))
	}
	return f.draw(c, "admin-media", "admin_media_title", view)
}

// mediaAge reads an age in days of the list.
func mediaAge(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && slices.Contains(mediaAges, n)
}

// sumMedia fills in the table: ours and others' together, then whose they are.
func (f *Face) sumMedia(t respond.Tongue, view *mediaView, usage []storage.MediaUse) {
	limits := f.Media.Limits()
	var own, cached storage.MediaUse
	for i, u := range usage {
		sum := &own
		if u.Origin != "here" {
			sum = &cached
		}
		sum.Files, sum.Bytes = sum.Files+u.Files, sum.Bytes+u.Bytes
		if i < mediaShown {
			row := mediaRow{u.Origin, u.Account, t.T("admin_media_kind_" + mediaKind(u.Kind)), t.Number(int(u.Files)), sizeText(u.Bytes)}
			if u.Origin == "here" {
				row.Origin = f.Host
			}
			view.Rows = append(view.Rows, row)
		}
	}
	if len(usage) > mediaShown {
		view.More = t.N("admin_media_more", len(usage)-mediaShown)
	}
	sum := func(key string, u storage.MediaUse, most int64) mediaSum {
		s := mediaSum{Name: t.T(key), Files: t.Number(int(u.Files)), Size: sizeText(u.Bytes), Used: u.Bytes, Most: most}
		if most > 0 {
			s.Cap = t.T("admin_media_cap", "Size", sizeText(most))
		}
		return s
	}
	view.Sums = []mediaSum{sum("admin_media_own", own, limits.All), sum("admin_media_cached", cached, limits.Cache)}
}

// mediaKind is a kind of files as a part of a key.
func mediaKind(kind string) string {
	if slices.Contains([]string{"image", "gifv", "video", "audio", "document", "avatar", "header", "small"}, kind) {
		return kind
	}
	return "other"
}

// sizeText is a number of bytes for people, in units that all our languages write alike.
func sizeText(n int64) string {
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if n < 10<<10 {
			return fmt.Sprintf("%d %s", n, unit)
		}
		n >>= 10
	}
	return fmt.Sprintf("%d TiB", n)
}

// pruneMedia answers POST /admin/media: what nobody needs goes.
func (f *Face) pruneMedia(c *gin.Context) error {
	ctx := c.Request.Context()
	age, ok := mediaAge(c.PostForm("age"))
	if !ok || f.Media == nil {
		return &coop.InvalidError{Field: "age", Problem: "choose how old"}
	}
	gone, err := f.Media.Prune(ctx, time.Duration(age)*24*time.Hour, false)
	if err != nil {
		return err
	}
	why := fmt.Sprintf("%d uploads, %d pictures of other servers, %d orphans", gone.Uploads, gone.Cache, gone.Orphans)
	err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AddAudit(ctx, audit(noted(c, "media.prune", "", why))) })
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, mediaPath+"?done=pruned")
	return nil
}
