// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// LanguageCount is a language with how many published articles are in it.
type LanguageCount struct {
	Tag      string // BCP 47, the language alone, in small letters
	Articles int
}

// mostTongues is how many languages, with their varieties, are counted.
const mostTongues = 100

// ArticleLanguages lists the languages of the public articles that everybody may see,
// those with most articles first. A variety counts for its language.
func (r reader) ArticleLanguages(ctx context.Context) ([]LanguageCount, error) {
	var a args
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (l LanguageCount, err error) {
		err = row.Scan(&l.Tag, &l.Articles)
		return l, err
	}, `
		SELECT lower(p.language), COUNT(*)
		FROM articles t
		JOIN posts p ON p.id = t.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE t.status = 'published' AND p.language <> '' AND `+r.listed(&a)+` AND `+r.visible(&a, coop.Anonymous())+`
		GROUP BY lower(p.language)
		ORDER BY COUNT(*) DESC, lower(p.language)
		LIMIT `+a.add(mostTongues), a...)
	if err != nil {
		return nil, fmt.Errorf("languages of articles: %w", err)
	}
	return wholeLanguages(rows), nil
}

// wholeLanguages adds varieties to their languages.
func wholeLanguages(rows []LanguageCount) []LanguageCount {
	var list []LanguageCount
	at := map[string]int{}
	for _, row := range rows {
		tag, _, _ := strings.Cut(row.Tag, "-")
		n, known := at[tag]
		if !known {
			n, at[tag] = len(list), len(list)
			list = append(list, LanguageCount{Tag: tag})
		}
		list[n].Articles += row.Articles
	}
	slices.SortStableFunc(list, func(x, y LanguageCount) int { return cmp.Compare(y.Articles, x.Articles) })
	return list
}

// ArticleUse is a co-op that says that it used an article.
type ArticleUse struct {
	By *coop.Account
	On string // the day, ISO 8601
}

// ArticleUses lists the co-ops that say that they used an article, the last first.
func (r reader) ArticleUses(ctx context.Context, post coop.ID, limit int) ([]ArticleUse, error) {
	a := args{int64(post)}
	uses, err := all(ctx, r, func(row pgx.CollectableRow) (use ArticleUse, err error) {
		use.By, err = scanAccountAfter(row, &use.On)
		return use, err
	}, `
		SELECT x.used_on, `+accountColumns+`
		FROM reactions x
		JOIN accounts a ON a.id = x.actor_id
		WHERE x.post_id = $1 AND x.used_on <> '' AND a.kind IN ('coop', 'federation') AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY x.used_on DESC, x.id DESC
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("uses of article %s: %w", post, err)
	}
	return uses, nil
}

// ArticlesByIRI finds articles by their addresses, as the viewer may see them; what is
// not here is not in it.
func (r reader) ArticlesByIRI(ctx context.Context, v coop.Viewer, iris []coop.IRI) (map[coop.IRI]*coop.Post, error) {
	found := map[coop.IRI]*coop.Post{}
	if len(iris) == 0 {
		return found, nil
	}
	var a args
	ids, err := all(ctx, r, scanID, `
		SELECT p.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.kind = 'article' AND p.iri IN `+in(&a, texts(iris[:min(len(iris), mostIn)]))+` AND `+r.visible(&a, v), a...)
	if err != nil {
		return nil, fmt.Errorf("articles by address: %w", err)
	}
	posts, err := r.PostsByID(ctx, v, ids)
	for _, p := range posts {
		found[p.IRI] = p
	}
	return found, err
}
