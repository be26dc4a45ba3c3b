// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// offeringJSON is something that a co-op does, in its own words, with the term of the
// catalogue that it means.
type offeringJSON struct {
	Kind string    `json:"kind"` // service, sector or technology
	Name string    `json:"name"`
	Term entity.ID `json:"term_id"`
}

// offeringOf shows something that a co-op does.
func offeringOf(s coop.Offering) offeringJSON {
	out := offeringJSON{Kind: string(s.Kind), Name: s.Label}
	if s.Term != nil {
		out.Term = entity.ID(s.Term.Root)
	}
	return out
}

// servicesOf is what co-ops do.
func (f *Face) servicesOf(c *gin.Context, accounts []*coop.Account) (map[coop.ID][]offeringJSON, error) {
	ids := make([]coop.ID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	services, err := f.Store.ServicesOf(c.Request.Context(), ids)
	if err != nil {
		return nil, err
	}
	out := map[coop.ID][]offeringJSON{}
	for _, id := range ids {
		out[id] = []offeringJSON{}
		for _, s := range services[id] {
			out[id] = append(out[id], offeringOf(s))
		}
	}
	return out, nil
}

// coopAt is the co-op of the path; one that is gone is not there.
func (f *Face) coopAt(c *gin.Context) (*coop.Account, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	a, err := f.Store.Account(c.Request.Context(), id)
	if err == nil && (a.Gone() || a.Kind != coop.Coop) {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("co-op %s: %w", id, err)
	}
	return a, nil
}

// ownCoop is the co-op of the path where it is the one that the token acts for.
func (f *Face) ownCoop(c *gin.Context) (*coop.Account, error) {
	a, err := f.coopAt(c)
	if err != nil {
		return nil, err
	}
	if me := auth.Account(c); me.ID != a.ID {
		return nil, fmt.Errorf("co-op %s is not who asks: %w", a.ID, coop.ErrForbidden)
	}
	return a, nil
}

// coopServices answers GET /api/v1/minga/coops/:id/services: what a co-op does.
func (f *Face) coopServices(c *gin.Context) error {
	a, err := f.coopAt(c)
	if err != nil {
		return err
	}
	services, err := f.servicesOf(c, []*coop.Account{a})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, services[a.ID])
	return nil
}

// setServices answers PUT /api/v1/minga/coops/:id/services with `services`, a list of
// `kind`, `name` and `propose` (whether the federation is asked to have it in the
// catalogue), in the place of what the co-op said before.
func (f *Face) setServices(c *gin.Context) error {
	a, err := f.ownCoop(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	list, propose := readServices(in)
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetServices(c.Request.Context(), a, list, propose); err != nil {
		return err
	}
	return f.coopServices(c)
}

// readServices reads what a co-op says that it does, and by kind and folded name what it
// proposes.
func readServices(in input.Values) (list []coop.Offering, propose map[string]bool) {
	list, propose = []coop.Offering{}, map[string]bool{}
	for _, one := range in.List("services", "name") {
		kind := coop.KindService
		if text := one.Text("kind"); text != "" {
			kind = coop.ServiceKind(text)
		}
		list = append(list, coop.Offering{Kind: kind, Label: one.Text("name")})
		if one.On("propose") {
			propose[string(kind)+" "+coop.FoldService(one.Text("name"))] = true
		}
	}
	return list, propose
}
