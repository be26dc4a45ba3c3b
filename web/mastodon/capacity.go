// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

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
	list, err := f.capacityFor(c, a)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, capacityOf(list))
	return nil
}

// capacityFor is the time of a co-op as who asks may read it.
func (f *Face) capacityFor(c *gin.Context, a *coop.Account) (list coop.CapacityList, err error) {
	ctx := c.Request.Context()
	may, err := f.Store.MayReadCapacity(ctx, auth.Viewer(c), a.ID)
	if err == nil && !may {
		err = fmt.Errorf("capacity of co-op %s: %w", a.ID, coop.ErrNotFound)
	}
	if err != nil {
		return list, err
	}
	if auth.Account(c) != nil {
		_ = f.Inbox.FreshenCapacityOf(ctx, a) // the next reader asks again
	}
	return f.Store.CapacityOf(ctx, a.ID)
}

// capacityOf shows the time of a co-op.
func capacityOf(list coop.CapacityList) capacityJSON {
	out := capacityJSON{Audience: string(list.Audience), NotedAt: perhaps(list.NotedAt), Entries: []skillHoursJSON{}}
	if len(list.Entries) > 0 {
		out.ExpiresAt = perhaps(list.NotedAt.AddDate(0, 0, coop.CapacityDays))
	}
	for _, e := range list.Entries {
		out.Entries = append(out.Entries, skillHoursJSON{entity.Null(e.Skill.URI), e.Skill.Name, e.Month, e.Hours})
	}
	return out
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
	list := readCapacity(in)
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.SetCapacity(c.Request.Context(), a, list); err != nil {
		return err
	}
	return f.coopCapacity(c)
}

// readCapacity reads what time a co-op says that it has.
func readCapacity(in input.Values) coop.CapacityList {
	list := coop.CapacityList{Audience: coop.CapacityAudience(in.Text("audience"))}
	if list.Audience == "" {
		list.Audience = coop.CapacityPublic
	}
	for _, one := range in.List("capacity", "name") {
		list.Entries = append(list.Entries, coop.Capacity{
			Skill: coop.Term{URI: one.Text("skill"), Name: coop.CleanLine(one.Text("name"), 200)}, Month: one.Text("month"), Hours: one.Number("hours"),
		})
	}
	return list
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
		if out[skill], err = f.coversOf(ctx, found[skill]); err != nil {
			return err
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// coversOf shows the co-ops that have time for one skill.
func (f *Face) coversOf(ctx context.Context, found []coop.Cover) ([]coverJSON, error) {
	accounts := make([]*coop.Account, len(found))
	for i, one := range found {
		accounts[i] = one.Account
	}
	list, err := f.accountsOf(ctx, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]coverJSON, len(found))
	for i, one := range found {
		out[i] = coverJSON{list[i], skillHoursJSON{entity.Null(one.Skill.URI), one.Skill.Name, one.Month, one.Hours}, one.Own, one.Members}
	}
	return out, nil
}
