// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// putRequest writes the row and the slots of a request, and leaves of those that are
// here what is accepted; of another server what its origin says.
func (tx *Tx) putRequest(ctx context.Context, p *coop.Post) error {
	if p.Request == nil {
		return nil
	}
	bare := p.Request.Clone()
	for i := range bare.Slots {
		bare.Slots[i].Accepted = 0
	}
	payload, err := jsonText(bare)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `
		INSERT INTO requests (post_id, author_id, status, respond_by, payload)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (post_id) DO UPDATE SET status = excluded.status, respond_by = excluded.respond_by, payload = excluded.payload`,
		int64(p.ID), int64(p.AuthorID), string(p.Request.Status), msOf(p.Request.RespondBy), payload); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	return tx.putSlots(ctx, p)
}

// putSlots writes the slots of a request and takes out those that it has no more.
func (tx *Tx) putSlots(ctx context.Context, p *coop.Post) error {
	a := args{int64(p.ID)}
	var keys []string
	for _, s := range p.Request.Slots {
		keys = append(keys, s.Key)
	}
	gone := "TRUE"
	if len(keys) > 0 {
		gone = "key NOT IN " + in(&a, texts(keys))
	}
	if _, err := tx.exec(ctx, "DELETE FROM request_slots WHERE post_id = $1 AND "+gone, a...); err != nil {
		return fmt.Errorf("slots: %w", err)
	}
	for i, s := range p.Request.Slots {
		if err := tx.putSlot(ctx, p, i, s); err != nil {
			return fmt.Errorf("slot %s: %w", s.Key, err)
		}
	}
	return nil
}

// putSlot writes one slot. What is accepted of ours changes by [Tx.AcceptHours] and
// [Tx.ReleaseHours] alone.
func (tx *Tx) putSlot(ctx context.Context, p *coop.Post, place int, s coop.Slot) error {
	accepted := "request_slots.accepted"
	if !p.Local {
		accepted = "excluded.accepted"
	}
	_, err := tx.exec(ctx, `
		INSERT INTO request_slots (post_id, key, place, name, skill, skill_name, hours, accepted, closed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (post_id, key) DO UPDATE SET
			place = excluded.place, name = excluded.name, skill = excluded.skill, skill_name = excluded.skill_name,
			hours = excluded.hours, closed = excluded.closed, accepted = `+accepted,
		int64(p.ID), cleanText(s.Key), int64(place), cleanText(coop.Truncate(s.Name, 200)), cleanText(coop.Truncate(s.Skill.URI, 2048)),
		foldWords(coop.Truncate(s.Skill.Name, 200)), int64(s.Hours), int64(s.Accepted), s.Closed)
	return err
}

// dropRequest forgets what a post was as a request, where it is none any more.
func (tx *Tx) dropRequest(ctx context.Context, p, old *coop.Post) error {
	if old.Request == nil || p.Request != nil {
		return nil
	}
	_, err := tx.exec(ctx, `DELETE FROM requests WHERE post_id = $1`, int64(p.ID))
	return err
}

// requestFileAD binds the file of a request to its row.
func requestFileAD(post coop.ID) string { return "request file:" + post.String() }

// RequestFile is what of a request stays here, or [coop.ErrNotFound]. Who asks has been
// judged: the requester, and after acceptance the co-ops of the team.
func (r reader) RequestFile(ctx context.Context, post coop.ID) (*coop.RequestFile, error) {
	f, err := first(ctx, r, scanSealedFile, `
		SELECT sealed, delete_at
		FROM request_files
		WHERE post_id = $1 AND delete_at > $2`, int64(post), msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("file of request %s: %w", post, err)
	}
	return f.open(r, post)
}

// PutRequestFile keeps what of a request stays here, sealed, until its DeleteAt.
func (tx *Tx) PutRequestFile(ctx context.Context, f *coop.RequestFile) error {
	plain, err := jsonText(f)
	if err != nil {
		return err
	}
	sealed, err := tx.Seal(ctx, requestFileAD(f.PostID), []byte(plain))
	if err == nil {
		_, err = tx.exec(ctx, `
			INSERT INTO request_files (post_id, sealed, delete_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (post_id) DO UPDATE SET sealed = excluded.sealed, delete_at = excluded.delete_at`, int64(f.PostID), sealed, msOf(f.DeleteAt))
	}
	if err != nil {
		return fmt.Errorf("file of request %s: %w", f.PostID, err)
	}
	return nil
}

// DropRequestFile forgets it; one that is not there is no error.
func (tx *Tx) DropRequestFile(ctx context.Context, post coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM request_files WHERE post_id = $1`, int64(post))
	return err
}

// PutRequest stores a request, new or known by its IRI: [Tx.AddPost] or [Tx.UpdatePost].
func (tx *Tx) PutRequest(ctx context.Context, p *coop.Post, by Arrival) error {
	if p.Request == nil {
		return fmt.Errorf("request %s: %w", p.IRI, coop.ErrNotFound)
	}
	p.Kind = coop.KindRequest
	_, err := tx.PostByIRI(ctx, coop.System(), p.IRI)
	switch {
	case err == nil:
		_, err = tx.UpdatePost(ctx, p, by)
	case errors.Is(err, coop.ErrNotFound):
		_, err = tx.AddPost(ctx, p, by)
	}
	return err
}

// sealedFile is a row of request_files.
type sealedFile struct {
	sealed   []byte
	deleteAt int64
}

// scanSealedFile reads it.
func scanSealedFile(row pgx.CollectableRow) (f sealedFile, err error) {
	err = row.Scan(&f.sealed, &f.deleteAt)
	return f, err
}

// open unseals it.
func (f sealedFile) open(r reader, post coop.ID) (*coop.RequestFile, error) {
	plain, err := r.Unseal(requestFileAD(post), f.sealed)
	if err != nil {
		return nil, fmt.Errorf("file of request %s: %w", post, err)
	}
	file := &coop.RequestFile{}
	if err := json.Unmarshal(plain, file); err != nil {
		return nil, fmt.Errorf("file of request %s: %w", post, err)
	}
	file.PostID, file.DeleteAt = post, atMs(f.deleteAt)
	return file, nil
}
