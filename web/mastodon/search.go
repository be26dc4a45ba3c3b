// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// searchRoutes find accounts, statuses and hashtags.
func (f *Face) searchRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v2/search", "read:search", f.search),
		f.own("/v1/search", "read:search", f.searchV1),
		f.own("/v1/accounts/search", "read:accounts read:search", f.searchAccounts),
	}
}

// searchInput is what is looked for, as it was asked.
type searchInput struct {
	text          string
	kind          string // accounts, statuses, hashtags; empty: all
	resolve       bool   // ask other servers for addresses and handles
	following     bool
	author        coop.ID
	limit, offset int
	page          coop.Page // of statuses
	viewer        coop.Viewer
}

// mostTyped is how much of what was typed is looked at.
const mostTyped = 2048

// readSearch reads the parameters of a search.
func readSearch(c *gin.Context, usual, most int) (searchInput, error) {
	v, err := input.Read(c)
	if err != nil {
		return searchInput{}, err
	}
	s := searchInput{text: strings.TrimSpace(coop.Truncate(v.Text("q"), mostTyped)), kind: v.Text("type"), resolve: v.On("resolve"), following: v.On("following"), viewer: auth.Viewer(c)}
	s.author, _ = coop.ParseID(v.Text("account_id")) // what is no id narrows nothing
	s.limit, s.offset = offsetOf(c, usual, most)
	s.page = pageOf(c, usual, most)
	if v.Has("account_id") && s.author == 0 && v.Text("account_id") != "" {
		s.author = -1 // an account that cannot be wrote nothing
	}
	return s, v.Err()
}

// wants tells whether things of a kind are looked for.
func (s searchInput) wants(kind string) bool { return s.kind == "" || s.kind == kind }

// search answers GET /api/v2/search. Who is not signed in neither makes us ask other
// servers nor pages.
func (f *Face) search(c *gin.Context) error {
	s, err := readSearch(c, 20, 40)
	if err != nil {
		return err
	}
	if s.viewer.Class != coop.ViewerAccount && (s.resolve || s.offset > 0) {
		return fmt.Errorf("resolve and offset need a token: %w", coop.ErrUnauthorized)
	}
	found, err := f.lookFor(c.Request.Context(), s)
	if err != nil {
		return err
	}
	shown, err := f.searchOf(c.Request.Context(), s.viewer, found)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, shown)
	return nil
}

// searchV1 answers GET /api/v1/search, the older search: hashtags are names alone.
func (f *Face) searchV1(c *gin.Context) error {
	s, err := readSearch(c, 20, 40)
	if err != nil {
		return err
	}
	found, err := f.lookFor(c.Request.Context(), s)
	if err != nil {
		return err
	}
	shown, err := f.searchOf(c.Request.Context(), s.viewer, found)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"accounts": shown.Accounts, "statuses": shown.Statuses, "hashtags": entity.List[string](found.tags)})
	return nil
}

// found is what a search found.
type found struct {
	accounts []*coop.Account
	posts    []*coop.Post
	tags     []string
}

// lookFor finds all that is wanted. An address names one thing or nothing; what it
// names is first in any other list too.
func (f *Face) lookFor(ctx context.Context, s searchInput) (out found, err error) {
	if s.text == "" {
		return out, nil
	}
	named := f.named(ctx, s)
	if isAddress(s.text) {
		return named, nil
	}
	if s.wants("accounts") {
		if out.accounts, err = f.findAccounts(ctx, s, named.accounts); err != nil {
			return out, err
		}
	}
	if s.wants("statuses") && !strings.HasPrefix(s.text, "#") && !strings.HasPrefix(s.text, "@") {
		if out.posts, err = f.findPosts(ctx, s); err != nil {
			return out, err
		}
	}
	if s.wants("hashtags") && !strings.HasPrefix(s.text, "@") {
		out.tags, err = f.Store.SearchTags(ctx, s.text, s.limit, s.offset)
	}
	return out, err
}

// findAccounts finds accounts by what was typed; those that it names stand first.
func (f *Face) findAccounts(ctx context.Context, s searchInput, named []*coop.Account) ([]*coop.Account, error) {
	list, err := f.Store.SearchAccounts(ctx, s.viewer, storage.AccountSearch{Text: f.withoutOwnHost(s.text), Following: s.following, Limit: s.limit, Offset: s.offset})
	if err != nil {
		return nil, err
	}
	if s.offset > 0 || s.following {
		return list, nil
	}
	for _, a := range named {
		list = slices.DeleteFunc(list, func(b *coop.Account) bool { return b.ID == a.ID })
	}
	list = append(slices.Clone(named), list...)
	return list[:min(len(list), s.limit)], nil
}

// withoutOwnHost takes our own host off a handle: accounts of ours are kept without.
func (f *Face) withoutOwnHost(text string) string {
	for _, host := range []string{f.AccountDomain, f.Host} {
		if name, ours := strings.CutSuffix(strings.ToLower(text), "@"+strings.ToLower(host)); ours && host != "" {
			return name + "@"
		}
	}
	return text
}

// findPosts finds statuses by their words. A text in which there is nothing to look for
// finds nothing.
func (f *Face) findPosts(ctx context.Context, s searchInput) ([]*coop.Post, error) {
	q, err := coop.ParseTextQuery(s.text)
	if err != nil {
		return nil, nil //nolint:nilerr // what cannot be read as a query is in no status
	}
	return f.Store.SearchPosts(ctx, s.viewer, storage.PostSearch{Text: q, Author: s.author, Page: s.page, Offset: s.offset})
}

// searchOf turns what was found into entities.
func (f *Face) searchOf(ctx context.Context, v coop.Viewer, out found) (entity.Search, error) {
	accounts, err := f.accountsOf(ctx, out.accounts)
	if err != nil {
		return entity.Search{}, err
	}
	statuses, err := f.statuses(ctx, v, out.posts)
	if err != nil {
		return entity.Search{}, err
	}
	tags, err := f.tagsWithHistory(ctx, v, out.tags)
	return entity.Search{Accounts: accounts, Statuses: statuses, Hashtags: tags}, err
}

// searchAccounts answers GET /api/v1/accounts/search: with each letter that somebody
// types after an @.
func (f *Face) searchAccounts(c *gin.Context) error {
	s, err := readSearch(c, 40, 80)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var list []*coop.Account
	if s.text != "" {
		named := f.named(ctx, s).accounts
		if isAddress(s.text) {
			list = named
		} else if list, err = f.findAccounts(ctx, s, named); err != nil {
			return err
		}
	}
	return f.showAccounts(c, list)
}
