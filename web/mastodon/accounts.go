// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
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

// facts asks what an entity of one account says besides.
func (f *Face) facts(ctx context.Context, v coop.Viewer, a *coop.Account) (facts accountFacts, err error) {
	if facts.followers, err = f.Store.CountFollowers(ctx, a.ID, coop.FollowAccepted); err != nil {
		return facts, err
	}
	if facts.following, err = f.Store.CountFollowing(ctx, a.ID, coop.FollowAccepted); err != nil {
		return facts, err
	}
	if facts.posts, err = f.Store.CountPosts(ctx, v, storage.PostQuery{Authors: []coop.ID{a.ID}}); err != nil {
		return facts, err
	}
	verified, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: a.ID, Verified: true}, coop.Page{Limit: 40})
	if err != nil {
		return facts, err
	}
	facts.evidence = "claimed"
	for _, m := range verified {
		facts.evidence = "federation"
		facts.federations = append(facts.federations, m.Organization.ID.String())
	}
	return facts, nil
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
	return f.showAccount(c, a)
}

// showAccount answers an account with its counts; what is gone was never here.
func (f *Face) showAccount(c *gin.Context, a *coop.Account) error {
	if a.Gone() {
		return fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	facts, err := f.facts(c.Request.Context(), auth.Viewer(c), a)
	if err != nil {
		return fmt.Errorf("account %s: %w", a.ID, err)
	}
	c.JSON(http.StatusOK, f.account(a, facts))
	return nil
}

// lookup finds an account by its handle, among those that are known here.
func (f *Face) lookup(c *gin.Context) error {
	a, err := f.byHandle(c.Request.Context(), c.Query("acct"))
	if err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// listAccounts lists local accounts of a kind, newest first.
func (f *Face) listAccounts(kind coop.AccountKind) func(*gin.Context) error {
	return func(c *gin.Context) error {
		accounts, err := f.Store.LocalAccounts(c.Request.Context(), kind, pageOf(c, 40, 80))
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		out := make([]accountJSON, 0, len(accounts))
		for _, a := range accounts {
			if !a.Gone() {
				out = append(out, f.account(a, accountFacts{}))
			}
		}
		listed := make([]*accountJSON, len(out))
		for i := range out {
			listed[i] = &out[i]
		}
		if err := f.certify(c.Request.Context(), listed...); err != nil {
			return err
		}
		if len(accounts) > 0 {
			f.link(c, accounts[0].ID, accounts[len(accounts)-1].ID)
		}
		c.JSON(http.StatusOK, out)
		return nil
	}
}

// leads says whether a token speaks for the instance's federation: coordinators
// do, and nobody else makes co-ops and decides about members.
func (f *Face) leads(c *gin.Context) error {
	if a := auth.Account(c); a.Kind != coop.Federation && a.Rank != coop.RankOwner && a.Rank != coop.RankAdmin {
		return fmt.Errorf("only the federation may do this: %w", coop.ErrForbidden)
	}
	return nil
}

// createCoop makes a co-op of this instance: POST /api/v1/minga/coops.
func (f *Face) createCoop(c *gin.Context) error {
	if err := f.leads(c); err != nil {
		return err
	}
	in, err := readInput(c)
	if err != nil {
		return err
	}
	r := outbox.Registration{Kind: coop.Coop, Name: in.text("name"), DisplayName: in.text("display_name"), Bio: in.text("note"), Language: in.text("language"), Domains: in.texts("domains")}
	if err := in.wrong.Or(); err != nil {
		return err
	}
	a, err := f.Outbox.NewMember(c.Request.Context(), r)
	if err != nil {
		return err
	}
	if err := f.audit(c, "account.create", string(a.IRI)); err != nil {
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
	in, err := readInput(c)
	if err != nil {
		return err
	}
	fillAccount(a, in)
	if err := in.wrong.Or(); err != nil {
		return err
	}
	if err := f.Outbox.UpdateActor(c.Request.Context(), a); err != nil {
		return err
	}
	if err := f.audit(c, "account.update", string(a.IRI)); err != nil {
		return err
	}
	return f.showAccount(c, a)
}

// fillAccount writes what was sent into a profile.
func fillAccount(a *coop.Account, in input) {
	setText(in, "display_name", &a.DisplayName)
	setText(in, "note", &a.BioSource)
	setText(in, "language", &a.Language)
	for name, to := range map[string]*bool{"locked": &a.Locked, "discoverable": &a.Discoverable, "indexable": &a.Indexable} {
		if b := in.flag(name); b != nil {
			*to = *b
		}
	}
	if in.has("domains") {
		a.Domains = in.texts("domains")
	}
	if in.has("fields") {
		a.Fields = nil
		for _, row := range in.list("fields", "name") {
			a.Fields = append(a.Fields, coop.Field{Name: row.text("name"), Value: row.text("value")})
		}
	}
}

// audit notes an act with who did it, in whose name, and from where.
func (f *Face) audit(c *gin.Context, act, target string) error {
	token := auth.TokenOf(c)
	who := "command line"
	if token.PersonID != 0 {
		who = token.PersonID.String()
	}
	entry := &coop.AuditEntry{At: f.Now(), Who: who, OnBehalf: token.AccountID, Act: act, Target: target, From: c.ClientIP()}
	return f.Store.Write(c.Request.Context(), func(tx *storage.Tx) error { return tx.AddAudit(c.Request.Context(), entry) })
}
