// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
)

// An account is found by the beginning of its handle and of the words of its names.
// Both engines keep these words, folded, in a table with an index: it is asked with
// each letter that somebody types after an @, and a prefix of an index answers that
// faster than a full-text search does.

// mostNameWords is how many words of a name are kept.
const mostNameWords = 20

// endOfText sorts after every text that begins alike: no letter follows it in UTF-8.
const endOfText = "\U0010FFFF"

// handleWord is the word of a handle; one of this instance ends in @.
func handleWord(a *coop.Account) string {
	return coop.Truncate(coop.Fold(a.Name), 200) + "@" + coop.Truncate(strings.ToLower(a.Host), 250)
}

// accountWords are what an account is found by, its handle first.
func accountWords(a *coop.Account) []string {
	words := slices.Concat([]string{handleWord(a)}, coop.Words(a.Name), coop.Words(a.DisplayName))
	words = unique(words)
	return words[:min(len(words), mostNameWords)]
}

// putAccountWords keeps what an account is found by. Most accounts are saved again as
// they were, and then nothing is written.
func (tx *Tx) putAccountWords(ctx context.Context, a *coop.Account) error {
	known, err := all(ctx, tx.reader, scanText, `SELECT word FROM account_words WHERE account_id = $1`, int64(a.ID))
	if err != nil {
		return fmt.Errorf("words of account %s: %w", a.IRI, err)
	}
	words := accountWords(a)
	for _, word := range known {
		if slices.Contains(words, word) {
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM account_words WHERE account_id = $1 AND word = $2`, int64(a.ID), word); err != nil {
			return fmt.Errorf("words of account %s: %w", a.IRI, err)
		}
	}
	for _, word := range words {
		if slices.Contains(known, word) {
			continue
		}
		if _, err := tx.insert(ctx, "account_words", []column{{"account_id", int64(a.ID)}, {"word", word}}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// AccountSearch says which accounts are wanted.
type AccountSearch struct {
	Text      string // the beginning of a handle or of words of a name, as typed
	Following bool   // only whom the viewer follows
	Limit     int    // 20 when 0, 80 at most
	Offset    int    // how many are left out at the top
}

// mostFound bounds how many accounts are ranked for one answer.
const mostFound = 1000

// SearchAccounts finds accounts by the beginning of their handle or of the words of
// their names: whom the viewer follows first, then whose handle it is letter for
// letter, then those with most followers. Whoever does not want to be found is found by
// whom follows it, by its whole handle, and by members of this instance by the
// beginning of its handle: they could write to it anyway. Between whom and the viewer a
// block stands is left out.
func (r reader) SearchAccounts(ctx context.Context, v coop.Viewer, q AccountSearch) ([]*coop.Account, error) {
	words := typedWords(q.Text)
	if len(words) == 0 {
		return nil, nil
	}
	if q.Limit <= 0 {
		q.Limit = 20
	}
	words, err := r.rarestFirst(ctx, words)
	if err != nil {
		return nil, fmt.Errorf("search accounts: %w", err)
	}
	a := args{int64(v.Account), words[0], words[0] + endOfText}
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM (
			SELECT c.id, MAX(c.followed) AS followed, MAX(c.handle) AS handle
			FROM (`+foundWords(&a, words[1:], q)+`) c
			GROUP BY c.id) m
		JOIN accounts a ON a.id = m.id
		LEFT JOIN account_counts n ON n.account_id = a.id
		WHERE `+r.standsHere(&a, v, "a")+` AND `+mayBeFound(&a, v, words[0])+`
		ORDER BY m.followed DESC, CASE WHEN a.handle = `+a.add(strings.TrimSuffix(words[0], "@"))+` THEN 0 ELSE 1 END,
			COALESCE(n.followers, 0) DESC, a.id
		LIMIT `+a.add(min(q.Limit, 80))+` OFFSET `+a.add(q.Offset), a...)
	if err != nil {
		return nil, fmt.Errorf("search accounts: %w", err)
	}
	return list, nil
}

// rarestFirst puts the word that fewest accounts have in front, as far as that can be
// told by counting a few: the others are asked of those accounts alone.
func (r reader) rarestFirst(ctx context.Context, words []string) ([]string, error) {
	if len(words) == 1 {
		return words, nil
	}
	var a args
	counts := ""
	for i, word := range words {
		if i > 0 {
			counts += " UNION ALL "
		}
		counts += `
			SELECT CAST(` + a.add(word) + ` AS TEXT) AS word, COUNT(*) AS n
			FROM (SELECT 1 FROM account_words w WHERE w.word >= ` + a.add(word) + ` AND w.word < ` + a.add(word+endOfText) + ` LIMIT ` + a.add(mostFound) + `) c`
	}
	return all(ctx, r, scanText, `SELECT k.word FROM (`+counts+`) k ORDER BY k.n, k.word`, a...)
}

// typedWords are the words of what was typed, or a handle with a host.
func typedWords(text string) []string {
	text = strings.TrimPrefix(strings.TrimSpace(text), "@")
	if name, host, whole := strings.Cut(text, "@"); whole {
		return []string{coop.Truncate(coop.Fold(name), 200) + "@" + coop.Truncate(strings.ToLower(strings.TrimSpace(host)), 250)}
	}
	words := unique(coop.Words(text))
	return words[:min(len(words), 5)]
}

// foundWords are the accounts with a word that begins with $2 (and ends before $3), and
// with such a word for each of the others; whom the viewer $1 follows are all among
// them, of others a bounded number.
func foundWords(a *args, others []string, q AccountSearch) string {
	also := ""
	for _, word := range others {
		also += ` AND EXISTS (
			SELECT 1 FROM account_words o
			WHERE o.account_id = w.account_id AND o.word >= ` + a.add(word) + ` AND o.word < ` + a.add(word+endOfText) + `)`
	}
	const handle = `CASE WHEN w.word LIKE '%@%' THEN 1 ELSE 0 END AS handle`
	followed := `
		SELECT w.account_id AS id, 1 AS followed, ` + handle + `
		FROM follows f
		JOIN account_words w ON w.account_id = f.target_id
		WHERE f.follower_id = $1 AND f.state = 'accepted' AND w.word >= $2 AND w.word < $3` + also
	if q.Following {
		return followed
	}
	return followed + `
		UNION ALL
		SELECT any_of.id, 0, any_of.handle
		FROM (
			SELECT w.account_id AS id, ` + handle + `
			FROM account_words w
			WHERE w.word >= $2 AND w.word < $3` + also + `
			ORDER BY w.word
			LIMIT ` + a.add(mostFound) + `) any_of`
}

// mayBeFound is the condition that the account a, found as m, may be shown to who asks.
func mayBeFound(a *args, v coop.Viewer, word string) string {
	name, host, _ := strings.Cut(word, "@")
	where := "(a.discoverable OR a.kind <> 'person' OR a.handle = " + a.add(name) + " AND a.host = " + a.add(host)
	if v.Class == coop.ViewerAccount {
		where += " OR m.followed = 1 OR m.handle = 1 OR a.id = $1"
	}
	return where + ")"
}
