// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// tellOfDecision tells who may vote here, and who opened it, that a decision began,
// changed or ended: the account by a notification, its delegates by a mail too.
func (o *Outbox) tellOfDecision(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	if err := tx.TellOfDecision(ctx, p); err != nil || !o.SendsMail() {
		return err
	}
	electors, err := tx.ElectorsHere(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, id := range electors {
		if err := o.eachHolder(ctx, tx, id, coop.ActBallot, func(a *coop.Account) error { return o.mailDecision(ctx, tx, p, id, a) }); err != nil {
			return err
		}
	}
	return nil
}

// DecisionCame tells who may vote here of a decision elsewhere that has come, or changed.
func (o *Outbox) DecisionCame(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
	return o.tellOfDecision(ctx, tx, p)
}

// mailDecision queues the mail to one delegate; one that still waits is the same mail.
func (o *Outbox) mailDecision(ctx context.Context, tx *storage.Tx, p *coop.Post, elector coop.ID, to *coop.Account) error {
	if to.Email == "" {
		return nil
	}
	key := to.ID.String() + " " + p.ID.String() + " " + string(p.Decision.Stage)
	return o.addMail(ctx, tx, key, letter{Kind: mail.Decision, To: to.Email, Language: to.Language, Account: elector, Post: p.ID})
}

// decisionLink is where a mail about a decision leads; nowhere once it was withdrawn from
// the sight of who votes.
func (o *Outbox) decisionLink(ctx context.Context, l *letter) (string, error) {
	p, err := o.store.Post(ctx, coop.As(l.Account), l.Post)
	if err != nil {
		return "", err
	}
	elector, err := o.store.Account(ctx, l.Account)
	if err != nil {
		return "", err
	}
	if p.Decision == nil || p.Author == nil {
		return "", coop.ErrNotFound
	}
	l.more = map[string]string{
		"Title": coop.CleanLine(o.DecisionTitle(l.Language, p.Decision), 150), "Coop": shownName(elector), "By": shownName(p.Author), "Day": o.words.Date(l.Language, p.Ends),
	}
	return o.o.Local.root() + "/decisions/" + p.ID.String(), nil
}
