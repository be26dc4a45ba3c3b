// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/storage"
)

// TeamFilePath is where files of rooms are served, to members and their servers.
const TeamFilePath = "/team-files/"

// SayInTeam writes into the room of a team in the name of a member of ours. files are
// records with Title, Sealed, Size and, of the client's contract, Contract: that counts of
// the requester in a team of ours. reply is the message that is answered, or zero.
// [coop.ErrNotFound] says that it is no member.
func (o *Outbox) SayInTeam(ctx context.Context, by *coop.Account, team coop.ID, said string, reply coop.ID, files []coop.Record, also ...Also) (*coop.Post, error) {
	p := &coop.Post{Kind: coop.KindNote, Source: said, InReplyToID: reply, Visibility: coop.VisibleMembers}
	ctx = storage.Under(ctx, coop.TeamAct(by.Kind))
	err := o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		t, err := tx.Team(ctx, team)
		if err != nil {
			return err
		}
		member, err := tx.VerifiedMember(ctx, by.ID, team)
		if err == nil && (!member || !by.Local || t.Account.Gone()) {
			err = fmt.Errorf("write to team %s: %w", team, coop.ErrNotFound)
		}
		if err == nil && !t.EndedAt.IsZero() {
			err = fmt.Errorf("write to team %s, which has ended: %w", team, coop.ErrState)
		}
		if err != nil {
			return err
		}
		p.Cc = []coop.IRI{t.Account.Members}
		for _, f := range files {
			p.Attachments = append(p.Attachments, coop.Attachment{Type: "Document", URL: string(o.fileIRI(f)), MediaType: pdf, Alt: f.Title})
		}
		if err := o.publishNote(ctx, tx, by, p); err != nil {
			return err
		}
		if err := o.keepFiles(ctx, tx, t, by, p, files); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// pdf is the media type of the files of a room.
const pdf = "application/pdf"

// fileIRI is the address of a file of ours: as hard to guess as its name in the library.
func (o *Outbox) fileIRI(f coop.Record) coop.IRI {
	return coop.IRI(o.o.Local.root() + TeamFilePath + strings.TrimSuffix(f.Sealed, ".pdf"))
}

// keepFiles notes the files of a message of ours.
func (o *Outbox) keepFiles(ctx context.Context, tx *storage.Tx, t *coop.Room, by *coop.Account, p *coop.Post, files []coop.Record) error {
	request, err := o.requestOf(ctx, tx, t)
	if err != nil {
		return err
	}
	requester := t.Account.Local && request != nil && request.AuthorID == by.ID
	for _, f := range files {
		f.TeamID, f.Kind, f.IRI, f.Author, f.PostID, f.MediaType = t.ID, coop.RecordFile, o.fileIRI(f), by.IRI, p.ID, pdf
		f.Contract = f.Contract && requester
		if err := tx.PutRecord(ctx, &f); err != nil {
			return err
		}
	}
	return nil
}

// teamMayWin holds a request that has a team to what it promised: the contract is in the
// room, and the split is published there. known says that there is a team.
func (o *Outbox) teamMayWin(ctx context.Context, tx *storage.Tx, p *coop.Post) (known bool, err error) {
	t, err := tx.TeamOfRequest(ctx, p.ID)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if p.Request.Promises(coop.ContractVisible) {
		there, err := tx.HasContract(ctx, t.ID)
		if err != nil {
			return true, err
		}
		if !there {
			return true, &coop.InvalidError{Field: "contract", Code: coop.CodeRequired, Problem: "the team was promised to see the contract: put it into the room before"}
		}
	}
	if p.Request.Promises(coop.SplitPublished) && t.Split == nil {
		return true, &coop.InvalidError{Field: "split", Code: coop.CodeRequired, Problem: "the team was promised the split of the price: publish it in the room before"}
	}
	return true, nil
}
