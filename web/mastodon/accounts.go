// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
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
	id, err := idOf(c)
	if err != nil {
		return err
	}
	a, err := f.Store.Account(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return f.showKnown(c, a)
}

// showKnown answers an account that is not gone; what is gone was never here.
func (f *Face) showKnown(c *gin.Context, a *coop.Account) error {
	if a.Gone() {
		return fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	return f.showAccount(c, a)
}

// lookup finds an account by its handle, among those that are known here.
func (f *Face) lookup(c *gin.Context) error {
	a, err := f.byHandle(c.Request.Context(), c.Query("acct"))
	if err != nil {
		return err
	}
	return f.showKnown(c, a)
}

// listAccounts lists local accounts of a kind, newest first.
func (f *Face) listAccounts(kind coop.AccountKind) func(*gin.Context) error {
	return func(c *gin.Context) error {
		accounts, err := f.Store.LocalAccounts(c.Request.Context(), kind, pageOf(c, 40, 80))
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		if len(accounts) > 0 {
			f.link(c, accounts[0].ID, accounts[len(accounts)-1].ID)
		}
		return f.showAccounts(c, slices.DeleteFunc(accounts, (*coop.Account).Gone))
	}
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

// createCoop makes a co-op of this instance: POST /api/v1/minga/coops. A person named
// as `steward`, by id or handle, then gives all other roles in it.
func (f *Face) createCoop(c *gin.Context) error {
	if err := f.leads(c); err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	r := outbox.Registration{Kind: coop.Coop, Name: in.Text("name"), DisplayName: in.Text("display_name"), Bio: in.Text("note"), Language: in.Text("language"), Domains: in.Texts("domains")}
	if err := in.Err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	var steward *coop.Account
	if name := in.Text("steward"); name != "" {
		if steward, err = f.personHere(ctx, name); err != nil {
			return err
		}
	}
	a, err := f.Outbox.NewMember(ctx, r)
	if err == nil && steward != nil {
		err = f.Store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.GiveRole(ctx, a.ID, steward.ID, coop.Steward, auth.Person(c))
			return err
		})
	}
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
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
	return f.showAccount(c, a)
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
	if in.Has("fields") {
		a.Fields = nil
		for _, row := range in.List("fields", "name") {
			a.Fields = append(a.Fields, coop.Field{Name: row.Text("name"), Value: row.Text("value")})
		}
	}
}
