// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
)

// aboutPage says what this instance is.
type aboutPage struct {
	aboutFrame
	Who    person
	Boards []person
	Stats  storage.Stats
	Text   sanitize.Clean // what this place is, in its own words
	Said   said           // what else there is to read
}

// about answers /about.
func (f *Face) about(c *gin.Context) error {
	ctx := c.Request.Context()
	page := aboutPage{aboutFrame: f.aboutFrame(c, "about_title", nil)}
	page.Description = page.T("home_description", "Federation", page.Federation)
	federation, err := f.Store.FederationAccount(ctx)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	page.Who = f.person(federation)
	if page.Boards, err = f.boards(ctx); err != nil {
		return err
	}
	if page.Stats, err = f.Store.Stats(ctx); err != nil {
		return err
	}
	if page.Said, err = f.said(ctx); err != nil {
		return err
	}
	if page.Said.About {
		if s, err := f.Store.Statement(ctx, coop.StatementAbout); err == nil {
			clean, _ := text.Markdown(s.Texts.In(page.Lang))
			page.Text = sanitize.Page(clean)
		}
	}
	return f.show(c, http.StatusOK, "about", page)
}
