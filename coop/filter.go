// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of filters: what they cost is paid at every page of posts.
const (
	MaxFilters       = 100 // of one account
	MaxFilterTitle   = 200 // characters
	MaxKeywords      = 500 // of one account, all filters together
	MaxKeyword       = 100 // characters
	MaxFilteredPosts = 500 // of one filter
	filteredText     = 20_000
)

// FilterContext is where a filter holds.
type FilterContext string

// FilterContexts are the places where a filter may hold.
func FilterContexts() []FilterContext {
	return []FilterContext{"home", "notifications", "public", "thread", "account"}
}

// FilterAct is what is done with what a filter meets. The server only says so; the
// client does it.
type FilterAct string

// What may be done.
const (
	FilterWarn FilterAct = "warn" // fold the post away
	FilterHide FilterAct = "hide" // do not show it at all
	FilterBlur FilterAct = "blur" // hide its media
)

// Filter is what one account does not want to meet.
type Filter struct {
	ID        ID
	Owner     ID
	Title     string
	Contexts  []FilterContext
	Act       FilterAct
	ExpiresAt time.Time // zero: never
	Keywords  []FilterKeyword
	Posts     []FilterPost
}

// FilterKeyword is a word or phrase of a filter.
type FilterKeyword struct {
	ID        ID
	FilterID  ID
	Keyword   string
	WholeWord bool
}

// FilterPost is a post of a filter.
type FilterPost struct {
	ID       ID
	FilterID ID
	PostID   ID
}

// Validate complains about a filter as an [Invalid]: fields title, context,
// filter_action, keywords_attributes. It cleans title and keywords.
func (f *Filter) Validate() error {
	c := &complaints{}
	f.Title = CleanLine(f.Title, 10*MaxFilterTitle)
	c.text("title", f.Title, 1, MaxFilterTitle)
	if len(f.Contexts) == 0 {
		c.add("context", CodeRequired, "at least one place is needed")
	}
	for _, context := range f.Contexts {
		if !in(FilterContexts(), context) {
			c.add("context", CodeUnknown, "%.40q is home, notifications, public, thread or account", string(context))
		}
	}
	if !in([]FilterAct{FilterWarn, FilterHide, FilterBlur}, f.Act) {
		c.add("filter_action", CodeUnknown, "%.40q is warn, hide or blur", string(f.Act))
	}
	for i := range f.Keywords {
		f.Keywords[i].validate(c, "keywords_attributes["+strconv.Itoa(i)+"].keyword")
	}
	return c.list.Or()
}

// Validate complains about a keyword as an [Invalid] of the field keyword, and cleans
// it.
func (k *FilterKeyword) Validate() error {
	c := &complaints{}
	k.validate(c, "keyword")
	return c.list.Or()
}

func (k *FilterKeyword) validate(c *complaints, field string) {
	k.Keyword = CleanLine(k.Keyword, 10*MaxKeyword)
	c.text(field, k.Keyword, 1, MaxKeyword)
	if k.Keyword != "" && foldLine(k.Keyword) == "" {
		c.add(field, CodeFormat, "has no letter, digit or sign that could be looked for")
	}
}

// FilterMatch is what of a filter a post met.
type FilterMatch struct {
	Filter   *Filter
	Keywords []string // as they were written
	Posts    []ID
}

// FilterSet is filters made ready for many posts. Nil matches nothing.
type FilterSet struct {
	filters []readyFilter
	words   bool // there is a keyword at all
}

// readyFilter is a filter with its words folded.
type readyFilter struct {
	filter *Filter
	words  []string
	posts  map[ID]bool
}

// NewFilterSet makes filters ready; those that have expired are left out.
func NewFilterSet(filters []*Filter, now time.Time) *FilterSet {
	s := &FilterSet{}
	for _, f := range filters {
		if !f.ExpiresAt.IsZero() && !f.ExpiresAt.After(now) {
			continue
		}
		ready := readyFilter{filter: f, posts: make(map[ID]bool, len(f.Posts))}
		for _, k := range f.Keywords {
			ready.words = append(ready.words, foldLine(k.Keyword))
			s.words = true
		}
		for _, p := range f.Posts {
			ready.posts[p.PostID] = true
		}
		s.filters = append(s.filters, ready)
	}
	return s
}

// Match says which filters a post meets, by its text as readers see it, its warning
// and title, the answers of its poll and what its media show. Of very long texts the
// first twenty thousand characters count.
func (s *FilterSet) Match(p *Post) []FilterMatch {
	if s == nil || len(s.filters) == 0 {
		return nil
	}
	text := ""
	if s.words {
		text = foldLine(filterText(p))
	}
	var met []FilterMatch
	for _, f := range s.filters {
		m := FilterMatch{Filter: f.filter}
		for i, word := range f.words {
			if word != "" && meets(text, word, f.filter.Keywords[i].WholeWord) {
				m.Keywords = append(m.Keywords, f.filter.Keywords[i].Keyword)
			}
		}
		if f.posts[p.ID] {
			m.Posts = []ID{p.ID}
		}
		if len(m.Keywords)+len(m.Posts) > 0 {
			met = append(met, m)
		}
	}
	return met
}

// filterText is what a reader sees of a post.
func filterText(p *Post) string {
	parts := []string{p.Title, p.Summary}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			parts = append(parts, o.Title)
		}
	}
	for _, a := range p.Attachments {
		parts = append(parts, a.Alt)
	}
	content := p.Content
	if len(content) > 10*filteredText {
		content = strings.ToValidUTF8(content[:10*filteredText], "")
	}
	parts = append(parts, VisibleText(content))
	return Truncate(strings.Join(parts, "\n"), filteredText)
}

// foldLine is [Fold] with each run of white space as one blank.
func foldLine(s string) string { return strings.Join(strings.Fields(Fold(s)), " ") }

// meets looks for a folded word in a folded text. A whole word neither begins nor
// ends inside another; a sign at its edge, such as #, is an edge itself.
func meets(text, word string, whole bool) bool {
	if !whole {
		return strings.Contains(text, word)
	}
	for at := 0; at <= len(text); {
		i := strings.Index(text[at:], word)
		if i < 0 {
			return false
		}
		begin, end := at+i, at+i+len(word)
		if !joined(text[:begin], word) && !joined(word, text[end:]) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[begin:])
		at = begin + size
	}
	return false
}

// joined tells whether a word goes on from the end of left to the beginning of right.
func joined(left, right string) bool {
	a, _ := utf8.DecodeLastRuneInString(left)
	b, _ := utf8.DecodeRuneInString(right)
	return left != "" && right != "" && inWord(a) && inWord(b)
}

// inWord tells whether a sign is part of words.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}

// HasContext tells whether a filter holds in one of some places.
func (f *Filter) HasContext(contexts ...FilterContext) bool {
	return slices.ContainsFunc(contexts, func(c FilterContext) bool { return in(f.Contexts, c) })
}
