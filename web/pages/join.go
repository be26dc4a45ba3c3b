// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

// joinState is what is kept of somebody whom a provider vouches for, until they have
// chosen a name.
type joinState struct {
	Claims auth.Claims `json:"claims"`
	Next   string      `json:"next"`
}

// joinView is the page where they choose it.
type joinView struct {
	formFrame
	Provider string
	Domain   string // of the handle
	Given    inviteForm
}

// joining finds who is to choose a name in this browser, and makes the page; nil:
// nobody, or no longer.
func (f *Face) joining(c *gin.Context) (*joinState, joinView, error) {
	var state joinState
	_, err := f.Proofs.Kept(c, auth.CeremonyJoin, &state)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, joinView{}, nil
	}
	if err != nil {
		return nil, joinView{}, err
	}
	given := inviteForm{Name: state.Claims.Login, DisplayName: state.Claims.Name}
	return &state, joinView{f.formFrame(c, "join_title", nil), f.Provider.Name, f.AccountDomain, given}, nil
}

// joinPage answers GET /sign-in/join.
func (f *Face) joinPage(c *gin.Context) error {
	state, view, err := f.joining(c)
	if err != nil {
		return err
	}
	if state == nil {
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	return f.show(c, http.StatusOK, "join", view)
}

// join answers POST /sign-in/join: it makes the account of somebody whom the provider
// vouches for, once.
func (f *Face) join(c *gin.Context) error {
	state, view, err := f.joining(c)
	if err != nil {
		return err
	}
	if state == nil {
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	view.Given = inviteForm{Name: coop.CleanLine(c.PostForm("name"), 100), DisplayName: coop.CleanLine(c.PostForm("display_name"), 500)}
	account, err := f.makeJoined(c, state, view)
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, coop.ErrConflict):
		view.complain("name", view.T("invite_name_taken"))
	case errors.As(err, &invalid):
		view.complain("name", view.T("invite_name_wrong"))
	case err != nil:
		return err
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "join", view)
	}
	return f.letIn(c, account, state.Claims.Strong, state.Next, f.Proofs.Taken(c, auth.CeremonyJoin))
}

// makeJoined makes the account and binds it, in one. An address of mail is theirs only
// if the provider verified it and nobody here has it; it binds them to nobody.
func (f *Face) makeJoined(c *gin.Context, state *joinState, view joinView) (*coop.Account, error) {
	ctx, claims := c.Request.Context(), &state.Claims
	email := claims.Email
	if email != "" {
		if _, err := f.Store.PersonByEmail(ctx, email); err == nil {
			email = ""
		} else if !errors.Is(err, coop.ErrNotFound) {
			return nil, err
		}
	}
	return f.Outbox.NewAccount(ctx, outbox.Registration{
		Kind: coop.Person, Name: view.Given.Name, DisplayName: view.Given.DisplayName, Language: view.Lang, Email: email, Rank: coop.RankMember,
		Also: func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			err := tx.AddIdentity(ctx, &coop.Identity{AccountID: a.ID, Issuer: claims.Issuer, Subject: claims.Subject, Name: shownClaims(claims)})
			if err != nil {
				return err
			}
			if err := tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "account.create", Target: string(a.IRI), Why: "provider"}); err != nil {
				return err
			}
			return f.applyGroups(ctx, tx, a, claims)
		},
	})
}

// applyGroups gives and takes the ranks and roles that groups of the provider stand
// for, at each sign-in: those that the configuration names, and no others. An owner
// stays one, and the last steward of a co-op too.
func (f *Face) applyGroups(ctx context.Context, tx *storage.Tx, a *coop.Account, claims *auth.Claims) error {
	if err := f.applyRank(ctx, tx, a, claims); err != nil {
		return err
	}
	want := map[auth.ProviderRole]bool{}
	for group, roles := range f.Provider.Roles {
		for _, role := range roles {
			want[role] = want[role] || slices.Contains(claims.Groups, group)
		}
	}
	for role, give := range want {
		if err := applyRole(ctx, tx, a, role, give); err != nil {
			return err
		}
	}
	return nil
}

// applyRole gives or takes one role. A co-op that is not here has none to give.
func applyRole(ctx context.Context, tx *storage.Tx, a *coop.Account, role auth.ProviderRole, give bool) error {
	where, err := tx.AccountByHandle(ctx, role.Coop, "")
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := tx.RolesIn(ctx, where.ID, a.ID)
	if err != nil || slices.Contains(held, role.Role) == give {
		return err
	}
	change := tx.TakeRole
	if give {
		change = tx.GiveRole
	}
	_, err = change(ctx, where.ID, a.ID, role.Role, 0)
	var invalid *coop.InvalidError
	if errors.Is(err, coop.ErrLastSteward) || errors.Is(err, coop.ErrNotFound) || errors.As(err, &invalid) {
		return nil
	}
	return err
}

// applyRank gives the highest rank that the groups stand for; none of them: member.
func (f *Face) applyRank(ctx context.Context, tx *storage.Tx, a *coop.Account, claims *auth.Claims) error {
	if len(f.Provider.Ranks) == 0 {
		return nil
	}
	now, err := tx.HoldAccount(ctx, a.ID)
	if err != nil {
		return err
	}
	if *a = *now; a.Rank == coop.RankOwner {
		return nil
	}
	rank := coop.RankMember
	for _, group := range claims.Groups {
		switch given := f.Provider.Ranks[group]; {
		case given == coop.RankAdmin, given == coop.RankModerator && rank == coop.RankMember:
			rank = given
		}
	}
	if rank == a.Rank {
		return nil
	}
	a.Rank = rank
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	tx.RightsChanged(ctx, a.ID)
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: "provider", Act: "account.role", Target: string(a.IRI), Why: string(rank)})
}
