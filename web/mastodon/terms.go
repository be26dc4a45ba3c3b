// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// mostTerms is how many terms are listed at once.
const mostTerms = 500

// serviceTermJSON is a term of the catalogue.
type serviceTermJSON struct {
	ID     entity.ID         `json:"id"`
	Kind   string            `json:"kind"`
	Key    string            `json:"key"` // what the query of the directory takes
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
	State  string            `json:"state"`
	Into   *entity.ID        `json:"merged_into"`
	Uses   int               `json:"uses"`
}

// termOf shows a term.
func termOf(t *coop.ServiceTerm) serviceTermJSON {
	out := serviceTermJSON{entity.ID(t.ID), string(t.Kind), t.Name, t.Label, t.Labels, string(t.State), nil, t.Uses}
	if t.Into != 0 {
		out.Into = new(entity.ID(t.Into))
	}
	if out.Labels == nil {
		out.Labels = map[string]string{}
	}
	return out
}

// listTerms answers GET /api/v1/minga/terms: the catalogue, by its names; `state`, `kind`
// and `q` narrow, and without a state it is what is featured.
func (f *Face) listTerms(c *gin.Context) error {
	q := storage.TermQuery{Kind: coop.ServiceKind(c.Query("kind")), Prefix: c.Query("q")}
	for _, state := range valuesOf(c, "state") {
		q.States = append(q.States, coop.ServiceState(state))
	}
	if q.States == nil {
		q.States = []coop.ServiceState{coop.ServiceFeatured}
	}
	list, err := f.Store.ServiceTerms(c.Request.Context(), q, mostTerms)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, terms(list))
	return nil
}

// terms shows terms.
func terms(list []*coop.ServiceTerm) []serviceTermJSON {
	out := make([]serviceTermJSON, len(list))
	for i, t := range list {
		out[i] = termOf(t)
	}
	return out
}

// listTwins answers GET /api/v1/minga/terms/twins: groups of terms that probably mean the
// same, the one to keep first.
func (f *Face) listTwins(c *gin.Context) error {
	groups, err := f.Store.Twins(c.Request.Context())
	if err != nil {
		return err
	}
	out := make([][]serviceTermJSON, len(groups))
	for i, group := range groups {
		out[i] = terms(group)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// changeTerm answers POST /api/v1/minga/terms/:id/feature (with `name` and `labels`),
// /unfeature, /merge (with `into`) and /unmerge, by whoever speaks for the federation.
func (f *Face) changeTerm(c *gin.Context) error {
	if err := f.leads(c); err != nil {
		return err
	}
	id, err := idOf(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	step := readTermStep(c.Param("step"), id, in)
	if err := in.Err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.StepTerm(ctx, step) })
	if err != nil {
		return err
	}
	return f.showTerm(c, id)
}

// showTerm answers a term as it is now.
func (f *Face) showTerm(c *gin.Context, id coop.ID) error {
	t, err := f.Store.ServiceTerm(c.Request.Context(), id)
	if errors.Is(err, coop.ErrNotFound) { // nobody says it: it has left the catalogue with that
		c.JSON(http.StatusOK, gin.H{})
		return nil
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, termOf(t))
	return nil
}

// readTermStep reads what an act needs.
func readTermStep(act string, id coop.ID, in input.Values) storage.TermStep {
	into, _ := coop.ParseID(in.Text("into"))
	return storage.TermStep{Act: act, ID: id, Into: into, Name: coop.CleanLine(in.Text("name"), 120), Labels: in.Words("labels")}
}
