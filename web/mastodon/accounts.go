// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// byHandle finds a known account by name or name@host, ours with and without a host.
func (f *Face) byHandle(ctx context.Context, text string) (*coop.Account, error) {
	handle, err := coop.ParseHandle(text)
	if err != nil {
		return f.Store.AccountByHandle(ctx, text, "")
	}
	if handle.Host == f.AccountDomain || handle.Host == f.Host {
		handle.Host = ""
	}
	return f.Store.AccountByHandle(ctx, handle.Name, handle.Host)
}

// getAccount answers one account.
func (f *Face) getAccount(c *gin.Context) error {
	a, err := f.knownAccount(c)
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// knownAccount finds the account of the path; what is gone was never here.
func (f *Face) knownAccount(c *gin.Context) (*coop.Account, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	a, err := f.Store.Account(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	return a, here(a)
}

// here is [coop.ErrNotFound] for an account that is gone.
func here(a *coop.Account) error {
	if a.Gone() {
		return fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	return nil
}

// lookup finds an account by its handle, among those that are known here.
func (f *Face) lookup(c *gin.Context) error {
	a, err := f.byHandle(c.Request.Context(), c.Query("acct"))
	if err == nil {
		err = here(a)
	}
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// leads says whether who asks decides for the instance's federation: its coordinators
// do and who has the rank for it, and nobody else makes co-ops and decides about
// members.
func (f *Face) leads(c *gin.Context) error {
	a := auth.Account(c)
	switch {
	case a.Kind == coop.Federation && auth.May(c, coop.ActCoordinate):
		return nil
	case coop.RankMay(a.Rank, coop.ActCoordinate):
		auth.ByRank(c)
		return nil
	}
	return fmt.Errorf("only the federation may do this: %w", coop.ErrForbidden)
}

// updateAccount changes a profile: PATCH /api/v1/minga/coops/:id. What is not
// sent stays.
func (f *Face) updateAccount(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	a := auth.Account(c)
	if a.ID != id {
		if err := f.leads(c); err != nil {
			return err
		}
		if a, err = f.Store.Account(c.Request.Context(), id); err != nil {
			return err
		}
		if !a.Local {
			return fmt.Errorf("account of another server: %w", coop.ErrForbidden)
		}
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	fillAccount(a, in)
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.UpdateActor(c.Request.Context(), a); err != nil {
		return err
	}
	return f.showCoop(c, a)
}

// fillAccount writes what was sent into a profile.
func fillAccount(a *coop.Account, in input.Values) {
	setText(in, "display_name", &a.DisplayName)
	setText(in, "note", &a.BioSource)
	setText(in, "language", &a.Language)
	for name, to := range map[string]*bool{"locked": &a.Locked, "discoverable": &a.Discoverable, "indexable": &a.Indexable} {
		if b := in.Flag(name); b != nil {
			*to = *b
		}
	}
	if in.Has("domains") {
		a.Domains = in.Texts("domains")
	}
	fillFacts(a, in)
	if in.Has("fields") {
		a.Fields = nil
		for _, row := range in.List("fields", "name") {
			a.Fields = append(a.Fields, coop.Field{Name: row.Text("name"), Value: row.Text("value")})
		}
	}
}
