// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
	"minga/web/respond"
)

// feed is a list for feed readers, in whatever format.
type feed struct {
	Title, Language   string
	Page, Self        string // absolute
	Updated           time.Time
	Items             []feedItem
	Author, AuthorURL string
	Jobs              []*coop.Post // of which tables are made
}

// feedItem is one entry. The id is the object's name on the network: it stays.
type feedItem struct {
	ID, URL, Title, Language string
	Summary                  string // plain text
	HTML                     string // clean
	Author, AuthorURL        string
	Published, Updated, Ends time.Time
	Tags                     []string
	Job                      bool
}

// mostRows is how many jobs a table or the file of an aggregator has.
const mostRows = 80

// mostItems is how many entries a feed has.
const mostItems = 40

// jobFeed answers /jobs.atom and its like: the same search as the board, open jobs
// only, the newest first where nothing else was asked.
func (f *Face) jobFeed(format string) respond.Handler {
	return func(c *gin.Context) error {
		query := coop.ParseJobQuery(c.Request.URL.Query())
		query.Archive = false
		asked, most := query.Values(), mostItems
		if format == "csv" || format == "xml" {
			most = mostRows
		}
		if c.Query("order") == "" {
			query.Order = coop.OrderNewest
		}
		list, err := f.Store.SearchJobs(c.Request.Context(), anybody(), query, storage.JobPage{Limit: most, Domain: f.AccountDomain})
		if err != nil {
			return err
		}
		t := f.tongueOf(c)
		return f.answerFeed(c, format, feed{
			Title: t.T("jobs_title") + " · " + f.federationName(c), Language: t.Lang,
			Page: f.root() + withQuery("/jobs", asked), Self: f.root() + withQuery("/jobs."+format, asked),
			Items: f.feedItems(current(list.Posts, f.Now())), Jobs: current(list.Posts, f.Now()),
		})
	}
}

// tagFeed answers /tags/T.atom and its like.
func (f *Face) tagFeed(c *gin.Context, tag, format string) error {
	posts, _, err := f.list(c.Request.Context(), storage.PostQuery{Hashtag: tag, Listed: true, OpenJobs: true}, coop.Page{Limit: mostItems})
	if err != nil {
		return err
	}
	page := f.root() + tagPath(tag)
	return f.answerFeed(c, format, feed{
		Title: "#" + tag + " · " + f.federationName(c), Language: f.tongueOf(c).Lang, Page: page, Self: page + "." + format, Items: f.feedItems(posts),
	})
}

// accountFeed answers /@name.atom and its like: what an account published, and
// what a board or federation brought.
func (f *Face) accountFeed(c *gin.Context, a *coop.Account, format string) error {
	q := storage.PostQuery{Authors: []coop.ID{a.ID}, Listed: true, NoReplies: true, OpenJobs: true}
	if a.Kind == coop.Board || a.Kind == coop.Federation {
		q = storage.PostQuery{Via: a.ID, Listed: true, OpenJobs: true}
	}
	posts, _, err := f.list(c.Request.Context(), q, coop.Page{Limit: mostItems})
	if err != nil {
		return err
	}
	who := f.person(a)
	page := f.root() + who.URL
	return f.answerFeed(c, format, feed{
		Title: who.Name, Language: a.Language, Page: page, Self: page + "." + format, Items: f.feedItems(posts), Author: who.Name, AuthorURL: page,
	})
}

// feedItems are posts as entries.
func (f *Face) feedItems(posts []*coop.Post) []feedItem {
	items := make([]feedItem, 0, len(posts))
	for _, p := range posts {
		who := f.person(p.Author)
		item := feedItem{
			ID: string(p.IRI), URL: f.root() + f.pathOf(p), Title: p.Title, Language: p.Language, Summary: p.Summary, HTML: sanitize.Own(p.Content),
			Author: who.Name, AuthorURL: f.root() + who.URL, Published: p.Published.UTC(), Updated: lastChange(p).UTC(), Tags: tagsOf(p),
		}
		switch {
		case p.Job != nil:
			item.Job, item.Title, item.Ends = true, p.Job.Title, p.Job.ValidThrough.UTC()
			item.Summary = excerpt(p.Content, 500)
			item.HTML += sanitize.Own(p.Job.Description)
		case p.Request != nil:
			item.Title, item.Ends, item.Summary = p.Request.Title, p.Request.RespondBy.UTC(), excerpt(p.Content, 500)
			item.HTML += sanitize.Own(p.Request.Description)
		case p.Article == nil:
			item.Title = excerpt(p.Content, 80)
			if p.Summary != "" {
				item.Title = p.Summary
			}
		}
		if item.Title == "" {
			item.Title = item.URL
		}
		items = append(items, item)
	}
	return items
}

// answerFeed writes a feed. It has an ETag and no Last-Modified: when a job closes,
// the newest date in the feed does not change, but the feed must.
func (f *Face) answerFeed(c *gin.Context, format string, list feed) error {
	list.Updated = f.feedUpdated(c.Request.Context(), list.Items)
	var body []byte
	var mediaType string
	var err error
	switch format {
	case "atom":
		mediaType = "application/atom+xml; charset=utf-8"
		body, err = markup(newAtom(list))
	case "rss":
		mediaType = "application/rss+xml; charset=utf-8"
		body, err = markup(newRSS(list))
	case "json":
		mediaType = "application/feed+json; charset=utf-8"
		body, err = json.Marshal(newJSONFeed(list))
	case "ics":
		mediaType = "text/calendar; charset=utf-8"
		body = calendar(list)
	case "csv":
		mediaType = "text/csv; charset=utf-8; header=present"
		body, err = f.jobTable(list.Jobs)
	case "xml":
		mediaType = "application/xml; charset=utf-8"
		body, err = markup(f.newJobSource(list, list.Jobs))
	default:
		return fmt.Errorf("feed %q: %w", format, coop.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("write feed %s: %w", list.Self, err)
	}
	header := c.Writer.Header()
	header.Add("Vary", "Accept-Language, Cookie")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", always)
	}
	send(c, http.StatusOK, mediaType, fingerprint(body), body, nil)
	return nil
}

// feedUpdated is the newest change; of an empty feed, that of the federation.
func (f *Face) feedUpdated(ctx context.Context, items []feedItem) time.Time {
	newest := time.Time{}
	for _, item := range items {
		if item.Updated.After(newest) {
			newest = item.Updated
		}
	}
	if !newest.IsZero() {
		return newest
	}
	if a, err := f.Store.FederationAccount(ctx); err == nil {
		return a.CreatedAt.UTC()
	}
	return time.Unix(0, 0).UTC()
}

// markup writes XML with its declaration. What XML cannot hold becomes U+FFFD.
func markup(v any) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	err := xml.NewEncoder(&out).Encode(v)
	return out.Bytes(), err
}
