// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// Every answer with posts is put together here. What the store must be asked for
// is asked once for the whole page, however long it is.

// statuses turns posts into whole entities, as the viewer may know them.
func (f *Face) statuses(ctx context.Context, v coop.Viewer, posts []*coop.Post) ([]*entity.Status, error) {
	return f.entries(ctx, v, coop.EntriesOf(posts))
}

// entries turns lines of a timeline into entities: a boost is a status around the
// one that it boosts. The list is never nil: it is answered as it is, since what writes
// itself as JSON, as [entity.List] does, is read once more by the encoder.
func (f *Face) entries(ctx context.Context, v coop.Viewer, entries []coop.Entry) ([]*entity.Status, error) {
	page := newPage(f, v)
	out := make([]*entity.Status, len(entries))
	for i, e := range entries {
		out[i] = page.add(e)
	}
	if err := page.fill(ctx); err != nil {
		return nil, err
	}
	return out, nil
}

// fill asks for everything that the page still lacks.
func (g *page) fill(ctx context.Context) error {
	for _, fill := range []func(context.Context) error{g.fillStanding, g.fillFilters, g.fillParents, g.fillMentions, g.fillPolls, g.fillAudiences, g.fillArticles, g.fillApplications, g.fillProviders, g.fillAccounts} {
		if err := fill(ctx); err != nil {
			return err
		}
	}
	g.wrap()
	return nil
}

// page is a page of statuses under assembly.
type page struct {
	f        *Face
	viewer   coop.Viewer
	posts    []*coop.Post // each once
	statuses map[coop.ID]*entity.Status
	wrappers []*entity.Status
	accounts []*entity.Account
}

// newPage begins a page.
func newPage(f *Face, v coop.Viewer) *page {
	return &page{f: f, viewer: v, statuses: map[coop.ID]*entity.Status{}}
}

// add takes a line in and returns its entity, which is whole when the page is.
func (g *page) add(e coop.Entry) *entity.Status {
	status := g.statuses[e.Post.ID]
	if status == nil {
		status = g.f.status(e.Post)
		g.statuses[e.Post.ID] = status
		g.posts = append(g.posts, e.Post)
		g.accounts = append(g.accounts, status.Account)
	}
	if e.By == nil {
		return status
	}
	wrapper := &entity.Status{ID: entity.ID(e.ID), URI: string(e.IRI), CreatedAt: entity.Time(e.At), Account: g.f.account(e.By), Reblog: status}
	if wrapper.URI == "" {
		wrapper.URI = fmt.Sprintf("%s#boost-%s", e.By.IRI, e.ID)
	}
	g.wrappers, g.accounts = append(g.wrappers, wrapper), append(g.accounts, wrapper.Account)
	return wrapper
}

// ids are the posts of the page.
func (g *page) ids() []coop.ID {
	ids := make([]coop.ID, len(g.posts))
	for i, p := range g.posts {
		ids[i] = p.ID
	}
	return ids
}

// fillStanding says what who asks has done with each post.
func (g *page) fillStanding(ctx context.Context) error {
	if g.viewer.Class != coop.ViewerAccount {
		return nil
	}
	standing, err := g.f.Store.PostStanding(ctx, g.viewer.Account, g.ids())
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		s := standing[p.ID]
		shown := &entity.Standing{Favourited: s.Liked, Reblogged: s.Boosted, Muted: s.Muted, Bookmarked: s.Bookmarked}
		if p.AuthorID == g.viewer.Account {
			shown.Pinned = &s.Pinned
		}
		g.statuses[p.ID].Standing = shown
	}
	return nil
}

// fillFilters says which filters of who asks each post meets.
func (g *page) fillFilters(ctx context.Context) error {
	set, err := g.f.filtersFor(ctx, g.viewer)
	if err != nil || set == nil {
		return err
	}
	for _, p := range g.posts {
		g.statuses[p.ID].Standing.Filtered = filtered(set, g.viewer, p)
	}
	return nil
}

// fillParents names what a post answers, unless the viewer may not see that.
func (g *page) fillParents(ctx context.Context) error {
	var parents []coop.ID
	for _, p := range g.posts {
		if p.InReplyToID != 0 {
			parents = append(parents, p.InReplyToID)
		}
	}
	if len(parents) == 0 {
		return nil
	}
	authors, err := g.f.Store.PostAuthors(ctx, g.viewer, parents)
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		if author, seen := authors[p.InReplyToID]; seen {
			status := g.statuses[p.ID]
			status.InReplyToID, status.InReplyToAccountID = entity.ID(p.InReplyToID), entity.ID(author)
		}
	}
	return nil
}

// fillMentions names whom the posts mention. Accounts that were never seen have no id
// that a client could ask for and are left out.
func (g *page) fillMentions(ctx context.Context) error {
	var named []coop.IRI
	for _, p := range g.posts {
		for _, m := range p.Mentions {
			named = append(named, m.IRI)
		}
	}
	if len(named) == 0 {
		return nil
	}
	known, err := g.f.Store.AccountsByIRI(ctx, named)
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		status := g.statuses[p.ID]
		for _, m := range p.Mentions {
			if a := known[m.IRI]; a != nil && !a.Gone() {
				status.Mentions = append(status.Mentions, entity.Mention{ID: entity.ID(a.ID), Username: a.Name, Acct: g.f.acct(a), URL: accountURL(a)})
			}
		}
	}
	return nil
}

// fillAudiences names whose members a post is for, in the form in which a client sends
// it: members:<account id>.
func (g *page) fillAudiences(ctx context.Context) error {
	owners := map[coop.ID]coop.IRI{}
	for _, p := range g.posts {
		if p.Visibility == coop.VisibleMembers && len(p.To) == 1 {
			owners[p.ID] = coop.IRI(strings.TrimSuffix(string(p.To[0]), "/members"))
		}
	}
	if len(owners) == 0 {
		return nil
	}
	known, err := g.f.Store.AccountsByIRI(ctx, slices.Collect(maps.Values(owners)))
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		m, ok := g.statuses[p.ID].Minga.(*mingaJSON)
		if a := known[owners[p.ID]]; ok && a != nil && a.Members == p.To[0] {
			m.Audience = string(coop.VisibleMembers) + ":" + a.ID.String()
		}
	}
	return nil
}

// fillProviders names the federation on the cards of what was published here.
func (g *page) fillProviders(ctx context.Context) error {
	name := ""
	for _, p := range g.posts {
		card := g.statuses[p.ID].Card
		if card == nil || !p.Local {
			continue
		}
		if name == "" {
			federation, err := g.f.Store.FederationAccount(ctx)
			if errors.Is(err, coop.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			name = shownName(federation)
		}
		card.ProviderName = name
	}
	return nil
}

// fillAccounts completes all accounts of the page, and what jobs say of their co-op.
func (g *page) fillAccounts(ctx context.Context) error {
	if err := g.f.complete(ctx, g.accounts...); err != nil {
		return err
	}
	for _, s := range g.statuses {
		if m, ok := s.Minga.(*mingaJSON); ok && m.Coop != nil {
			m.Coop.Evidence = s.Account.Minga.Evidence
		}
	}
	return nil
}

// wrap gives boosts what clients read of the wrapper itself.
func (g *page) wrap() {
	for _, w := range g.wrappers {
		s := w.Reblog
		w.URL, w.Content, w.Visibility, w.Sensitive, w.SpoilerText, w.Language = s.URL, s.Content, s.Visibility, s.Sensitive, s.SpoilerText, s.Language
		w.RepliesCount, w.ReblogsCount, w.FavouritesCount, w.QuotesCount = s.RepliesCount, s.ReblogsCount, s.FavouritesCount, s.QuotesCount
		w.Standing = s.Standing
	}
}
