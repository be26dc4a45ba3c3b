// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// articleFacet is one of the things that an article has several of.
type articleFacet struct {
	facet, value, label string
	position            int
}

// facetsOfArticle are the topics, by name and by address, the series and the citations
// of an article.
func facetsOfArticle(a *coop.Article) []articleFacet {
	var facets []articleFacet
	for _, topic := range a.Topics {
		facets = append(facets, articleFacet{"topic", foldWords(topic.Name), topic.Name, 0}, articleFacet{"topic", topic.URI, topic.Name, 0})
	}
	if a.Series != nil {
		facets = append(facets, articleFacet{"series", a.Series.URI, a.Series.Name, a.Position})
	}
	for _, cited := range a.Citations {
		facets = append(facets, articleFacet{"citation", string(cited), "", 0})
	}
	return facets
}

// putArticleFacets writes what an article is found by, and makes its series known.
func (tx *Tx) putArticleFacets(ctx context.Context, p *coop.Post) error {
	for _, f := range facetsOfArticle(p.Article) {
		value := cleanText(coop.Truncate(f.value, 2048))
		if value == "" {
			continue
		}
		if _, err := tx.insert(ctx, "article_facets", []column{
			{"post_id", int64(p.ID)},
			{"facet", f.facet},
			{"value", value},
			{"label", coop.Truncate(f.label, 500)},
			{"position", f.position},
		}, "ON CONFLICT DO NOTHING"); err != nil {
			return fmt.Errorf("%s of an article: %w", f.facet, err)
		}
	}
	return tx.learnSeries(ctx, p)
}

// hasArticleFacet is the condition that the post p has one of the values.
func hasArticleFacet(a *args, name string, values []string) string {
	return "p.id IN (SELECT f.post_id FROM article_facets f WHERE f.facet = '" + name + "' AND f.value IN " + in(a, texts(values)) + ")"
}
