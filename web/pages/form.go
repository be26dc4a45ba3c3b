// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
)

// formFrame is the frame of a page with forms that change something. Its forms carry
// the part "form-token", and show what was wrong by the part "problems" at the top
// and by Problem beside the field.
type formFrame struct {
	frame
	FormToken string
	Problems  []complaint
}

// complaint is what is wrong with a field, which has its name as id.
type complaint struct{ Field, Text string }

// formFrame makes the frame of a page that is one visitor's. meaning are those
// parameters of its address that a change of the language keeps.
func (f *Face) formFrame(c *gin.Context, title string, meaning url.Values) formFrame {
	page := formFrame{frame: f.frame(c, "", "", meaning), FormToken: auth.FormToken(c)}
	page.Title, page.NoIndex = page.T(title), true
	page.Canonical, page.Alternates, page.Graph = "", nil, nil
	c.Header("Cache-Control", "private, no-store")
	return page
}

// complain adds what is wrong with a field.
func (p *formFrame) complain(field, text string) {
	p.Problems = append(p.Problems, complaint{field, text})
}

// Problem is what is wrong with a field, empty when nothing is.
func (p formFrame) Problem(field string) string {
	for _, one := range p.Problems {
		if one.Field == field {
			return one.Text
		}
	}
	return ""
}

// Wrong is what is wrong with a field, for the part "field-problem".
func (p formFrame) Wrong(field string) complaint { return complaint{field, p.Problem(field)} }
