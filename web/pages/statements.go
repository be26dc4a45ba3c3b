// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/web/respond"
)

// statementPage is what the instance says in full about something.
type statementPage struct {
	frame
	Text    sanitize.Clean
	Changed moment
}

// statement answers /privacy and /terms; 404 where nothing is said.
func (f *Face) statement(kind coop.StatementKind) respond.Handler {
	return func(c *gin.Context) error {
		s, err := f.Store.Statement(c.Request.Context(), kind)
		if err != nil {
			return err
		}
		page := statementPage{frame: f.frame(c, "", "", nil)}
		page.Title = page.T("statement_" + string(kind))
		clean, _ := text.Markdown(s.Texts.In(page.Lang))
		page.Text, page.Changed = sanitize.Page(clean), momentOf(page.tongue, s.ChangedAt)
		return f.show(c, http.StatusOK, "statement", page)
	}
}

// said is what the instance says in full.
type said struct{ About, Privacy, Terms bool }

// said finds what there is to read.
func (f *Face) said(ctx context.Context) (said, error) {
	there, err := f.Store.Statements(ctx)
	return said{there[coop.StatementAbout], there[coop.StatementPrivacy], there[coop.StatementTerms]}, err
}
