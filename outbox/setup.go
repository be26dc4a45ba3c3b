// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/outbox/text"
	"minga/storage"
)

// setupPath is where the first run of an instance begins; what stands behind it is
// the secret of its link.
const setupPath = "/setup/"

// NewSetup makes the address of the first run: it works within [coop.SetupLife], and
// until somebody owns this instance. Where somebody does already it is
// [coop.ErrConflict].
func (o *Outbox) NewSetup(ctx context.Context) (string, error) {
	owned, err := o.store.HasOwner(ctx)
	if err != nil {
		return "", err
	}
	if owned {
		return "", fmt.Errorf("this instance has an owner: %w", coop.ErrConflict)
	}
	return o.newLink(ctx, setupPath, coop.Link{Purpose: coop.LinkSetup, Rank: coop.RankOwner}, coop.SetupLife)
}

// Setup is what makes an instance somebody's: how its federation is called, and who
// owns it. `minga init` and the page of the first run ask for the same.
type Setup struct {
	Language     string // es, en, ca, it or pt: of the federation and its boards
	Name         string // of the federation, as people read it
	Handle       string // of the federation: a name as [coop.ValidateName] takes it
	About        string // two sentences about the federation; plain text, may be empty
	Owner        string // name of the owner's account
	OwnerName    string // as people read it; empty: the name
	Email        string // of the owner
	PasswordHash string
	From         string // network address, for the audit log; empty: the command line
}

// CheckSetup says what of it cannot be, as a coop.Invalid; the password is the caller's.
func (o *Outbox) CheckSetup(s *Setup) error {
	var list coop.Invalid
	complain := func(field string, err error) {
		var one *coop.InvalidError
		if errors.As(err, &one) {
			list = append(list, &coop.InvalidError{Field: field, Code: one.Code, Problem: one.Problem})
		}
	}
	if s.Name = coop.CleanLine(s.Name, 100); s.Name == "" {
		complain("name", &coop.InvalidError{Code: coop.CodeRequired, Problem: "a name is needed"})
	}
	complain("handle", coop.ValidateName(coop.Federation, s.Handle, o.instance().Name))
	complain("owner", coop.ValidateName(coop.Person, s.Owner, o.instance().Name, s.Handle))
	if !coop.ValidMail(s.Email) {
		complain("email", &coop.InvalidError{Code: coop.CodeFormat, Problem: "this is no mail address"})
	}
	return list.Or()
}

// SetUp names the federation and its boards and makes the owner of this instance, in
// one transaction; it happens once. Complaints are a coop.Invalid of the fields name,
// handle, owner and email; a taken name is a [coop.ErrConflict], and so is an instance
// that has an owner; a handle that others know already is [coop.ErrForbidden].
func (o *Outbox) SetUp(ctx context.Context, s Setup) (*coop.Account, error) {
	if err := o.CheckSetup(&s); err != nil {
		return nil, err
	}
	federation, err := o.store.FederationAccount(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the federation: %w", err)
	}
	who := s.Owner
	if s.From == "" {
		who = "command line"
	}
	return o.NewAccount(ctx, Registration{
		Kind: coop.Person, Name: s.Owner, DisplayName: s.OwnerName, Language: s.Language, Email: s.Email,
		Also: func(ctx context.Context, tx *storage.Tx, owner *coop.Account) error {
			if err := tx.BeginSetup(ctx); err != nil {
				return err
			}
			if err := o.nameFederation(ctx, tx, federation.ID, s); err != nil {
				return err
			}
			owner.Rank = coop.RankOwner
			if err := tx.SaveAccount(ctx, owner); err != nil {
				return err
			}
			if s.PasswordHash != "" {
				if err := tx.SetPassword(ctx, owner.ID, s.PasswordHash); err != nil {
					return err
				}
			}
			return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, From: s.From, Act: "instance.setup", Target: string(owner.IRI), Why: s.Name})
		},
	})
}

// nameFederation gives the federation its name, handle and language, and its boards
// the words that go with them.
func (o *Outbox) nameFederation(ctx context.Context, tx *storage.Tx, id coop.ID, s Setup) error {
	a, err := tx.Account(ctx, id)
	if err != nil {
		return err
	}
	if a.Name != s.Handle {
		url := o.o.Local.profile(coop.Federation, s.Handle)
		if err := tx.RenameFederation(ctx, a.ID, s.Handle, url); err != nil {
			return err
		}
		a.URL = url
	}
	a.DisplayName, a.Language, a.BioSource = s.Name, s.Language, coop.CleanText(s.About, coop.MaxBioLength)
	a.Bio = text.Typed{Tag: o.o.Local.Tag}.Write(a.BioSource).HTML
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	for _, name := range []string{boardJobs, boardLibrary} {
		board, err := tx.AccountByIRI(ctx, o.o.Local.actor(coop.Board, name))
		if err != nil {
			return fmt.Errorf("find board %s: %w", name, err)
		}
		o.nameBoard(board, name, a)
		if err := tx.SaveAccount(ctx, board); err != nil {
			return err
		}
	}
	return tx.SetSetting(ctx, "default_language", s.Language)
}

// nameBoard writes what a board says of itself, in the federation's language.
func (o *Outbox) nameBoard(a *coop.Account, name string, federation *coop.Account) {
	lang, data := federation.Language, map[string]string{"Federation": shownName(federation)}
	a.Language = lang
	a.DisplayName = o.words.Say(lang, "board_"+name, data)
	a.BioSource = o.words.Say(lang, "board_"+name+"_bio", data)
	a.Bio = text.Typed{}.Write(a.BioSource).HTML
}
