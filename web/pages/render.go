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
	"strings"

	"github.com/gin-gonic/gin"
)

//go:embed templates/*.html
var templateFiles embed.FS

// shells are the templates that all pages share.
var shells = []string{"templates/layout.html", "templates/parts.html"}

// loadTemplates reads each page together with the shells.
func loadTemplates(a *assets) (map[string]*template.Template, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	all := map[string]*template.Template{}
	for _, name := range names {
		page := strings.TrimSuffix(path.Base(name), ".html")
		if page == "layout" || page == "parts" {
			continue
		}
		t := template.New(page).Funcs(template.FuncMap{"asset": a.address})
		if all[page], err = t.ParseFS(templateFiles, append(shells[:2:2], name)...); err != nil {
			return nil, fmt.Errorf("template %s: %w", page, err)
		}
	}
	return all, nil
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
	header.Add("Vary", "Accept, Accept-Language, Cookie")
	if status == http.StatusOK && header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", always)
	}
	send(c, status, "text/html; charset=utf-8", fingerprint(out.Bytes()), out.Bytes(), nil)
	return nil
}
