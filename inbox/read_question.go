// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"minga/coop"
	"minga/federation/document"
)

// maxVotes is the highest count that is believed.
const maxVotes = 1_000_000_000

// readPoll reads what may be chosen and the counts that the origin tells (FEP-9967);
// nil where there is nothing to choose. Counts that it keeps to itself until the end
// stay hidden here too.
func (in *Inbox) readPoll(doc *document.Object) *coop.Poll {
	now := in.now()
	q := doc.Question(now)
	if q == nil {
		return nil
	}
	p := &coop.Poll{Multiple: q.Multiple, Ends: q.Ends, Closed: q.Closed, Voters: told(q.Voters), FetchedAt: now, HideTotals: true}
	if !p.Closed.IsZero() && (p.Ends.IsZero() || p.Closed.Before(p.Ends)) {
		p.Ends = p.Closed
	}
	for _, o := range q.Options {
		title := coop.CleanLine(o.Name, document.MaxName)
		if title == "" || p.Option(title) >= 0 {
			continue
		}
		option := coop.PollOption{Title: title, Votes: told(o.Votes)}
		if o.Name != title {
			option.Name = o.Name
		}
		p.Options = append(p.Options, option)
		p.HideTotals = p.HideTotals && o.Votes < 0
	}
	if len(p.Options) == 0 {
		return nil
	}
	return p
}

// told is a count as a poll keeps it.
func told(n int64) int {
	if n < 0 {
		return coop.UnknownVotes
	}
	return int(min(n, maxVotes))
}

// readQuote is the post that an object quotes: by FEP-044f, or by one of the words
// that were there before.
func readQuote(doc *document.Object) coop.IRI {
	for _, member := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
		if id := doc.Ref(member).ID; id != "" && id != doc.ID() {
			return coop.IRI(id)
		}
	}
	for _, l := range doc.Tags().Links {
		if l.Quotes() {
			return coop.IRI(l.Href)
		}
	}
	return ""
}

// readEmojis reads the pictures for words; the files stay where they are.
func readEmojis(list []document.Emoji) []coop.Emoji {
	var kept []coop.Emoji
	seen := map[string]bool{}
	for _, e := range list {
		u := webAddress(e.URL)
		if u == "" || !coop.ValidShortcode(e.Name) || seen[e.Name] || len(kept) == coop.MaxEmoji {
			continue
		}
		seen[e.Name] = true
		kept = append(kept, coop.Emoji{Shortcode: e.Name, URL: u})
	}
	return kept
}
