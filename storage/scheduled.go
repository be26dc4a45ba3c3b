// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TaskScheduled is the kind of the task that publishes a post at its time; its key
// and payload are the id of the scheduled post (payload: a JSON string).
const TaskScheduled = "outbox.scheduled"

// scheduledColumns are those that [scanScheduled] reads.
const scheduledColumns = "id, account_id, due_at, post, params, error, created_at"

// scanScheduled reads a row of [scheduledColumns].
func scanScheduled(row pgx.CollectableRow) (*coop.Scheduled, error) {
	s := &coop.Scheduled{}
	var id, account, due, created int64
	var post, params string
	if err := row.Scan(&id, &account, &due, &post, &params, &s.Error, &created); err != nil {
		return nil, err
	}
	s.ID, s.AccountID, s.Due, s.Params, s.CreatedAt = coop.ID(id), coop.ID(account), atMs(due), []byte(params), atMs(created)
	w := waitingPost{Post: &coop.Post{}}
	if err := json.Unmarshal([]byte(post), &w); err != nil {
		return nil, fmt.Errorf("scheduled post %s: %w", s.ID, err)
	}
	s.Post = w.Post
	s.Post.ID, s.Post.InReplyToID, s.Post.AuthorID = coop.ID(w.ID), coop.ID(w.InReplyToID), s.AccountID
	return s, nil
}

// waitingPost is a post as it waits: ids that are not given yet are 0.
type waitingPost struct {
	*coop.Post

	ID, InReplyToID int64
}

// Scheduled finds a post of an account that waits for its time. Another's is
// [coop.ErrNotFound].
func (r reader) Scheduled(ctx context.Context, account, id coop.ID) (*coop.Scheduled, error) {
	s, err := first(ctx, r, scanScheduled, `
		SELECT `+scheduledColumns+`
		FROM scheduled_posts
		WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && hides(ctx, s) {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("scheduled post %s: %w", id, err)
	}
	return s, nil
}

// ScheduledOf lists what of an account waits for its time, the last made first.
func (r reader) ScheduledOf(ctx context.Context, account coop.ID, page coop.Page) ([]*coop.Scheduled, error) {
	a := args{int64(account)}
	p := a.page("id", page)
	list, err := all(ctx, r, scanScheduled, `
		SELECT `+scheduledColumns+`
		FROM scheduled_posts
		WHERE account_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("scheduled posts of %s: %w", account, err)
	}
	list = slices.DeleteFunc(list, func(s *coop.Scheduled) bool { return hides(ctx, s) })
	return newestFirst(p, list), nil
}

// hides tells whether a post that waits is not there for the person who acts in its
// author's name.
func hides(ctx context.Context, s *coop.Scheduled) bool {
	return mayPost(ctx, s.AccountID, s.Post) != nil
}

// DueScheduled finds a post that waits, by the id alone, for the task that publishes it.
func (tx *Tx) DueScheduled(ctx context.Context, id coop.ID) (*coop.Scheduled, error) {
	if err := tx.alone(ctx, "scheduled "+id.String()); err != nil {
		return nil, err
	}
	s, err := first(ctx, tx.reader, scanScheduled, `
		SELECT `+scheduledColumns+`
		FROM scheduled_posts
		WHERE id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("scheduled post %s: %w", id, err)
	}
	return s, nil
}

// AddScheduled keeps a post for its time, and the task that publishes it then. It
// fills in ID and CreatedAt. Too many of an account give a *coop.InvalidError of
// field scheduled_at.
func (tx *Tx) AddScheduled(ctx context.Context, s *coop.Scheduled) (err error) {
	if err := mayPost(ctx, s.AccountID, s.Post); err != nil {
		return err
	}
	if err := tx.roomFor(ctx, s, true); err != nil {
		return err
	}
	s.CreatedAt = tx.e.now()
	if s.ID, err = tx.NextID(ctx, s.CreatedAt); err != nil {
		return err
	}
	post, err := waitingText(s)
	if err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "scheduled_posts", []column{
		{"id", int64(s.ID)},
		{"account_id", int64(s.AccountID)},
		{"due_at", msOf(s.Due)},
		{"post", post},
		{"params", string(s.Params)},
		{"created_at", msOf(s.CreatedAt)},
	}, ""); err != nil {
		return fmt.Errorf("schedule a post of %s: %w", s.AccountID, err)
	}
	return tx.queueScheduled(ctx, s)
}

// waitingText is a post as it is kept: without what reads fill in.
func waitingText(s *coop.Scheduled) (string, error) {
	p := *s.Post
	p.Author, p.ReachedThrough, p.AuthorID = nil, nil, s.AccountID
	return jsonText(waitingPost{&p, int64(p.ID), int64(p.InReplyToID)})
}

// roomFor bounds how many posts of an account wait, in all and for one day.
func (tx *Tx) roomFor(ctx context.Context, s *coop.Scheduled, another bool) error {
	if err := tx.alone(ctx, "scheduled of "+s.AccountID.String()); err != nil {
		return err
	}
	all, err := tx.number(ctx, `SELECT COUNT(*) FROM scheduled_posts WHERE account_id = $1`, int64(s.AccountID))
	if err != nil {
		return err
	}
	day := s.Due.UTC().Truncate(24 * time.Hour)
	that, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM scheduled_posts
		WHERE account_id = $1 AND due_at >= $2 AND due_at < $3 AND id <> $4`, int64(s.AccountID), msOf(day), msOf(day.Add(24*time.Hour)), int64(s.ID))
	if err != nil {
		return err
	}
	if another && all >= coop.MaxScheduled || that >= coop.MaxScheduledOn {
		return &coop.InvalidError{
			Field: "scheduled_at", Code: coop.CodeTooMany,
			Problem: fmt.Sprintf("at most %d posts may wait, %d for one day", coop.MaxScheduled, coop.MaxScheduledOn),
		}
	}
	return nil
}

// queueScheduled sees to it that the post is published at its time and not before.
func (tx *Tx) queueScheduled(ctx context.Context, s *coop.Scheduled) error {
	key := s.ID.String()
	if err := tx.DeleteTask(ctx, TaskScheduled, key); err != nil {
		return err
	}
	return tx.AddTask(ctx, Task{Kind: TaskScheduled, Key: key, Payload: []byte(`"` + key + `"`), DueAt: s.Due})
}

// MoveScheduled gives a post of an account another time, and forgets why it could not
// be published. Errors are those of [reader.Scheduled] and [Tx.AddScheduled].
func (tx *Tx) MoveScheduled(ctx context.Context, account, id coop.ID, due time.Time) (*coop.Scheduled, error) {
	s, err := tx.Scheduled(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if s.Post.Poll != nil { // it runs as long as before
		s.Post.Poll.Ends = s.Post.Poll.Ends.Add(due.Sub(s.Due))
	}
	s.Due, s.Error = due, ""
	if err := tx.roomFor(ctx, s, false); err != nil {
		return nil, err
	}
	post, err := waitingText(s)
	if err != nil {
		return nil, err
	}
	if err := tx.update(ctx, "scheduled_posts", []column{{"due_at", msOf(due)}, {"error", ""}, {"post", post}}, "id", int64(id)); err != nil {
		return nil, fmt.Errorf("move scheduled post %s: %w", id, err)
	}
	return s, tx.queueScheduled(ctx, s)
}

// NoteScheduled keeps for its author why a post could not be published.
func (tx *Tx) NoteScheduled(ctx context.Context, id coop.ID, why string) error {
	return tx.update(ctx, "scheduled_posts", []column{{"error", coop.Truncate(why, 1000)}}, "id", int64(id))
}

// DropScheduled forgets a post of an account that waits. [coop.ErrNotFound] says that
// there is none, or that it was published.
func (tx *Tx) DropScheduled(ctx context.Context, account, id coop.ID) error {
	if _, err := tx.Scheduled(ctx, account, id); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `DELETE FROM scheduled_posts WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("drop scheduled post %s: %w", id, err)
	}
	return tx.DeleteTask(ctx, TaskScheduled, id.String())
}
