// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

//go:embed templates/*.html
var templateFiles embed.FS

// shells are the templates that all pages share.
var shells = []string{"templates/layout.html", "templates/parts.html"}

// pageTemplates are the pages of all faces by their name. A page is read when it is
// drawn for the first time: most are never asked for while a program runs, and each
// holds the shells anew.
type pageTemplates map[string]func() (*template.Template, error)

// loadTemplates finds our own pages.
func loadTemplates(a *assets) (pageTemplates, error) {
	all := pageTemplates{}
	return all, all.load(a, templateFiles)
}

// sharedFile holds what the pages of one face share besides.
const sharedFile = "templates/shared.html"

// load finds the pages of one face: ours, and those of other faces that are drawn in our
// frame.
func (all pageTemplates) load(a *assets, files fs.FS) error {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	base, err := template.New("").Funcs(template.FuncMap{"asset": a.address}).ParseFS(templateFiles, shells...)
	if err == nil && slices.Contains(names, sharedFile) {
		base, err = base.ParseFS(files, sharedFile)
	}
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	for _, name := range names {
		page := strings.TrimSuffix(path.Base(name), ".html")
		if slices.Contains(shells, name) || name == sharedFile {
			continue
		}
		if all[page] != nil {
			return fmt.Errorf("template %s: two faces have a page of this name", page)
		}
		all[page] = sync.OnceValues(func() (*template.Template, error) {
			t, err := base.Clone()
			if err != nil {
				return nil, fmt.Errorf("template %s: %w", page, err)
			}
			return t.ParseFS(files, name)
		})
	}
	return nil
}

// draw executes a part of a page.
func (all pageTemplates) draw(out io.Writer, page, part string, view any) error {
	load, ok := all[page]
	if !ok {
		return fmt.Errorf("draw %s: there is no such page", page)
	}
	t, err := load()
	if err == nil {
		err = t.ExecuteTemplate(out, part, view)
	}
	if err != nil {
		return fmt.Errorf("draw %s of page %s: %w", part, page, err)
	}
	return nil
}

// always lets caches keep a page and ask each time whether it still holds: what is
// closed, hidden or withdrawn must be gone at once.
const always = "public, no-cache"

// show draws a page whole before anything is sent, so that a mistake is an error
// page and never half of one.
func (f *Face) show(c *gin.Context, status int, page string, view any) error {
	var out bytes.Buffer
	if err := f.templates.draw(&out, page, "layout", view); err != nil {
		return err
	}
	header := c.Writer.Header()
	if framed, ok := view.(interface{ unlisted() bool }); ok && framed.unlisted() {
		header.Set("X-Robots-Tag", "noindex")
	}
	header.Add("Vary", "Accept, Accept-Language, Cookie")
	if status == http.StatusOK && header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", always)
	}
	send(c, status, "text/html; charset=utf-8", fingerprint(out.Bytes()), out.Bytes(), nil)
	return nil
}
