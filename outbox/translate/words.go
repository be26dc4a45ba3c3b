// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"html"
	"strings"
	"unicode/utf8"

	"minga/coop"
	"minga/federation/sanitize"
)

// Words are what is read of a post. What is empty stays so.
type Words struct {
	Title   string   // plain text
	Summary string   // plain text: a content warning, or an article's summary
	Parts   []string // clean HTML
	Options []string // of its poll, plain text
	Alts    []string // descriptions of its files, plain text
}

// Of are the words of a post where it stands among others: of an article its title and
// summary, of anything else its text, with answers and files.
func Of(p *coop.Post) Words {
	w := Words{Summary: p.Summary, Parts: []string{p.Content}}
	if p.Kind == coop.KindArticle {
		w.Title, w.Parts = p.Title, nil
	}
	if p.Poll != nil {
		for _, option := range p.Poll.Options {
			w.Options = append(w.Options, option.Title)
		}
	}
	for _, a := range p.Attachments {
		w.Alts = append(w.Alts, a.Alt)
	}
	return w
}

// Whole are the words of a post on a page of its own: of a job what it says besides its
// facts, of an article all of it.
func Whole(p *coop.Post) Words {
	w := Of(p)
	switch {
	case p.Job != nil:
		w = Words{Title: p.Job.Title, Parts: []string{p.Job.Description, p.Job.Responsibilities, p.Job.Qualifications}}
	case p.Kind == coop.KindArticle:
		w.Parts = []string{p.Content}
	default:
		w.Title = p.Title
	}
	return w
}

// Bounds of what is sent for one post: a page of dense text, at a machine's pace.
const (
	mostSent  = 48 << 10 // bytes
	mostTexts = 100
)

// slot is one of the words, and whether it is HTML.
type slot struct {
	text  *string
	marks bool
}

// slots are the words that are not empty, always in the same order.
func (w *Words) slots() (list []slot) {
	add := func(marks bool, texts ...*string) {
		for _, text := range texts {
			if strings.TrimSpace(*text) != "" {
				list = append(list, slot{text, marks})
			}
		}
	}
	add(false, &w.Title, &w.Summary)
	for i := range w.Parts {
		add(true, &w.Parts[i])
	}
	for i := range w.Options {
		add(false, &w.Options[i])
	}
	for i := range w.Alts {
		add(false, &w.Alts[i])
	}
	return list
}

// clone is a copy that shares nothing.
func (w Words) clone() Words {
	w.Parts = append([]string(nil), w.Parts...)
	w.Options = append([]string(nil), w.Options...)
	w.Alts = append([]string(nil), w.Alts...)
	return w
}

// size is how many bytes all of it has.
func (w *Words) size() (n int) {
	for _, s := range w.slots() {
		n += len(*s.text)
	}
	return n
}

// key is a hash of words and languages: the same for the same words alone.
func (w *Words) key(source, target string) (sum [sha256.Size]byte) {
	h := sha256.New()
	add := func(text string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:])
		h.Write([]byte(text))
	}
	add(source)
	add(target)
	add(w.Title)
	add(w.Summary)
	for _, list := range [][]string{w.Parts, w.Options, w.Alts} {
		add(strings.Repeat("+", len(list)))
		for _, text := range list {
			add(text)
		}
	}
	h.Sum(sum[:0])
	return sum
}

// outgoing is a text as it is sent: all of it is HTML, so that one request will do.
func (s slot) outgoing() string {
	if s.marks {
		return *s.text
	}
	return strings.ReplaceAll(html.EscapeString(*s.text), "\n", "<br>")
}

// errAnswer says that an answer is none that can be shown.
var errAnswer = errors.New("the answer is no translation of what was sent")

// takeIn puts the translation of a text in its place, clean and with the links of the
// original. What is much longer than that was no translation.
func (s slot) takeIn(text string) error {
	if !utf8.ValidString(text) || len(text) > 6*len(s.outgoing())+2000 || blank(text) {
		return errAnswer
	}
	clean := ""
	if s.marks {
		clean = mend(*s.text, text)
	} else {
		clean = coop.CleanText(sanitize.Text(text), 4*len(*s.text)+200)
	}
	if blank(clean) {
		return errAnswer
	}
	if !s.marks && !strings.Contains(*s.text, "\n") {
		clean = strings.Join(strings.Fields(clean), " ")
	}
	*s.text = clean
	return nil
}

// blank tells HTML without a word.
func blank(text string) bool { return strings.TrimSpace(sanitize.Text(text)) == "" }

// coopLine is a line of somebody else's, short, for logs and people.
func coopLine(text string) string { return coop.CleanLine(text, 200) }
