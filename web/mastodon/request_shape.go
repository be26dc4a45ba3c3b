// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// requestJSON is the member request of a status's minga.
type requestJSON struct {
	Need         entity.Null `json:"need"` // HTML
	NeedURI      entity.Null `json:"need_uri"`
	RespondBy    entity.Time `json:"respond_by"`
	TakesOffers  bool        `json:"takes_offers"`
	Budget       *budgetJSON `json:"budget"`
	Transparency []string    `json:"transparency"`
	Hours        int         `json:"hours"`
	Covered      int         `json:"covered"`
	Slots        []slotJSON  `json:"slots"`
}

// budgetJSON is a range of money; decimals are texts.
type budgetJSON struct {
	Currency string `json:"currency"`
	Min      string `json:"min"`
	Max      string `json:"max"`
}

// slotJSON is a role.
type slotJSON struct {
	ID       string      `json:"key"` // unique in the request
	URI      string      `json:"uri"`
	Name     string      `json:"name"`
	Skill    entity.Null `json:"skill"`
	SkillURI entity.Null `json:"skill_uri"`
	Hours    int         `json:"hours"`
	Covered  int         `json:"covered"`
	Open     int         `json:"open"`
	Rate     *rateJSON   `json:"rate"`
	Required bool        `json:"required"`
	State    string      `json:"state"`
}

// rateJSON is what an hour pays.
type rateJSON struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

// request shows the request that a post is.
func (f *Face) request(p *coop.Post) *requestJSON {
	q := p.Request
	out := &requestJSON{
		Need: entity.Null(q.Description), NeedURI: entity.Null(q.Need.URI), RespondBy: entity.Time(q.RespondBy), TakesOffers: q.Takes(f.Now()),
		Transparency: []string{}, Slots: []slotJSON{},
	}
	out.Hours, out.Covered = q.Hours()
	if b := q.Budget; b != nil {
		out.Budget = &budgetJSON{b.Currency, b.Min.String(), b.Max.String()}
	}
	for _, rule := range q.Transparency {
		out.Transparency = append(out.Transparency, string(rule))
	}
	for _, s := range q.Slots {
		out.Slots = append(out.Slots, slotOf(p, s))
	}
	return out
}

// slotOf shows a role of the request that a post is.
func slotOf(p *coop.Post, s coop.Slot) slotJSON {
	iri, _ := p.SlotIRI(s.Key)
	out := slotJSON{
		ID: s.Key, URI: string(iri), Name: s.Name, Skill: entity.Null(s.Skill.Name), SkillURI: entity.Null(s.Skill.URI),
		Hours: s.Hours, Covered: s.Accepted, Open: s.OpenHours(), Required: s.Required, State: string(s.State()),
	}
	if s.Rate != nil {
		out.Rate = &rateJSON{s.Rate.Currency, s.Rate.Value.String()}
	}
	return out
}

// coverageJSON is how far a request is covered.
type coverageJSON struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	TakesOffers bool       `json:"takes_offers"`
	Hours       int        `json:"hours"`
	Covered     int        `json:"covered"`
	Slots       []slotJSON `json:"slots"`
}

// coverage answers GET /api/v1/minga/requests/:id/coverage.
func (f *Face) coverage(c *gin.Context) error {
	p, err := f.askedRequest(c)
	if err != nil {
		return err
	}
	q := f.request(p)
	c.JSON(http.StatusOK, coverageJSON{p.ID.String(), string(p.Request.StateAt(f.Now())), q.TakesOffers, q.Hours, q.Covered, q.Slots})
	return nil
}

// requestFileJSON is what of a request stays on this instance, for its author alone.
type requestFileJSON struct {
	Client   string      `json:"client"`
	Contact  string      `json:"contact"`
	Mail     string      `json:"mail"`
	Contract string      `json:"contract"`
	Notes    string      `json:"notes"`
	Members  string      `json:"members"` // as it was typed
	Public   bool        `json:"by_client"`
	DeleteAt entity.Time `json:"delete_at"`
}

// requestFile answers GET /api/v1/minga/requests/:id/file.
func (f *Face) requestFile(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	file, err := f.Store.RequestFile(c.Request.Context(), p.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, requestFileJSON{file.Client, file.Contact, file.Mail, file.Contract, file.Notes, file.Members, file.Public, entity.Time(file.DeleteAt)})
	return nil
}
