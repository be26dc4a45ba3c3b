// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// MaxDepth is how many elements may be inside each other; deeper ones are dropped
// and their text stays.
const MaxDepth = 32

// inline and block are the elements of FEP-b2b8 without media: remote pictures
// would tell their server who reads.
var elements = []string{
	"p", "span", "br", "a", "del", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote",
	"h1", "h2", "h3", "h4", "h5", "h6", "hr", "s", "sub", "sup", "small", "ruby", "rt", "rp",
	"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
}

var (
	number  = regexp.MustCompile(`^-?[0-9]{1,9}$`)
	words   = regexp.MustCompile(`^[A-Za-z0-9 _-]{1,400}$`)
	no      = regexp.MustCompile(`^no$`)
	boolean = regexp.MustCompile(`^(reversed)?$`)
)

// policy is made once: bluemonday's tables are only read afterwards.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(elements...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("class", "rel").Matching(words).OnElements("a", "span")
	p.AllowAttrs("class").Matching(words).OnElements("p", "code", "blockquote")
	p.AllowAttrs("translate").Matching(no).OnElements("span", "a")
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("reversed").Matching(boolean).OnElements("ol")
	p.AllowAttrs("value").Matching(number).OnElements("li")
	p.AllowNoAttrs().OnElements("span", "a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	p.AddSpaceWhenStrippingTag(true)
	return p
})

// brief is for the fields of a job: what every job site reads.
var brief = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "ul", "ol", "li", "strong", "em", "a", "br")
	p.AllowAttrs("href").OnElements("a")
	p.AllowNoAttrs().OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(false)
	p.AddSpaceWhenStrippingTag(true)
	return p
})

// bare is what search engines read of a job's text.
var bare = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "ul", "li", "br")
	p.AddSpaceWhenStrippingTag(true)
	return p
})
