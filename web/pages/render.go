// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed templates/*.html
var templateFiles embed.FS

// shells are the templates that all pages share.
var shells = []string{"templates/layout.html", "templates/parts.html"}

// loadTemplates reads each page together with the shells.
func loadTemplates(a *assets) (map[string]*template.Template, error) {
	all := map[string]*template.Template{}
	return all, loadPages(all, a, templateFiles)
}

// sharedFile holds what the pages of one face share besides.
const sharedFile = "templates/shared.html"

// loadPages reads the pages of one face: ours, and those of other faces that are drawn
// in our frame.
func loadPages(all map[string]*template.Template, a *assets, files fs.FS) error {
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
		t, err := base.Clone()
		if err == nil {
			all[page], err = t.ParseFS(files, name)
		}
		if err != nil {
			return fmt.Errorf("template %s: %w", page, err)
		}
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
	if err := f.templates[page].ExecuteTemplate(&out, "layout", view); err != nil {
		return fmt.Errorf("draw page %s: %w", page, err)
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
