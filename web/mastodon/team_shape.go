// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/mastodon/entity"
)

// teamJSON is a team as its members see it.
type teamJSON struct {
	ID         string              `json:"id"`
	URI        string              `json:"uri"`
	Name       string              `json:"name"`
	Local      bool                `json:"local"` // it is run by a requester of this instance
	Request    entity.Null         `json:"request_id"`
	Created    entity.Time         `json:"created_at"`
	Ended      entity.Time         `json:"ended_at"` // its server has deleted it; what is here stays
	Members    []*entity.Account   `json:"members,omitempty"`
	Plan       *coop.Plan          `json:"plan"`
	Split      *coop.Split         `json:"split"`
	Agreements []teamAgreementJSON `json:"agreements,omitempty"`
	Files      []teamFileJSON      `json:"files,omitempty"`
}

// teamAgreementJSON is an agreement in a team; document is it byte for byte.
type teamAgreementJSON struct {
	URI      string          `json:"uri"`
	Provider string          `json:"provider"`
	Slot     string          `json:"slot"`
	Hours    int             `json:"hours"`
	Amount   decimal.Decimal `json:"amount"`
	Released bool            `json:"released"`
	Document string          `json:"document"`
}

// teamFileJSON is a file of a room.
type teamFileJSON struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	By       string      `json:"by"`
	Size     int64       `json:"size"`
	Contract bool        `json:"contract"`
	Here     bool        `json:"here"` // its bytes are on this server
	At       entity.Time `json:"created_at"`
}

func newTeam(t *coop.Room) teamJSON {
	out := teamJSON{ID: t.ID.String(), URI: string(t.Account.IRI), Name: t.Account.DisplayName, Local: t.Account.Local, Created: entity.Time(t.CreatedAt), Ended: entity.Time(t.EndedAt), Plan: t.Plan, Split: t.Split}
	if t.RequestID != 0 {
		out.Request = entity.Null(t.RequestID.String())
	}
	return out
}

// showTeam answers a team as it is now.
func (f *Face) showTeam(c *gin.Context, id coop.ID) error {
	ctx := c.Request.Context()
	t, err := f.Store.Team(ctx, id)
	if err != nil {
		return err
	}
	out := newTeam(t)
	members, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: id, Verified: true}, coop.Page{Limit: 80})
	if err != nil {
		return err
	}
	for _, m := range slices.Backward(members) {
		out.Members = append(out.Members, f.account(m.Member))
	}
	if err := f.complete(ctx, out.Members...); err != nil {
		return err
	}
	records, err := f.Store.Records(ctx, id, "")
	if err != nil {
		return err
	}
	for _, r := range records {
		switch r.Kind {
		case coop.RecordAgreement:
			g := outbox.ReadAgreement(r)
			out.Agreements = append(out.Agreements, teamAgreementJSON{string(g.IRI), string(g.Provider), string(g.Slot), g.Hours, g.Amount, g.Over, string(r.Body)})
		case coop.RecordFile:
			out.Files = append(out.Files, teamFileJSON{r.ID.String(), r.Title, string(r.Author), r.Size, r.Contract, r.Sealed != "", entity.Time(r.CreatedAt)})
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}
