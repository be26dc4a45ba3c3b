// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// migrationPath is where people let their account come from or go to another server.
const migrationPath = "/settings/migration"

// migrationView is what stands on that page.
type migrationView struct {
	settingsFrame
	Handle  string      // of the account, to be typed elsewhere
	Aliases []aliasLine // accounts that may move here
	Moved   person      // where the account points; empty: it is here
	Last    moment      // when it moved last
	Again   moment      // from when on it may move again; empty: now
	Soon    bool        // that is ahead
	Coop    bool        // it is no person's
	Fixed   bool        // accounts of its kind cannot move
	Alias   string      // as it was typed
	Target  string      // as it was typed
}

// aliasLine is another account that this one names as its own.
type aliasLine struct {
	Who person
	IRI string
}

// migrationDones are what can have been done just now.
var migrationDones = []string{"alias", "unalias", "move", "redirect", "return"}

// migrationPage answers GET /settings/migration.
func (f *Face) migrationPage(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	view, err := f.migrationView(c, about)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(migrationDones, done) {
		view.Done = view.T("migration_done_" + done)
	}
	return f.show(c, http.StatusOK, "migration", view)
}

// migrationView reads what the page shows.
func (f *Face) migrationView(c *gin.Context, about *coop.Account) (view migrationView, err error) {
	ctx := c.Request.Context()
	if view.settingsFrame, err = f.settingsFrame(c, "migration_title", migrationPath, about, coop.ActProfile); err != nil {
		return view, err
	}
	view.Handle, view.Coop, view.Fixed = about.Handle(f.AccountDomain).String(), about.Kind != coop.Person, !coop.MayMove(about.Kind)
	names, err := f.names(ctx, append(slices.Clone(about.AlsoKnownAs), about.MovedTo))
	if err != nil {
		return view, err
	}
	for _, alias := range about.AlsoKnownAs {
		view.Aliases = append(view.Aliases, aliasLine{names[alias], string(alias)})
	}
	if about.MovedTo != "" {
		view.Moved = names[about.MovedTo]
	}
	last, err := f.Store.LastMove(ctx, about.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return view, nil
	}
	if err != nil {
		return view, err
	}
	view.Last, view.Again = momentOf(view.tongue, last.At), momentOf(view.tongue, last.Again())
	view.Soon = f.Now().Before(last.Again())
	return view, nil
}

// migrate answers the forms of the page: POST /settings/migration with act, and a
// handle or an address.
func (f *Face) migrate(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	act, typed := c.PostForm("act"), c.PostForm("account")
	err = f.doMigrate(c, about, act, typed)
	if problem := migrationProblem(err); problem != "" {
		return f.migrationRefused(c, about, act, typed, problem)
	}
	if err != nil {
		return err
	}
	if err := f.noteOwn(c, about, "migration."+act, coop.CleanLine(typed, 400)); err != nil {
		return err
	}
	doneAt(c, migrationPath, about, act)
	return nil
}

// doMigrate does what a form asks for.
func (f *Face) doMigrate(c *gin.Context, about *coop.Account, act, typed string) error {
	ctx := c.Request.Context()
	switch act {
	case "return":
		return f.Outbox.Return(ctx, about)
	case "unalias":
		return f.Outbox.RemoveAlias(ctx, about, coop.IRI(typed))
	case "alias", "move", "redirect":
	default:
		return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "alias, unalias, move, redirect or return"}
	}
	if act == "move" && c.PostForm("sure") == "" {
		return &coop.InvalidError{Field: "sure", Code: coop.CodeRequired, Problem: "say that you have read it"}
	}
	target, err := f.freshAccount(ctx, typed)
	if errors.Is(err, coop.ErrForbidden) {
		return &coop.InvalidError{Field: "target", Code: coop.CodeMoveGone, Problem: "of a server that is refused here"}
	}
	if err != nil {
		return err
	}
	switch act {
	case "move":
		return f.Outbox.Move(ctx, about, target)
	case "redirect":
		return f.Outbox.Redirect(ctx, about, target)
	}
	return f.Outbox.AddAlias(ctx, about, target)
}

// migrationProblem is the word for what a person can mend; empty for anything else.
func migrationProblem(err error) string {
	var invalid *coop.InvalidError
	var net interface{ Temporary() bool }
	switch {
	case errors.As(err, &invalid) && invalid.Field == "act":
		return ""
	case errors.As(err, &invalid) && invalid.Field == "handle":
		return "handle"
	case errors.As(err, &invalid) && invalid.Field == "sure":
		return "sure"
	case errors.As(err, &invalid):
		return invalid.Code
	case errors.Is(err, coop.ErrNotFound), errors.Is(err, coop.ErrGone):
		return "not_found"
	case errors.As(err, &net), errors.Is(err, context.DeadlineExceeded):
		return "away"
	}
	return ""
}

// migrationRefused shows the page again with what was typed and what is wrong.
func (f *Face) migrationRefused(c *gin.Context, about *coop.Account, act, typed, problem string) error {
	view, err := f.migrationView(c, about)
	if err != nil {
		return err
	}
	field := map[string]string{"alias": "alias", "redirect": "redirect"}[act]
	if field == "" {
		field = "target"
	}
	if field == "alias" {
		view.Alias = coop.CleanLine(typed, 400)
	} else {
		view.Target = coop.CleanLine(typed, 400)
	}
	if problem == "sure" {
		field = "sure"
	}
	view.complain(field, view.migrationWords(problem))
	return f.show(c, http.StatusUnprocessableEntity, "migration", view)
}

// migrationWords says what is wrong, in words.
func (t *tongue) migrationWords(problem string) string {
	switch problem {
	case coop.CodeMoveSelf, coop.CodeMoveOneSide, coop.CodeMoveOn, coop.CodeMoveSoon, coop.CodeMoveGone, coop.CodeTooMany, "handle", "sure", "not_found":
		return t.T("migration_problem_" + problem)
	}
	return t.T("migration_problem_away")
}
