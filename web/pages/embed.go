// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// embedPage is a job as a card on pages of other sites: no script, no cookie, no link that
// stays inside of the frame.
type embedPage struct {
	*tongue
	Job   jobCard
	Place string
	Sheet string
	Link  string // absolute
}

// embed answers /jobs/ID/embed, which any site may frame.
func (f *Face) embed(c *gin.Context) error {
	p, err := f.publicJob(c, c.Param("id"))
	if err != nil {
		return err
	}
	t := f.words.of(c.Query("lang"))
	if t == nil {
		t = f.words.of(p.Language)
	}
	if t == nil {
		t = f.words.tongues["en"]
	}
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", strings.Replace(header.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors *", 1))
	header.Del("X-Frame-Options")
	header.Del("Cross-Origin-Opener-Policy")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("X-Robots-Tag", "noindex")
	page := embedPage{t, f.jobCard(t, p), f.federationName(c), f.sheetFor(c.Request.Context()), f.root() + f.pathOf(p)}
	return f.show(c, http.StatusOK, "embed", page)
}

// publicJob finds a job that anybody may see, by its id.
func (f *Face) publicJob(c *gin.Context, text string) (*coop.Post, error) {
	id, err := coop.ParseID(text)
	if err != nil {
		return nil, fmt.Errorf("job %.40q: %w", text, coop.ErrNotFound)
	}
	p, err := f.Store.Post(c.Request.Context(), anybody(), id)
	if err == nil && p.Job == nil {
		err = fmt.Errorf("post %s is no job: %w", id, coop.ErrNotFound)
	}
	return p, err
}

// The room that a job takes on another page, in pixels.
const (
	embedWidth  = 600
	embedHeight = 260
)

// oembed answers /api/oembed?url=…&format=json&maxwidth=…&maxheight=… (oEmbed 1.0): how a
// job is put into the page of another site.
func (f *Face) oembed(c *gin.Context) error {
	if format := c.Query("format"); format != "" && format != "json" {
		return errFormat{}
	}
	p, err := f.jobAt(c, c.Query("url"))
	if err != nil {
		return err
	}
	width, height := within(c.Query("maxwidth"), embedWidth), within(c.Query("maxheight"), embedHeight)
	who := f.person(p.Author)
	frame := fmt.Sprintf(`<iframe src="%s/jobs/%s/embed" width="%d" height="%d" title="%s" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox" style="border:0;max-width:100%%"></iframe>`,
		f.root(), p.ID, width, height, html.EscapeString(p.Job.Title))
	body, err := json.Marshal(map[string]any{
		"version": "1.0", "type": "rich", "title": p.Job.Title, "author_name": who.Name, "author_url": f.root() + who.URL,
		"provider_name": f.federationName(c), "provider_url": f.root() + "/", "cache_age": 3600, "html": frame, "width": width, "height": height,
		"thumbnail_url": f.root() + cardPath(p.ID), "thumbnail_width": cardWidth, "thumbnail_height": cardHeight,
	})
	if err != nil {
		return fmt.Errorf("write oembed: %w", err)
	}
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	c.Data(http.StatusOK, "application/json; charset=utf-8", body)
	return nil
}

// within is what was asked for, at most so much; nonsense is that.
func within(text string, most int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < most {
		return n
	}
	return most
}

// jobAt is the job whose page here has an address.
func (f *Face) jobAt(c *gin.Context, address string) (*coop.Post, error) {
	u, err := url.Parse(coop.Truncate(address, 2048))
	if err != nil || u.Scheme+"://"+u.Host != f.root() {
		return nil, fmt.Errorf("page %.100q: %w", address, coop.ErrNotFound)
	}
	if id, ok := strings.CutPrefix(u.Path, "/jobs/"); ok {
		return f.publicJob(c, id)
	}
	p, err := f.Store.PostByIRI(c.Request.Context(), anybody(), coop.IRI(f.root()+u.EscapedPath()))
	if err == nil && p.Job == nil {
		err = fmt.Errorf("post %s is no job: %w", p.ID, coop.ErrNotFound)
	}
	return p, err
}

// errFormat is said of oEmbed as XML.
type errFormat struct{}

func (errFormat) Error() string { return "only format=json is there" }

// Status is 501 (oEmbed §2.2.2).
func (errFormat) Status() int { return http.StatusNotImplemented }
