// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// filtersFor are the filters of who reads, ready for a page of posts; nil for
// anybody. All of them, wherever they hold: the client knows where it shows what.
func (f *Face) filtersFor(ctx context.Context, v coop.Viewer) (*coop.FilterSet, error) {
	if v.Class != coop.ViewerAccount {
		return nil, nil
	}
	filters, err := f.Store.Filters(ctx, v.Account)
	if err != nil || len(filters) == 0 {
		return nil, err
	}
	return coop.NewFilterSet(filters, f.Now()), nil
}

// filtered says which filters a post meets. Nobody's own posts are filtered.
func filtered(set *coop.FilterSet, v coop.Viewer, p *coop.Post) entity.List[entity.FilterResult] {
	if p.AuthorID == v.Account {
		return nil
	}
	var out entity.List[entity.FilterResult]
	for _, m := range set.Match(p) {
		shown := filterOf(m.Filter)
		result := entity.FilterResult{
			Filter:         entity.FilterHead{ID: shown.ID, Title: shown.Title, Context: shown.Context, ExpiresAt: shown.ExpiresAt, Action: shown.Action},
			KeywordMatches: m.Keywords,
		}
		for _, id := range m.Posts {
			result.StatusMatches = append(result.StatusMatches, entity.ID(id))
		}
		out = append(out, result)
	}
	return out
}

// filterOf turns a filter into its entity.
func filterOf(f *coop.Filter) entity.Filter {
	out := entity.Filter{ID: entity.ID(f.ID), Title: f.Title, ExpiresAt: entity.Time(f.ExpiresAt), Action: string(f.Act)}
	for _, context := range f.Contexts {
		out.Context = append(out.Context, string(context))
	}
	out.Keywords, out.Statuses = keywordsOf(f.Keywords), filterStatusesOf(f.Posts)
	return out
}

// keywordsOf turns keywords into entities.
func keywordsOf(keywords []coop.FilterKeyword) (out entity.List[entity.FilterKeyword]) {
	for _, k := range keywords {
		out = append(out, keywordOf(k))
	}
	return out
}

// keywordOf turns a keyword into its entity.
func keywordOf(k coop.FilterKeyword) entity.FilterKeyword {
	return entity.FilterKeyword{ID: entity.ID(k.ID), Keyword: k.Keyword, WholeWord: k.WholeWord}
}

// filterStatusesOf turns the posts of a filter into entities.
func filterStatusesOf(posts []coop.FilterPost) (out entity.List[entity.FilterStatus]) {
	for _, p := range posts {
		out = append(out, entity.FilterStatus{ID: entity.ID(p.ID), StatusID: entity.ID(p.PostID)})
	}
	return out
}
