// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// evidenceJSON is everything that is known to hold of a co-op.
type evidenceJSON struct {
	Level   string       `json:"level"`  // the highest
	Levels  []string     `json:"levels"` // all that hold, lowest first
	Domains []domainJSON `json:"domains"`
	Chain   []linkJSON   `json:"chain"` // the federations that speak for it
}

// domainJSON is a domain that the co-op says is its own.
type domainJSON struct {
	Domain    string      `json:"domain"`
	How       entity.Null `json:"how"` // well-known or dns; null: it is not proven
	ProvenAt  entity.Time `json:"proven_at"`
	CheckedAt entity.Time `json:"checked_at"`
}

// linkJSON is a federation of a chain, and those that it is a verified member of itself.
type linkJSON struct {
	ID    entity.ID  `json:"id"`
	URI   string     `json:"uri"`
	Acct  string     `json:"acct"`
	Name  string     `json:"display_name"`
	Above []linkJSON `json:"above"`
}

// coopEvidence answers GET /api/v1/minga/coops/:id/evidence.
func (f *Face) coopEvidence(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := idOf(c)
	if err != nil {
		return err
	}
	a, err := f.Store.Account(ctx, id)
	if err == nil && a.Gone() {
		err = fmt.Errorf("account %s: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return err
	}
	found, err := f.Store.Evidence(ctx, []coop.ID{id})
	if err != nil {
		return err
	}
	proofs, err := f.Store.DomainProofs(ctx, []coop.ID{id})
	if err != nil {
		return err
	}
	chain, err := f.Store.Chain(ctx, id)
	if err != nil {
		return err
	}
	out := evidenceJSON{Level: found[id].Level(), Levels: found[id].Levels(), Domains: []domainJSON{}, Chain: f.links(chain)}
	for _, p := range proofs[id] {
		out.Domains = append(out.Domains, domainJSON{p.Domain, entity.Null(p.How), entity.Time(p.ProvenAt), entity.Time(p.CheckedAt)})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// links shows a chain.
func (f *Face) links(chain []*coop.ChainLink) []linkJSON {
	out := []linkJSON{}
	for _, l := range chain {
		out = append(out, linkJSON{entity.ID(l.Account.ID), string(l.Account.IRI), f.acct(l.Account), shownName(l.Account), f.links(l.Above)})
	}
	return out
}
