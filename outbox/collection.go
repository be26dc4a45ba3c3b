// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// CollectionName is a collection that an account or a post has, as the end of its
// address.
type CollectionName string

// The collections of accounts.
const (
	CollectionOutbox    CollectionName = "outbox"
	CollectionFollowers CollectionName = "followers"
	CollectionFollowing CollectionName = "following"
	CollectionFeatured  CollectionName = "featured"
	CollectionTags      CollectionName = "featuredTags"
	CollectionJobs      CollectionName = "jobs"
	CollectionKnowledge CollectionName = "knowledge"
	CollectionRequests  CollectionName = "requests"
	CollectionMembers   CollectionName = "members"
	CollectionServices  CollectionName = "services"
	CollectionCapacity  CollectionName = "capacity"
	CollectionDecisions CollectionName = "decisions"
)

// The collections of posts.
const (
	CollectionReplies CollectionName = "replies"
	CollectionContext CollectionName = "context"
)

// Collection is a collection of a local account as the viewer may see it: without
// page the head with totalItems and first; with page that page ("first", or what next
// said). An unknown name, or one that the account does not have, gives
// [coop.ErrNotFound].
func (o *Outbox) Collection(ctx context.Context, v coop.Viewer, owner *coop.Account, name CollectionName, cursor string) ([]byte, error) {
	if name == CollectionPart {
		return o.followersPart(ctx, v, owner)
	}
	c := vocabulary.Collection{ID: string(below(owner.IRI, string(name))), AttributedTo: string(owner.IRI)}
	p, total, err := o.accountPage(ctx, v, owner, name, cursor)
	if err != nil {
		return nil, fmt.Errorf("collection %s: %w", c.ID, err)
	}
	return encodeCollection(c, p, total, cursor)
}

// PostCollection is the replies or the context of a local post: ids only.
func (o *Outbox) PostCollection(ctx context.Context, v coop.Viewer, p *coop.Post, name CollectionName, cursor string) ([]byte, error) {
	q := storage.PostQuery{InReplyTo: p.ID}
	switch name {
	case CollectionReplies:
	case CollectionContext:
		q = storage.PostQuery{Thread: p.Thread}
	default:
		return nil, fmt.Errorf("collection %s of %s: %w", name, p.IRI, coop.ErrNotFound)
	}
	owner := ""
	if p.Author != nil {
		owner = string(p.Author.IRI)
	}
	c := vocabulary.Collection{ID: string(below(p.IRI, string(name))), AttributedTo: owner}
	list, total, err := o.postPage(ctx, v, q, cursor, func(p *coop.Post) any { return string(p.IRI) })
	if err != nil {
		return nil, fmt.Errorf("collection %s: %w", c.ID, err)
	}
	return encodeCollection(c, list, total, cursor)
}

// encodeCollection writes the head or a page.
func encodeCollection(c vocabulary.Collection, p page, total int, cursor string) ([]byte, error) {
	c.TotalItems = int64(total)
	head := c.ID
	if cursor == "" {
		c.First = pageAddress(head, firstPage)
	} else {
		c.ID, c.PartOf, c.AttributedTo = pageAddress(head, cursor), head, ""
		c.Items = p.items
		if c.Items == nil {
			c.Items = []any{}
		}
		c.Next, c.Prev = pageAddress(head, p.next), pageAddress(head, p.prev)
	}
	body, err := vocabulary.Encode(c.Members(), vocabulary.Post)
	if err != nil {
		return nil, fmt.Errorf("write collection %s: %w", head, err)
	}
	return body, nil
}

// accountPage finds a page, and how many items there are in all.
func (o *Outbox) accountPage(ctx context.Context, v coop.Viewer, owner *coop.Account, name CollectionName, cursor string) (page, int, error) {
	switch name {
	case CollectionOutbox:
		if owner.Kind == coop.Search {
			return o.searchPage(ctx, v, owner, cursor)
		}
		return o.outboxPage(ctx, v, owner, cursor)
	case CollectionFollowers, CollectionFollowing:
		if owner.Followers != "" {
			return o.followPage(ctx, owner, name == CollectionFollowers, cursor)
		}
	case CollectionFeatured:
		return o.featured(ctx, v, owner)
	case CollectionTags:
		if owner.FeaturedTags != "" {
			return o.featuredTags(ctx, owner)
		}
	case CollectionJobs, CollectionKnowledge, CollectionRequests:
		return o.listing(ctx, v, owner, name, cursor)
	case CollectionDecisions:
		if decisionsOf(owner) != "" {
			return o.decisionsPage(ctx, v, owner, cursor)
		}
	case CollectionMembers:
		if owner.Members != "" {
			return o.membersPage(ctx, owner, cursor)
		}
	case CollectionServices:
		if owner.Kind == coop.Coop {
			return o.servicesPage(ctx, owner)
		}
	case CollectionCapacity:
		if owner.Kind == coop.Coop {
			return o.capacityPage(ctx, v, owner)
		}
	}
	return page{}, 0, coop.ErrNotFound
}

// postPage lists posts in the form that item gives them.
func (o *Outbox) postPage(ctx context.Context, v coop.Viewer, q storage.PostQuery, cursor string, item func(*coop.Post) any) (page, int, error) {
	total, err := o.store.CountPosts(ctx, v, q)
	if err != nil || cursor == "" {
		return page{}, total, err
	}
	posts, err := o.store.Posts(ctx, v, q, after(cursor))
	if err != nil || len(posts) == 0 {
		return page{}, total, err
	}
	p := page{next: next(len(posts), posts[len(posts)-1].ID)}
	for _, one := range posts {
		p.items = append(p.items, item(one))
	}
	p.prev, err = before(cursor, func(above coop.Page) ([]coop.ID, error) {
		return idsOf(func(p *coop.Post) coop.ID { return p.ID })(o.store.Posts(ctx, v, q, above))
	})
	return p, total, err
}

// idsOf makes a list of ids of a list that was read.
func idsOf[T any](id func(T) coop.ID) func([]T, error) ([]coop.ID, error) {
	return func(list []T, err error) ([]coop.ID, error) {
		ids := make([]coop.ID, len(list))
		for i, one := range list {
			ids[i] = id(one)
		}
		return ids, err
	}
}

// followPage lists accounts; of who hides them only the number is said.
func (o *Outbox) followPage(ctx context.Context, owner *coop.Account, followers bool, cursor string) (page, int, error) {
	count, list := o.store.CountFollowing, o.store.Following
	if followers {
		count, list = o.store.CountFollowers, o.store.Followers
	}
	total, err := count(ctx, owner.ID, coop.FollowAccepted)
	if err != nil || cursor == "" || owner.HidesFollows(false) {
		return page{}, total, err
	}
	follows, err := list(ctx, owner.ID, coop.FollowAccepted, after(cursor))
	if err != nil || len(follows) == 0 {
		return page{}, total, err
	}
	p := page{next: next(len(follows), follows[len(follows)-1].ID)}
	for _, f := range follows {
		one := f.Target
		if followers {
			one = f.Follower
		}
		p.items = append(p.items, string(one.IRI))
	}
	p.prev, err = before(cursor, func(above coop.Page) ([]coop.ID, error) {
		return idsOf(func(f *coop.Follow) coop.ID { return f.ID })(list(ctx, owner.ID, coop.FollowAccepted, above))
	})
	return p, total, err
}

// featured lists pinned posts on one page.
func (o *Outbox) featured(ctx context.Context, v coop.Viewer, owner *coop.Account) (page, int, error) {
	posts, err := o.store.Pinned(ctx, v, owner.ID)
	p := page{}
	for _, one := range posts {
		p.items = append(p.items, string(one.IRI))
	}
	return p, len(posts), err
}

// listing is the jobs, the knowledge or the requests of an account: its own objects whole, those of
// others by id.
func (o *Outbox) listing(ctx context.Context, v coop.Viewer, owner *coop.Account, name CollectionName, cursor string) (page, int, error) {
	q := storage.ListQuery{Owner: owner.ID, Kind: coop.KindJob}
	switch name {
	case CollectionKnowledge:
		q.Kind = coop.KindArticle
	case CollectionRequests:
		q.Kind = coop.KindRequest
	}
	from := cursor
	if from == firstPage {
		from = ""
	}
	posts, following, total, err := o.store.Listing(ctx, v, q, from, pageSize)
	if err != nil || cursor == "" {
		return page{}, total, err
	}
	p := page{next: following}
	for _, one := range posts {
		if one.Local {
			o.embed(ctx, v, &p, one.IRI)
		} else {
			p.items = append(p.items, string(one.IRI))
		}
	}
	if from != "" {
		if p.prev, err = o.store.ListingBefore(ctx, v, q, from, pageSize); p.prev == "" {
			p.prev = firstPage
		}
	}
	return p, total, err
}

// decisionsPage lists the decisions of a federation whole, the newest first.
func (o *Outbox) decisionsPage(ctx context.Context, v coop.Viewer, owner *coop.Account, cursor string) (page, int, error) {
	q := storage.DecisionQuery{Author: owner.ID}
	total, err := o.store.CountDecisions(ctx, v, q)
	if err != nil || cursor == "" {
		return page{}, total, err
	}
	posts, err := o.store.Decisions(ctx, v, q, after(cursor))
	if err != nil || len(posts) == 0 {
		return page{}, total, err
	}
	p := page{next: next(len(posts), posts[len(posts)-1].ID)}
	for _, one := range posts {
		o.embed(ctx, v, &p, one.IRI)
	}
	p.prev, err = before(cursor, func(above coop.Page) ([]coop.ID, error) {
		return idsOf(func(p *coop.Post) coop.ID { return p.ID })(o.store.Decisions(ctx, v, q, above))
	})
	return p, total, err
}

// membersPage lists whom an organization says to be its members.
func (o *Outbox) membersPage(ctx context.Context, owner *coop.Account, cursor string) (page, int, error) {
	q := storage.MembershipQuery{Organization: owner.ID, States: []coop.MembershipState{coop.MembershipMember}}
	total, err := o.store.CountMemberships(ctx, q)
	if err != nil || cursor == "" {
		return page{}, total, err
	}
	list, err := o.store.Memberships(ctx, q, after(cursor))
	if err != nil || len(list) == 0 {
		return page{}, total, err
	}
	p := page{next: next(len(list), list[len(list)-1].ID)}
	for _, m := range list {
		p.items = append(p.items, string(m.Member.IRI))
	}
	p.prev, err = before(cursor, func(above coop.Page) ([]coop.ID, error) {
		return idsOf(func(m *coop.Membership) coop.ID { return m.ID })(o.store.Memberships(ctx, q, above))
	})
	return p, total, err
}

// Tombstone is the document that stands where something was.
func Tombstone(t *storage.Tombstone) ([]byte, error) {
	m, err := vocabulary.Tombstone{ID: string(t.IRI), FormerType: t.FormerType, Deleted: t.At}.Members()
	if err != nil {
		return nil, err
	}
	return vocabulary.Encode(m, vocabulary.Post)
}
