// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"slices"

	"minga/coop"
	"minga/storage"
)

// foundJobs finds jobs as the board does.
func (f *Face) foundJobs(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("jobs") {
		return nil
	}
	asked := page.Asked.asks("q", "lang", "federation")
	query, err := f.Store.LookUp(ctx, coop.ParseJobQuery(asked))
	if err != nil {
		return err
	}
	list, err := f.Store.SearchJobs(ctx, anybody(), query, storage.JobPage{Limit: page.Asked.limit(), Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	page.add("jobs", findPart{Jobs: f.foundCards(page.tongue, &query, list), All: way{URL: withQuery("/jobs", asked), Name: page.T("find_all_jobs")}})
	return nil
}

// foundArticles finds articles as the library does.
func (f *Face) foundArticles(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("library") {
		return nil
	}
	asked := page.Asked.asks("q", "lang", "topic", "license", "federation")
	list, err := f.Store.SearchArticles(ctx, anybody(), coop.ParseArticleQuery(asked), storage.ArticlePage{Page: coop.Page{Limit: page.Asked.limit()}, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	cards, err := f.libraryCards(ctx, page.tongue, list.Posts)
	page.add("library", findPart{Articles: cards, All: way{URL: withQuery("/library", asked), Name: page.T("find_all_articles")}})
	return err
}

// foundCoops finds co-ops as the directory does.
func (f *Face) foundCoops(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("coops") {
		return nil
	}
	asked := page.Asked.asks("q", "federation")
	if page.Asked.Lang != "" {
		asked.Set("language", page.Asked.Lang)
	}
	list, err := f.Store.Coops(ctx, coop.ParseDirectoryQuery(asked), f.AccountDomain, coop.Page{Limit: page.Asked.limit()})
	page.add("coops", findPart{People: f.foundAccounts(list), All: way{URL: withQuery("/directory", asked), Name: page.T("find_all_coops")}})
	return err
}

// foundAccounts shows accounts.
func (f *Face) foundAccounts(list []*coop.Account) []foundAccount {
	found := make([]foundAccount, len(list))
	for i, a := range list {
		found[i] = foundAccount{f.person(a), line{a.Language, excerpt(a.Bio, 160)}}
	}
	return found
}

// foundPeople finds who wants to be found: people, federations, boards, services.
func (f *Face) foundPeople(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("people") {
		return nil
	}
	limit := page.Asked.limit()
	list, err := f.Store.SearchAccounts(ctx, anybody(), storage.AccountSearch{Text: page.Asked.Q, Limit: limit + 1, Offset: page.Asked.Skip})
	if err != nil {
		return err
	}
	all := way{}
	if len(list) > limit {
		list = list[:limit]
		if page.Asked.Kind == "" {
			all = page.Kinds[1+slices.Index(findKinds, "people")]
		} else {
			page.Next = withQuery(findPath, with(page.Asked.values(), "skip", coop.ID(page.Asked.Skip+limit).String()))
		}
	}
	list = slices.DeleteFunc(list, func(a *coop.Account) bool { return a.Kind == coop.Coop || a.Gone() })
	page.add("people", findPart{People: f.foundAccounts(list), All: all})
	return nil
}

// foundPosts finds what people wrote and want to be found; jobs and articles have lists of
// their own.
func (f *Face) foundPosts(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("posts") {
		return nil
	}
	words, _ := coop.ParseTextQuery(page.Asked.Q) // what is sound of it
	posts, err := f.Store.SearchPosts(ctx, anybody(), storage.PostSearch{Text: words, Page: coop.Page{Max: page.Asked.From, Limit: findAlone}})
	if err != nil {
		return err
	}
	part := findPart{}
	if len(posts) == findAlone && page.Asked.Kind != "" {
		page.Next = withQuery(findPath, with(page.Asked.values(), "before", posts[findAlone-1].ID.String()))
	}
	notes := slices.DeleteFunc(posts, func(p *coop.Post) bool { return p.Job != nil || p.Article != nil })
	if limit := page.Asked.limit(); len(notes) > limit {
		notes, part.All = notes[:limit], page.Kinds[1+slices.Index(findKinds, "posts")]
	}
	part.Notes = f.noteCards(page.tongue, notes)
	page.add("posts", part)
	return nil
}

// foundTags finds hashtags by their beginning.
func (f *Face) foundTags(ctx context.Context, page *findPage) error {
	if !page.Asked.wants("tags") {
		return nil
	}
	tags, err := f.Store.SearchTags(ctx, page.Asked.Q, findAlone, 0)
	part := findPart{}
	for _, tag := range tags {
		part.Tags = append(part.Tags, way{URL: tagPath(tag), Name: "#" + tag})
	}
	page.add("tags", part)
	return err
}
