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

// Tombstone says that something with this id was here and was withdrawn.
type Tombstone struct {
	IRI        coop.IRI
	FormerType string   // type on the wire; empty when it was never seen
	Owner      coop.IRI // whose it was; empty when unknown
	At         time.Time
	Local      bool // of this instance
	Hidden     bool // not everybody could see it: who asks is not told that it was there
}

// Tombstone finds what was withdrawn, or gives [coop.ErrNotFound].
func (r reader) Tombstone(ctx context.Context, iri coop.IRI) (*Tombstone, error) {
	return first(ctx, r, func(row pgx.CollectableRow) (*Tombstone, error) {
		var id, former, owner string
		var at int64
		t := &Tombstone{}
		err := row.Scan(&id, &former, &owner, &t.Local, &t.Hidden, &at)
		t.IRI, t.FormerType, t.Owner, t.At = coop.IRI(id), former, coop.IRI(owner), atMs(at)
		return t, err
	}, `
		SELECT iri, former_type, owner, local, hidden, at
		FROM tombstones
		WHERE iri = $1`, cleanText(string(iri)))
}

// tells says whether a viewer may know that something was here.
func (t *Tombstone) tells(v coop.Viewer) bool { return !t.Hidden || v.Class == coop.ViewerSystem }

// AddTombstone keeps the id of something that is not a post from being used
// again: an activity undone before it came, an account. The first one stays. Of a
// post it takes [Tx.RemovePost].
func (tx *Tx) AddTombstone(ctx context.Context, t Tombstone) error {
	if err := tx.alone(ctx, string(t.IRI)); err != nil {
		return err
	}
	return tx.addTombstone(ctx, t, 0)
}

// addTombstone keeps the id of what was removed, and which post it was.
func (tx *Tx) addTombstone(ctx context.Context, t Tombstone, post coop.ID) error {
	_, err := tx.insert(ctx, "tombstones", []column{
		{"iri", string(t.IRI)},
		{"post_id", int64(post)},
		{"former_type", coop.Truncate(t.FormerType, 100)},
		{"owner", string(t.Owner)},
		{"local", t.Local},
		{"hidden", t.Hidden},
		{"at", msOf(t.At)},
	}, "ON CONFLICT DO NOTHING")
	return err
}

// buried tells whether owner may not use an id: it was used here and withdrawn, or
// withdrawn by owner before it came. What somebody else withdrew that never came
// bars nobody: who lives on the same server could else bury its neighbours' ids here.
// Such a tombstone makes way.
func (tx *Tx) buried(ctx context.Context, iri, owner coop.IRI) (bool, error) {
	bars, err := tx.number(ctx, `
		SELECT CASE WHEN local OR post_id <> 0 OR owner IN ('', iri, $2) THEN 1 ELSE 2 END
		FROM tombstones
		WHERE iri = $1
		UNION ALL
		SELECT 0
		ORDER BY 1 DESC
		LIMIT 1`, cleanText(string(iri)), cleanText(string(owner)))
	if err != nil || bars < 2 {
		return bars == 1, err
	}
	return false, tx.DropTombstone(ctx, iri)
}

// DropTombstone lets an id live again: Undo(Delete) by its owner. A missing one is
// no error.
func (tx *Tx) DropTombstone(ctx context.Context, iri coop.IRI) error {
	_, err := tx.exec(ctx, `DELETE FROM tombstones WHERE iri = $1`, cleanText(string(iri)))
	return err
}

// RemovePost makes a post a tombstone: its text, bytes, hashtags, mentions,
// revisions, reactions and notifications go; replies stay. The owner is the
// author's IRI; a post of another gives [coop.ErrForbidden]. What is not known gets
// a tombstone too, so that a Create that comes late finds it, if owner and id are of
// one host; else [coop.ErrForbidden]. Twice is once.
//
// Ask [reader.Holders] before: afterwards nobody holds it.
func (tx *Tx) RemovePost(ctx context.Context, iri, owner coop.IRI, at time.Time) error {
	err := tx.removePost(ctx, iri, owner, at)
	if err != nil {
		return fmt.Errorf("remove post %s: %w", iri, err)
	}
	return nil
}

// removePost is the story of RemovePost.
func (tx *Tx) removePost(ctx context.Context, iri, owner coop.IRI, at time.Time) error {
	if err := tx.alone(ctx, string(iri)); err != nil {
		return err
	}
	// Held at once: an edit that waits for what this removes, and this for the edit, would stand still.
	known, err := first(ctx, tx.reader, scanStored, storedPost+" FOR UPDATE", cleanText(string(iri)))
	if errors.Is(err, coop.ErrNotFound) {
		return tx.removeUnknown(ctx, iri, owner, at)
	}
	if err != nil {
		return err
	}
	p, err := tx.Post(ctx, coop.System(), coop.ID(known.id))
	if err != nil {
		return err
	}
	if p.Author == nil || p.Author.IRI != owner {
		return coop.ErrForbidden
	}
	if err := mayPost(ctx, p.AuthorID, p); err != nil {
		return err
	}
	tx.aboutPost(p)
	keys, err := tx.jobKeys(ctx, p.ID)
	if err != nil {
		return err
	}
	hidden, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM posts
		WHERE id = $1 AND (visibility NOT IN ('public', 'unlisted') OR draft OR frozen)`, int64(p.ID))
	if err != nil {
		return err
	}
	if err := tx.addTombstone(ctx, Tombstone{IRI: iri, FormerType: p.Type, Owner: owner, At: at, Local: p.Local, Hidden: hidden > 0}, p.ID); err != nil {
		return err
	}
	if err := tx.noteDeleted(ctx, p); err != nil {
		return err
	}
	if err := tx.removeRows(ctx, p); err != nil {
		return err
	}
	return tx.electJobs(ctx, keys)
}

// removeUnknown keeps the id of what never came.
func (tx *Tx) removeUnknown(ctx context.Context, iri, owner coop.IRI, at time.Time) error {
	if _, err := tx.Tombstone(ctx, iri); err == nil || !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if iri.Host() == "" || iri.Host() != owner.Host() {
		return coop.ErrForbidden
	}
	return tx.AddTombstone(ctx, Tombstone{IRI: iri, Owner: owner, At: at})
}

// removeRows takes out all that was kept of a post. What hangs on its row goes with
// it.
func (tx *Tx) removeRows(ctx context.Context, p *coop.Post) error {
	if err := tx.removeDocuments(ctx, p.ID); err != nil {
		return err
	}
	if err := tx.removeWords(ctx, p.ID); err != nil {
		return err
	}
	if err := tx.releaseMedia(ctx, p.ID); err != nil {
		return err
	}
	for _, sql := range []string{
		`DELETE FROM notifications WHERE post_id = $1 AND post_id <> 0`,
		`UPDATE posts SET in_reply_to_id = 0 WHERE in_reply_to_id = $1 AND in_reply_to_id <> 0`,
		`DELETE FROM posts WHERE id = $1`,
	} {
		if _, err := tx.exec(ctx, sql, int64(p.ID)); err != nil {
			return err
		}
	}
	return nil
}

// removeDocuments forgets the bytes of a post, however many documents it had.
func (tx *Tx) removeDocuments(ctx context.Context, post coop.ID) error {
	for range 100 {
		documents, err := tx.DocumentsOfPost(ctx, post, 100)
		if err != nil || len(documents) == 0 {
			return err
		}
		for _, d := range documents {
			if err := tx.DeleteDocument(ctx, d.IRI); err != nil {
				return err
			}
		}
		if len(documents) < 100 {
			return nil
		}
	}
	return nil
}

// VisibleDocument finds the bytes of an activity or object that the viewer may
// see: its post's visibility, or, for documents without a post, Public or their
// owner. Errors are those of [reader.Post].
func (r reader) VisibleDocument(ctx context.Context, v coop.Viewer, iri coop.IRI) (*coop.Document, error) {
	d, err := r.Document(ctx, iri)
	if errors.Is(err, coop.ErrNotFound) {
		if t, gone := r.Tombstone(ctx, iri); gone == nil && t.tells(v) {
			err = coop.ErrGone
		}
	}
	if err == nil {
		err = r.maySeeDocument(ctx, v, d)
	}
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", iri, err)
	}
	return &coop.Document{ID: coop.ID(d.ID), IRI: d.IRI, OwnerID: d.OwnerID, PostID: d.PostID, Public: d.Public, Body: d.Body}, nil
}

// maySeeDocument judges a document as its post, or by itself where it has none: what was
// said of an offer is for its two sides.
func (r reader) maySeeDocument(ctx context.Context, v coop.Viewer, d *Document) error {
	if v.Class == coop.ViewerSystem {
		return nil
	}
	if d.PostID != 0 {
		_, err := r.Post(ctx, v, d.PostID)
		return err
	}
	if d.OwnerID != 0 {
		owner, err := r.Account(ctx, d.OwnerID)
		if err != nil {
			return err
		}
		if owner.Gone() {
			return coop.ErrNotFound
		}
	}
	own := v.Class != coop.ViewerAnonymous && v.Account != 0 && v.Account == d.OwnerID
	if d.Public || own {
		return nil
	}
	if party, err := r.PartyToOffer(ctx, v, d.IRI); err != nil || party {
		return err
	}
	return coop.ErrNotFound
}
