// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// teamColumns are those that [scanTeam] reads, of the table named t.
const teamColumns = "t.account_id, t.request_id, t.plan, t.split, t.created_at, t.updated_at, t.ended_at"

// scanTeam reads a row of [teamColumns]; the account is not filled in.
func scanTeam(row pgx.CollectableRow) (*coop.Room, error) {
	t := &coop.Room{}
	var id, request, created, updated, ended int64
	var plan, split string
	if err := row.Scan(&id, &request, &plan, &split, &created, &updated, &ended); err != nil {
		return nil, err
	}
	t.ID, t.RequestID = coop.ID(id), coop.ID(request)
	t.CreatedAt, t.UpdatedAt, t.EndedAt = atMs(created), atMs(updated), atMs(ended)
	if plan != "" {
		if err := json.Unmarshal([]byte(plan), &t.Plan); err != nil {
			return nil, fmt.Errorf("plan of team %d: %w", id, err)
		}
	}
	if split != "" {
		if err := json.Unmarshal([]byte(split), &t.Split); err != nil {
			return nil, fmt.Errorf("split of team %d: %w", id, err)
		}
	}
	return t, nil
}

// Team finds a team by its account, or gives [coop.ErrNotFound]. Who may enter is for the
// caller to ask: [reader.InTeam].
func (r reader) Team(ctx context.Context, id coop.ID) (*coop.Room, error) {
	return r.oneTeam(ctx, "t.account_id = $1", id)
}

// TeamOfRequest finds the team that does a request of this instance.
func (r reader) TeamOfRequest(ctx context.Context, request coop.ID) (*coop.Room, error) {
	return r.oneTeam(ctx, "t.request_id = $1 AND t.request_id <> 0", request)
}

func (r reader) oneTeam(ctx context.Context, where string, id coop.ID) (*coop.Room, error) {
	t, err := first(ctx, r, scanTeam, `
		SELECT `+teamColumns+`
		FROM teams t
		WHERE `+where, int64(id))
	if err != nil {
		return nil, fmt.Errorf("team %s: %w", id, err)
	}
	return t, r.fillTeams(ctx, []*coop.Room{t})
}

// TeamsOf lists the teams of which an account is a verified member now, newest first.
func (r reader) TeamsOf(ctx context.Context, member coop.ID, page coop.Page) ([]*coop.Room, error) {
	a := args{int64(member)}
	p := a.page("t.account_id", page)
	list, err := all(ctx, r, scanTeam, `
		SELECT `+teamColumns+`
		FROM teams t
		JOIN memberships m ON m.organization_id = t.account_id
		JOIN accounts o ON o.id = t.account_id
		WHERE m.member_id = $1 AND m.state = 'member' AND m.member_says AND m.organization_says
			AND o.suspended_at = 0 AND o.deleted_at = 0 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("teams of %s: %w", member, err)
	}
	list = newestFirst(p, list)
	return list, r.fillTeams(ctx, list)
}

// fillTeams gives teams their accounts, by one statement.
func (r reader) fillTeams(ctx context.Context, list []*coop.Room) error {
	ids := make([]coop.ID, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	who, err := r.Accounts(ctx, ids)
	for _, t := range list {
		t.Account = who[t.ID]
	}
	return err
}

// InTeam tells whether a viewer may read what a team keeps for itself: a verified member,
// the server of one, and the server of the team itself.
func (r reader) InTeam(ctx context.Context, v coop.Viewer, team coop.ID) (bool, error) {
	a := args{int64(team)}
	var who string
	switch v.Class {
	case coop.ViewerSystem:
		return true, nil
	case coop.ViewerAccount:
		who = "m.member_id = " + a.add(int64(v.Account))
	case coop.ViewerRemote:
		who = "m.member_id = " + a.add(int64(v.Account)) + " AND " + serverStands
	case coop.ViewerRemoteHost:
		host := a.add(v.Host)
		n, err := r.number(ctx, `SELECT COUNT(*) FROM accounts WHERE id = $1 AND NOT local AND server = `+host, a...)
		if err != nil || n > 0 {
			return n > 0, wrapTeam("who may enter", team, err)
		}
		who = "NOT x.local AND x.server = " + host + " AND " + serverStands
	default:
		return false, nil
	}
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM memberships m
		JOIN accounts x ON x.id = m.member_id
		WHERE m.organization_id = $1 AND m.state = 'member' AND m.member_says AND m.organization_says
			AND x.suspended_at = 0 AND x.deleted_at = 0 AND `+who, a...)
	return n > 0, wrapTeam("who may enter", team, err)
}

// serverStands is the condition that the server of the account x is not blocked for good.
const serverStands = `NOT EXISTS (
				SELECT 1 FROM peers peer
				WHERE peer.host = x.server AND peer.policy = 'block' AND peer.expires_at = 0)`

func wrapTeam(doing string, team coop.ID, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: team %s: %w", doing, team, err)
}

// MemberHere tells whether an account of this instance is a verified member of a team.
func (r reader) MemberHere(ctx context.Context, team coop.ID) (bool, error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM memberships m
		JOIN accounts x ON x.id = m.member_id
		WHERE m.organization_id = $1 AND m.state = 'member' AND m.member_says AND m.organization_says AND x.local`, int64(team))
	return n > 0, wrapTeam("members here", team, err)
}

// TeamByMembers finds the team account whose members collection is one of some addresses;
// [coop.ErrNotFound] where none is known.
func (r reader) TeamByMembers(ctx context.Context, collections []coop.IRI) (*coop.Account, error) {
	if len(collections) == 0 {
		return nil, coop.ErrNotFound
	}
	var a args
	ids, err := all(ctx, r, scanID, `
		SELECT id
		FROM accounts
		WHERE members <> '' AND members IN `+in(&a, texts(collections[:min(len(collections), mostIn)]))+` AND kind = 'team'
		ORDER BY id`, a...)
	if err != nil {
		return nil, fmt.Errorf("team by members: %w", err)
	}
	for _, id := range ids {
		team, err := r.Account(ctx, id)
		if err != nil {
			return nil, err
		}
		if team.Members.Host() == team.IRI.Host() {
			return team, nil
		}
	}
	return nil, coop.ErrNotFound
}

// PutTeam stores a team, new or known.
func (tx *Tx) PutTeam(ctx context.Context, t *coop.Room) error {
	t.UpdatedAt = tx.e.now()
	plan, split, err := teamJSON(t)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `
		INSERT INTO teams (account_id, request_id, plan, split, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $5)
		ON CONFLICT (account_id) DO UPDATE SET
			request_id = excluded.request_id, plan = excluded.plan, split = excluded.split, updated_at = excluded.updated_at`,
		int64(t.ID), int64(t.RequestID), cleanText(plan), cleanText(split), msOf(t.UpdatedAt))
	if t.CreatedAt.IsZero() {
		t.CreatedAt = t.UpdatedAt
	}
	return wrapTeam("keep", t.ID, err)
}

// teamJSON writes the parts of a team as they lie in its row.
func teamJSON(t *coop.Room) (plan, split string, err error) {
	if t.Plan != nil {
		body, err := json.Marshal(t.Plan)
		if err != nil {
			return "", "", fmt.Errorf("plan of team %s: %w", t.ID, err)
		}
		plan = string(body)
	}
	if t.Split != nil {
		body, err := json.Marshal(t.Split)
		if err != nil {
			return "", "", fmt.Errorf("split of team %s: %w", t.ID, err)
		}
		split = string(body)
	}
	return plan, split, nil
}

// EnsureTeam finds what is kept beside a team's account, or begins it. Of a team elsewhere
// it notes the request that its profile names, once a copy of that is here.
func (tx *Tx) EnsureTeam(ctx context.Context, account *coop.Account) (*coop.Room, error) {
	t, err := tx.Team(ctx, account.ID)
	fresh := errors.Is(err, coop.ErrNotFound)
	if fresh {
		t, err = &coop.Room{ID: account.ID, Account: account}, nil
	}
	if err != nil || !fresh && (account.Local || t.RequestID != 0) {
		return t, err
	}
	if t.RequestID, err = tx.requestNamed(ctx, account); err != nil || !fresh && t.RequestID == 0 {
		return t, err
	}
	return t, tx.PutTeam(ctx, t)
}

// requestNamed is the request that the profile of a team elsewhere links to; 0 for none
// that is here. It counts on the team's own server alone: there its requester is, and no
// server can name itself the one that does a request of another.
func (r reader) requestNamed(ctx context.Context, team *coop.Account) (coop.ID, error) {
	if team.Local {
		return 0, nil
	}
	for _, link := range team.ProfileLinks() {
		iri := coop.IRI(link)
		if iri.Host() != team.IRI.Host() {
			continue
		}
		p, err := r.PostByIRI(ctx, coop.System(), iri)
		if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
			continue
		}
		if err != nil {
			return 0, wrapTeam("request", team.ID, err)
		}
		if !p.Local && p.Request != nil {
			return p.ID, nil
		}
	}
	return 0, nil
}

// endTeam notes that a team elsewhere was deleted there, while a co-op of this instance is
// in it: its room, documents and members stay as they are, for those who were in.
func (tx *Tx) endTeam(ctx context.Context, account *coop.Account, at time.Time) error {
	if _, err := tx.EnsureTeam(ctx, account); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE teams SET ended_at = $2 WHERE account_id = $1 AND ended_at = 0`, int64(account.ID), msOf(at))
	return wrapTeam("end", account.ID, err)
}

// roomMates are the members of a team here in whose room a post was written.
func (tx *Tx) roomMates(ctx context.Context, p *coop.Post) ([]coop.Concerned, error) {
	if p.Visibility != coop.VisibleMembers {
		return nil, nil
	}
	ids, err := all(ctx, tx.reader, scanID, `
		SELECT x.id
		FROM posts p
		JOIN accounts o ON o.id = p.members_of
		JOIN memberships m ON m.organization_id = o.id
		JOIN accounts x ON x.id = m.member_id
		WHERE p.id = $1 AND o.kind = 'team' AND x.local AND m.state = 'member' AND m.member_says AND m.organization_says`, int64(p.ID))
	mates := make([]coop.Concerned, len(ids))
	for i, id := range ids {
		mates[i] = coop.Concerned{Account: id, InRoom: true}
	}
	return mates, err
}
