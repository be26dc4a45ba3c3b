// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// Who had a line that is gone. The line itself cannot be asked any more; what is left are
// whose it was, whom it was for, and who reads them now. Nobody is told of a line that
// they could not have had, and who got it by a way that ended since is not told.

// HomesThatHad tells which of the accounts had a withdrawn post of an author at home, or
// were named in it.
func (r reader) HomesThatHad(ctx context.Context, accounts []coop.ID, author coop.ID, was *coop.WasPost) ([]coop.ID, error) {
	found, err := r.homesOf(ctx, accounts, author, func(a *args) string { return had(a, was, "me.id") })
	if err != nil {
		return nil, fmt.Errorf("homes that had a post of %s: %w", author, err)
	}
	return found, nil
}

// HomesThatRead tells which of the accounts had a boost by an account at home.
func (r reader) HomesThatRead(ctx context.Context, accounts []coop.ID, booster coop.ID) ([]coop.ID, error) {
	found, err := r.homesOf(ctx, accounts, booster, func(*args) string { return "f.id IS NOT NULL AND f.boosts" })
	if err != nil {
		return nil, fmt.Errorf("homes that had a boost by %s: %w", booster, err)
	}
	return found, nil
}

// homesOf tells which of the accounts, named me, had at home what an account a wrote or
// boosted: itself, and those who want to read it and for whom a condition holds, of whom f
// is the follow.
func (r reader) homesOf(ctx context.Context, accounts []coop.ID, author coop.ID, condition func(a *args) string) ([]coop.ID, error) {
	f := feed{reader: "me.id"}
	return r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM accounts a
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			` + f.joinFollow("a.id") + `
			WHERE a.id = ` + a.add(int64(author)) + ` AND (me.id = a.id OR NOT ` + blockBetween("a.id", "me.id") + ` AND ` + r.wantedBy(a, "me.id", "a") + `
				AND (` + condition(a) + `))`
	})
}

// had is the condition that the reader me, of whom f is the follow of the author, could
// have had a withdrawn post at home.
func had(a *args, was *coop.WasPost, me string) string {
	where := me + " IN " + in(a, numbers(was.Named))
	switch was.Visibility {
	case coop.VisibleDirect:
	case coop.VisibleMembers:
		where += " OR f.id IS NOT NULL AND " + memberNow(a, was, me)
	default:
		where += " OR f.id IS NOT NULL"
	}
	if was.Listed && len(was.Tags) > 0 {
		where += " OR EXISTS (SELECT 1 FROM followed_tags t WHERE t.account_id = " + me + " AND t.tag IN " + in(a, texts(was.Tags)) + ")"
	}
	return where
}

// memberNow is the condition that an account is a member of the organization that a
// withdrawn post was for.
func memberNow(a *args, was *coop.WasPost, me string) string {
	return `EXISTS (
			SELECT 1 FROM memberships m
			WHERE m.member_id = ` + me + ` AND m.organization_id = ` + a.add(int64(was.Organization)) + `
				AND m.state = 'member' AND m.member_says AND m.organization_says)`
}

// PublicThatHad tells which of the accounts read an author in public timelines.
func (r reader) PublicThatHad(ctx context.Context, accounts []coop.ID, author coop.ID) ([]coop.ID, error) {
	found, err := r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM accounts a
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			WHERE a.id = ` + a.add(int64(author)) + ` AND (me.id = a.id OR NOT ` + blockBetween("a.id", "me.id") + `) AND ` + r.wantedBy(a, "me.id", "a")
	})
	if err != nil {
		return nil, fmt.Errorf("who read %s in public: %w", author, err)
	}
	return found, nil
}

// ListsThatHad tells which of the lists had a withdrawn post of an author, or, without was,
// a boost by it.
func (r reader) ListsThatHad(ctx context.Context, lists []coop.ID, author coop.ID, was *coop.WasPost) ([]coop.ID, error) {
	f := feed{reader: "l.account_id"}
	found, err := r.among(ctx, lists, func(a *args, part []coop.ID) string {
		also := "f.boosts"
		switch {
		case was == nil:
		case was.Visibility == coop.VisibleDirect:
			also = "FALSE"
		case was.Visibility == coop.VisibleMembers:
			also = memberNow(a, was, "l.account_id")
		default:
			also = "TRUE"
		}
		return `
			SELECT l.id
			FROM lists l
			JOIN list_accounts e ON e.list_id = l.id
			JOIN accounts a ON a.id = e.account_id
			` + f.joinFollow("a.id") + `
			WHERE l.id IN ` + in(a, numbers(part)) + ` AND e.account_id = ` + a.add(int64(author)) + ` AND f.id IS NOT NULL AND ` + also + `
				AND NOT ` + blockBetween("a.id", "l.account_id") + ` AND ` + r.wantedBy(a, "l.account_id", "a")
	})
	if err != nil {
		return nil, fmt.Errorf("lists that had a line of %s: %w", author, err)
	}
	return found, nil
}
