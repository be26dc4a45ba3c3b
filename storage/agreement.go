// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// agreementColumns are those that [scanAgreement] reads, of the table named g with its
// offer named o.
const agreementColumns = "g.id, g.iri, g.state, g.body, g.made_at, g.confirmed_at, g.ended_at, " + offerColumns

// scanAgreement reads a row of [agreementColumns]; its accounts have only ids.
func scanAgreement(row pgx.CollectableRow) (*coop.Agreement, error) {
	g := &coop.Agreement{}
	var id, made, confirmed, ended int64
	var iri, state string
	mine := []any{&id, &iri, &state, &g.Body, &made, &confirmed, &ended}
	o, err := scanOffer(rest{row, mine})
	if err != nil {
		return nil, err
	}
	g.ID, g.IRI, g.State, g.MadeAt, g.ConfirmedAt, g.EndedAt = coop.ID(id), coop.IRI(iri), coop.AgreementState(state), atMs(made), atMs(confirmed), atMs(ended)
	g.OfferID, g.PostID, g.Request, g.Title, g.Slot, g.SlotName = o.ID, o.PostID, o.Request, o.Title, o.Slot, o.SlotName
	g.OwnerID, g.ByID, g.Hours, g.Amount, g.Currency = o.OwnerID, o.ByID, o.Hours, o.Amount, o.Currency
	return g, nil
}

// rest is a row whose first columns somebody else takes.
type rest struct {
	pgx.CollectableRow
	before []any
}

// Scan reads the whole row.
func (r rest) Scan(dest ...any) error { return r.CollectableRow.Scan(append(r.before, dest...)...) }

// Agreement finds an agreement, or gives [coop.ErrNotFound]. Who may see it is for the
// caller to ask: its two sides, and who is on the team.
func (r reader) Agreement(ctx context.Context, id coop.ID) (*coop.Agreement, error) {
	return r.oneAgreement(ctx, id.String(), "g.id = $1", int64(id))
}

// AgreementByIRI finds an agreement by its name on the network.
func (r reader) AgreementByIRI(ctx context.Context, iri coop.IRI) (*coop.Agreement, error) {
	return r.oneAgreement(ctx, iri.String(), "g.iri = $1", cleanText(string(iri)))
}

// AgreementOfOffer finds what an offer became.
func (r reader) AgreementOfOffer(ctx context.Context, offer coop.ID) (*coop.Agreement, error) {
	return r.oneAgreement(ctx, "of offer "+offer.String(), "g.offer_id = $1", int64(offer))
}

func (r reader) oneAgreement(ctx context.Context, name, where string, value any) (*coop.Agreement, error) {
	g, err := first(ctx, r, scanAgreement, `
		SELECT `+agreementColumns+`
		FROM agreements g
		JOIN offers o ON o.id = g.offer_id
		WHERE `+where, value)
	if err != nil {
		return nil, fmt.Errorf("agreement %s: %w", name, err)
	}
	return g, r.fillParties(ctx, []*coop.Agreement{g})
}

// AgreementQuery says which agreements are wanted. Empty fields do not narrow.
type AgreementQuery struct {
	Post   coop.ID
	Side   coop.ID // either of the two sides
	Active bool    // those that hold
}

// Agreements lists agreements, newest first.
func (r reader) Agreements(ctx context.Context, q AgreementQuery, page coop.Page) ([]*coop.Agreement, error) {
	var a args
	where := []string{"TRUE"}
	if q.Post != 0 {
		where = append(where, "g.post_id = "+a.add(int64(q.Post)))
	}
	if q.Side != 0 {
		side := a.add(int64(q.Side))
		where = append(where, "(g.owner_id = "+side+" OR g.by_id = "+side+")")
	}
	if q.Active {
		where = append(where, "g.state = 'active'")
	}
	p := a.page("g.id", page)
	list, err := all(ctx, r, scanAgreement, `
		SELECT `+agreementColumns+`
		FROM agreements g
		JOIN offers o ON o.id = g.offer_id
		WHERE `+strings.Join(where, " AND ")+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("agreements: %w", err)
	}
	list = newestFirst(p, list)
	return list, r.fillParties(ctx, list)
}

// fillParties names both sides of agreements, by one statement.
func (r reader) fillParties(ctx context.Context, list []*coop.Agreement) error {
	ids := make([]coop.ID, 0, 2*len(list))
	for _, g := range list {
		ids = append(ids, g.OwnerID, g.ByID)
	}
	who, err := r.Accounts(ctx, ids)
	for _, g := range list {
		g.Owner, g.By = who[g.OwnerID], who[g.ByID]
	}
	return err
}

// AddAgreement stores what an accepted offer became; MadeAt is filled in. The same again
// is [coop.ErrConflict].
func (tx *Tx) AddAgreement(ctx context.Context, g *coop.Agreement) error {
	g.MadeAt, g.State = tx.e.now(), coop.AgreementActive
	row := []column{
		{"id", int64(g.ID)},
		{"iri", string(g.IRI)},
		{"offer_id", int64(g.OfferID)},
		{"post_id", orNull(g.PostID)},
		{"owner_id", int64(g.OwnerID)},
		{"by_id", int64(g.ByID)},
		{"state", string(g.State)},
		{"body", g.Body},
		{"made_at", msOf(g.MadeAt)},
		{"confirmed_at", int64(0)},
		{"ended_at", int64(0)},
	}
	n, err := tx.insert(ctx, "agreements", row, "ON CONFLICT DO NOTHING")
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("agreement %s: %w", g.IRI, err)
	}
	tx.about(string(g.IRI))
	return nil
}

// ConfirmAgreement notes that who works has the Accept; the first time counts.
func (tx *Tx) ConfirmAgreement(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `
		UPDATE agreements
		SET confirmed_at = $1
		WHERE id = $2 AND confirmed_at = 0`, msOf(tx.e.now()), int64(id))
	return err
}

// EndAgreement notes that an agreement holds no more, by its offer; where there is none
// nothing happens.
func (tx *Tx) EndAgreement(ctx context.Context, offer coop.ID) error {
	_, err := tx.exec(ctx, `
		UPDATE agreements
		SET state = 'released', ended_at = $1
		WHERE offer_id = $2 AND state = 'active'`, msOf(tx.e.now()), int64(offer))
	return err
}
