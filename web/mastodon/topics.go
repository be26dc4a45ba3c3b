// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// topicJSON is what articles are about: a topic of the federation's list has an account
// that can be followed; other words have none.
type topicJSON struct {
	ID        entity.ID   `json:"id"` // of the account; null: only a word
	Name      string      `json:"name"`
	Acct      entity.Null `json:"acct"`
	URI       entity.Null `json:"uri"`
	Articles  int         `json:"articles"`
	Following bool        `json:"following"`
}

// listTopics answers GET /api/v1/minga/topics: what the articles that everybody may
// read are about, those with most articles first, and the topics of the federation's
// list that have none yet; `q` narrows to names that begin with it. Pages by `offset`.
func (f *Face) listTopics(c *gin.Context) error {
	ctx := c.Request.Context()
	limit, offset := offsetOf(c, 40, 80)
	counts, err := f.Store.Topics(ctx, c.Query("q"), limit+1, offset)
	if err != nil {
		return err
	}
	if len(counts) > limit {
		counts = counts[:limit]
		f.linkOffset(c, offset+limit)
	}
	out, err := f.topics(ctx, auth.Viewer(c), counts, c.Query("q") == "" && offset == 0)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// topics joins words with the accounts of the federation's list; bare adds those that no
// article names.
func (f *Face) topics(ctx context.Context, v coop.Viewer, counts []storage.TopicCount, bare bool) ([]topicJSON, error) {
	listed, err := f.Store.LocalAccounts(ctx, coop.Topic, coop.Page{Limit: mostTopics})
	if err != nil {
		return nil, err
	}
	byName := map[string]*coop.Account{}
	for _, a := range listed {
		if !a.Gone() {
			byName[coop.Fold(a.DisplayName)] = a
		}
	}
	following, err := f.following(ctx, v, listed)
	if err != nil {
		return nil, err
	}
	out := []topicJSON{}
	for _, t := range counts {
		shown := topicJSON{Name: t.Name, Articles: t.Articles}
		if a := byName[coop.Fold(t.Name)]; a != nil {
			delete(byName, coop.Fold(t.Name))
			shown = f.topic(a, t.Articles, following[a.ID])
		}
		out = append(out, shown)
	}
	for _, a := range listed {
		if bare && byName[coop.Fold(a.DisplayName)] == a {
			out = append(out, f.topic(a, 0, following[a.ID]))
		}
	}
	return out, nil
}

// mostTopics is how many topics of the federation's list are looked at.
const mostTopics = 500

// topic shows a topic of the federation's list.
func (f *Face) topic(a *coop.Account, articles int, following bool) topicJSON {
	return topicJSON{entity.ID(a.ID), a.DisplayName, entity.Null(f.acct(a)), entity.Null(string(a.IRI)), articles, following}
}

// following tells which of some accounts the viewer follows.
func (f *Face) following(ctx context.Context, v coop.Viewer, accounts []*coop.Account) (map[coop.ID]bool, error) {
	found := map[coop.ID]bool{}
	if v.Class != coop.ViewerAccount || len(accounts) == 0 {
		return found, nil
	}
	ids := make([]coop.ID, len(accounts))
	for i, a := range accounts {
		ids[i] = a.ID
	}
	relations, err := f.Store.Relationships(ctx, v.Account, ids, false)
	for id, r := range relations {
		found[id] = r.Following
	}
	return found, err
}

// createTopic puts a topic on the federation's list: POST /api/v1/minga/topics with
// `name`, `note` and `language`, by whoever speaks for the federation.
func (f *Face) createTopic(c *gin.Context) error {
	if err := f.leads(c); err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	name, note, language := in.Text("name"), in.Text("note"), in.Text("language")
	if err := in.Err(); err != nil {
		return err
	}
	a, err := f.Outbox.NewTopic(c.Request.Context(), name, note, language)
	if err != nil {
		return err
	}
	return f.showTopic(c, a)
}

// followTopic follows a topic, or ends that: POST, DELETE
// /api/v1/minga/topics/:id/follow. What it announces then stands in the home timeline.
func (f *Face) followTopic(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	ctx, self := c.Request.Context(), auth.Account(c)
	topic, err := f.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	if topic.Kind != coop.Topic || topic.Gone() {
		return fmt.Errorf("topic %s: %w", id, coop.ErrNotFound)
	}
	if c.Request.Method == http.MethodDelete {
		err = f.Outbox.Unfollow(ctx, self, topic)
	} else {
		err = f.Outbox.FollowWith(ctx, self, topic, coop.FollowOptions{Boosts: true})
	}
	if err != nil {
		return err
	}
	return f.showTopic(c, topic)
}

// showTopic answers one topic.
func (f *Face) showTopic(c *gin.Context, a *coop.Account) error {
	ctx := c.Request.Context()
	following, err := f.following(ctx, auth.Viewer(c), []*coop.Account{a})
	if err != nil {
		return err
	}
	counts, err := f.Store.Topics(ctx, a.DisplayName, 1, 0)
	if err != nil {
		return err
	}
	articles := 0
	for _, t := range counts {
		if coop.Fold(t.Name) == coop.Fold(a.DisplayName) {
			articles = t.Articles
		}
	}
	c.JSON(http.StatusOK, f.topic(a, articles, following[a.ID]))
	return nil
}

// linkOffset names the next page of a list that is paged by an offset.
func (f *Face) linkOffset(c *gin.Context, offset int) {
	q := c.Request.URL.Query()
	q.Set("offset", strconv.Itoa(offset))
	address := url.URL{Scheme: f.Scheme, Host: f.Host, Path: c.Request.URL.Path, RawQuery: q.Encode()}
	c.Header("Link", fmt.Sprintf(`<%s>; rel="next"`, address.String()))
}
