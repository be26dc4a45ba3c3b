// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// asField names the account that a page of settings is about, where it is not the
// person's own.
const asField = "as"

// settingsFrame is the frame of a page of settings that may be about a co-op.
type settingsFrame struct {
	formFrame
	Who    person
	As     string // id of a co-op; empty: the person's own account
	Others []asLink
	Done   string // what has just been done, in words

	about coop.ID // the account
}

// asLink leads to the same page about another account.
type asLink struct {
	Who     person
	URL     string
	Current bool
}

// settingsOf finds the account that the page is about and that the person may do an act
// for; what is written with the context of the request is noted with the person.
func settingsOf(c *gin.Context, act coop.RoleAct) (*coop.Account, error) {
	me, text := auth.Account(c), c.Query(asField)
	if c.Request.Method == http.MethodPost {
		text = c.PostForm(asField)
	}
	if text == "" || text == me.ID.String() {
		return me, nil
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return nil, &coop.RoleError{Act: act}
	}
	return auth.ActAs(c, id, act)
}

// settingsFrame makes the frame of a page at a path, about an account.
func (f *Face) settingsFrame(c *gin.Context, title, path string, about *coop.Account, act coop.RoleAct) (settingsFrame, error) {
	me, meaning := auth.Account(c), url.Values{}
	page := settingsFrame{Who: f.person(about), about: about.ID}
	if about.ID != me.ID {
		page.As = about.ID.String()
		meaning.Set(asField, page.As)
	}
	page.formFrame = f.formFrame(c, title, meaning)
	for i, l := range page.Switch {
		page.Switch[i].URL = path + "?" + withAs(page.As, "lang", l.Tag)
	}
	others, err := auth.Speakable(c, act)
	if err != nil || len(others) == 0 {
		return page, err
	}
	for _, a := range append([]*coop.Account{me}, others...) {
		link := asLink{Who: f.person(a), URL: path, Current: a.ID == about.ID}
		if a.ID != me.ID {
			link.URL += "?" + withAs(a.ID.String())
		}
		page.Others = append(page.Others, link)
	}
	return page, nil
}

// withAs is a query of pairs, for an account that is not one's own.
func withAs(as string, pairs ...string) string {
	q := url.Values{}
	if as != "" {
		q.Set(asField, as)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q.Encode()
}

// doneAt leads back to a page of settings that says what was done.
func doneAt(c *gin.Context, path string, about *coop.Account, done string) {
	as := ""
	if about.ID != auth.Account(c).ID {
		as = about.ID.String()
	}
	c.Redirect(http.StatusSeeOther, path+"?"+withAs(as, "done", done))
}

// noteOwn notes in the audit log what a person does with their own account; what they
// do for another is noted by the store.
func (f *Face) noteOwn(c *gin.Context, about *coop.Account, act, why string) error {
	me, ctx := auth.Account(c), c.Request.Context()
	if me.ID != about.ID {
		return nil
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: me.Name, Act: act, Target: string(about.IRI), Why: why})
	})
}

// lookPatience is how long a page waits for another server that was named on it.
const lookPatience = 15 * time.Second

// freshAccount finds the account that somebody typed as its server describes it now.
func (f *Face) freshAccount(ctx context.Context, typed string) (*coop.Account, error) {
	ctx, cancel := context.WithTimeout(storage.Aside(ctx), lookPatience)
	defer cancel()
	typed = coop.CleanLine(typed, 2048)
	if strings.HasPrefix(typed, "https://") || strings.HasPrefix(typed, "http://") {
		account, _, err := f.Inbox.Open(ctx, coop.IRI(typed))
		if err == nil && account == nil {
			err = coop.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return f.Inbox.Refresh(ctx, account.IRI)
	}
	handle, err := coop.ParseHandle(typed)
	if err != nil {
		return nil, err
	}
	account, err := f.Inbox.ByHandle(ctx, handle)
	if err != nil {
		return nil, err
	}
	return f.Inbox.Refresh(ctx, account.IRI)
}

// carryRoutes are the pages of what goes in and out of an account.
func (f *Face) carryRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, limit auth.Limit, most int64, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: limit, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: most, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(deletePath, f.deletePage), post(deletePath, auth.LimitSignIn, signInBody, f.deleteOwn),
		get(migrationPath, f.migrationPage),
		post(migrationPath, auth.LimitSignIn, signInBody, f.migrate),
		get(exportPath, f.exportPage),
		get(exportPath+"/:kind", f.export),
		get(archivePath, f.archive),
		post(exportPath, auth.LimitSignIn, signInBody, f.askArchive),
		get(importPath, f.importPage),
		post(importPath, auth.LimitSignIn, importBody, f.takeIn),
		post(importPath+"/:id/stop", auth.LimitSignIn, signInBody, f.stopImport),
		get(importPath+"/:id/problems.csv", f.importProblems),
	}
}
