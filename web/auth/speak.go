// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// Who speaks for a co-op, and may they: by a token that was granted for it, by as= on
// a write of a person's own token, or, on pages, by [ActAs]. All three end in
// [speak], which puts into the context of the request who stands behind it; from
// there the store takes what it writes into the audit log and what it lets be seen.

// AsField is the parameter by which a person's own token acts for a co-op in one
// request.
const AsField = "as"

// speak lets the request act in the name of an account from here on, by a person who
// holds roles there; a person of zero is the command line.
func speak(c *gin.Context, token *coop.Token, account *coop.Account) {
	who := token.Person
	if token.PersonID == 0 {
		who = "command line"
	}
	act := ""
	if !safe(c.Request.Method) {
		act = actWord(c)
	}
	ctx := storage.ActingAs(c.Request.Context(), storage.Acting{
		Person: token.PersonID, Who: who, Account: account.ID, Roles: token.Roles,
		Act: act, Target: coop.Truncate(c.Param("id"), 100), From: c.ClientIP(),
	})
	c.Request = c.Request.WithContext(ctx)
}

// Judge refuses what a person's roles do not allow in the name of the account that
// they act as, before the handler of the route runs: a [coop.RoleError]. On the way it
// puts as= into force. It reads the body of a write, which is there afterwards, and so
// comes after the limits.
func (g *Gate) Judge(c *gin.Context, route Route) error {
	token, account := TokenOf(c), Account(c)
	switch {
	case token == nil || account == nil:
		return nil
	case account.Kind == coop.Person && token.AccountID == account.ID:
		return g.lend(c, route, token, account)
	case !token.May(route.act(), account.Kind):
		return &coop.RoleError{Act: route.act().In(account.Kind)}
	}
	speak(c, token, account)
	return nil
}

// lend lets a person's own token act for the co-op that as= names, in this one
// request. Who holds no role there, and an account that does not exist, get the same
// answer.
func (g *Gate) lend(c *gin.Context, route Route, token *coop.Token, person *coop.Account) error {
	if safe(c.Request.Method) {
		return nil
	}
	text, err := asked(c.Request, route.Parts)
	if err != nil {
		return err
	}
	return g.lendTo(c, text, route.act(), token, person)
}

// Lend is what as= does where a handler finds it in its body; empty does nothing, and
// so does it for a token that acts for a co-op already.
func Lend(c *gin.Context, text string, act coop.RoleAct) error {
	token, person, g := TokenOf(c), Account(c), gateIn(c)
	if g == nil || token == nil || person == nil || person.Kind != coop.Person {
		return nil
	}
	return g.lendTo(c, text, act, token, person)
}

// lendTo is the rest of lend.
func (g *Gate) lendTo(c *gin.Context, text string, act coop.RoleAct, token *coop.Token, person *coop.Account) error {
	if text == "" {
		return nil
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return &coop.RoleError{Act: act}
	}
	if id == person.ID {
		return nil
	}
	spoken, account, err := g.speaker(c, person, id, act)
	if err != nil {
		return err
	}
	lent := *token
	lent.AccountID, lent.PersonID, lent.Person, lent.Roles = spoken.AccountID, spoken.PersonID, spoken.Person, spoken.Roles
	c.Set(tokenKey, &lent)
	know(c, account, lent.Viewer())
	speak(c, &lent, account)
	return nil
}

// speaker is a token, kept nowhere, by which a person acts for an account, and that
// account; a [coop.RoleError] where their roles do not allow the act.
func (g *Gate) speaker(c *gin.Context, person *coop.Account, id coop.ID, act coop.RoleAct) (*coop.Token, *coop.Account, error) {
	ctx := c.Request.Context()
	roles, err := g.Store.RolesIn(ctx, id, person.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("roles: %w", err)
	}
	if len(roles) == 0 {
		return nil, nil, &coop.RoleError{Act: act}
	}
	account, err := g.Store.Account(ctx, id)
	if err != nil {
		return nil, nil, fmt.Errorf("account that a person speaks for: %w", err)
	}
	token := &coop.Token{AccountID: id, PersonID: person.ID, Person: person.Name, Roles: roles}
	if !token.May(act, account.Kind) {
		return nil, nil, &coop.RoleError{Act: act}
	}
	return token, account, nil
}

// ActAs lets who asks act for an account of this instance from here on, as the act
// needs it: a person on a page or with their own token by the roles that they hold
// there, a token that was granted for that account by its own. What is written after
// it with the context of the request is noted in the audit log with the person, and
// what is read for the account is what their roles let them see. [Account] stays who
// it is. A [coop.RoleError] (403) says that they may not, in the same words for an
// account that does not exist.
func ActAs(c *gin.Context, id coop.ID, act coop.RoleAct) (*coop.Account, error) {
	me, g := Account(c), gateIn(c)
	if me == nil || g == nil {
		return nil, coop.ErrUnauthorized
	}
	if token := TokenOf(c); me.ID == id && token != nil && me.Kind != coop.Person {
		if !token.May(act, me.Kind) {
			return nil, &coop.RoleError{Act: act}
		}
		return me, nil
	}
	if me.Kind != coop.Person {
		return nil, &coop.RoleError{Act: act}
	}
	token, account, err := g.speaker(c, me, id, act)
	if err != nil {
		return nil, err
	}
	speak(c, token, account)
	return account, nil
}

// SpeakFor is [ActAs] for who holds a secret link that was sent to a person: it proves
// that person for the one thing that the link is for.
func SpeakFor(c *gin.Context, person *coop.Account, id coop.ID, act coop.RoleAct) (*coop.Account, error) {
	g := gateIn(c)
	if g == nil || person.Kind != coop.Person || person.Gone() {
		return nil, &coop.RoleError{Act: act}
	}
	token, account, err := g.speaker(c, person, id, act)
	if err != nil {
		return nil, err
	}
	speak(c, token, account)
	return account, nil
}

// gateIn is the gate that knows who asks; nil where no token or cookie counts.
func gateIn(c *gin.Context) *Gate {
	g, _ := c.Value(gateKey).(*Gate)
	return g
}

// Speakable are the accounts for which the person who asks may do an act, by their
// roles there; none for anybody else.
func Speakable(c *gin.Context, act coop.RoleAct) ([]*coop.Account, error) {
	me, g := Account(c), gateIn(c)
	if me == nil || g == nil || me.Kind != coop.Person {
		return nil, nil
	}
	held, err := g.Store.RolesOf(c.Request.Context(), me.ID)
	if err != nil {
		return nil, fmt.Errorf("whom a person speaks for: %w", err)
	}
	var accounts []*coop.Account
	for _, h := range coop.HeldIn(held) {
		if coop.RolesMay(h.Roles, act.In(h.Account.Kind)) {
			accounts = append(accounts, h.Account)
		}
	}
	return accounts, nil
}

// Speakers are those whom the person who asks may let an app act as: themselves first,
// without a role, then every account in which they hold one.
func Speakers(c *gin.Context) ([]coop.Held, error) {
	me, g := Account(c), gateIn(c)
	if me == nil || g == nil {
		return nil, coop.ErrUnauthorized
	}
	held, err := g.Store.RolesOf(c.Request.Context(), me.ID)
	if err != nil {
		return nil, fmt.Errorf("whom a person speaks for: %w", err)
	}
	return append([]coop.Held{{Account: me, Person: me}}, coop.HeldIn(held)...), nil
}

// May tells whether who asks may do an act in the name of the account that they act
// as: always in their own.
func May(c *gin.Context, act coop.RoleAct) bool {
	account, token := Account(c), TokenOf(c)
	return account != nil && (token == nil || token.May(act, account.Kind))
}
