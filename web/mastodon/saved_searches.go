// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// savedSearchRoutes are the searches that an account saved.
func (f *Face) savedSearchRoutes() []auth.Route {
	const path = "/v1/minga/searches"
	routes := []auth.Route{
		f.own(path, scopeRead, f.savedSearches),
		f.own(path+"/:id", scopeRead, f.savedSearch),
		f.write("POST", path, scopeWrite, auth.LimitPosts, f.saveSearch),
		f.write("DELETE", path+"/:id", scopeWrite, auth.LimitAPI, f.forgetSearch),
		f.write("POST", path+"/:id/feed", scopeWrite, auth.LimitAPI, f.feedSearch),
		f.write("DELETE", path+"/:id/feed", scopeWrite, auth.LimitAPI, f.feedSearch),
		f.write("POST", path+"/:id/account", scopeWrite, auth.LimitPosts, f.followableSearch),
	}
	return append(routes, f.update(path+"/:id", scopeWrite, auth.LimitAPI, f.changeSearch)...)
}

// searchJSON is a saved search. What is secret of it is for who saved it alone.
type searchJSON struct {
	ID            entity.ID    `json:"id"`
	Name          string       `json:"name"`
	Query         string       `json:"query"`
	URL           string       `json:"url"`
	Notifications bool         `json:"notifications"`
	Mail          entity.Null  `json:"mail"`
	Webhook       entity.Null  `json:"webhook"`
	WebhookSecret entity.Null  `json:"webhook_secret"`
	FailingSince  *entity.Time `json:"webhook_failing_since"`
	Feed          entity.Null  `json:"feed"`
	Account       *searchActor `json:"account"`
	LastMatchAt   *entity.Time `json:"last_match_at"`
	CreatedAt     entity.Time  `json:"created_at"`
}

// searchActor is the account that announces what a search finds.
type searchActor struct {
	ID   entity.ID `json:"id"`
	Acct string    `json:"acct"`
	URI  string    `json:"uri"`
}

// perhaps is a time, null where there is none.
func perhaps(t time.Time) *entity.Time {
	if t.IsZero() {
		return nil
	}
	return new(entity.Time(t))
}

// savedOf shows a saved search.
func (f *Face) savedOf(c *gin.Context, s *coop.SavedSearch) (searchJSON, error) {
	ctx := c.Request.Context()
	asked := s.Asked()
	out := searchJSON{
		ID: entity.ID(s.ID), Name: s.Name, Query: s.Query, URL: f.base() + "/jobs?" + asked.Values().Encode(), Notifications: s.Site, Mail: entity.Null(s.Mail),
		Webhook: entity.Null(s.Hook), FailingSince: perhaps(s.HookFailed), LastMatchAt: perhaps(s.HitAt), CreatedAt: entity.Time(s.CreatedAt),
	}
	secrets, err := f.Outbox.SearchSecrets(ctx, s)
	if err != nil {
		return out, err
	}
	if s.Hook != "" {
		out.WebhookSecret = entity.Null(secrets[storage.SecretHook])
	}
	if secret := secrets[storage.SecretFeed]; s.Feed && secret != "" {
		out.Feed = entity.Null(f.base() + "/feeds/" + secret + ".atom")
	}
	if s.Actor == 0 {
		return out, nil
	}
	a, err := f.Store.Account(ctx, s.Actor)
	if err == nil {
		out.Account = &searchActor{entity.ID(a.ID), f.acct(a), string(a.IRI)}
	}
	return out, err
}

// showSearch answers one search as it is now.
func (f *Face) showSearch(c *gin.Context, id coop.ID) error {
	s, err := f.Store.SavedSearch(c.Request.Context(), auth.Account(c).ID, id)
	if err != nil {
		return err
	}
	out, err := f.savedOf(c, s)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// savedSearches answers GET /api/v1/minga/searches, newest first, all at once.
func (f *Face) savedSearches(c *gin.Context) error {
	list, err := f.Store.SavedSearches(c.Request.Context(), auth.Account(c).ID)
	if err != nil {
		return err
	}
	out := []searchJSON{}
	for _, s := range list {
		one, err := f.savedOf(c, s)
		if err != nil {
			return err
		}
		out = append(out, one)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// ownSearch is the one that the address names, if the account saved it.
func (f *Face) ownSearch(c *gin.Context) (*coop.SavedSearch, error) {
	return ownIn(c, f.Store.SavedSearch)
}

// savedSearch answers GET /api/v1/minga/searches/:id.
func (f *Face) savedSearch(c *gin.Context) error {
	s, err := f.ownSearch(c)
	if err != nil {
		return err
	}
	return f.showSearch(c, s.ID)
}

// saveSearch answers POST /api/v1/minga/searches: `query` as a query string of the
// board, and what [Face.changeSearch] takes.
func (f *Face) saveSearch(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(strings.TrimPrefix(in.Text("query"), "?"))
	if err != nil {
		values = url.Values{}
	}
	asked, err := coop.SearchOf(values)
	if err != nil {
		return err
	}
	me := auth.Account(c)
	s := &coop.SavedSearch{AccountID: me.ID, Language: me.Language, Query: asked.Values().Encode(), Site: true}
	if err := f.keepSearch(c, s, in); err != nil {
		return err
	}
	return f.showSearch(c, s.ID)
}

// changeSearch answers PUT /api/v1/minga/searches/:id: `name`, `notifications`, `mail`
// (daily, weekly or empty) and `webhook`; what is not sent stays.
func (f *Face) changeSearch(c *gin.Context) error {
	s, err := f.ownSearch(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	if err := f.keepSearch(c, s, in); err != nil {
		return err
	}
	return f.showSearch(c, s.ID)
}

// keepSearch reads the ways to hear of a search and keeps it.
func (f *Face) keepSearch(c *gin.Context, s *coop.SavedSearch, in input.Values) error {
	mail := string(s.Mail)
	setText(in, "name", &s.Name)
	setText(in, "webhook", &s.Hook)
	setText(in, "mail", &mail)
	if in.Has("notifications") {
		s.Site = in.On("notifications")
	}
	s.Mail = coop.Cadence(mail)
	if s.Mail != coop.MailNever && auth.Account(c).Email == "" {
		in.Complain("mail", coop.CodeNotAllowed, "this account has no address of mail")
	}
	if err := in.Err(); err != nil {
		return err
	}
	return f.Outbox.SaveSearch(c.Request.Context(), s)
}

// forgetSearch answers DELETE /api/v1/minga/searches/:id.
func (f *Face) forgetSearch(c *gin.Context) error {
	s, err := f.ownSearch(c)
	if err != nil {
		return err
	}
	if err := f.Outbox.ForgetSearch(c.Request.Context(), s); err != nil {
		return err
	}
	c.JSON(http.StatusOK, struct{}{})
	return nil
}

// feedSearch answers POST and DELETE /api/v1/minga/searches/:id/feed: a new secret
// address, which ends the one before, or none.
func (f *Face) feedSearch(c *gin.Context) error {
	s, err := f.ownSearch(c)
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodDelete {
		err = f.Outbox.EndSearchFeed(c.Request.Context(), s)
	} else {
		_, err = f.Outbox.NewSearchFeed(c.Request.Context(), s)
	}
	if err != nil {
		return err
	}
	return f.showSearch(c, s.ID)
}

// followableSearch answers POST /api/v1/minga/searches/:id/account: the search becomes
// an account that anybody can follow; it stays one.
func (f *Face) followableSearch(c *gin.Context) error {
	s, err := f.ownSearch(c)
	if err != nil {
		return err
	}
	asked := s.Asked()
	asked.Archive, asked.Order = false, coop.OrderBest
	if _, err := f.Outbox.NewSearchActor(c.Request.Context(), asked); err != nil {
		return err
	}
	return f.showSearch(c, s.ID)
}
