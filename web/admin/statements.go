// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// statementsPath is what the instance says in full: what it is, what it keeps, on what terms.
const statementsPath = "/admin/statements"

// statementBody is how large the form of a statement may be, in bytes.
const statementBody = 1 << 20

// statementsView lists them.
type statementsView struct{ Rows []statementRow }

// statementRow is one of them.
type statementRow struct {
	Name, URL string
	Page      string // where people read it; empty: nothing is said
	Languages []string
	Changed   moment
}

// statementPages are where people read them.
var statementPages = map[coop.StatementKind]string{coop.StatementAbout: "/about", coop.StatementPrivacy: "/privacy", coop.StatementTerms: "/terms"}

// statements answers GET /admin/statements.
func (f *Face) statements(c *gin.Context) error {
	t := f.Shell.Tongue(c)
	view := statementsView{}
	for _, kind := range coop.StatementKinds() {
		s, err := f.statementOf(c, kind)
		if err != nil {
			return err
		}
		row := statementRow{Name: t.T("admin_statement_" + string(kind)), URL: statementsPath + "/" + string(kind), Changed: momentOf(t, s.ChangedAt)}
		for _, tag := range tongues {
			if s.Texts[tag] != "" {
				row.Languages = append(row.Languages, t.Language(tag))
			}
		}
		if len(s.Texts) > 0 {
			row.Page = statementPages[kind]
		}
		view.Rows = append(view.Rows, row)
	}
	return f.draw(c, "admin-statements", "admin_statements_title", view)
}

// statementOf is what is said; nothing is a statement without texts.
func (f *Face) statementOf(c *gin.Context, kind coop.StatementKind) (*coop.Statement, error) {
	s, err := f.Store.Statement(c.Request.Context(), kind)
	if errors.Is(err, coop.ErrNotFound) {
		return &coop.Statement{Kind: kind, Texts: coop.Texts{}}, nil
	}
	return s, err
}

// statementView is the form of one.
type statementView struct {
	Path  string
	Texts []textField
	Page  string
	Done  string
}

// kindOf is the statement of the path.
func kindOf(c *gin.Context) (coop.StatementKind, error) {
	kind := coop.StatementKind(c.Param("what"))
	if !slices.Contains(coop.StatementKinds(), kind) {
		return "", fmt.Errorf("statement %.40q: %w", c.Param("what"), coop.ErrNotFound)
	}
	return kind, nil
}

// statementPage answers GET /admin/statements/KIND.
func (f *Face) statementPage(c *gin.Context) error {
	kind, err := kindOf(c)
	if err != nil {
		return err
	}
	s, err := f.statementOf(c, kind)
	if err != nil {
		return err
	}
	view := statementView{}
	if c.Query("done") != "" {
		view.Done = f.Shell.Tongue(c).T("admin_saved")
	}
	return f.showStatement(c, http.StatusOK, view, s, nil)
}

// showStatement draws the form.
func (f *Face) showStatement(c *gin.Context, status int, view statementView, s *coop.Statement, problems []respond.Problem) error {
	t := f.Shell.Tongue(c)
	view.Path, view.Texts = statementsPath+"/"+string(s.Kind), textFields(t, s.Texts)
	if len(s.Texts) > 0 && len(problems) == 0 {
		view.Page = statementPages[s.Kind]
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "admin-statement", Title: t.T("admin_statement_" + string(s.Kind)), View: view, Problems: problems})
}

// changeStatement answers POST /admin/statements/KIND: no text in any language takes it
// back. Texts in languages that the form does not have stay.
func (f *Face) changeStatement(c *gin.Context) error {
	kind, err := kindOf(c)
	if err != nil {
		return err
	}
	before, err := f.statementOf(c, kind)
	if err != nil {
		return err
	}
	ctx, act := c.Request.Context(), "statement.set"
	s := &coop.Statement{Kind: kind, Texts: readTexts(c)}
	for tag, text := range before.Texts {
		if !slices.Contains(tongues, tag) {
			s.Texts[tag] = text
		}
	}
	if len(s.Texts) == 0 {
		act = "statement.remove"
	} else if problems := textProblems(f.Shell.Tongue(c), s.Validate()); len(problems) > 0 {
		return f.showStatement(c, http.StatusUnprocessableEntity, statementView{}, s, problems)
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		return also(tx.PutStatement(ctx, s), func() error { return tx.AddAudit(ctx, audit(noted(c, act, string(kind), ""))) })
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, statementsPath+"/"+string(kind)+"?done=saved")
	return nil
}
