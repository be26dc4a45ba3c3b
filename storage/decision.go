// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// DecisionQuery says which decisions are wanted. Empty fields do not narrow.
type DecisionQuery struct {
	Author  coop.ID
	Running bool // ballots are taken
	Ended   bool // no ballots are taken any more
	// Elector narrows to those in which an account of this instance may vote: in those of
	// ours it stands among the electors, in others it is a verified member of whom the
	// electorate belongs to.
	Elector coop.ID
	Local   bool // opened here
}

// fillDecisions gives each question that is one its decision, by one statement.
func (r reader) fillDecisions(ctx context.Context, posts []*coop.Post) error {
	if len(posts) == 0 {
		return nil
	}
	type line struct {
		post           int64
		stage, payload string
	}
	byID := make(map[coop.ID]*coop.Post, len(posts))
	for _, p := range posts {
		byID[p.ID] = p
	}
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (d line, err error) {
		err = row.Scan(&d.post, &d.stage, &d.payload)
		return d, err
	}, `
		SELECT d.post_id, d.stage, d.payload
		FROM decisions d
		WHERE d.post_id IN `+in(&a, numbers(postIDs(posts))), a...)
	if err != nil {
		return fmt.Errorf("decisions: %w", err)
	}
	for _, one := range list {
		d := &coop.Decision{}
		if err := json.Unmarshal([]byte(one.payload), d); err != nil {
			return fmt.Errorf("decision of post %d: %w", one.post, err)
		}
		d.Stage = coop.Stage(one.stage)
		if p := byID[coop.ID(one.post)]; p != nil {
			p.Decision = d
		}
	}
	return nil
}

// Decisions lists decisions that the viewer may see, newest first.
func (r reader) Decisions(ctx context.Context, v coop.Viewer, q DecisionQuery, page coop.Page) ([]*coop.Post, error) {
	var a args
	where := r.decisionsWhere(&a, v, q)
	posts, err := r.postPage(ctx, v, a, decisionTables, where, page)
	if err != nil {
		return nil, fmt.Errorf("decisions: %w", err)
	}
	return posts, nil
}

// CountDecisions counts what [reader.Decisions] would list without a page.
func (r reader) CountDecisions(ctx context.Context, v coop.Viewer, q DecisionQuery) (int, error) {
	var a args
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM decisions d
		JOIN posts p ON p.id = d.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE `+r.decisionsWhere(&a, v, q), a...)
	return int(n), err
}

// decisionsWhere is the condition of a question about decisions d of posts p.
func (r reader) decisionsWhere(a *args, v coop.Viewer, q DecisionQuery) string {
	where := []string{r.visible(a, v)}
	if q.Author != 0 {
		where = append(where, "p.author_id = "+a.add(int64(q.Author)))
	}
	if q.Local {
		where = append(where, "p.local")
	}
	if q.Running {
		where = append(where, "d.stage IN ('open', 'objection') AND d.ends_at > "+a.add(msOf(r.e.now())))
	}
	if q.Ended {
		where = append(where, "(d.stage NOT IN ('open', 'objection') OR d.ends_at <= "+a.add(msOf(r.e.now()))+")")
	}
	if q.Elector != 0 {
		who := a.add(int64(q.Elector))
		where = append(where, electsIn(who))
	}
	return strings.Join(where, " AND ")
}

// electsIn is the condition that an account may vote in the decision d of the post p.
func electsIn(who string) string {
	return `(EXISTS (
			SELECT 1 FROM decision_electors e
			WHERE e.post_id = d.post_id AND e.account_id = ` + who + `)
		OR NOT p.local AND EXISTS (
			SELECT 1 FROM memberships m
			JOIN accounts o ON o.id = m.organization_id
			WHERE m.member_id = ` + who + ` AND m.state = 'member' AND m.member_says AND m.organization_says
				AND m.role = 'full' AND o.members <> '' AND o.members = d.electorate))`
}

// MayVote tells whether an account stands in the electorate of a decision: of one of ours
// as it was frozen, of one elsewhere as far as we know, whose server has the last word.
func (r reader) MayVote(ctx context.Context, post, account coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM decisions d
		JOIN posts p ON p.id = d.post_id
		WHERE d.post_id = $1 AND `+electsIn("$2"), int64(post), int64(account))
	return n > 0, err
}

// ElectsHere tells whether an account of this instance is a full, verified member of whom a
// members collection belongs to.
func (r reader) ElectsHere(ctx context.Context, collection coop.IRI) (bool, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM accounts o
		JOIN memberships m ON m.organization_id = o.id
		JOIN accounts x ON x.id = m.member_id
		WHERE o.members = $1 AND o.members <> '' AND m.state = 'member' AND m.member_says AND m.organization_says AND m.role = 'full' AND x.local`,
		cleanText(string(collection)))
	return n > 0, err
}

// ElectorsHere are the accounts of this instance that may vote in a decision, 10,000 at
// most.
func (r reader) ElectorsHere(ctx context.Context, post coop.ID) ([]coop.ID, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT e.account_id
		FROM decision_electors e
		JOIN accounts x ON x.id = e.account_id
		WHERE e.post_id = $1 AND x.local
		UNION
		SELECT m.member_id
		FROM decisions d
		JOIN posts p ON p.id = d.post_id
		JOIN accounts o ON o.members = d.electorate AND o.members <> ''
		JOIN memberships m ON m.organization_id = o.id
		JOIN accounts x ON x.id = m.member_id
		WHERE d.post_id = $1 AND NOT p.local AND m.state = 'member' AND m.member_says AND m.organization_says AND m.role = 'full' AND x.local
		LIMIT 10000`, int64(post))
	if err != nil {
		return nil, fmt.Errorf("electors of %s: %w", post, err)
	}
	return ids, nil
}

// Electors are who may vote in a decision of ours, in the order of their names.
func (r reader) Electors(ctx context.Context, post coop.ID) ([]*coop.Account, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT e.account_id
		FROM decision_electors e
		JOIN accounts x ON x.id = e.account_id
		WHERE e.post_id = $1
		ORDER BY x.name, x.id
		LIMIT 10000`, int64(post))
	if err != nil {
		return nil, fmt.Errorf("electors of %s: %w", post, err)
	}
	known := make([]*coop.Account, 0, len(ids))
	accounts, err := r.Accounts(ctx, ids)
	for _, id := range ids {
		if a := accounts[id]; a != nil {
			known = append(known, a)
		}
	}
	return known, err
}

// DecisionOn is the newest decision that hangs on something, or [coop.ErrNotFound]; for
// the program itself.
func (r reader) DecisionOn(ctx context.Context, s coop.Subject) (*coop.Post, error) {
	id, err := first(ctx, r, scanID, `
		SELECT d.post_id
		FROM decisions d
		WHERE d.subject_kind = $1 AND d.subject_kind <> '' AND d.subject_id = $2
		ORDER BY d.post_id DESC
		LIMIT 1`, string(s.Kind), int64(s.ID))
	if err != nil {
		return nil, fmt.Errorf("decision on %s %s: %w", s.Kind, s.ID, err)
	}
	return r.Post(ctx, coop.System(), id)
}

// EndingDecisions lists decisions of ours whose time is over and that were not counted
// yet, at most limit, the longest over first.
func (r reader) EndingDecisions(ctx context.Context, now time.Time, limit int) ([]coop.ID, error) {
	ids, err := r.past(ctx, decisionsEnd(), now, limit)
	if err != nil {
		return nil, fmt.Errorf("ending decisions: %w", err)
	}
	return ids, nil
}
