// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// keysPath is where the keys are changed.
const keysPath = "/admin/keys"

// keysView says what keys there are and whether they are being changed.
type keysView struct {
	Done    string
	Facts   []fact
	Busy    bool // a change is under way
	Nothing bool // a form came that asked for nothing
}

// keys answers GET /admin/keys, to who proved just now who they are.
func (f *Face) keys(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	view, err := f.keysView(c)
	if err != nil {
		return err
	}
	if c.Query("done") != "" {
		view.Done = f.Shell.Tongue(c).T("admin_keys_begun")
	}
	return f.draw(c, "admin-keys", "admin_keys_title", view)
}

// keysView asks for what the page shows.
func (f *Face) keysView(c *gin.Context) (keysView, error) {
	ctx := c.Request.Context()
	k, err := f.Store.KeyRotation(ctx)
	if err != nil {
		return keysView{}, err
	}
	n, err := f.Store.CountKeys(ctx)
	return keysView{Facts: keyFacts(f.Shell.Tongue(c), k, n), Busy: !k.Asked.IsZero()}, err
}

// keyFacts are what is known, a line each.
func keyFacts(t respond.Tongue, k storage.KeyRotation, n storage.KeyCounts) []fact {
	last := fact{Name: t.T("admin_keys_last"), Value: t.T("admin_keys_never")}
	if !k.Done.IsZero() {
		last.Value, last.Stamp = t.Here(k.Done)+", "+t.Clock(k.Done), t.Stamp(k.Done)
	}
	facts := []fact{
		last,
		{Name: t.T("admin_keys_accounts"), Value: t.Number(n.Accounts)},
		{Name: t.T("admin_keys_old"), Value: t.Number(n.OldSeals)},
		{Name: t.T("admin_keys_push"), Value: t.Number(n.Subscriptions)},
	}
	if todo := k.ToDo(); todo != "" {
		facts = append(facts, fact{Name: t.T("admin_keys_problem"), Value: todo})
	}
	return facts
}

// changeKeys answers POST /admin/keys: a server of this instance does it, begun at once.
func (f *Face) changeKeys(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	on := func(name string) bool { return c.PostForm(name) == "on" }
	want := storage.KeyRotation{Actors: on("all"), Secrets: on("secrets"), Push: on("push"), Compromise: on("compromise")}
	if !want.Any() {
		view, err := f.keysView(c)
		if err != nil {
			return err
		}
		view.Nothing = true
		return f.Shell.Draw(c, http.StatusUnprocessableEntity, respond.Sheet{Page: "admin-keys", Title: f.Shell.Tongue(c).T("admin_keys_title"), View: view})
	}
	ctx := c.Request.Context()
	err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) error { k.Ask(want, f.Now().UTC()); return nil })
		return also(err, func() error { return tx.AddAudit(ctx, audit(noted(c, want.Act(), "", want.Words()))) })
	})
	if err != nil {
		return err
	}
	f.Store.Wake(storage.TopicKeys)
	c.Redirect(http.StatusSeeOther, keysPath+"?done=asked")
	return nil
}
