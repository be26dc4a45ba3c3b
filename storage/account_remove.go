// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// SuspendAccount hides an account and all it wrote; the zero time lifts it.
func (tx *Tx) SuspendAccount(ctx context.Context, id coop.ID, at time.Time) error {
	n, err := tx.exec(ctx, `
		UPDATE accounts
		SET suspended_at = $1
		WHERE id = $2 AND deleted_at = 0`, msOf(at), int64(id))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err == nil {
		// A copy that stood for others may be hidden now, or be seen again.
		err = tx.electJobsOf(ctx, id)
		tx.RightsChanged(ctx, id)
	}
	if err == nil && !at.IsZero() {
		err = errors.Join(tx.touchFound(ctx, "p.author_id = $1", int64(id)), tx.endGuestsOf(ctx, id))
	}
	if err != nil {
		return fmt.Errorf("suspend account %s: %w", id, err)
	}
	return nil
}

// TaskRemoveAccount is the kind of the task that removes what a deleted account
// wrote; its key and payload are the account's id in decimal (payload: a JSON
// string). Whoever runs it calls [Tx.RemoveAccountBatch] until nothing is left.
const TaskRemoveAccount = "account.remove"

// DeleteAccount makes an account a tombstone at once: its name stays reserved, its
// profile is emptied, follows, memberships and tokens end, everything it wrote is
// out of sight. A task of kind [TaskRemoveAccount] then removes the rows. The
// private keys of a local account stay sealed until its Delete has left
// ([Tx.SweepRecords] takes them after 30 days). A missing one gives
// [coop.ErrNotFound]; doing it twice does nothing. Of a team of another server that a
// co-op of ours is in only its end is noted ([coop.Room].EndedAt): a mirror of its room
// outlives the server that ran it.
//
// Ask [reader.FollowerInboxes] before: afterwards nobody follows it.
func (tx *Tx) DeleteAccount(ctx context.Context, id coop.ID, at time.Time) error {
	// Whoever has just pointed to it is done before: what they wrote goes too.
	if err := tx.holdRow(ctx, "accounts", "id", "FOR UPDATE", int64(id)); err != nil {
		return err
	}
	a, err := tx.Account(ctx, id)
	if err != nil || !a.DeletedAt.IsZero() {
		return err
	}
	if a.Kind == coop.Team && !a.Local {
		here, err := tx.MemberHere(ctx, id)
		if err != nil || here {
			return errors.Join(err, tx.endTeam(ctx, a, at))
		}
	}
	for _, step := range []func(context.Context, *coop.Account, time.Time) error{
		tx.emptyAccount, tx.endRelations, tx.endDeparture, tx.queueRemoval,
	} {
		if err := step(ctx, a, at); err != nil {
			return fmt.Errorf("delete account %s: %w", id, err)
		}
	}
	if err := tx.touchFound(ctx, "p.author_id = $1", int64(id)); err != nil {
		return err
	}
	return tx.electJobsOf(ctx, id)
}

// emptyAccount takes out what the account said of itself. A remote handle is free
// again, a local one never.
func (tx *Tx) emptyAccount(ctx context.Context, a *coop.Account, at time.Time) error {
	if _, err := tx.exec(ctx, `
		UPDATE accounts
		SET deleted_at = $1, updated_at = $1, display_name = '', bio = '', bio_source = '', url = '', email = '',
			details = '{}', moved_to = '', discoverable = FALSE, indexable = FALSE,
			handle = CASE WHEN local THEN handle ELSE '' END
		WHERE id = $2`, msOf(at), int64(a.ID)); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `DELETE FROM remote_keys WHERE owner = $1`, string(a.IRI)); err != nil {
		return err
	}
	return tx.AddTombstone(ctx, Tombstone{IRI: a.IRI, FormerType: a.ActorType, Owner: a.IRI, At: at, Local: a.Local})
}

// endRelations ends what ties the account to others.
func (tx *Tx) endRelations(ctx context.Context, a *coop.Account, at time.Time) error {
	id := int64(a.ID)
	for _, sql := range []string{
		`DELETE FROM follows WHERE follower_id = $1 OR target_id = $1`,
		`DELETE FROM blocks WHERE blocker_id = $1 OR target_id = $1`,
		`DELETE FROM mutes WHERE account_id = $1 OR target_id = $1`,
		`DELETE FROM account_notes WHERE account_id = $1 OR target_id = $1`,
		`DELETE FROM server_blocks WHERE account_id = $1`,
		`DELETE FROM list_accounts WHERE account_id = $1 OR list_id IN (SELECT id FROM lists WHERE account_id = $1)`,
		`DELETE FROM lists WHERE account_id = $1`,
		`DELETE FROM followed_tags WHERE account_id = $1`,
		`DELETE FROM notifications WHERE account_id = $1 OR from_id = $1`,
		`DELETE FROM pins WHERE account_id = $1`,
		`DELETE FROM bookmarks WHERE account_id = $1`,
		`DELETE FROM thread_mutes WHERE account_id = $1`,
		`DELETE FROM scheduled_posts WHERE account_id = $1`,
		`DELETE FROM notification_policies WHERE account_id = $1`,
		`DELETE FROM notification_permissions WHERE account_id = $1 OR from_id = $1`,
		`DELETE FROM notification_requests WHERE account_id = $1 OR from_id = $1`,
		`DELETE FROM filters WHERE account_id = $1`,
		`DELETE FROM featured_tags WHERE account_id = $1`,
		`DELETE FROM endorsements WHERE account_id = $1 OR target_id = $1`,
		`DELETE FROM hidden_suggestions WHERE account_id = $1 OR target_id = $1`,
		`DELETE FROM active_weeks WHERE account_id = $1`,
		`DELETE FROM markers WHERE account_id = $1`,
		`DELETE FROM announcement_reads WHERE account_id = $1`,
		`DELETE FROM announcement_reactions WHERE account_id = $1`,
		`DELETE FROM passwords WHERE account_id = $1`,
		`DELETE FROM account_words WHERE account_id = $1`,
		`DELETE FROM coop_facets WHERE account_id = $1`,
		`DELETE FROM coop_services WHERE account_id = $1`,
		`DELETE FROM coop_index WHERE account_id = $1`,
		`DELETE FROM coop_sites WHERE account_id = $1`,
		`DELETE FROM domain_proofs WHERE account_id = $1`,
		`DELETE FROM bring_bars WHERE account_id = $1`,
		`DELETE FROM series WHERE owner_id = $1`,
		`DELETE FROM capacity WHERE account_id = $1`,
		`DELETE FROM capacity_lists WHERE account_id = $1`,
		`DELETE FROM backfills WHERE account_id = $1`,
		`DELETE FROM comparisons WHERE account_id = $1`,
		`DELETE FROM comparison_posts WHERE account_id = $1`,
		`DELETE FROM conversations WHERE account_id = $1`,
		`DELETE FROM sessions WHERE account_id = $1`,
		`DELETE FROM links WHERE account_id = $1`,
		`DELETE FROM invitations WHERE account_id = $1 OR by_id = $1`,
		`DELETE FROM account_moves WHERE account_id = $1`,
		`DELETE FROM imports WHERE account_id = $1`,
		`UPDATE exports SET ends_at = 0 WHERE account_id = $1 OR person_id = $1`,
		`UPDATE hiring SET form = FALSE WHERE account_id = $1`,
		`DELETE FROM job_links WHERE person_id = $1`,
		`DELETE FROM suggestions WHERE by_id = $1`,
		`DELETE FROM decision_ballots WHERE voter_id = $1`,
		`DELETE FROM decision_electors WHERE account_id = $1`,
		`UPDATE offers SET state = 'withdrawn' WHERE by_id = $1 AND state IN ('sent', 'changed')`,
		`UPDATE offers SET state = 'expired' WHERE owner_id = $1 AND state IN ('sent', 'changed')`,
		`DELETE FROM code_seeds WHERE account_id = $1`,
		`DELETE FROM recovery_codes WHERE account_id = $1`,
		`DELETE FROM code_pauses WHERE account_id = $1`,
		`DELETE FROM passkeys WHERE account_id = $1`,
		`DELETE FROM ceremonies WHERE account_id = $1`,
		`DELETE FROM identities WHERE account_id = $1`,
		`DELETE FROM roles WHERE account_id = $1 OR person_id = $1`,
		`DELETE FROM push_subscriptions WHERE account_id = $1`,
	} {
		if _, err := tx.exec(ctx, sql, id); err != nil {
			return err
		}
	}
	if err := tx.endSearchesOf(ctx, a.ID); err != nil {
		return err
	}
	if err := tx.releaseMediaOf(ctx, a.ID); err != nil {
		return err
	}
	if err := tx.RevokeTokensOf(ctx, a.ID, at); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `
		UPDATE memberships
		SET state = 'left', end_at = $1, updated_at = $1, member_says = FALSE, organization_says = FALSE
		WHERE (member_id = $2 OR organization_id = $2) AND state IN ('asked', 'member', 'suspended')`, msOf(at), id)
	return err
}

// queueRemoval leaves the rest, which may be much, to a task.
func (tx *Tx) queueRemoval(ctx context.Context, a *coop.Account, at time.Time) error {
	return tx.AddTask(ctx, Task{
		Kind: TaskRemoveAccount, Key: a.ID.String(), Payload: []byte(`"` + a.ID.String() + `"`), DueAt: at,
	})
}

// RemoveAccountBatch turns up to limit posts of a deleted account into tombstones,
// then takes up to limit of its reactions and of what it sent, and returns how many rows that were;
// zero means that all is done. An account that is not deleted gives
// [coop.ErrConflict].
func (tx *Tx) RemoveAccountBatch(ctx context.Context, id coop.ID, limit int) (int, error) {
	a, err := tx.Account(ctx, id)
	if err != nil {
		return 0, err
	}
	if a.DeletedAt.IsZero() {
		return 0, fmt.Errorf("remove what account %s wrote: %w", id, coop.ErrConflict)
	}
	posts, err := all(ctx, tx.reader, pgx.RowTo[string], `
		SELECT iri
		FROM posts
		WHERE author_id = $1
		ORDER BY id
		LIMIT $2`, int64(id), limit)
	if err != nil {
		return 0, err
	}
	for _, iri := range posts {
		if err := tx.RemovePost(ctx, coop.IRI(iri), a.IRI, a.DeletedAt); err != nil {
			return 0, err
		}
	}
	if len(posts) > 0 {
		return len(posts), nil
	}
	n, err := tx.exec(ctx, `
		DELETE FROM reactions
		WHERE id IN (SELECT id FROM reactions WHERE actor_id = $1 ORDER BY id LIMIT $2)`, int64(id), limit)
	if err != nil || n > 0 {
		return int(n), err
	}
	// What waits to be sent goes with its deliveries, by [Tx.SweepRecords].
	n, err = tx.exec(ctx, `
		DELETE FROM documents
		WHERE id IN (
			SELECT o.id
			FROM documents o
			WHERE o.owner_id = $1 AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.document_id = o.id)
				AND NOT EXISTS (SELECT 1 FROM departures x WHERE x.document_id = o.id)
			LIMIT $2)`, int64(id), limit)
	if err != nil || n > 0 {
		return int(n), err
	}
	// Its votes stay counted; that they were its own is forgotten.
	n, err = tx.exec(ctx, `DELETE FROM poll_votes WHERE account_id = $1`, int64(id))
	return int(n), err
}
