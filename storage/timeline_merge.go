// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// source is where lines of one kind stand in an index: by whose they are (key), in
// the order of ids.
type source struct {
	part    string // what the part of the statement is called
	keys    string // the keys, each with the newest id that it ever had
	newest  string // the column of that, empty where nobody knows it
	from    string // the table, and what of it counts
	key, id string
	booster string // who boosted, of the row n found with its key n.key
}

// sources are the indexes that a feed is merged from.
func (f feed) sources() []source {
	list := []source{
		{"written", "SELECT w.id AS key, w.post_id AS newest FROM who w WHERE TRUE", "w.post_id", "posts p WHERE", "p.author_id", "p.id", "0"},
		{"boosted", "SELECT w.id AS key, w.boost_id AS newest FROM who w WHERE w.boosts", "w.boost_id", "reactions x WHERE x.kind = 'boost' AND", "x.actor_id", "x.id", "n.key"},
	}
	if f.list != 0 {
		return list
	}
	return append(list, source{"tagged", "SELECT w.tag AS key FROM followed_tags w WHERE w.account_id = $1", "", "post_hashtags h WHERE", "h.tag", "h.post_id", "0"})
}

// merged finds the next lines of a feed, w.limit at most, by asking each of its
// accounts and hashtags for their newest alone, and the id up to which that is all;
// zero says that there are no more.
func (r reader) merged(ctx context.Context, f feed, w walk) ([]line, coop.ID, error) {
	a := f.args()
	parts, lines, ends := "WITH RECURSIVE "+f.who(), "", ""
	for i, s := range f.sources() {
		if i > 0 {
			lines += "\nUNION\n"
		}
		if r.e.engine == SQLite {
			parts += ",\n" + w.queue(&a, s)
		} else {
			parts += ",\n" + w.heads(&a, s)
			ends += w.endsOf(s)
		}
		lines += "SELECT n.id AS id, " + s.booster + " AS by_id FROM " + s.part + " n WHERE n.id <> " + w.none()
	}
	rows, err := all(ctx, r, scanLine, parts+`
		SELECT l.id, COALESCE(x.post_id, l.id), l.by_id
		FROM (
			SELECT u.id, u.by_id
			FROM (`+lines+`) u
			ORDER BY u.id `+w.order()+`
			LIMIT `+a.add(w.limit)+`) l
		LEFT JOIN reactions x ON x.id = l.id AND l.by_id <> 0`+ends, a...)
	if err != nil {
		return nil, 0, fmt.Errorf("lines: %w", err)
	}
	return w.cutMerged(rows)
}

// cutMerged takes from the rows of [reader.merged] what says how far they reach. Whose
// newest was withdrawn took the place of another, so that there may be more even where
// the lines are few.
func (w walk) cutMerged(rows []line) ([]line, coop.ID, error) {
	lines, end := make([]line, 0, len(rows)), w.lastOfAll()
	for _, l := range rows {
		if l.by != -1 {
			lines = append(lines, l)
		} else if w.up() == (l.id < end) {
			end = l.id // the nearest of all ends
		}
	}
	w.sort(lines)
	for i, l := range lines {
		if l.id != end && w.up() == (l.id > end) {
			lines = lines[:i]
			break
		}
	}
	switch {
	case len(lines) == w.limit:
		return lines, lines[len(lines)-1].id, nil
	case end == w.lastOfAll():
		return lines, 0, nil
	}
	return lines, end, nil
}

// head is the next id of a key: what is known to be its newest where that is on the
// walk, else what the index says.
func (w walk) head(a *args, s source) string {
	known := s.newest != "" && !w.up()
	if known && w.page.Max == 0 {
		return "w.newest"
	}
	head := "(SELECT " + w.extreme() + "(" + s.id + ") FROM " + s.from + " " + s.key + " = w.key AND " + w.bounds(a, s.id) + ")"
	if !known {
		return head
	}
	return "CASE WHEN w.newest < " + a.add(int64(w.page.Max)) + " THEN w.newest ELSE " + head + " END"
}

// alive are the keys of a source that have anything above where the walk ends.
func (w walk) alive(a *args, s source) string {
	if s.newest == "" {
		return s.keys
	}
	return s.keys + " AND " + s.newest + " > " + a.add(int64(max(w.page.Since, w.page.Min, 0)))
}

// heads is a source in PostgreSQL. Of k lines none can be of a key that is not among
// the k keys with the newest heads, nor stand below the last of these heads, so only
// what is above is asked for. Where there are fewer keys than that, each is asked for
// some times its share: whoever has more than that sets the end of what is complete.
func (w walk) heads(a *args, s source) string {
	limit := a.add(w.limit)
	return s.part + `_heads (key, id) AS (
			SELECT h.key, h.id
			FROM (SELECT w.key, ` + w.head(a, s) + ` AS id FROM (` + w.alive(a, s) + `) w) h
			WHERE h.id IS NOT NULL
			ORDER BY h.id ` + w.order() + `
			LIMIT ` + limit + `),
		` + s.part + `_last (id) AS (
			SELECT CASE WHEN COUNT(*) < ` + limit + ` THEN ` + w.lastOfAll().String() + ` ELSE ` + w.farthest("w.id") + ` END
			FROM ` + s.part + `_heads w),
		` + s.part + `_share (most) AS (
			SELECT LEAST(` + limit + `::bigint, GREATEST(` + limit + `::bigint / 6, 3 * ` + limit + `::bigint / GREATEST(COUNT(*), 1), 10))
			FROM ` + s.part + `_heads w),
		` + s.part + ` (key, id) AS (
			SELECT w.key, line.id
			FROM ` + s.part + `_heads w
			CROSS JOIN LATERAL (
				SELECT ` + s.id + ` AS id FROM ` + s.from + ` ` + s.key + ` = w.key AND ` + w.bounds(a, s.id) + `
					AND ` + s.id + ` ` + w.notYet() + `= (SELECT z.id FROM ` + s.part + `_last z)
				ORDER BY ` + s.id + ` ` + w.order() + `
				LIMIT (SELECT z.most FROM ` + s.part + `_share z)) line)`
}

// endsOf are the places down to which a source in PostgreSQL is complete.
func (w walk) endsOf(s source) string {
	return `
		UNION ALL
		SELECT z.id, 0, -1 FROM ` + s.part + `_last z
		UNION ALL
		SELECT ` + w.farthest("n.id") + `, 0, -1 FROM ` + s.part + ` n
		GROUP BY n.key
		HAVING COUNT(*) = (SELECT z.most FROM ` + s.part + `_share z)`
}

// queue is a source in SQLite, which has no LATERAL but whose recursion takes its rows
// from a queue that may be ordered: the head of each key stands in it, the newest is
// taken, and the next of its key put in. A head that was withdrawn is found to be
// nothing when the line is looked at.
func (w walk) queue(a *args, s source) string {
	next := s.id + " " + w.after() + " n.id"
	if end := w.end(); end > 0 {
		next += " AND " + s.id + " " + w.notYet() + " " + a.add(int64(end))
	}
	return s.part + ` (key, id) AS (
			SELECT w.key, COALESCE(` + w.head(a, s) + `, ` + w.none() + `)
			FROM (` + w.alive(a, s) + `) w
			UNION ALL
			SELECT n.key, COALESCE((SELECT ` + w.extreme() + `(` + s.id + `) FROM ` + s.from + ` ` + s.key + ` = n.key AND ` + next + `), ` + w.none() + `)
			FROM ` + s.part + ` n
			WHERE n.id <> ` + w.none() + `
			ORDER BY 2 ` + w.order() + `
			LIMIT ` + a.add(w.limit) + `)`
}
