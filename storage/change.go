// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// How a change gets about
//
// A transaction notes what it changed; once it is committed the notes go to the feeds
// of this node and, on PostgreSQL, with the wake-ups to the other nodes: several in one
// payload, on the connection on which they listen already. A command that ends sends its
// own by [Store.Nudge]. On SQLite another process can only be seen to have written: then
// the feeds hear that they may have missed something, and look themselves.

// Bounds of what waits to be carried. What is more is dropped, and it is said that
// something was.
const (
	mostPending  = 20_000 // changes in one feed, or for other nodes
	mostPayload  = 7900   // bytes of one NOTIFY; PostgreSQL takes less than 8,000
	mostWasTags  = 30
	mostWasNamed = 100
	mostBoosts   = 100 // of a withdrawn post, that are told of one by one
	fewChanges   = 32  // among how many of the last of a transaction the same is looked for
)

// Feed is where one listener finds the changes. It is safe for concurrent use.
type Feed struct {
	mu      sync.Mutex
	pending []coop.Change
	missed  bool
	more    chan struct{}
}

// More receives when there is something to take.
func (f *Feed) More() <-chan struct{} { return f.more }

// Take gives what came since the last time, in the order of the commits as far as they
// were of one node. missed says that there may have been more: somebody must look.
func (f *Feed) Take() (changes []coop.Change, missed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes, missed = f.pending, f.missed
	f.pending, f.missed = nil, false
	return changes, missed
}

// put adds changes; none say that some were missed.
func (f *Feed) put(changes []coop.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	room := min(len(changes), mostPending-len(f.pending))
	f.pending = append(f.pending, changes[:room]...)
	f.missed = f.missed || room < len(changes) || len(changes) == 0
	poke(f.more)
}

// Changes gives a feed of what is committed from now on, on this node and the others,
// until ctx ends. Without [Store.Run] it hears of this node alone.
func (s *Store) Changes(ctx context.Context) *Feed {
	w, f := s.wake, &Feed{more: make(chan struct{}, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.feeds[f] = true
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.feeds, f)
	})
	return f
}

// changed notes a change for after the commit.
func (tx *Tx) changed(c coop.Change) {
	for _, known := range tx.changes[max(0, len(tx.changes)-fewChanges):] {
		if known.Was == nil && c.Was == nil && known == c {
			return
		}
	}
	tx.changes = append(tx.changes, c)
}

// RightsChanged says that what the tokens of an account allow may be less than it was: one
// was withdrawn, the password or a second factor changed, the account was suspended or
// deleted, a role was taken away. Account is whose tokens, or who acts by them; zero:
// everybody's. Streams that such a token opened are looked at again after the commit.
func (tx *Tx) RightsChanged(_ context.Context, account coop.ID) {
	tx.changed(coop.Change{Kind: coop.ChangeRights, Account: account})
}

// changedHere hands changes to the feeds of this node.
func (w *wakeups) changedHere(changes []coop.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for f := range w.feeds {
		f.put(changes)
	}
}

// changedElsewhere notes changes for the other nodes. Before Run, and in a command, they
// wait for whoever sends them.
func (w *wakeups) changedElsewhere(changes []coop.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.carries {
		return
	}
	room := min(len(changes), mostPending-len(w.changes))
	w.changes = append(w.changes, changes[:room]...)
	poke(w.more)
}

// missed tells the feeds of this node that they may have missed something.
func (w *wakeups) missed() { w.changedHere(nil) }

// payloads are the noted changes as texts for NOTIFY, each of them said to be of this node.
func (w *wakeups) payloads() []string {
	w.mu.Lock()
	changes := w.changes
	w.changes = nil
	w.mu.Unlock()
	var texts []string
	head := changeMark + w.node + " "
	text := head
	for _, c := range changes {
		one, err := json.Marshal(c)
		if err != nil || len(head)+len(one) > mostPayload {
			slog.Warn("a change is not carried", "kind", string(c.Kind), "bytes", len(one), "err", err)
			continue
		}
		if len(text)+1+len(one) > mostPayload {
			texts, text = append(texts, text), head
		}
		if text != head {
			text += "\n"
		}
		text += string(one)
	}
	if text != head {
		texts = append(texts, text)
	}
	return texts
}

// changeMark begins a payload that carries changes; a topic never begins so.
const changeMark = "+"

// heard takes in a payload of another node, or of this one.
func (w *wakeups) heard(payload string) {
	rest, isChanges := strings.CutPrefix(payload, changeMark)
	if !isChanges {
		w.here(payload)
		return
	}
	node, lines, _ := strings.Cut(rest, " ")
	if node == w.node {
		return
	}
	var changes []coop.Change
	for line := range strings.SplitSeq(lines, "\n") {
		var c coop.Change
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			slog.Warn("a change of another node cannot be read", "err", err) // of another version
			continue
		}
		changes = append(changes, c)
	}
	w.changedHere(changes)
}

// noteDeleted notes that a post goes, with who had it before them, and its boosts.
func (tx *Tx) noteDeleted(ctx context.Context, p *coop.Post) error {
	was, err := tx.wasPost(ctx, p.ID)
	if err != nil || was == nil {
		return err
	}
	boosts, err := all(ctx, tx.reader, scanReaction, `
		SELECT `+reactionColumns+`
		FROM reactions x
		WHERE x.post_id = $1 AND x.kind = 'boost'
		ORDER BY x.id DESC
		LIMIT $2`, int64(p.ID), mostBoosts)
	if err != nil {
		return err
	}
	tx.changed(coop.Change{Kind: coop.ChangeDeleted, Post: p.ID, Account: p.AuthorID, Was: was})
	for _, x := range boosts {
		tx.changed(coop.Change{Kind: coop.ChangeUnboost, ID: x.ID, Post: x.Post, Account: x.Actor})
	}
	return nil
}

// wasPost is what is said of a post for many readers; nil of one that nobody may see.
func (r reader) wasPost(ctx context.Context, id coop.ID) (*coop.WasPost, error) {
	a := args{int64(id)}
	found, err := all(ctx, r, scanWas, `
		SELECT p.visibility, p.members_of, p.local, p.media, `+r.listed(&a)+`, `+ownThread+`
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.id = $1 AND NOT p.draft AND NOT p.frozen`, a...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	was := found[0]
	if was.Tags, err = all(ctx, r, scanText, `
		SELECT h.tag
		FROM post_hashtags h
		WHERE h.post_id = $1 AND LENGTH(h.tag) <= 60
		ORDER BY h.tag
		LIMIT $2`, int64(id), mostWasTags); err != nil {
		return nil, err
	}
	was.Named, err = all(ctx, r, scanID, `
		SELECT n.account_id
		FROM post_addressees n
		JOIN accounts a ON a.id = n.account_id
		WHERE n.post_id = $1 AND a.local
		ORDER BY n.account_id
		LIMIT $2`, int64(id), mostWasNamed)
	return &was, err
}

// scanWas reads a row of [reader.wasPost].
func scanWas(row pgx.CollectableRow) (was coop.WasPost, err error) {
	var organization int64
	var visibility string
	err = row.Scan(&visibility, &organization, &was.Local, &was.Media, &was.Listed, &was.Opens)
	was.Visibility, was.Organization = coop.Visibility(visibility), coop.ID(organization)
	return was, err
}

// lateNews is how old a post may be that came otherwise than as news, and is told of all the
// same: what a board passed on is new here, what was fetched from an archive is not.
const lateNews = time.Hour

// notePublished notes a post that can be seen from now on.
func (tx *Tx) notePublished(p *coop.Post, by Arrival) {
	if isDraft(p) || by.Quiet && tx.e.now().Sub(p.Published) > lateNews {
		return
	}
	tx.changed(coop.Change{Kind: coop.ChangePost, Post: p.ID, Account: p.AuthorID})
}
