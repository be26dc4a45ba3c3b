// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"github.com/gin-gonic/gin"

	"minga/web/auth"
	"minga/web/respond"
)

// sheet is a page of another face in our frame.
type sheet struct {
	formFrame
	Page string // its template: what a navigation of its own goes by
	View any
}

// Draw answers with a page of another face: its template comes from the files that it
// handed in (Options.More), its words lie in our catalogues.
func (f *Face) Draw(c *gin.Context, status int, s respond.Sheet) error {
	page := sheet{f.formFrame(c, s.Title, s.Keep), s.Page, s.View}
	page.Title = s.Title
	for _, one := range s.Problems {
		page.complain(one.Field, one.Text)
	}
	return f.show(c, status, s.Page, page)
}

// LeadTo lets the navigation lead to the pages of other faces too. It is called before
// the first request.
func (f *Face) LeadTo(routes []auth.Route) {
	for _, route := range routes {
		f.mounted[route.Path] = true
	}
}

// Tongue are the texts in the language of this reader.
func (f *Face) Tongue(c *gin.Context) respond.Tongue { return f.tongueOf(c) }

// Tag is the language, BCP 47.
func (t *tongue) Tag() string { return t.Lang }
