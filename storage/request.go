// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Requests lists requests that the viewer may see and that stand in public lists, newest
// first or, if the query says so, what ends first.
func (r reader) Requests(ctx context.Context, v coop.Viewer, q coop.RequestQuery, page coop.Page) ([]*coop.Post, error) {
	var a args
	where := r.requestsMatching(&a, v, q)
	if q.Soonest {
		posts, err := all(ctx, r, scanPost, `
			SELECT `+postColumns+`
			FROM `+postTables+`
			WHERE `+where+`
			ORDER BY q.respond_by, p.id
			LIMIT `+a.add(page.Clamp(20, 80).Limit), a...)
		if err != nil {
			return nil, fmt.Errorf("requests: %w", err)
		}
		return posts, r.complete(ctx, v, posts)
	}
	posts, err := r.postPage(ctx, v, a, postTables, where, page)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	return posts, nil
}

// CountRequests counts what [reader.Requests] would list without a page.
func (r reader) CountRequests(ctx context.Context, v coop.Viewer, q coop.RequestQuery) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*) FROM "+postTables+" WHERE "+r.requestsMatching(&a, v, q), a...)
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return int(n), nil
}

// requestsMatching is the condition of a question about requests.
func (r reader) requestsMatching(a *args, v coop.Viewer, q coop.RequestQuery) string {
	where := r.visible(a, v) + " AND " + r.listed(a) + " AND q.post_id IS NOT NULL"
	if !q.Takes.IsZero() {
		where += " AND q.status IN ('open', 'forming') AND q.respond_by > " + a.add(msOf(q.Takes))
	}
	if len(q.States) > 0 {
		where += " AND q.status IN " + in(a, texts(q.States[:min(len(q.States), mostKinds)]))
	}
	if q.Author != 0 {
		where += " AND q.author_id = " + a.add(int64(q.Author))
	}
	if q.Host != "" {
		where += " AND a.server = " + a.add(cleanText(q.Host))
	}
	if !q.Text.Empty() {
		where += " AND " + r.matchesText(a, q.Text)
	}
	if q.Skill != "" {
		skill := cleanText(coop.Truncate(q.Skill, 2048))
		where += ` AND EXISTS (
			SELECT 1 FROM request_slots s
			WHERE s.post_id = q.post_id AND (s.skill = ` + a.add(skill) + " OR s.skill_name = " + a.add(foldWords(skill)) + "))"
	}
	return where
}

// RequestsOf lists all requests of an account of this instance, drafts and those that
// have ended too, newest first. Who asks has been judged: drafts are its own.
func (r reader) RequestsOf(ctx context.Context, account coop.ID, page coop.Page) ([]*coop.Post, error) {
	a := args{int64(account)}
	p := a.page("q.post_id", page)
	ids, err := all(ctx, r, scanID, `
		SELECT q.post_id
		FROM requests q
		WHERE q.author_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("requests of %s: %w", account, err)
	}
	return r.PostsByID(ctx, coop.System(), newestFirst(p, ids))
}

// RequestOf is a request by the id of its post, for the program: who asks is judged by
// the caller. [coop.ErrNotFound] says that the post is none.
func (r reader) RequestOf(ctx context.Context, post coop.ID) (*coop.Post, error) {
	p, err := r.Post(ctx, coop.System(), post)
	if err == nil && p.Request == nil {
		err = fmt.Errorf("request %s: %w", post, coop.ErrNotFound)
	}
	return p, err
}

// DueRequests lists requests of this instance that look for co-ops and whose date is
// past at now, the longest due first.
func (r reader) DueRequests(ctx context.Context, now time.Time, limit int) ([]*coop.Post, error) {
	due, err := r.past(ctx, requestsEnd(), now, limit)
	if err != nil {
		return nil, fmt.Errorf("due requests: %w", err)
	}
	return r.PostsByID(ctx, coop.System(), due)
}

// NextDueRequest says when the next request of this instance that looks for co-ops
// ends; zero: none does.
func (r reader) NextDueRequest(ctx context.Context) (time.Time, error) {
	ms, err := r.number(ctx, `
		SELECT COALESCE(MIN(q.respond_by), 0)
		FROM requests q
		JOIN posts p ON p.id = q.post_id
		WHERE q.status IN ('open', 'forming') AND p.local`)
	return atMs(ms), err
}

// WaitingRequests counts what clients sent to an account and nobody has read.
func (r reader) WaitingRequests(ctx context.Context, account coop.ID) (int, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM requests WHERE author_id = $1 AND status = 'review'`, int64(account))
	return int(n), err
}

// MembersPart finds what the author of a request told the members of its federation
// beside it, as the viewer may see it: the oldest reply of the author that is addressed
// to members alone. [coop.ErrNotFound] says that there is none for this viewer.
func (r reader) MembersPart(ctx context.Context, v coop.Viewer, request *coop.Post) (*coop.Post, error) {
	a := args{int64(request.ID), int64(request.AuthorID)}
	p, err := first(ctx, r, scanPost, `
		SELECT `+postColumns+`
		FROM `+postTables+`
		WHERE p.in_reply_to_id = $1 AND p.in_reply_to_id <> 0 AND p.author_id = $2 AND p.visibility = 'members' AND `+r.visible(&a, v)+`
		ORDER BY p.id
		LIMIT 1`, a...)
	if err != nil {
		return nil, fmt.Errorf("members' part of %s: %w", request.IRI, err)
	}
	return p, r.complete(ctx, v, []*coop.Post{p})
}

// RequestOffered tells whether anybody ever offered for a request.
func (r reader) RequestOffered(ctx context.Context, post coop.ID) (bool, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM requests WHERE post_id = $1 AND offered`, int64(post))
	return n > 0, err
}

// MarkOffered notes that somebody has offered for a request: from now on none of its
// rules is taken back.
func (tx *Tx) MarkOffered(ctx context.Context, post coop.ID) error {
	n, err := tx.exec(ctx, `UPDATE requests SET offered = TRUE WHERE post_id = $1`, int64(post))
	if err == nil && n == 0 {
		err = fmt.Errorf("request %s: %w", post, coop.ErrNotFound)
	}
	return err
}

// AcceptHours takes hours of a slot for an accepted offer, if so many are open and the
// slot is not closed; [coop.ErrConflict] says that they are not. Of two at once for the
// last hours one holds. The caller publishes the new state of the request in the same
// transaction.
func (tx *Tx) AcceptHours(ctx context.Context, post coop.ID, slot string, hours int) error {
	return tx.moveHours(ctx, post, slot, hours, `
		UPDATE request_slots
		SET accepted = accepted + $3
		WHERE post_id = $1 AND key = $2 AND $3 > 0 AND accepted + $3 <= hours AND NOT closed`)
}

// ReleaseHours gives back hours of a slot; more than are accepted is [coop.ErrConflict].
func (tx *Tx) ReleaseHours(ctx context.Context, post coop.ID, slot string, hours int) error {
	return tx.moveHours(ctx, post, slot, hours, `
		UPDATE request_slots
		SET accepted = accepted - $3
		WHERE post_id = $1 AND key = $2 AND $3 > 0 AND accepted >= $3`)
}

// moveHours changes what is accepted of a slot.
func (tx *Tx) moveHours(ctx context.Context, post coop.ID, slot string, hours int, sql string) error {
	n, err := tx.exec(ctx, sql, int64(post), cleanText(slot), int64(hours))
	if err != nil {
		return fmt.Errorf("hours of %s of request %s: %w", slot, post, err)
	}
	if n == 0 {
		return fmt.Errorf("%d hours of %s of request %s: %w", hours, slot, post, coop.ErrConflict)
	}
	return nil
}

// fillSlots gives the slots of each request what is accepted of them.
func (r reader) fillSlots(ctx context.Context, _ coop.Viewer, posts []*coop.Post) error {
	byID := map[coop.ID]*coop.Request{}
	for _, p := range posts {
		if p.Request != nil {
			byID[p.ID] = p.Request
		}
	}
	if len(byID) == 0 {
		return nil
	}
	type held struct {
		post, accepted int64
		key            string
	}
	var a args
	ids := make([]coop.ID, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (h held, err error) {
		err = row.Scan(&h.post, &h.key, &h.accepted)
		return h, err
	}, `
		SELECT post_id, key, accepted
		FROM request_slots
		WHERE post_id IN `+in(&a, numbers(ids)), a...)
	if err != nil {
		return fmt.Errorf("slots: %w", err)
	}
	for _, h := range list {
		if s := byID[coop.ID(h.post)].Slot(h.key); s != nil {
			s.Accepted = int(h.accepted)
		}
	}
	return nil
}
