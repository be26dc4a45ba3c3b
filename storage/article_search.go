// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ArticlePage says which part of the articles found is wanted.
type ArticlePage struct {
	coop.Page        // in the order of ids
	Cursor    string // what Next said before, in any other order
	Domain    string // account domain of this instance: the host of its handles
}

// ArticleList is a page of articles.
type ArticleList struct {
	Posts []*coop.Post
	Next  string // empty at the end, and in the order of ids
	Total int    // how many articles match in all
}

// SearchArticles lists the public articles that answer a query and that the viewer may
// see. Where words are asked for, articles of other servers are found only if their
// author is indexable.
func (r reader) SearchArticles(ctx context.Context, v coop.Viewer, q coop.ArticleQuery, page ArticlePage) (ArticleList, error) {
	if q.Nothing {
		return ArticleList{}, nil
	}
	total, err := r.countArticles(ctx, v, q, page.Domain)
	if err != nil || total == 0 {
		return ArticleList{}, err
	}
	list := ArticleList{Total: total}
	var ids []coop.ID
	if q.Order == coop.ArticlesUsed {
		ids, list.Next, err = r.usedArticles(ctx, v, q, page)
	} else {
		ids, err = r.newestArticles(ctx, v, q, page)
	}
	if err != nil {
		return list, fmt.Errorf("search articles: %w", err)
	}
	list.Posts, err = r.PostsByID(ctx, v, ids)
	return list, err
}

// countArticles counts what matches.
func (r reader) countArticles(ctx context.Context, v coop.Viewer, q coop.ArticleQuery, domain string) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*)"+r.articlesFrom(&a, v, q, domain), a...)
	if err != nil {
		return 0, fmt.Errorf("count articles: %w", err)
	}
	return int(n), nil
}

// newestArticles finds the articles of a page in the order of ids.
func (r reader) newestArticles(ctx context.Context, v coop.Viewer, q coop.ArticleQuery, page ArticlePage) ([]coop.ID, error) {
	var a args
	from := r.articlesFrom(&a, v, q, page.Domain)
	p := a.page("p.id", page.Page)
	ids, err := all(ctx, r, scanID, `
		SELECT p.id`+from+` AND `+p.where+`
		`+p.order, a...)
	return newestFirst(p, ids), err
}

// usedBy counts the co-ops that say that they used the post p.
const usedBy = `(
	SELECT COUNT(*)
	FROM reactions x
	JOIN accounts w ON w.id = x.actor_id
	WHERE x.post_id = p.id AND x.used_on <> '' AND w.kind IN ('coop', 'federation') AND w.suspended_at = 0 AND w.deleted_at = 0)`

// usedArticles finds the articles of a page by how many co-ops used them, then those
// that were checked within a year, then the newest.
func (r reader) usedArticles(ctx context.Context, v coop.Viewer, q coop.ArticleQuery, page ArticlePage) ([]coop.ID, string, error) {
	var a args
	from := r.articlesFrom(&a, v, q, page.Domain)
	c := readCursor(page.Cursor)
	asOf := c.asOf(r.e.now())
	checked := "CASE WHEN t.checked_on >= " + a.add(asOf.AddDate(-1, 0, 0).UTC().Format(time.DateOnly)) + " THEN 1 ELSE 0 END"
	after := "TRUE"
	if c.id != 0 {
		after = "(m.used, m.checked, m.id) < (" + a.add(c.first) + ", " + a.add(c.next) + ", " + a.add(int64(c.id)) + ")"
	}
	limit := page.Clamp(20, mostListed).Limit
	places, err := all(ctx, r, func(row pgx.CollectableRow) (c cursor, err error) {
		var id int64
		err = row.Scan(&id, &c.first, &c.next)
		c.id, c.at = coop.ID(id), msOf(asOf)
		return c, err
	}, `
		SELECT m.id, m.used, m.checked
		FROM (SELECT p.id, `+usedBy+` AS used, `+checked+` AS checked`+from+`) m
		WHERE `+after+`
		ORDER BY m.used DESC, m.checked DESC, m.id DESC
		LIMIT `+a.add(limit+1), a...)
	next := ""
	if len(places) > limit {
		places = places[:limit]
		next = places[limit-1].String()
	}
	ids := make([]coop.ID, len(places))
	for i, c := range places {
		ids[i] = c.id
	}
	return ids, next, err
}

// articlesFrom is the rest of a question about articles.
func (r reader) articlesFrom(a *args, v coop.Viewer, q coop.ArticleQuery, domain string) string {
	where := []string{r.visible(a, v), r.listed(a), r.matchesText(a, q.Text)}
	and := func(wanted bool, condition func() string) {
		if wanted {
			where = append(where, condition())
		}
	}
	and(!q.Archive, func() string { return "t.status = 'published'" })
	and(!q.Text.Empty(), func() string { return "(a.local OR a.indexable)" })
	and(len(q.Lang) > 0, func() string { return languageIn(a, q.Lang) })
	and(len(q.Needs) > 0, func() string { return needsTranslation(a, q.Needs) })
	and(len(q.Topic) > 0, func() string { return hasArticleFacet(a, "topic", append(each(q.Topic, foldWords), q.Topic...)) })
	and(len(q.Series) > 0, func() string { return hasArticleFacet(a, "series", q.Series) })
	and(len(q.License) > 0, func() string { return "t.license IN " + in(a, texts(q.License)) })
	and(len(q.Source) > 0, func() string { return sourceOf + " IN " + in(a, texts(q.Source)) })
	and(len(q.Coop) > 0, func() string { return "(" + handleIn(a, "a", q.Coop, domain, true) + ")" })
	and(len(q.Federation) > 0, func() string { return memberOfOne(a, q.Federation, domain) })
	return `
		FROM articles t
		JOIN posts p ON p.id = t.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE ` + strings.Join(where, " AND ")
}

// languageIn is the condition that the post p is in one of the languages, or in a
// variety of one.
func languageIn(a *args, tags []string) string { return languageOf(a, "p.language", tags) }

// languageOf is the same for any column.
func languageOf(a *args, column string, tags []string) string {
	conditions := make([]string, 0, len(tags))
	for _, tag := range tags {
		if !coop.ValidLanguage(tag) {
			continue // no post is in what is none, and % stands for itself nowhere
		}
		tag = strings.ToLower(tag)
		conditions = append(conditions, "lower("+column+") = "+a.add(tag)+" OR lower("+column+") LIKE "+a.add(tag+"-%"))
	}
	if len(conditions) == 0 {
		return "FALSE"
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// needsTranslation is the condition that the article t, whose post is p, may be put
// into one of the languages and was not: it is no translation itself, its licence lets
// others make one, and neither it nor a published translation of it is in that language.
func needsTranslation(a *args, tags []string) string {
	missing := make([]string, 0, len(tags))
	for _, tag := range tags {
		missing = append(missing, "NOT "+languageIn(a, []string{tag})+` AND NOT EXISTS (
			SELECT 1
			FROM articles o
			JOIN posts made ON made.id = o.post_id
			WHERE o.translation_of <> '' AND o.translation_of = p.iri AND o.status = 'published'
				AND made.visibility = 'public' AND NOT made.draft AND NOT made.frozen AND `+languageOf(a, "made.language", []string{tag})+")")
	}
	return "t.translation_of = '' AND p.language <> '' AND t.license LIKE '%creativecommons.org/%' AND t.license NOT LIKE '%-nd/%' AND (" +
		strings.Join(missing, " OR ") + ")"
}
