// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// offerColumns are those that [scanOffer] reads, of the table named o.
const offerColumns = `o.id, o.iri, COALESCE(o.post_id, 0), o.request, o.slot, o.owner_id, o.by_id, o.state, o.hours, o.amount, o.currency,
	o.payload, o.ends_at, o.created_at, o.updated_at, o.decided_at`

// offerPayload is what of an offer is shown but never asked for.
type offerPayload struct {
	Title    string `json:"title"`
	SlotName string `json:"slot_name"`
	From     string `json:"from,omitempty"`
	Note     string `json:"note,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// scanOffer reads a row of [offerColumns]; its accounts have only ids.
func scanOffer(row pgx.CollectableRow) (*coop.Offer, error) {
	o := &coop.Offer{}
	var id, post, owner, by, hours, ends, created, updated, decided int64
	var iri, request, state, amount, payload string
	err := row.Scan(&id, &iri, &post, &request, &o.Slot, &owner, &by, &state, &hours, &amount, &o.Currency, &payload, &ends, &created, &updated, &decided)
	if err != nil {
		return nil, err
	}
	var p offerPayload
	if err := json.Unmarshal([]byte(payload), &p); err != nil {
		return nil, fmt.Errorf("offer %d: %w", id, err)
	}
	if o.Amount, err = decimal.NewFromString(amount); err != nil {
		return nil, fmt.Errorf("offer %d: %w", id, err)
	}
	o.ID, o.IRI, o.PostID, o.Request, o.OwnerID, o.ByID = coop.ID(id), coop.IRI(iri), coop.ID(post), coop.IRI(request), coop.ID(owner), coop.ID(by)
	o.State, o.Hours = coop.OfferState(state), int(hours)
	o.Title, o.SlotName, o.From, o.Note, o.Reason = p.Title, p.SlotName, p.From, p.Note, p.Reason
	o.Ends, o.CreatedAt, o.UpdatedAt, o.DecidedAt = atMs(ends), atMs(created), atMs(updated), atMs(decided)
	return o, nil
}

// fillOfferers names both sides of offers, by one statement.
func (r reader) fillOfferers(ctx context.Context, list []*coop.Offer) error {
	ids := make([]coop.ID, 0, 2*len(list))
	for _, o := range list {
		ids = append(ids, o.OwnerID, o.ByID)
	}
	who, err := r.Accounts(ctx, ids)
	for _, o := range list {
		o.Owner, o.By = who[o.OwnerID], who[o.ByID]
	}
	return err
}

// Offer finds an offer, or gives [coop.ErrNotFound]. Who may see it is for the caller to
// ask: its two sides.
func (r reader) Offer(ctx context.Context, id coop.ID) (*coop.Offer, error) {
	return r.oneOffer(ctx, id.String(), "o.id = $1", int64(id))
}

// OfferByIRI finds an offer by the id of an Offer, also of one that was replaced.
func (r reader) OfferByIRI(ctx context.Context, iri coop.IRI) (*coop.Offer, error) {
	return r.oneOffer(ctx, iri.String(), `o.iri = $1 OR o.id IN (
			SELECT k.offer_id
			FROM offer_records k
			WHERE k.iri = $1 AND k.kind = 'Offer')`, cleanText(string(iri)))
}

func (r reader) oneOffer(ctx context.Context, name, where string, value any) (*coop.Offer, error) {
	o, err := first(ctx, r, scanOffer, "SELECT "+offerColumns+"\nFROM offers o\nWHERE "+where, value)
	if err != nil {
		return nil, fmt.Errorf("offer %s: %w", name, err)
	}
	return o, r.fillOfferers(ctx, []*coop.Offer{o})
}

// OfferQuery says which offers are wanted. Empty fields do not narrow.
type OfferQuery struct {
	Post   coop.ID
	Slot   string
	Owner  coop.ID
	By     coop.ID
	Side   coop.ID // either of the two sides
	States []coop.OfferState
}

// where is the condition, of the table named o.
func (q OfferQuery) where(a *args) string {
	list := []string{"TRUE"}
	for column, id := range map[string]coop.ID{"o.post_id": q.Post, "o.owner_id": q.Owner, "o.by_id": q.By} {
		if id != 0 {
			list = append(list, column+" = "+a.add(int64(id)))
		}
	}
	if q.Side != 0 {
		side := a.add(int64(q.Side))
		list = append(list, "(o.owner_id = "+side+" OR o.by_id = "+side+")")
	}
	if q.Slot != "" {
		list = append(list, "o.slot = "+a.add(cleanText(q.Slot)))
	}
	if len(q.States) > 0 {
		list = append(list, "o.state IN "+in(a, texts(q.States)))
	}
	return strings.Join(list, " AND ")
}

// Offers lists offers, newest first.
func (r reader) Offers(ctx context.Context, q OfferQuery, page coop.Page) ([]*coop.Offer, error) {
	var a args
	where := q.where(&a)
	p := a.page("o.id", page)
	list, err := all(ctx, r, scanOffer, "SELECT "+offerColumns+"\nFROM offers o\nWHERE "+where+" AND "+p.where+"\n"+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("offers: %w", err)
	}
	list = newestFirst(p, list)
	return list, r.fillOfferers(ctx, list)
}

// CountOffers counts what [reader.Offers] would list without a page.
func (r reader) CountOffers(ctx context.Context, q OfferQuery) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*)\nFROM offers o\nWHERE "+q.where(&a), a...)
	return int(n), err
}

// OfferedHours are the hours that wait for an answer, by the slots of a request.
func (r reader) OfferedHours(ctx context.Context, post coop.ID) (map[string]int, error) {
	type sum struct {
		slot  string
		hours int64
	}
	list, err := all(ctx, r, func(row pgx.CollectableRow) (s sum, err error) {
		err = row.Scan(&s.slot, &s.hours)
		return s, err
	}, `
		SELECT o.slot, CAST(SUM(o.hours) AS BIGINT)
		FROM offers o
		WHERE o.post_id = $1 AND o.state IN ('sent', 'changed') AND (o.ends_at = 0 OR o.ends_at > $2)
		GROUP BY o.slot`, int64(post), msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("hours that are offered: %w", err)
	}
	hours := map[string]int{}
	for _, s := range list {
		hours[s.slot] = int(s.hours)
	}
	return hours, nil
}

// DueOffers lists offers that wait and will not be answered any more: their own end has
// come, or the request of this instance takes no answers.
func (r reader) DueOffers(ctx context.Context, now time.Time, limit int) ([]*coop.Offer, error) {
	list, err := all(ctx, r, scanOffer, `
		SELECT `+offerColumns+`
		FROM offers o
		JOIN accounts w ON w.id = o.owner_id
		LEFT JOIN requests q ON q.post_id = o.post_id
		WHERE o.state IN ('sent', 'changed') AND (
			o.ends_at <> 0 AND o.ends_at <= $1
			OR w.local AND (q.post_id IS NULL OR q.status NOT IN ('open', 'forming', 'covered')))
		ORDER BY o.id
		LIMIT $2`, msOf(now), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("due offers: %w", err)
	}
	return list, r.fillOfferers(ctx, list)
}

// OfferRecords lists the messages about offers, oldest first, with who sent them.
func (r reader) OfferRecords(ctx context.Context, offers []coop.ID) ([]coop.OfferRecord, error) {
	var a args
	list, err := all(ctx, r, scanOfferRecord, `
		SELECT k.id, k.offer_id, k.iri, k.kind, k.from_id, k.body, k.at
		FROM offer_records k
		WHERE k.offer_id IN `+in(&a, offers)+`
		ORDER BY k.id
		LIMIT 2000`, a...)
	if err != nil {
		return nil, fmt.Errorf("records of offers: %w", err)
	}
	ids := make([]coop.ID, len(list))
	for i, k := range list {
		ids[i] = k.FromID
	}
	who, err := r.Accounts(ctx, ids)
	for i := range list {
		list[i].From = who[list[i].FromID]
	}
	return list, err
}

// scanOfferRecord reads one message.
func scanOfferRecord(row pgx.CollectableRow) (k coop.OfferRecord, err error) {
	var id, offer, from, at int64
	var iri string
	err = row.Scan(&id, &offer, &iri, &k.Kind, &from, &k.Body, &at)
	k.ID, k.OfferID, k.IRI, k.FromID, k.At = coop.ID(id), coop.ID(offer), coop.IRI(iri), coop.ID(from), atMs(at)
	return k, err
}
