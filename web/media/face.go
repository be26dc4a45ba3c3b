// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"minga/coop"
	"minga/federation"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// fetcher is the little of the federation's client that this face asks.
type fetcher interface {
	Get(ctx context.Context, url, accept string, limit int64) (federation.Page, error)
}

// Options are what the face is made of; Library may be nil, then there are no files.
type Options struct {
	Library *media.Library
	Client  fetcher // nil: pictures of other servers are shown as far as they are kept
	Now     func() time.Time
	// Blocked tells whether nothing of a host is shown; nil: nothing is blocked.
	Blocked func(ctx context.Context, host string) bool
}

// Face serves files. It is safe for concurrent use.
type Face struct {
	Options
	flights  singleflight.Group
	places   chan struct{} // fetches that may be under way
	failures *failures
}

// New makes the face.
func New(o Options) *Face {
	return &Face{Options: o, places: make(chan struct{}, fetchesAtOnce), failures: newFailures(o.Now)}
}

// Routes is the table of this face.
func (f *Face) Routes() []auth.Route {
	file := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Open, Limit: auth.LimitFiles, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.Text, Handle: h}
	}
	return []auth.Route{
		file("/media/:name", f.file),
		file("/media/remote/:mac/:form/:address", f.remote),
	}
}

// policy forbids a file everything: opened by itself it runs nothing, loads nothing and
// is of no origin.
const policy = "default-src 'none'; sandbox"

// readTime is how long handing a file on may take.
const readTime = 10 * time.Minute

// How long readers keep files.
const (
	keepPublic  = "public, max-age=31536000, immutable"
	keepPrivate = "private, max-age=86400"
	keepPicture = "public, max-age=604800"
)

// file answers GET /media/NAME. Who knows the name may read it.
func (f *Face) file(c *gin.Context) error {
	s, err := f.Library.Serve(c.Request.Context(), c.Param("name"))
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keep := keepPublic
	if s.Private {
		keep = keepPrivate
	}
	if s.Place != "" {
		c.Header("Cache-Control", strings.TrimSuffix(keep, ", immutable"))
		c.Redirect(http.StatusFound, s.Place)
		return nil
	}
	serve(c, s, keep)
	return nil
}

// serve hands a file on: whole, in parts (RFC 9110 §14) or not at all where the reader
// has it already.
func serve(c *gin.Context, s *media.Served, keep string) {
	defer respond.Patience(c, readTime)()
	h := c.Writer.Header()
	h.Set("Content-Type", s.MediaType)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Content-Disposition", disposition(s))
	h.Set("Cache-Control", keep)
	h.Set("ETag", strconv.Quote(s.Name))
	http.ServeContent(c.Writer, c.Request, "", s.Modified, s.Body)
}

// disposition shows pictures and saves everything else, under a name that no system
// takes for something else.
func disposition(s *media.Served) string {
	if s.Kind == coop.MediaImage {
		return "inline"
	}
	return mime.FormatMediaType("attachment", map[string]string{"filename": safeName(s)})
}

// safeName is what a person called a file, as far as every system can have it, always
// with the ending of its type.
func safeName(s *media.Served) string {
	ending := s.Name[strings.LastIndexByte(s.Name, '.'):]
	title := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|%`, r) {
			return '_'
		}
		return r
	}, s.Title)
	title = strings.Trim(strings.TrimSuffix(title, ending), " .")
	if title == "" {
		title = strings.TrimSuffix(s.Name, ending)
	}
	return coop.Truncate(title, 100) + ending
}
