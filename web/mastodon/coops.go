// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// listCoops answers GET /api/v1/minga/coops, the directory: the co-ops of this instance
// and those of others that are verified members of a federation, newest first, with the
// query of [coop.DirectoryQuery].
func (f *Face) listCoops(c *gin.Context) error {
	accounts, err := f.Store.Coops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain, pageOf(c, 40, 80))
	if err != nil {
		return err
	}
	if len(accounts) > 0 {
		f.link(c, accounts[0].ID, accounts[len(accounts)-1].ID)
	}
	list, err := f.accountsOf(c.Request.Context(), accounts)
	if err != nil {
		return err
	}
	services, err := f.servicesOf(c, accounts)
	if err != nil {
		return err
	}
	out := make([]coopEntity, len(list))
	for i := range list {
		out[i] = coopEntity{list[i], facts(accounts[i].Coop), services[accounts[i].ID]}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// coopFacets answers GET /api/v1/minga/coops/facets: what the co-ops that answer the
// query can be narrowed by.
func (f *Face) coopFacets(c *gin.Context) error {
	counts, err := f.Store.CoopFacets(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain)
	if err != nil {
		return err
	}
	terms, err := f.Store.ServiceFacets(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), f.AccountDomain)
	if err != nil {
		return err
	}
	out := map[string][]facetJSON{"country": {}, "language": {}, "sector": {}, "type": {}, "evidence": {}, "service": {}, "technology": {}}
	for _, n := range terms {
		facet := string(n.Term.Kind)
		out[facet] = append(out[facet], facetJSON{n.Term.Name, n.Term.In(c.Query("lang")), n.Count})
	}
	for _, n := range counts {
		out[n.Facet] = append(out[n.Facet], facetJSON{n.Value, facetLabel(c, n.Facet, n.Value), n.Count})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getCoop answers GET /api/v1/minga/coops/:id: a co-op with what it says of itself.
func (f *Face) getCoop(c *gin.Context) error {
	a, err := f.knownAccount(c)
	if err != nil {
		return err
	}
	return f.showCoop(c, a)
}

// showCoop answers one co-op.
func (f *Face) showCoop(c *gin.Context, a *coop.Account) error {
	list, err := f.accountsOf(c.Request.Context(), []*coop.Account{a})
	if err != nil {
		return err
	}
	services, err := f.servicesOf(c, []*coop.Account{a})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, coopEntity{list[0], facts(a.Coop), services[a.ID]})
	return nil
}
