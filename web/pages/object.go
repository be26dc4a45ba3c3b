// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// Object answers an object's own address with its page: a job, an article, a post
// of ours. An actor's leads to its profile, a list's to the list for people. What
// may not be seen is [coop.ErrNotFound], what was withdrawn [coop.ErrGone].
func (f *Face) Object(c *gin.Context) error {
	ctx, path := c.Request.Context(), c.Request.URL.EscapedPath()
	if request, key, ok := strings.Cut(path, "/slots/"); ok && strings.HasPrefix(path, requestsPath+"/") {
		c.Redirect(http.StatusFound, request+"#slot-"+key)
		return nil
	}
	iri := coop.IRI(f.root() + path)
	if a, err := f.Store.AccountByIRI(ctx, iri); err == nil && a.Local {
		return f.toProfile(c, a)
	}
	if owner, list, ok := cutLast(path); ok && list == "jobs" {
		if a, err := f.Store.AccountByIRI(ctx, coop.IRI(f.root()+owner)); err == nil && a.Local && !a.Gone() {
			return f.toBoard(c, a)
		}
	}
	if strings.HasPrefix(path, "/federation/memberships/") {
		return f.membershipPage(c, iri)
	}
	p, err := f.Store.PostByIRI(ctx, anybody(), iri)
	if err != nil {
		p, err = f.forMembers(c, err, func(ctx context.Context, v coop.Viewer) (*coop.Post, error) { return f.Store.PostByIRI(ctx, v, iri) })
	}
	if err != nil {
		return f.orReview(c, iri, err)
	}
	switch {
	case !p.Local:
		return fmt.Errorf("post %s is of another server: %w", iri, coop.ErrNotFound)
	case p.Job != nil:
		return f.showJob(c, p)
	case p.Article != nil:
		return f.showArticle(c, p)
	case p.Decision != nil && p.Poll != nil:
		return f.showDecision(c, p)
	}
	return f.showPost(c, p)
}

// toProfile leads from an actor to its page.
func (f *Face) toProfile(c *gin.Context, a *coop.Account) error {
	if _, err := f.byHandle(c.Request.Context(), a.Name); err != nil && a.Kind != coop.Instance {
		return err
	}
	if page, own := strings.CutPrefix(a.URL, f.root()+"/jobs?"); own && a.Kind == coop.Search {
		c.Redirect(http.StatusFound, "/jobs?"+page)
		return nil
	}
	c.Redirect(http.StatusFound, withQuery(f.profileOf(a), c.Request.URL.Query()))
	return nil
}

// toBoard leads from a collection of jobs to the board.
func (f *Face) toBoard(c *gin.Context, a *coop.Account) error {
	q := url.Values{}
	if a.Kind == coop.Coop {
		q.Set("coop", a.Name)
	}
	c.Redirect(http.StatusFound, withQuery("/jobs", q))
	return nil
}

// cutLast parts a path at its last slash.
func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}
