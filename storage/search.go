// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"minga/coop"
)

// Search is each engine's own, over the same words: the program folds and splits
// texts ([coop.Words]) and puts the queries together, so that both engines find
// the same. SQLite keeps the words in FTS5, PostgreSQL in a tsvector.

// findable tells what others may find by words: jobs, articles, requests, and other public
// posts whose author wants to be found (FEP-5feb). What is kept besides only those find whom
// it concerns ([reader.maySearch]).
func findable(p *coop.Post) bool {
	return p.Kind == coop.KindJob || p.Kind == coop.KindArticle || p.Kind == coop.KindRequest || p.Visibility == coop.VisiblePublic && p.Author.Indexable
}

// putWords writes what a post is found by.
func (tx *Tx) putWords(ctx context.Context, p *coop.Post) error {
	if !findable(p) {
		if here, err := tx.concernsHere(ctx, p); err != nil || !here {
			return err
		}
	}
	title, body := wordsOf(p)
	if p.Job != nil {
		if err := tx.putJobWords(ctx, p.ID, body); err != nil {
			return err
		}
	}
	if tx.e.engine == SQLite {
		return tx.soon(ctx, `INSERT INTO post_search (rowid, title, body) VALUES ($1, $2, $3)`,
			int64(p.ID), strings.Join(title, " "), strings.Join(body, " "))
	}
	return tx.soon(ctx, `
		INSERT INTO post_search (post_id, words)
		VALUES ($1, CAST(CAST($2 AS text) AS tsvector))
		ON CONFLICT (post_id) DO UPDATE SET words = excluded.words`,
		int64(p.ID), vector(append(title, body...)))
}

// removeWords takes a post out of the search.
func (tx *Tx) removeWords(ctx context.Context, id coop.ID) error {
	column := "post_id"
	if tx.e.engine == SQLite {
		column = "rowid"
	}
	for _, table := range []string{"job_search", "post_search"} {
		if _, err := tx.exec(ctx, "DELETE FROM "+table+" WHERE "+column+" = $1", int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// putJobWords writes what a job is found by on the board.
func (tx *Tx) putJobWords(ctx context.Context, id coop.ID, words []string) error {
	if tx.e.engine == SQLite {
		_, err := tx.exec(ctx, `INSERT INTO job_search (rowid, words) VALUES ($1, $2)`, int64(id), strings.Join(words, " "))
		return err
	}
	_, err := tx.exec(ctx, `
		INSERT INTO job_search (post_id, words)
		VALUES ($1, CAST(CAST($2 AS text) AS tsvector))
		ON CONFLICT (post_id) DO UPDATE SET words = excluded.words`, int64(id), vector(words))
	return err
}

// mostWords bounds the words of one post: a tsvector knows no place beyond 16,383.
const mostWords = 16_000

// wordsOf are the words of a post: of a job those that [coop.Job.SearchText] says,
// of anything else title, summary, hashtags and every language of its text.
func wordsOf(p *coop.Post) (title, body []string) {
	title = coop.Words(p.Title)
	if p.Job != nil {
		return nil, cutWords(strings.Fields(p.Job.SearchText()))
	}
	for _, text := range append([]string{p.Summary, coop.VisibleText(p.Content)}, p.Hashtags...) {
		body = append(body, coop.Words(text)...)
	}
	if p.Request != nil {
		body = append(body, requestWords(p.Request)...)
	}
	for language, text := range p.ContentMap {
		if language != p.Language {
			body = append(body, coop.Words(coop.VisibleText(text))...)
		}
	}
	return title, cutWords(body)
}

// requestWords are the words of a request beside those of its note.
func requestWords(q *coop.Request) []string {
	var words []string
	for _, s := range q.Slots {
		words = append(words, coop.Words(s.Name+" "+s.Skill.Name)...)
	}
	words = append(words, coop.Words(coop.VisibleText(q.Description))...)
	for _, language := range slices.Sorted(maps.Keys(q.DescriptionMap)) {
		words = append(words, coop.Words(coop.VisibleText(q.DescriptionMap[language]))...)
	}
	return words
}

// cutWords keeps as many words as can be found.
func cutWords(words []string) []string { return words[:min(len(words), mostWords)] }

// vector is the text form of a tsvector: each word with its places. Words hold
// letters, marks and digits only, so that quotes are enough.
func vector(words []string) string {
	places := make(map[string][]int, len(words))
	order := make([]string, 0, len(words))
	for i, w := range words[:min(len(words), mostWords)] {
		if places[w] == nil {
			order = append(order, w)
		}
		if len(places[w]) < 255 { // PostgreSQL keeps no more
			places[w] = append(places[w], i+1)
		}
	}
	var out strings.Builder
	for _, w := range order {
		out.WriteString("'" + w + "':")
		for i, place := range places[w] {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(strconv.Itoa(place))
		}
		out.WriteByte(' ')
	}
	return out.String()
}

// matchesText is the condition that the post p has what was asked for.
func (r reader) matchesText(a *args, q coop.TextQuery) string {
	if q.Empty() {
		return "TRUE"
	}
	if r.e.engine == SQLite {
		return "p.id IN (SELECT rowid FROM post_search WHERE post_search MATCH " + a.add(ftsQuery(q)) + ")"
	}
	return "EXISTS (SELECT 1 FROM post_search s WHERE s.post_id = p.id AND s.words @@ CAST(CAST(" + a.add(tsQuery(q)) + " AS text) AS tsquery))"
}

// ftsQuery is a query in the language of FTS5. NOT takes two sides there, so that
// what must be comes before what must not.
func ftsQuery(q coop.TextQuery) string {
	return eachAlternative(q, " OR ", func(must, mustNot []string) string {
		s := "(" + strings.Join(must, " AND ") + ")"
		if len(mustNot) > 0 {
			s += " NOT (" + strings.Join(mustNot, " OR ") + ")"
		}
		return s
	}, func(t coop.QueryTerm) string {
		s := `"` + strings.Join(t.Words, " ") + `"`
		if t.Prefix {
			s += "*"
		}
		return s
	})
}

// tsQuery is a query in the language of tsquery.
func tsQuery(q coop.TextQuery) string {
	return eachAlternative(q, " | ", func(must, mustNot []string) string {
		s := strings.Join(must, " & ")
		for _, not := range mustNot {
			s += " & !(" + not + ")"
		}
		return s
	}, func(t coop.QueryTerm) string {
		s := "'" + strings.Join(t.Words, "' <-> '") + "'"
		if t.Prefix {
			s += ":*"
		}
		return "(" + s + ")"
	})
}

// eachAlternative writes a query: terms by word, alternatives by all, joined.
func eachAlternative(q coop.TextQuery, or string, all func(must, mustNot []string) string, word func(coop.QueryTerm) string) string {
	parts := make([]string, 0, len(q.Alternatives))
	for _, alternative := range q.Alternatives {
		var must, mustNot []string
		for _, t := range alternative.Terms {
			if t.Not {
				mustNot = append(mustNot, word(t))
			} else {
				must = append(must, word(t))
			}
		}
		parts = append(parts, "("+all(must, mustNot)+")")
	}
	return strings.Join(parts, or)
}
