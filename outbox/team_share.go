// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/vocabulary"
	"minga/storage"
)

// What a team shares with its members: each document carries its own proof, and goes to
// the personal inbox of each member.

// welcomeLatest is how many messages a new member is sent of what was said before.
const welcomeLatest = 500

// mediaActivity is the type of the documents that a team keeps.
const mediaActivity = "application/activity+json"

// teamParty is a co-op whose offer was accepted, with the agreement that says so.
type teamParty struct {
	By        *coop.Account
	Agreement coop.IRI
	Body      []byte // with its proof
}

// shareAgreements keeps what the parties agreed to and sends what is new to the members.
// An agreement that is not among them any more is over: it stays to be read, and counts no
// more.
func (o *Outbox) shareAgreements(ctx context.Context, tx *storage.Tx, t *coop.Room, parties []teamParty) error {
	known, err := tx.Records(ctx, t.ID, coop.RecordAgreement)
	if err != nil {
		return err
	}
	had, holds := map[coop.IRI]*coop.Record{}, map[coop.IRI]bool{}
	for _, r := range known {
		had[r.IRI] = r
	}
	for _, p := range parties {
		if holds[p.Agreement] = true; p.Agreement == "" {
			continue
		}
		if had[p.Agreement] != nil {
			continue
		}
		r := &coop.Record{TeamID: t.ID, Kind: coop.RecordAgreement, IRI: p.Agreement, Author: authorOf(p.Body), Body: p.Body, MediaType: mediaActivity}
		if err := tx.PutRecord(ctx, r); err != nil {
			return err
		}
		if err := o.sendAgreement(ctx, tx, t.Account, r, "Add"); err != nil {
			return err
		}
	}
	for _, r := range known {
		if holds[r.IRI] || r.Title != "" {
			continue
		}
		r.Title = coop.AgreementOver
		if err := tx.PutRecord(ctx, r); err != nil {
			return err
		}
		if err := o.sendAgreement(ctx, tx, t.Account, r, "Remove"); err != nil {
			return err
		}
	}
	return nil
}

// authorOf is who a document says to be by.
func authorOf(body []byte) coop.IRI {
	doc, err := document.Read(body)
	if err != nil {
		return ""
	}
	return coop.IRI(doc.Owner())
}

// sendAgreement puts an agreement into the members' copies of the team, or says that it is
// over.
func (o *Outbox) sendAgreement(ctx context.Context, tx *storage.Tx, team *coop.Account, r *coop.Record, kind string) error {
	a, err := o.agreementActivity(ctx, tx, team, r, kind)
	if err != nil {
		return err
	}
	return o.toTeam(ctx, tx, team, a, r.IRI)
}

func (o *Outbox) agreementActivity(ctx context.Context, tx *storage.Tx, team *coop.Account, r *coop.Record, kind string) (vocabulary.Activity, error) {
	iri, err := o.newIRI(ctx, tx, team.IRI, kind)
	a := vocabulary.Activity{ID: iri, Type: kind, Object: json.RawMessage(r.Body), Target: string(below(team.IRI, "agreements"))}
	if kind == "Remove" {
		a.Object = string(r.IRI)
	}
	return a, err
}

// welcome sends a new member what the team has: the plan, the split, the agreements and
// the latest messages, each in the bytes that the others have.
func (o *Outbox) welcome(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	if m.Organization.Kind != coop.Team || m.Member.Local {
		return nil
	}
	to, err := o.toOne(ctx, tx, m.Member)
	if err != nil || len(to) == 0 {
		return err
	}
	t, err := tx.Team(ctx, m.Organization.ID)
	if err != nil {
		return err
	}
	if err := o.welcomeMembers(ctx, tx, t.Account, to); err != nil {
		return fmt.Errorf("welcome %s: %w", m.Member.IRI, err)
	}
	if err := o.welcomeDocuments(ctx, tx, t, to); err != nil {
		return fmt.Errorf("welcome %s: %w", m.Member.IRI, err)
	}
	said, err := tx.SaidInRoom(ctx, t.ID, welcomeLatest)
	if err != nil {
		return fmt.Errorf("welcome %s: %w", m.Member.IRI, err)
	}
	for _, d := range said {
		g := outgoing{activity: vocabulary.Activity{ID: string(d.IRI), Type: "Forward"}, signer: t.Account, object: t.Account.IRI}
		if err := o.enqueue(ctx, tx, g, &coop.Document{ID: coop.ID(d.ID), IRI: d.IRI}, to); err != nil {
			return err
		}
	}
	return nil
}

// welcomeMembers says who is in, so that the new member hands files to their servers.
func (o *Outbox) welcomeMembers(ctx context.Context, tx *storage.Tx, team *coop.Account, to []coop.IRI) error {
	list, err := allMembers(ctx, tx, team.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		iri, err := o.newIRI(ctx, tx, team.IRI, "Add")
		if err != nil {
			return err
		}
		a := vocabulary.Activity{ID: iri, Type: "Add", Actor: string(team.IRI), Object: string(m.Member.IRI), Target: string(team.Members), To: []string{string(team.Members)}, Published: o.now()}
		if _, err := o.send(ctx, tx, outgoing{activity: a, signer: team, object: m.Member.IRI}, to); err != nil {
			return err
		}
	}
	return nil
}

// welcomeDocuments sends what is kept beside the messages.
func (o *Outbox) welcomeDocuments(ctx context.Context, tx *storage.Tx, t *coop.Room, to []coop.IRI) error {
	records, err := tx.Records(ctx, t.ID, "")
	if err != nil {
		return err
	}
	for _, r := range records {
		var a vocabulary.Activity
		switch {
		case r.Kind == coop.RecordAgreement && r.Title == "":
			a, err = o.agreementActivity(ctx, tx, t.Account, r, "Add")
		case r.Kind == coop.RecordPlan, r.Kind == coop.RecordSplit && t.Split != nil && r.IRI == t.Split.IRI:
			a.Type, a.Object = "Create", json.RawMessage(r.Body)
			a.ID, err = o.newIRI(ctx, tx, t.Account.IRI, "Create")
		default:
			continue
		}
		if err != nil {
			return err
		}
		a.Actor, a.To, a.Published = string(t.Account.IRI), []string{string(t.Account.Members)}, o.now()
		if _, err := o.send(ctx, tx, outgoing{activity: a, signer: t.Account, proven: true, object: r.IRI}, to); err != nil {
			return err
		}
	}
	return nil
}
