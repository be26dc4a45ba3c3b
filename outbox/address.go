// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"

	"minga/coop"
	"minga/storage"
)

// maxHolders is how many servers that hold a post are told of its changes, the
// newest first.
const maxHolders = 5000

// inboxes collects where an activity goes, each once, in the order found. Own and
// blocked hosts never get in: the store leaves blocked ones out of followers and
// holders, and who is named is asked for here.
type inboxes struct {
	o       *Outbox
	ctx     context.Context //nolint:containedctx // lives as long as one question
	tx      *storage.Tx
	list    []coop.IRI
	seen    map[coop.IRI]bool
	blocked map[string]bool
	gone    map[coop.IRI]bool
	err     error
}

func (o *Outbox) newInboxes(ctx context.Context, tx *storage.Tx) *inboxes {
	return &inboxes{o: o, ctx: ctx, tx: tx, seen: map[coop.IRI]bool{}, blocked: map[string]bool{}, gone: map[coop.IRI]bool{}}
}

// add takes an inbox of a host that is not blocked, or the shared inbox of its server where broad says that many
// there may see it. A shared inbox that is gone falls back to the personal one.
func (b *inboxes) add(in storage.Inbox, broad bool) {
	inbox := in.Inbox
	if broad && in.SharedInbox != "" && !b.gone[in.SharedInbox] {
		inbox = in.SharedInbox
	}
	if inbox.Host() == "" || b.seen[inbox] || b.o.o.Local.own(inbox) {
		return
	}
	b.seen[inbox] = true
	b.list = append(b.list, inbox)
}

func (b *inboxes) account(a *coop.Account, broad bool) {
	if a.Local || a.Gone() || b.isBlocked(a.IRI.Host()) || b.isBlocked(a.Inbox.Host()) {
		return
	}
	in := storage.Inbox{Inbox: a.Inbox, SharedInbox: a.SharedInbox, Host: a.Inbox.Host(), AccountID: a.ID}
	b.know([]storage.Inbox{in})
	b.add(in, broad)
}

// know asks for many shared inboxes at once whether they are gone.
func (b *inboxes) know(list []storage.Inbox) {
	var ask []coop.IRI
	for _, in := range list {
		if _, known := b.gone[in.SharedInbox]; !known && in.SharedInbox != "" {
			ask, b.gone[in.SharedInbox] = append(ask, in.SharedInbox), false
		}
	}
	if len(ask) == 0 {
		return
	}
	gone, err := b.tx.GoneInboxes(b.ctx, ask)
	b.err = errors.Join(b.err, err)
	for inbox := range gone {
		b.gone[inbox] = true
	}
}

// isBlocked asks once for each host.
func (b *inboxes) isBlocked(host string) bool {
	is, known := b.blocked[host]
	if !known {
		is = b.o.hostBlocked(b.ctx, b.tx, host)
		b.blocked[host] = is
	}
	return is
}

// hostBlocked tells whether nothing may be sent to a host.
func (o *Outbox) hostBlocked(ctx context.Context, tx *storage.Tx, host string) bool {
	if o.o.Blocked != nil {
		return o.o.Blocked(ctx, host)
	}
	peer, err := tx.Peer(ctx, host)
	return err == nil && coop.Decide(coop.ModeOpen, peer, o.now()) == coop.Refuse
}

// followers adds all who follow an account.
func (b *inboxes) followers(id coop.ID) {
	list, err := b.tx.FollowerInboxes(b.ctx, id)
	b.err = errors.Join(b.err, err)
	b.know(list)
	for _, in := range list {
		b.add(in, true)
	}
}

// holders adds the servers that are known to hold a post.
func (b *inboxes) holders(post coop.ID) {
	list, err := b.tx.Holders(b.ctx, post, maxHolders)
	b.err = errors.Join(b.err, err)
	b.know(list)
	for _, in := range list {
		if in.Inbox == "" {
			in.Inbox = in.SharedInbox
		}
		b.add(in, true)
	}
}

// reached adds the servers that may have got something of an account, but those that it
// already has.
func (b *inboxes) reached(a *coop.Account) {
	if a.Kind == coop.Search {
		return // its followers have all there is of it
	}
	list, err := b.tx.Reached(b.ctx, a)
	b.err = errors.Join(b.err, err)
	told := map[string]bool{}
	for _, inbox := range b.list {
		told[inbox.Host()] = true
	}
	for _, in := range list {
		if !told[in.Host] {
			b.add(in, false)
		}
	}
}

// members adds the personal inboxes of the verified members of an organization.
func (b *inboxes) members(organization coop.ID) {
	list, err := allMembers(b.ctx, b.tx, organization)
	b.err = errors.Join(b.err, err)
	for _, m := range list {
		b.account(m.Member, false)
	}
}

// named adds accounts by their ids; whoever blocks the author is left out. Boards
// that we have not met are reached through the server of their federation.
func (b *inboxes) named(author *coop.Account, iris []coop.IRI, broad bool) {
	found, err := b.tx.AccountsByIRI(b.ctx, iris)
	b.err = errors.Join(b.err, err)
	for _, iri := range iris {
		a := found[iri]
		if a == nil {
			b.boardOf(author, iri)
			continue
		}
		if a.Local {
			continue
		}
		blocked, err := b.tx.Blocked(b.ctx, author.ID, a.ID)
		if b.err = errors.Join(b.err, err); !blocked {
			b.account(a, broad)
		}
	}
}

// boardOf finds the federation that lists a board among those that the author
// belongs to.
func (b *inboxes) boardOf(author *coop.Account, board coop.IRI) {
	list, err := allMemberships(b.ctx, b.tx, author.ID)
	b.err = errors.Join(b.err, err)
	for _, m := range list {
		if slices.Contains(m.Organization.Boards, board) {
			b.account(m.Organization, true)
		}
	}
}

// reach collects the inboxes of a post of ours: by its audience, and with holders
// for what changes it later.
func (o *Outbox) reach(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post, later bool) ([]coop.IRI, error) {
	if p.Visibility == coop.VisibleLocal {
		return nil, nil
	}
	b := o.newInboxes(ctx, tx)
	broad := p.Visibility != coop.VisibleDirect && p.Visibility != coop.VisibleMembers
	var named []coop.IRI
	for _, iri := range slices.Concat(p.To, p.Cc) {
		switch {
		case iri == coop.Public:
		case iri == author.Followers:
			b.followers(author.ID)
		case strings.HasSuffix(string(iri), "/members"):
			b.membersOf(iri)
		default:
			named = append(named, iri)
		}
	}
	if len(named) > 0 {
		b.named(author, named, broad)
	}
	if later && public(p.Visibility) {
		b.holders(p.ID)
	}
	return b.list, b.err
}

// membersOf adds the members behind a members collection of ours. What goes to a team of
// another server goes to the team alone, which forwards it.
func (b *inboxes) membersOf(collection coop.IRI) {
	team, err := b.tx.TeamByMembers(b.ctx, []coop.IRI{collection})
	if err == nil && !team.Local {
		b.account(team, false)
		return
	}
	if !isNotFound(err) {
		b.err = errors.Join(b.err, err)
	}
	owner, err := b.tx.AccountByIRI(b.ctx, coop.IRI(strings.TrimSuffix(string(collection), "/members")))
	if errors.Is(err, coop.ErrNotFound) {
		return
	}
	if b.err = errors.Join(b.err, err); err == nil {
		b.members(owner.ID)
	}
}

// toFollowers collects the inboxes of an account's followers, and of some accounts
// besides.
func (o *Outbox) toFollowers(ctx context.Context, tx *storage.Tx, a *coop.Account, besides ...*coop.Account) ([]coop.IRI, error) {
	b := o.newInboxes(ctx, tx)
	b.followers(a.ID)
	for _, one := range besides {
		b.account(one, true)
	}
	return b.list, b.err
}

// toOne is the personal inbox of one account, if it is elsewhere.
func (o *Outbox) toOne(ctx context.Context, tx *storage.Tx, a *coop.Account) ([]coop.IRI, error) {
	b := o.newInboxes(ctx, tx)
	b.account(a, false)
	return b.list, b.err
}

// maxMembers bounds the memberships that one act walks through.
const maxMembers = 5000

// allMembers lists the verified members of an organization.
func allMembers(ctx context.Context, tx *storage.Tx, organization coop.ID) ([]*coop.Membership, error) {
	return walkMemberships(ctx, tx, storage.MembershipQuery{Organization: organization, Verified: true})
}

// relations is the little of a store or of a transaction that says who belongs to whom.
type relations interface {
	Memberships(ctx context.Context, q storage.MembershipQuery, page coop.Page) ([]*coop.Membership, error)
	AccountsByIRI(ctx context.Context, iris []coop.IRI) (map[coop.IRI]*coop.Account, error)
}

// allMemberships lists the verified memberships of a member.
func allMemberships(ctx context.Context, tx relations, member coop.ID) ([]*coop.Membership, error) {
	return walkMemberships(ctx, tx, storage.MembershipQuery{Member: member, Verified: true})
}

func walkMemberships(ctx context.Context, tx relations, q storage.MembershipQuery) ([]*coop.Membership, error) {
	var all []*coop.Membership
	page := coop.Page{Limit: 40}
	for len(all) < maxMembers {
		list, err := tx.Memberships(ctx, q, page)
		if err != nil || len(list) == 0 {
			return all, err
		}
		all = append(all, list...)
		page.Max = list[len(list)-1].ID
	}
	return all, nil
}
