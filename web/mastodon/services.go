// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
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
			out[id] = append(out[id], offeringJSON{string(s.Kind), s.Label, entity.ID(s.Term.Root)})
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
	list, propose := []coop.Offering{}, map[string]bool{}
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
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetServices(c.Request.Context(), a, list, propose); err != nil {
		return err
	}
	return f.coopServices(c)
}

// capacityJSON is what time a co-op has.
type capacityJSON struct {
	Audience  string           `json:"audience"` // public or members
	NotedAt   *entity.Time     `json:"noted_at"`
	ExpiresAt *entity.Time     `json:"expires_at"`
	Entries   []skillHoursJSON `json:"capacity"`
}

// skillHoursJSON are hours for a skill in a month.
type skillHoursJSON struct {
	Skill entity.Null `json:"skill"` // an address of the list of skills; null: an own word
	Name  string      `json:"name"`
	Month string      `json:"month"`
	Hours int         `json:"hours"`
}

// coopCapacity answers GET /api/v1/minga/coops/:id/capacity. What is for members is not
// there for others.
func (f *Face) coopCapacity(c *gin.Context) error {
	a, err := f.coopAt(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	may, err := f.Store.MayReadCapacity(ctx, auth.Viewer(c), a.ID)
	if err != nil {
		return err
	}
	if !may {
		return fmt.Errorf("capacity of co-op %s: %w", a.ID, coop.ErrNotFound)
	}
	if auth.Account(c) != nil {
		_ = f.Inbox.FreshenCapacityOf(ctx, a) // the next reader asks again
	}
	list, err := f.Store.CapacityOf(ctx, a.ID)
	if err != nil {
		return err
	}
	out := capacityJSON{Audience: string(list.Audience), NotedAt: perhaps(list.NotedAt), Entries: []skillHoursJSON{}}
	if len(list.Entries) > 0 {
		out.ExpiresAt = perhaps(list.NotedAt.AddDate(0, 0, coop.CapacityDays))
	}
	for _, e := range list.Entries {
		out.Entries = append(out.Entries, skillHoursJSON{entity.Null(e.Skill.URI), e.Skill.Name, e.Month, e.Hours})
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// setCapacity answers PUT /api/v1/minga/coops/:id/capacity with `audience` and `capacity`,
// a list of `skill` (an address, may be left out), `name`, `month` and `hours`.
func (f *Face) setCapacity(c *gin.Context) error {
	a, err := f.ownCoop(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	list := coop.CapacityList{Audience: coop.CapacityAudience(in.Text("audience"))}
	if list.Audience == "" {
		list.Audience = coop.CapacityPublic
	}
	for _, one := range in.List("capacity", "name") {
		list.Entries = append(list.Entries, coop.Capacity{
			Skill: coop.Term{URI: one.Text("skill"), Name: coop.CleanLine(one.Text("name"), 200)}, Month: one.Text("month"), Hours: one.Number("hours"),
		})
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetCapacity(c.Request.Context(), a, list); err != nil {
		return err
	}
	return f.coopCapacity(c)
}

// coverJSON is a co-op that has time for a skill.
type coverJSON struct {
	Account *entity.Account `json:"account"`
	skillHoursJSON
	Own     bool `json:"own"`     // of the own federation
	Members bool `json:"members"` // said to members alone
}

// whoCanCover answers GET /api/v1/minga/coops/cover?skill[]=…&month=…: who has time for
// skills, the own federation first, then those that it follows; at most ten for each.
func (f *Face) whoCanCover(c *gin.Context) error {
	ctx, skills := c.Request.Context(), valuesOf(c, "skill")
	skills = skills[:min(len(skills), 20)]
	if auth.Account(c) != nil {
		_ = f.Inbox.FreshenCapacity(ctx) // the next reader asks again
	}
	found, err := f.Store.WhoCanCover(ctx, auth.Viewer(c), skills, c.Query("month"), 10)
	if err != nil {
		return err
	}
	out := map[string][]coverJSON{}
	for _, skill := range skills {
		accounts := make([]*coop.Account, len(found[skill]))
		for i, one := range found[skill] {
			accounts[i] = one.Account
		}
		list, err := f.accountsOf(ctx, accounts)
		if err != nil {
			return err
		}
		out[skill] = []coverJSON{}
		for i, one := range found[skill] {
			out[skill] = append(out[skill], coverJSON{list[i], skillHoursJSON{entity.Null(one.Skill.URI), one.Skill.Name, one.Month, one.Hours}, one.Own, one.Members})
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// mostTerms is how many terms are listed at once.
const mostTerms = 500

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
	into, _ := coop.ParseID(in.Text("into"))
	name, labels := coop.CleanLine(in.Text("name"), 120), in.Words("labels")
	if err := in.Err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = f.Store.Write(ctx, func(tx *storage.Tx) error { return stepTerm(ctx, tx, c.Param("step"), id, into, name, labels) })
	if err != nil {
		return err
	}
	t, err := f.Store.ServiceTerm(ctx, id)
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

// stepTerm does one act on a term.
func stepTerm(ctx context.Context, tx *storage.Tx, step string, id, into coop.ID, name string, labels map[string]string) error {
	switch step {
	case "feature":
		return tx.FeatureTerm(ctx, id, name, labels)
	case "unfeature":
		return tx.UnfeatureTerm(ctx, id)
	case "merge":
		return tx.MergeTerm(ctx, id, into)
	case "unmerge":
		return tx.UnmergeTerm(ctx, id)
	}
	return fmt.Errorf("step %.40q of a term: %w", step, coop.ErrNotFound)
}

// openListJSON is an open list that was read in.
type openListJSON struct {
	Source     string      `json:"source"`
	URL        entity.Null `json:"url"`
	Licence    string      `json:"licence"`
	ImportedAt entity.Time `json:"imported_at"`
	Entries    int         `json:"entries"`
}

func openListOf(l coop.OpenList) openListJSON {
	return openListJSON{l.Source, entity.Null(l.Address), l.Licence, entity.Time(l.ImportedAt), l.Entries}
}

// openLists answers GET /api/v1/minga/coops/lists: the open lists that were read in.
func (f *Face) openLists(c *gin.Context) error {
	lists, err := f.Store.OpenLists(c.Request.Context())
	if err != nil {
		return err
	}
	out := make([]openListJSON, len(lists))
	for i, l := range lists {
		out[i] = openListOf(l)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listedJSON is a co-op of open lists, which is no account.
type listedJSON struct {
	ID        entity.ID           `json:"id"`
	Name      string              `json:"name"`
	URL       entity.Null         `json:"url"`
	Note      string              `json:"note"`
	Place     entity.Null         `json:"place"`
	Country   entity.Null         `json:"country"`
	Latitude  *float64            `json:"latitude"`
	Longitude *float64            `json:"longitude"`
	Members   *int                `json:"members"`
	Languages entity.List[string] `json:"languages"`
	Services  []offeringJSON      `json:"services"`
	Lists     []openListJSON      `json:"lists"`
}

// listedCoops answers GET /api/v1/minga/coops/listed: the entries of open lists that
// answer the query of [coop.DirectoryQuery], in the order in which they were read, those
// after `after`.
func (f *Face) listedCoops(c *gin.Context) error {
	after, _ := coop.ParseID(c.Query("after"))
	list, err := f.Store.ListedCoops(c.Request.Context(), coop.ParseDirectoryQuery(c.Request.URL.Query()), after, pageOf(c, 40, 80).Limit)
	if err != nil {
		return err
	}
	out := make([]listedJSON, len(list))
	for i, l := range list {
		out[i] = listedOf(l)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// listedOf shows an entry.
func listedOf(l *coop.ListedCoop) listedJSON {
	out := listedJSON{
		ID: entity.ID(l.ID), Name: l.Name, URL: entity.Null(l.URL), Note: l.Note, Place: entity.Null(strings.TrimSpace(l.Place)), Country: entity.Null(l.Country),
		Members: saidCount(l.Members), Languages: l.Languages, Services: []offeringJSON{}, Lists: []openListJSON{},
	}
	if l.At != nil {
		out.Latitude, out.Longitude = &l.At.Latitude, &l.At.Longitude
	}
	for _, s := range l.Services {
		o := offeringJSON{Kind: string(s.Kind), Name: s.Label}
		if s.Term != nil {
			o.Term = entity.ID(s.Term.Root)
		}
		out.Services = append(out.Services, o)
	}
	for _, from := range l.Lists {
		out.Lists = append(out.Lists, openListOf(from))
	}
	return out
}
