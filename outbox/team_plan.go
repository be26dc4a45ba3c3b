// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// SetPlan writes the plan of a team of ours and sends it to its members (FEP-3264).
// Dates are filled in. Complaints are coop.Invalid.
func (o *Outbox) SetPlan(ctx context.Context, team coop.ID, plan *coop.Plan, also ...Also) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		t, err := o.ownTeam(ctx, tx, team)
		if err != nil {
			return err
		}
		next := *plan
		next.Name, next.Text = coop.CleanLine(next.Name, len(next.Name)), coop.CleanText(next.Text, len(next.Text))
		if err := coop.ValidatePlan(&next); err != nil {
			return err
		}
		kind := "Create"
		next.Published, next.Updated = o.now().UTC().Truncate(time.Second), time.Time{}
		if t.Plan != nil {
			kind, next.Published, next.Updated = "Update", t.Plan.Published, o.now().UTC().Truncate(time.Second)
		}
		t.Plan = &next
		members := planMembers(t)
		if err := o.shareDocument(ctx, tx, t, coop.RecordPlan, kind, members); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// ownTeam is a team of this instance.
func (o *Outbox) ownTeam(ctx context.Context, tx *storage.Tx, id coop.ID) (*coop.Room, error) {
	t, err := tx.Team(ctx, id)
	if err != nil {
		return nil, err
	}
	if t.Account == nil || !t.Account.Local || t.Account.Gone() {
		return nil, fmt.Errorf("team %s: %w", id, coop.ErrForbidden)
	}
	return t, nil
}

// shareDocument keeps a document of a team with its proof and sends it to the members.
func (o *Outbox) shareDocument(ctx context.Context, tx *storage.Tx, t *coop.Room, kind coop.RecordKind, activity string, doc vocabulary.Members) error {
	body, err := o.encodeObject(ctx, tx, doc, t.Account, true)
	if err != nil {
		return err
	}
	id, _ := doc.Get("id").(string)
	record := &coop.Record{TeamID: t.ID, Kind: kind, IRI: coop.IRI(id), Author: t.Account.IRI, Body: body, MediaType: mediaActivity}
	if err := tx.PutRecord(ctx, record); err != nil {
		return err
	}
	if err := tx.PutTeam(ctx, t); err != nil {
		return err
	}
	iri, err := o.newIRI(ctx, tx, t.Account.IRI, activity)
	if err != nil {
		return err
	}
	return o.toTeam(ctx, tx, t.Account, vocabulary.Activity{ID: iri, Type: activity, Object: json.RawMessage(body)}, record.IRI)
}

// planMembers is a plan as an object [wire example 13].
func planMembers(t *coop.Room) vocabulary.Members {
	id := below(t.Account.IRI, "plan")
	var steps []vocabulary.Members
	for i, s := range t.Plan.Steps {
		step := vocabulary.Members{
			{Name: "type", Value: "Process"}, {Name: "id", Value: fmt.Sprintf("%s#step-%d", id, i+1)}, {Name: "name", Value: s.Name},
		}
		step = step.Add("hasBeginning", s.From).Add("hasEnd", s.To)
		var inputs []vocabulary.Members
		for _, w := range s.Work {
			inputs = append(inputs, workMembers(t.Account.IRI, w))
		}
		steps = append(steps, step.Add("hasInput", inputs))
	}
	m := vocabulary.Members{
		{Name: "type", Value: "Plan"}, {Name: "id", Value: string(id)}, {Name: "attributedTo", Value: string(t.Account.IRI)}, {Name: "name", Value: t.Plan.Name},
	}
	if t.Plan.Text != "" {
		m = m.Add("content", text.Typed{}.Write(t.Plan.Text).HTML)
	}
	m = m.Add("published", t.Plan.Published).Add("updated", t.Plan.Updated).Add("to", []string{string(t.Account.Members)})
	return m.Add("planIncludes", steps)
}

// workMembers is what goes into a step: a Commitment, or an Intent while nobody has
// committed to it.
func workMembers(team coop.IRI, w coop.PlanWork) vocabulary.Members {
	hours := vocabulary.Quantity("hour", strconv.Itoa(w.Hours))
	m := vocabulary.Members{{Name: "type", Value: "Intent"}, {Name: "id", Value: string(w.Commitment)}, {Name: "action", Value: "work"}}
	if w.Provider == "" {
		return m.Add("resourceConformsTo", w.Skill).Add("effortQuantity", hours)
	}
	m = m.Set("type", "Commitment").Add("satisfies", string(w.Slot))
	return m.Add("provider", string(w.Provider)).Add("receiver", string(team)).Add("effortQuantity", hours)
}
