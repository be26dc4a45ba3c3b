// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Inbox is where something is delivered.
type Inbox struct {
	Inbox       coop.IRI // personal; of a holder the same as SharedInbox
	SharedInbox coop.IRI // empty: none
	Host        string   // of the account, or of the holder, lower-case, with a port that is written
	AccountID   coop.ID  // zero for a holder known by its server only
}

// followRow is a follow before its accounts are read.
type followRow struct {
	coop.Follow
	follower, target coop.ID
}

// followColumns are those that [scanFollow] reads, of the table named f.
const followColumns = "f.id, f.iri, f.follower_id, f.target_id, f.state, f.note, f.created_at, f.updated_at"

// scanFollow reads a row of [followColumns].
func scanFollow(row pgx.CollectableRow) (f followRow, err error) {
	var id, follower, target, created, updated int64
	var iri, state string
	err = row.Scan(&id, &iri, &follower, &target, &state, &f.Note, &created, &updated)
	f.ID, f.IRI, f.follower, f.target, f.State = coop.ID(id), coop.IRI(iri), coop.ID(follower), coop.ID(target), coop.FollowState(state)
	f.CreatedAt, f.UpdatedAt = atMs(created), atMs(updated)
	return f, err
}

// withAccounts gives follows their accounts, by one statement.
func (r reader) withAccounts(ctx context.Context, rows []followRow) ([]*coop.Follow, error) {
	var ids []coop.ID
	for _, f := range rows {
		ids = append(ids, f.follower, f.target)
	}
	accounts, err := r.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	follows := make([]*coop.Follow, len(rows))
	for i := range rows {
		f := rows[i].Follow
		f.Follower, f.Target = accounts[rows[i].follower], accounts[rows[i].target]
		follows[i] = &f
	}
	return follows, nil
}

// oneFollow finds one follow with its accounts.
func (r reader) oneFollow(ctx context.Context, where string, values ...any) (*coop.Follow, error) {
	row, err := first(ctx, r, scanFollow, `
		SELECT `+followColumns+`
		FROM follows f
		WHERE `+where+`
		ORDER BY f.id DESC
		LIMIT 1`, values...)
	if err != nil {
		return nil, err
	}
	follows, err := r.withAccounts(ctx, []followRow{row})
	if err != nil {
		return nil, err
	}
	return follows[0], nil
}

// Follow finds the follow of one account by another with both accounts, or gives
// [coop.ErrNotFound].
func (r reader) Follow(ctx context.Context, follower, target coop.ID) (*coop.Follow, error) {
	f, err := r.oneFollow(ctx, "f.follower_id = $1 AND f.target_id = $2", int64(follower), int64(target))
	if err != nil {
		return nil, fmt.Errorf("follow of %s by %s: %w", target, follower, err)
	}
	return f, nil
}

// FollowByIRI finds a follow by the id of its activity, or gives [coop.ErrNotFound].
func (r reader) FollowByIRI(ctx context.Context, iri coop.IRI) (*coop.Follow, error) {
	f, err := r.oneFollow(ctx, "f.iri = $1 AND f.iri <> ''", cleanText(string(iri)))
	if err != nil {
		return nil, fmt.Errorf("follow %s: %w", iri, err)
	}
	return f, nil
}

// Followers lists who follows an account, newest first; state "" lists asked and
// accepted ones. Accounts that are gone are left out.
func (r reader) Followers(ctx context.Context, id coop.ID, state coop.FollowState, page coop.Page) ([]*coop.Follow, error) {
	return r.follows(ctx, "f.target_id", "f.follower_id", id, state, page)
}

// Following lists whom an account follows, newest first, as [reader.Followers].
func (r reader) Following(ctx context.Context, id coop.ID, state coop.FollowState, page coop.Page) ([]*coop.Follow, error) {
	return r.follows(ctx, "f.follower_id", "f.target_id", id, state, page)
}

// follows lists the follows in which one column is an account.
func (r reader) follows(ctx context.Context, is, other string, id coop.ID, state coop.FollowState, page coop.Page) ([]*coop.Follow, error) {
	a := args{int64(id), string(state)}
	p := a.page("f.id", page)
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+followsFrom(is, other)+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("follows of %s: %w", id, err)
	}
	return r.withAccounts(ctx, newestFirst(p, rows))
}

// followsFrom is the rest of a question about follows; $1 is the account, $2 the
// state.
func followsFrom(is, other string) string {
	return `
		FROM follows f
		JOIN accounts w ON w.id = ` + other + `
		WHERE ` + is + ` = $1 AND ($2 = '' OR f.state = $2) AND w.suspended_at = 0 AND w.deleted_at = 0`
}

// CountFollowers counts what [reader.Followers] would list without a page.
func (r reader) CountFollowers(ctx context.Context, id coop.ID, state coop.FollowState) (int, error) {
	n, err := r.number(ctx, "SELECT COUNT(*)"+followsFrom("f.target_id", "f.follower_id"), int64(id), string(state))
	return int(n), err
}

// CountFollowing counts what [reader.Following] would list without a page.
func (r reader) CountFollowing(ctx context.Context, id coop.ID, state coop.FollowState) (int, error) {
	n, err := r.number(ctx, "SELECT COUNT(*)"+followsFrom("f.follower_id", "f.target_id"), int64(id), string(state))
	return int(n), err
}

// FollowerInboxes lists where the accepted followers on other servers take
// deliveries: one for each follower, those who are gone or on a blocked domain
// left out. The caller puts shared inboxes together.
func (r reader) FollowerInboxes(ctx context.Context, id coop.ID) ([]Inbox, error) {
	a := args{int64(id)}
	list, err := all(ctx, r, scanInbox, `
		SELECT a.inbox, a.shared_inbox, a.server, a.id
		FROM follows f
		JOIN accounts a ON a.id = f.follower_id
		WHERE f.target_id = $1 AND f.state = 'accepted' AND NOT a.local AND a.inbox <> ''
			AND a.suspended_at = 0 AND a.deleted_at = 0 AND NOT `+r.refused(&a, "a.server")+`
		ORDER BY f.id`, a...)
	if err != nil {
		return nil, fmt.Errorf("inboxes of the followers of %s: %w", id, err)
	}
	return list, nil
}

// scanInbox reads where an account takes deliveries.
func scanInbox(row pgx.CollectableRow) (Inbox, error) {
	var inbox, shared, host string
	var id int64
	err := row.Scan(&inbox, &shared, &host, &id)
	return Inbox{coop.IRI(inbox), coop.IRI(shared), host, coop.ID(id)}, err
}

// LocalFollowers lists the accounts of this instance that follow id, accepted.
func (r reader) LocalFollowers(ctx context.Context, id coop.ID) ([]*coop.Account, error) {
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM follows f
		JOIN accounts a ON a.id = f.follower_id
		WHERE f.target_id = $1 AND f.state = 'accepted' AND a.local AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY f.id
		LIMIT 10000`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("local followers of %s: %w", id, err)
	}
	return list, nil
}

// FollowedHere tells whether any account of this instance follows id, accepted.
func (r reader) FollowedHere(ctx context.Context, id coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT CASE WHEN EXISTS (
			SELECT 1 FROM follows f
			JOIN accounts a ON a.id = f.follower_id
			WHERE f.target_id = $1 AND f.state = 'accepted' AND a.local AND a.suspended_at = 0 AND a.deleted_at = 0)
		THEN 1 ELSE 0 END`, int64(id))
	return n > 0, err
}
