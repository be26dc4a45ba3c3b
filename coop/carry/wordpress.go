// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"minga/coop"
)

// What WordPress exports (Tools, Export: WXR, which is RSS with members of its own) becomes
// articles: each post one, with its categories and tags as topics. Pages, menus, comments,
// what lies in the bin and older versions stay out.

// MaxWordPress is how many posts an export holds at most.
const MaxWordPress = 20_000

// WordPress gives every post of an export with its place among all things of the file, from
// 1; an empty problem says that it could be read. lang and licence are those of an export
// that says none: WordPress knows no licence. Complaints are those of [eachThing].
func WordPress(from io.Reader, lang, licence string, take func(n int, a Article, problem Problem) error) error {
	posts := 0
	return eachThing(from, []string{"item"}, func(head, t *thing) error {
		if t.text("wp:post_type") != "post" || wordPressGone[t.text("wp:status")] {
			return nil
		}
		if posts++; posts > MaxWordPress {
			return fmt.Errorf("more than %d posts: %w", MaxWordPress, coop.ErrTooLarge)
		}
		a, problem := wordPressArticle(head, t, lang, licence)
		return take(t.number, a, problem)
	})
}

// wordPressGone are states of what nobody has any more, or nobody began.
var wordPressGone = map[string]bool{"trash": true, "auto-draft": true, "inherit": true}

// wordPressArticle is a post as an article. What was not public there, or asked for a
// password, is a draft here whatever else is asked for.
func wordPressArticle(head, t *thing, lang, licence string) (Article, Problem) {
	link := string(originOf(t.text("link")))
	a := Article{
		Name: "post " + strconv.Itoa(t.number), Title: coop.CleanLine(plainOf(t.text("title")), 150), License: licence, Origin: coop.IRI(link),
		Language: languageOr(head.text("language"), lang), Key: coop.CleanLine(t.text("guid"), maxTarget),
		Draft: t.text("wp:status") != "publish" || t.text("wp:post_password") != "", Topics: t.categories(),
	}
	if name := coop.CleanLine(t.text("wp:post_name"), 200); name != "" {
		a.Name = name
	}
	if a.Key == "" {
		a.Key = head.text("wp:base_blog_url", "link") + " " + t.text("wp:post_id")
	}
	for _, text := range []string{t.text("wp:post_date"), t.text("pubDate")} {
		if at, _, ok := momentOf(text); ok && a.Date == "" {
			a.Date = at.Format(time.DateOnly)
		}
	}
	source := t.text("content:encoded")
	if len(source) > 2*coop.MaxArticleBytes {
		return a, BadLength
	}
	blocks := strings.Contains(source, "<!-- wp:") || strings.Contains(source, "<p>") || strings.Contains(source, "<p ")
	if a.Text = MarkdownOf(shortcodes.ReplaceAllString(source, ""), link, !blocks); a.Text == "" {
		return a, BadEmpty
	}
	if len(a.Text) > coop.MaxArticleBytes {
		return a, BadLength
	}
	if a.Summary = strings.Join(strings.Fields(plainOf(t.text("excerpt:encoded"))), " "); a.Summary == "" {
		a.Summary, _, _ = strings.Cut(coop.VisibleText(shortcodes.ReplaceAllString(source, "")), "\n")
	}
	a.Summary = coop.Shorten(coop.CleanText(a.Summary, 4000), 500)
	return a, ""
}

// shortcodes are words in brackets that WordPress itself replaces by something else; what
// stands between two of them stays.
var shortcodes = regexp.MustCompile(`\[/?(?:caption|wp_caption|gallery|embed|audio|video|playlist)(?:\s[^\]]*)?\]`)

// mostTopics is how many topics an article takes from elsewhere.
const mostTopics = 20

// categories are the categories and tags of a post, but for the one that WordPress gives
// to what has none.
func (t *thing) categories() (topics []string) {
	seen := map[string]bool{}
	for _, f := range t.fields {
		domain, name := f.attr["domain"], coop.CleanLine(plainOf(string(f.text)), 100)
		if f.name != "category" || domain != "category" && domain != "post_tag" || f.attr["nicename"] == "uncategorized" || name == "" {
			continue
		}
		if key := strings.ToLower(name); !seen[key] && len(topics) < mostTopics {
			seen[key] = true
			topics = append(topics, name)
		}
	}
	return topics
}
