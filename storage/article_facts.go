// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ArticleFacts fills in what stands around articles, as the viewer may know it: how
// many co-ops used them, their translations, and of translations the original.
func (r reader) ArticleFacts(ctx context.Context, v coop.Viewer, posts []*coop.Post) (map[coop.ID]*coop.ArticleFacts, error) {
	facts := make(map[coop.ID]*coop.ArticleFacts)
	byIRI := make(map[coop.IRI]*coop.Post)
	for _, p := range posts {
		if p.Article != nil {
			facts[p.ID], byIRI[p.IRI] = &coop.ArticleFacts{}, p
		}
	}
	if len(facts) == 0 {
		return facts, nil
	}
	for _, fill := range []func(context.Context, coop.Viewer, map[coop.IRI]*coop.Post, map[coop.ID]*coop.ArticleFacts) error{r.fillUses, r.fillTranslations, r.fillOriginals} {
		if err := fill(ctx, v, byIRI, facts); err != nil {
			return nil, fmt.Errorf("facts of articles: %w", err)
		}
	}
	return facts, nil
}

// fillUses counts the co-ops that used each article, and says whether the viewer did.
func (r reader) fillUses(ctx context.Context, v coop.Viewer, _ map[coop.IRI]*coop.Post, facts map[coop.ID]*coop.ArticleFacts) error {
	var a args
	own := a.add(int64(v.Account))
	ids := make([]int64, 0, len(facts))
	for id := range facts {
		ids = append(ids, int64(id))
	}
	type use struct {
		post, used int64
		own        bool
	}
	uses, err := all(ctx, r, func(row pgx.CollectableRow) (u use, err error) {
		var own int64
		err = row.Scan(&u.post, &u.used, &own)
		u.own = own > 0
		return u, err
	}, `
		SELECT x.post_id, COUNT(*), COUNT(CASE WHEN x.actor_id = `+own+` THEN 1 END)
		FROM reactions x
		JOIN accounts w ON w.id = x.actor_id
		WHERE x.used_on <> '' AND w.kind IN ('coop', 'federation') AND w.suspended_at = 0 AND w.deleted_at = 0
			AND x.post_id IN `+in(&a, ids)+`
		GROUP BY x.post_id`, a...)
	for _, u := range uses {
		f := facts[coop.ID(u.post)]
		f.UsedBy, f.Used = int(u.used), u.own && v.Class == coop.ViewerAccount
	}
	return err
}

// mostTranslations is how many translations are named on one page of articles.
const mostTranslations = 500

// translationRow is a translation as it is named beside its original.
type translationRow struct {
	original coop.IRI
	coop.ArticleTranslation
}

// fillTranslations names the published translations of the articles.
func (r reader) fillTranslations(ctx context.Context, v coop.Viewer, byIRI map[coop.IRI]*coop.Post, facts map[coop.ID]*coop.ArticleFacts) error {
	var a args
	iris := make([]coop.IRI, 0, len(byIRI))
	for iri := range byIRI {
		iris = append(iris, iri)
	}
	rows, err := all(ctx, r, scanTranslation, `
		SELECT t.translation_of, p.id, p.iri, p.author_id, p.language, t.payload
		FROM articles t
		JOIN posts p ON p.id = t.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE t.translation_of <> '' AND t.translation_of IN `+in(&a, texts(iris))+` AND t.status = 'published'
			AND `+r.visible(&a, v)+`
		ORDER BY p.language, p.id
		LIMIT `+a.add(mostTranslations), a...)
	for _, row := range rows {
		p := byIRI[row.original]
		facts[p.ID].Translations = append(facts[p.ID].Translations, row.ArticleTranslation)
	}
	return err
}

// scanTranslation reads a row of fillTranslations.
func scanTranslation(row pgx.CollectableRow) (t translationRow, err error) {
	var original, iri, payload string
	var id, author int64
	if err := row.Scan(&original, &id, &iri, &author, &t.Language, &payload); err != nil {
		return t, err
	}
	var article coop.Article
	if err := json.Unmarshal([]byte(payload), &article); err != nil {
		return t, fmt.Errorf("article %s: %w", iri, err)
	}
	t.original, t.Post, t.IRI, t.Author, t.Version = coop.IRI(original), coop.ID(id), coop.IRI(iri), coop.ID(author), article.TranslatedVersion
	return t, nil
}

// fillOriginals says of translations which version their original has now, as far as
// it is here.
func (r reader) fillOriginals(ctx context.Context, v coop.Viewer, byIRI map[coop.IRI]*coop.Post, facts map[coop.ID]*coop.ArticleFacts) error {
	var a args
	var originals []coop.IRI
	for _, p := range byIRI {
		if p.Article.TranslationOf != "" {
			originals = append(originals, p.Article.TranslationOf)
		}
	}
	if len(originals) == 0 {
		return nil
	}
	type original struct {
		id      int64
		iri     string
		version int64
	}
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (o original, err error) {
		err = row.Scan(&o.id, &o.iri, &o.version)
		return o, err
	}, `
		SELECT p.id, p.iri, t.version
		FROM articles t
		JOIN posts p ON p.id = t.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE p.iri IN `+in(&a, texts(originals))+` AND `+r.visible(&a, v), a...)
	for _, o := range rows {
		for _, p := range byIRI {
			if p.Article.TranslationOf == coop.IRI(o.iri) {
				facts[p.ID].Original, facts[p.ID].OriginalVersion = coop.ID(o.id), o.version
			}
		}
	}
	return err
}

// Revision finds a state of a post by its version: an earlier one, the latest stored
// where there are several. Whoever may see the post may see it; [coop.ErrNotFound] says
// that there is none.
func (r reader) Revision(ctx context.Context, v coop.Viewer, post coop.ID, version int64) (coop.Revision, error) {
	if _, err := r.Post(ctx, v, post); err != nil {
		return coop.Revision{}, err
	}
	found, err := first(ctx, r, scanRevision, `
		SELECT post_id, version, at, title, summary, content, source, reason, sensitive, details
		FROM revisions
		WHERE post_id = $1 AND version = $2
		ORDER BY number DESC
		LIMIT 1`, int64(post), version)
	if err != nil {
		return found, fmt.Errorf("version %d of post %s: %w", version, post, err)
	}
	return found, nil
}

// TopicCount is a topic with how many published articles name it.
type TopicCount struct {
	Name     string // as one of its articles writes it
	Value    string // folded: what a query names it by
	Articles int
}

// Topics lists the topics of the public articles that everybody may see, those with
// most articles first; prefix, folded, narrows to names that begin with it.
func (r reader) Topics(ctx context.Context, prefix string, limit, offset int) ([]TopicCount, error) {
	var a args
	begins := "TRUE"
	if prefix = foldWords(prefix); prefix != "" {
		begins = "f.value >= " + a.add(prefix) + " AND f.value < " + a.add(prefix+endOfText)
	}
	list, err := all(ctx, r, func(row pgx.CollectableRow) (t TopicCount, err error) {
		err = row.Scan(&t.Value, &t.Name, &t.Articles)
		return t, err
	}, `
		SELECT f.value, MIN(f.label), COUNT(*)
		FROM article_facets f
		JOIN articles t ON t.post_id = f.post_id
		JOIN posts p ON p.id = f.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE f.facet = 'topic' AND f.value NOT LIKE '%://%' AND t.status = 'published' AND `+begins+`
			AND `+r.listed(&a)+` AND `+r.visible(&a, coop.Anonymous())+`
		GROUP BY f.value
		ORDER BY COUNT(*) DESC, f.value
		LIMIT `+a.add(limit)+` OFFSET `+a.add(offset), a...)
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	return list, nil
}
