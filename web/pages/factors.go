// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// factorsPath is where people set up what they prove who they are by.
const factorsPath = "/settings/security/factors"

// factorRoutes are the pages around second factors.
func (f *Face) factorRoutes() []auth.Route {
	get := func(path string, access auth.Access, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: access, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: true, Form: respond.HTML, Handle: h}
	}
	post := func(path string, access auth.Access, form respond.Form, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: access, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: true, Form: form, Handle: h}
	}
	return append(f.providerRoutes(), []auth.Route{
		get(secondPath, auth.Visitor, f.secondPage),
		post(secondPath, auth.Visitor, respond.HTML, f.second),
		post("/sign-in/passkey/begin", auth.Visitor, respond.JSON, f.askPasskey),
		post("/sign-in/passkey", auth.Visitor, respond.HTML, f.byPasskey),
		get(factorsPath, auth.Session, f.factorsPage),
		post(factorsPath, auth.Session, respond.HTML, f.changeFactors),
		post(factorsPath+"/passkey", auth.Session, respond.JSON, f.askNewPasskey),
	}...)
}

// factorsView shows a person what they have besides a password.
type factorsView struct {
	formFrame
	Who      person
	Next     string // an own path to go on to; empty: none
	Demanded bool   // the person is of the staff and has none yet
	Factors  coop.Factors
	Passkeys []passkeyRow
	Takes    bool // passkeys can be bound to this host
	Browser  string
	Seed     string // of codes that are not confirmed yet, in groups
	Code     *qrCode
	Paper    []string // codes on paper, shown this once
	Done     string
}

// passkeyRow is a passkey.
type passkeyRow struct {
	ID, Name    string
	Copied      bool
	Since, Used moment
}

// factorDones are what can have been done just now.
var factorDones = []string{"codes", "codes_end", "passkey", "passkey_end"}

// factorsPage answers GET /settings/security/factors?next=….
func (f *Face) factorsPage(c *gin.Context) error {
	view, err := f.factorsView(c, c.Query("next"))
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(factorDones, done) {
		view.Done = view.T("factors_done_" + done)
	}
	return f.show(c, http.StatusOK, "factors", view)
}

// factorsView reads what the page shows. It is shown and changed only with a fresh
// proof; who has a second factor must have shown it in this session.
func (f *Face) factorsView(c *gin.Context, next string) (view factorsView, err error) {
	account, ctx := auth.Account(c), c.Request.Context()
	if err := auth.Fresh(c); err != nil {
		return view, err
	}
	factors, err := f.Store.Factors(ctx, account.ID)
	if err != nil {
		return view, err
	}
	meaning := url.Values{}
	if next != "" {
		next = auth.OwnPath(next)
		meaning.Set("next", next)
	}
	if strong := auth.SessionOf(c).Strong; factors.Any() && !strong {
		return view, &auth.ProveError{Next: withQuery(factorsPath, meaning)}
	}
	view = factorsView{
		formFrame: f.formFrame(c, "factors_title", meaning), Who: f.person(account), Next: next, Factors: factors, Takes: f.Proofs.TakesPasskeys(),
		Demanded: f.Gate.StaffFactors && account.Rank.Staff() && !factors.Any(), Browser: coop.BrowserOf(c.GetHeader("User-Agent")),
	}
	if err := f.passkeyRows(ctx, &view, account); err != nil {
		return view, err
	}
	return view, f.pending(ctx, &view, account)
}

// passkeyRows lists the passkeys.
func (f *Face) passkeyRows(ctx context.Context, view *factorsView, account *coop.Account) error {
	keys, err := f.Store.Passkeys(ctx, account.ID)
	for _, key := range keys {
		row := passkeyRow{key.ID.String(), key.Name, !key.CopiedAt.IsZero(), momentOf(view.tongue, key.CreatedAt), momentOf(view.tongue, key.UsedAt)}
		if row.Name == "" {
			row.Name = view.T("factors_passkey_unnamed")
		}
		view.Passkeys = append(view.Passkeys, row)
	}
	return err
}

// pending shows the seed of codes that are not confirmed yet.
func (f *Face) pending(ctx context.Context, view *factorsView, account *coop.Account) error {
	if view.Factors.Codes {
		return nil
	}
	seed, err := f.Store.CodeSeed(ctx, account.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	view.Seed = inFours(seed.Seed)
	view.Code, err = qrOf(auth.SeedURI(f.Host, account.Handle(f.AccountDomain).String(), seed.Seed))
	return err
}

// inFours parts a text for people who type it.
func inFours(s string) string {
	var groups []string
	for ; len(s) > 4; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(append(groups, s), " ")
}

// changeFactors answers the forms of the page: POST /settings/security/factors with act.
func (f *Face) changeFactors(c *gin.Context) error {
	view, err := f.factorsView(c, c.PostForm("next"))
	if err != nil {
		return err
	}
	account, ctx := auth.Account(c), c.Request.Context()
	switch act := c.PostForm("act"); act {
	case "codes-begin":
		if err := f.Proofs.NewSeed(ctx, account.ID); err != nil {
			return err
		}
		return f.doneFactors(c, view, "")
	case "codes":
		return f.confirmCodes(c, view)
	case "passkey":
		return f.addPasskey(c, view)
	case "passkey-end":
		return f.removePasskey(c, view)
	case "codes-end":
		return f.change(c, view, act, func(tx *storage.Tx) error { return tx.EndCodes(ctx, account.ID) })
	case "paper":
		return f.change(c, view, act, nil)
	}
	return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "codes-begin, codes, codes-end, passkey, passkey-end or paper"}
}

// doneFactors goes back to the page.
func (f *Face) doneFactors(c *gin.Context, view factorsView, done string) error {
	query := url.Values{}
	if view.Next != "" {
		query.Set("next", view.Next)
	}
	if done != "" {
		query.Set("done", strings.ReplaceAll(done, "-", "_"))
	}
	c.Redirect(http.StatusSeeOther, withQuery(factorsPath, query))
	return nil
}

// confirmCodes takes the first code of a new seed.
func (f *Face) confirmCodes(c *gin.Context, view factorsView) error {
	account, ctx := auth.Account(c), c.Request.Context()
	if err := f.Admit(auth.LimitSignInOf, "code "+coop.Fold(account.Name)); err != nil {
		return err
	}
	err := f.Proofs.ConfirmSeed(ctx, account, c.PostForm("code"), func(tx *storage.Tx) error { return auth.Stays(c)(ctx, tx) })
	if errors.Is(err, auth.ErrCode) {
		view.complain("code", view.T("factors_code_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "factors", view)
	}
	if err != nil {
		return err
	}
	return f.change(c, view, "codes", nil)
}

// askNewPasskey answers POST /settings/security/factors/passkey with what the script on
// the page asks the browser for a new passkey with.
func (f *Face) askNewPasskey(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	challenge, err := f.Proofs.AskNewPasskey(c, auth.Account(c))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, challenge)
	return nil
}

// addPasskey keeps a new passkey.
func (f *Face) addPasskey(c *gin.Context, view factorsView) error {
	account, ctx := auth.Account(c), c.Request.Context()
	key, err := f.Proofs.NewPasskey(c, account, c.PostForm("ceremony"), c.PostForm("credential"), coop.CleanLine(c.PostForm("name"), 100))
	if err == nil {
		err = f.change(c, view, "passkey", func(tx *storage.Tx) error { return tx.AddPasskey(ctx, key) })
	}
	if words := passkeyProblem(err); words != "" {
		view.complain("name", view.T(words))
		return f.show(c, http.StatusUnprocessableEntity, "factors", view)
	}
	return err
}

// removePasskey takes a passkey away.
func (f *Face) removePasskey(c *gin.Context, view factorsView) error {
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return err
	}
	account, ctx := auth.Account(c), c.Request.Context()
	return f.change(c, view, "passkey-end", func(tx *storage.Tx) error { return tx.RemovePasskey(ctx, account.ID, id) })
}

// change does what a change of second factors means, or nothing of it: all other
// browsers and all apps are out, the person is told, and this session goes on under a
// new cookie. With the first factor, or when they are asked for, come codes on paper,
// shown this once; with the last factor they go.
func (f *Face) change(c *gin.Context, view factorsView, act string, do func(tx *storage.Tx) error) error {
	account, ctx := auth.Account(c), c.Request.Context()
	err := f.Gate.Renew(c, func(tx *storage.Tx, s *coop.Session) error {
		if do != nil {
			if err := do(tx); err != nil {
				return err
			}
		}
		factors, err := tx.Factors(ctx, account.ID)
		if err != nil {
			return err
		}
		s.Strong, view.Paper = factors.Any(), nil
		if err := f.paper(ctx, tx, &view, account, factors, act); err != nil {
			return err
		}
		if err := tx.EndOthers(ctx, account.ID, s.ID); err != nil {
			return err
		}
		if err := f.Proofs.Warn(ctx, tx, account, auth.WarnFactors); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security." + act, Target: string(account.IRI)})
	})
	if err != nil {
		return err
	}
	if len(view.Paper) == 0 {
		return f.doneFactors(c, view, act)
	}
	view.formFrame = f.formFrame(c, "factors_paper_title", nil) // its token is the new session's
	return f.show(c, http.StatusOK, "paper", view)
}

// paper makes or forgets codes on paper, as the factors that are left want it.
func (f *Face) paper(ctx context.Context, tx *storage.Tx, view *factorsView, account *coop.Account, factors coop.Factors, act string) error {
	var hashes [][]byte
	switch {
	case !factors.Any():
	case act == "paper", factors.Recovery == 0 && (act == "codes" || act == "passkey"):
		view.Paper, hashes = auth.NewPaper()
	default:
		return nil
	}
	return tx.SetRecoveryCodes(ctx, account.ID, hashes)
}
