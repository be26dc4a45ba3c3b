// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// siteMap is a list of pages for search engines (sitemaps.org): only what is
// public, ours, current, and of authors who want to be found.
type siteMap struct {
	XMLName xml.Name  `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []siteURL `xml:"url"`
}

type siteURL struct {
	Loc     string `xml:"loc"`
	Changed string `xml:"lastmod,omitempty"`
}

// mostMapped is how many of each kind are listed, the newest first.
const mostMapped = 1000

// sitemap answers /sitemap.xml.
func (f *Face) sitemap(c *gin.Context) error {
	list := siteMap{}
	for _, path := range []string{"/", "/jobs", "/library", "/about"} {
		list.add(f.root()+path, time.Time{})
	}
	if err := f.mapPosts(c.Request.Context(), &list); err != nil {
		return err
	}
	if err := f.mapAccounts(c.Request.Context(), &list); err != nil {
		return err
	}
	body, err := markup(list)
	if err != nil {
		return fmt.Errorf("write sitemap: %w", err)
	}
	c.Header("Cache-Control", always)
	send(c, http.StatusOK, "application/xml; charset=utf-8", fingerprint(body), body, nil)
	return nil
}

func (m *siteMap) add(address string, changed time.Time) {
	u := siteURL{Loc: address}
	if !changed.IsZero() {
		u.Changed = changed.UTC().Format(time.RFC3339)
	}
	m.URLs = append(m.URLs, u)
}

// mapPosts adds open jobs and published articles of ours.
func (f *Face) mapPosts(ctx context.Context, list *siteMap) error {
	for _, kind := range []coop.PostKind{coop.KindJob, coop.KindArticle} {
		posts, err := f.Store.Posts(ctx, anybody(), storage.PostQuery{Kinds: []coop.PostKind{kind}, LocalOnly: true, Listed: true, OpenJobs: true}, coop.Page{Limit: mostMapped})
		if err != nil {
			return err
		}
		for _, p := range current(posts, f.Now()) {
			if p.Author != nil && p.Author.Indexable {
				list.add(f.root()+f.pathOf(p), lastChange(p))
			}
		}
	}
	return nil
}

// mapAccounts adds the profiles of those who want to be found (FEP-5feb).
func (f *Face) mapAccounts(ctx context.Context, list *siteMap) error {
	accounts, err := f.Store.LocalAccounts(ctx, "", coop.Page{Limit: mostMapped})
	for _, a := range accounts {
		if a.Indexable && !a.Gone() && a.Kind != coop.Instance {
			list.add(f.root()+f.profileOf(a), a.UpdatedAt)
		}
	}
	return err
}
