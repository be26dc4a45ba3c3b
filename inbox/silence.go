// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"time"

	"minga/coop"
	"minga/storage"
)

// silence answers nothing and counts nothing: what stands in for neighbours that
// were not handed in.
type silence struct{}

func (silence) AnswerFollow(context.Context, *storage.Tx, *coop.Follow, bool, string) error {
	return nil
}

func (silence) BoardAnnounce(context.Context, *storage.Tx, *coop.Account, *coop.Document, *coop.Post, bool) error {
	return nil
}

func (silence) FederationAnnounce(context.Context, *storage.Tx, *coop.Post) error { return nil }

func (silence) Forward(context.Context, *storage.Tx, *coop.Document, *coop.Post, string) error {
	return nil
}

func (silence) FollowInstead(_ context.Context, _ *storage.Tx, _, _, _ *coop.Account) error {
	return nil
}

func (silence) UndoLost(_ context.Context, _ *storage.Tx, _, _ *coop.Account) error { return nil }

func (silence) BlockToo(_ context.Context, _ *storage.Tx, _, _ *coop.Account) error { return nil }

func (silence) AnswerJoin(context.Context, *storage.Tx, *coop.Membership) error { return nil }

func (silence) Refuse(_ context.Context, _ *storage.Tx, _, _ *coop.Account, _ coop.IRI, _ string) error {
	return nil
}

func (silence) InviteAnswered(context.Context, *storage.Tx, *coop.Membership, bool, string) error {
	return nil
}

func (silence) AnswerInviteAgain(context.Context, *storage.Tx, *coop.Membership) error { return nil }

func (silence) MembershipChanged(context.Context, *storage.Tx, *coop.Membership) error { return nil }

func (silence) Translated(context.Context, *storage.Tx, *coop.Post) error { return nil }

func (silence) Suggested(context.Context, *storage.Tx, *coop.Suggestion) error { return nil }

func (silence) SuggestionDecided(context.Context, *storage.Tx, *coop.Suggestion) error { return nil }

func (silence) KeepBallot(ctx context.Context, tx *storage.Tx, p *coop.Post, b *coop.Ballot) error {
	return tx.PutBallot(ctx, p, b)
}

func (silence) RefuseBallot(context.Context, *storage.Tx, *coop.Post, *coop.Account, coop.IRI, string) error {
	return nil
}

func (silence) DecisionCame(context.Context, *storage.Tx, *coop.Post) error { return nil }

func (silence) ForwardInRoom(context.Context, *storage.Tx, *coop.Account, *coop.Document, string) error {
	return nil
}

func (silence) RefuseInRoom(_ context.Context, _ *storage.Tx, _, _ *coop.Account, _ coop.IRI, _ string) error {
	return nil
}

func (silence) RefusedInRoom(context.Context, *storage.Tx, *coop.Account, *coop.Post, string) error {
	return nil
}

func (silence) SplitAgreed(_ context.Context, _ *storage.Tx, _ *coop.Account, _, _ coop.IRI) error {
	return nil
}

func (silence) AnswerQuote(context.Context, *storage.Tx, *coop.Post, *coop.Account, coop.IRI, coop.IRI, bool) error {
	return nil
}

func (silence) Offered(context.Context, *storage.Tx, *coop.Offer, *coop.Post, []byte) error {
	return nil
}

func (silence) RefuseOffer(_ context.Context, _ *storage.Tx, _, _ *coop.Account, _ coop.IRI, _ *coop.OfferError) error {
	return nil
}

func (silence) OfferUndone(context.Context, *storage.Tx, *coop.Offer, coop.IRI, string, []byte) error {
	return nil
}

func (silence) OfferAccepted(context.Context, *storage.Tx, *coop.Offer, *coop.Agreement, coop.IRI, []byte) error {
	return nil
}

func (silence) OfferRejected(context.Context, *storage.Tx, *coop.Offer, coop.IRI, string, []byte) error {
	return nil
}

func (silence) Disagree(context.Context, *storage.Tx, *coop.Offer, coop.IRI) error { return nil }

func (silence) Refused(string, string) {}

func (silence) Handled(string, string, time.Duration) {}
