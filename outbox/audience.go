// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"slices"

	"minga/coop"
	"minga/storage"
)

// boardName is the board that a kind of post goes to; empty for none.
func boardName(kind coop.PostKind) string {
	switch kind {
	case coop.KindJob:
		return "jobs"
	case coop.KindArticle:
		return "library"
	}
	return ""
}

// audience writes to, cc and audience of a new post of ours.
// Boards stand in cc when the post is public: the home board, and those that the
// caller put into p.Cc; nil there means all boards that the author may use.
func (o *Outbox) audience(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) error {
	wanted := p.Cc
	p.To, p.Cc, p.Audience = nil, nil, ""
	switch p.Visibility {
	case coop.VisiblePublic:
		p.To, p.Cc = []coop.IRI{coop.Public}, []coop.IRI{author.Followers}
		if err := o.boards(ctx, tx, author, p, wanted); err != nil {
			return err
		}
	case coop.VisibleUnlisted:
		p.To, p.Cc = []coop.IRI{author.Followers}, []coop.IRI{coop.Public}
	case coop.VisibleFollowers:
		p.To = []coop.IRI{author.Followers}
	case coop.VisibleMembers:
		return o.membersOnly(ctx, tx, author, p, wanted)
	case coop.VisibleDirect, coop.VisibleLocal:
	default:
		return &coop.InvalidError{Field: "visibility", Code: coop.CodeUnknown, Problem: "not one of the audiences"}
	}
	mentioned(p)
	return nil
}

// mentioned adds whom the text names: to for direct posts, else cc.
func mentioned(p *coop.Post) {
	for _, m := range p.Mentions {
		if slices.Contains(p.To, m.IRI) || slices.Contains(p.Cc, m.IRI) {
			continue
		}
		if p.Visibility == coop.VisibleDirect {
			p.To = append(p.To, m.IRI)
		} else {
			p.Cc = append(p.Cc, m.IRI)
		}
	}
}

// boards adds the home board and the boards of the other federations of the author.
func (o *Outbox) boards(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post, wanted []coop.IRI) error {
	name := boardName(p.Kind)
	if name == "" {
		return nil
	}
	may, home, err := o.boardsOf(ctx, tx, author, name)
	if err != nil {
		return err
	}
	if home != "" {
		p.Audience, p.Cc = home, append(p.Cc, home)
	}
	if wanted == nil {
		wanted = may
	}
	for _, board := range wanted {
		if board == home || board == coop.Public || board == author.Followers || slices.Contains(p.Cc, board) {
			continue
		}
		if !slices.Contains(may, board) {
			return &coop.InvalidError{Field: "boards", Code: coop.CodeNotAllowed, Problem: "the co-op is not a verified member of the federation of " + string(board)}
		}
		p.Cc = append(p.Cc, board)
	}
	return nil
}

// JobBoards lists the boards on which a co-op may announce its jobs, and the one of this
// instance among them, where they are announced always.
func (o *Outbox) JobBoards(ctx context.Context, author *coop.Account) (may []coop.IRI, home coop.IRI, err error) {
	return o.boardsOf(ctx, o.store, author, boardName(coop.KindJob))
}

// boardsOf lists the boards of that name that an author may use, and the one of
// this instance among them.
func (o *Outbox) boardsOf(ctx context.Context, tx relations, author *coop.Account, name string) (may []coop.IRI, home coop.IRI, err error) {
	local := o.o.Local.actor(coop.Board, name)
	if author.Kind == coop.Federation {
		return []coop.IRI{local}, local, nil
	}
	list, err := allMemberships(ctx, tx, author.ID)
	if err != nil {
		return nil, "", err
	}
	for _, m := range list {
		if m.Organization.Local {
			home, may = local, append(may, local)
			continue
		}
		board, err := namedBoard(ctx, tx, m.Organization, name)
		if err != nil {
			return nil, "", err
		}
		if board != "" {
			may = append(may, board)
		}
	}
	slices.Reverse(may) // the oldest membership first
	return may, home, nil
}

// namedBoard is the board of another federation for jobs or articles: by its name
// where we know it, else by the end of its address.
func namedBoard(ctx context.Context, tx relations, f *coop.Account, name string) (coop.IRI, error) {
	known, err := tx.AccountsByIRI(ctx, f.Boards)
	if err != nil {
		return "", err
	}
	for _, board := range f.Boards {
		if a := known[board]; a != nil && a.Name == name || a == nil && endsWith(board, name) {
			return board, nil
		}
	}
	return "", nil
}

func endsWith(iri coop.IRI, name string) bool {
	n := len(iri) - len(name)
	return n > 1 && string(iri[n:]) == name && iri[n-1] == '/'
}

// membersOnly addresses the members collection of a federation of the author's, or
// the one that the caller named, and nobody else. One that the author does not belong
// to is an *[coop.InvalidError] of field audience.
func (o *Outbox) membersOnly(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post, wanted []coop.IRI) error {
	if len(wanted) == 1 {
		may, err := o.mayAddress(ctx, tx, author, wanted[0])
		if err == nil && !may {
			err = &coop.InvalidError{Field: "audience", Code: coop.CodeNotAllowed, Problem: "only a verified member may write to the members"}
		}
		p.To = wanted
		return err
	}
	if author.Members != "" {
		p.To = []coop.IRI{author.Members}
		return nil
	}
	f, err := tx.FederationAccount(ctx)
	if errors.Is(err, coop.ErrNotFound) || err == nil && f.Members == "" {
		return &coop.InvalidError{Field: "visibility", Code: coop.CodeNotAllowed, Problem: "there is no federation whose members could read it"}
	}
	if err == nil {
		p.To = []coop.IRI{f.Members}
	}
	return err
}

// mayAddress tells whether an account may write to a members collection: its owner
// and its verified members may, of a team for as long as it has not ended.
func (o *Outbox) mayAddress(ctx context.Context, tx *storage.Tx, author *coop.Account, collection coop.IRI) (bool, error) {
	if collection == author.Members && collection != "" {
		return true, nil
	}
	list, err := allMemberships(ctx, tx, author.ID)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(list, func(m *coop.Membership) bool { return m.Organization.Members == collection && collection != "" })
	if i < 0 || list[i].Organization.Kind != coop.Team {
		return i >= 0, nil
	}
	t, err := tx.Team(ctx, list[i].Organization.ID)
	if isNotFound(err) {
		return true, nil
	}
	return err == nil && t.EndedAt.IsZero(), err
}
