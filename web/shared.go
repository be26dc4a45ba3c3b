// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/web/activitypub"
	"minga/web/auth"
	"minga/web/respond"
)

// shared are the paths whose address is both an ActivityPub document and a page:
// the Accept header decides (ActivityPub §3.2).
func (s *server) shared() []auth.Route {
	var routes []auth.Route
	for _, actor := range []string{"/actor", "/federation", "/boards/:name", "/coops/:name", "/people/:name", "/services/:name", "/searches/:name", "/teams/:name"} {
		for _, below := range []string{"", "/:what", "/:what/:id", "/:what/:id/:part"} {
			for _, method := range []string{"GET", "HEAD"} {
				routes = append(routes, auth.Route{
					Method: method, Path: actor + below, Access: auth.Public, Limit: auth.LimitReads, CSRF: auth.CSRFSafe,
					Sees: auth.SeesViewer, Form: respond.HTML, Handle: s.negotiate,
				})
			}
		}
	}
	for _, method := range []string{"GET", "HEAD"} {
		routes = append(routes, auth.Route{
			Method: method, Path: "/agreements/:id", Access: auth.Public, Limit: auth.LimitReads, CSRF: auth.CSRFSafe,
			Sees: auth.SeesViewer, Form: respond.HTML, Handle: s.agreement,
		})
	}
	for _, path := range []string{"/requests/:id", "/requests/:id/:part", "/requests/:id/:part/:key"} {
		for _, method := range []string{"GET", "HEAD"} {
			routes = append(routes, auth.Route{
				Method: method, Path: path, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe,
				Sees: auth.SeesViewer, Early: true, Form: respond.HTML, Handle: s.negotiate,
			})
		}
	}
	return routes
}

// agreement answers servers with an agreement and sends people to the offer that it was,
// which its two sides alone find.
func (s *server) agreement(c *gin.Context) error {
	c.Header("Vary", "Accept, Signature, Signature-Input")
	if !activitypub.Wanted(c) {
		c.Redirect(http.StatusSeeOther, "/offers?agreement="+url.QueryEscape(c.Param("id")))
		return nil
	}
	if err := s.activity.Document(c); err != nil {
		s.respond.Error(c, respond.Text, err)
	}
	return nil
}

// negotiate answers servers with the document and people with the page.
func (s *server) negotiate(c *gin.Context) error {
	if strings.HasSuffix(c.Request.URL.Path, "/inbox") && c.Param("id") == "" {
		c.Header("Allow", http.MethodPost)
		return errMethod{}
	}
	c.Header("Vary", "Accept, Signature, Signature-Input")
	if activitypub.Wanted(c) || pageless(c.Request.URL.Path) {
		if err := s.activity.Document(c); err != nil {
			s.respond.Error(c, respond.Text, err)
		}
		return nil
	}
	c.Header("Link", fmt.Sprintf(`<%s://%s%s>; rel="alternate"; type="application/activity+json"`, s.o.Scheme, s.o.Host, c.Request.URL.EscapedPath()))
	if strings.HasPrefix(c.Request.URL.Path, "/requests/") && c.Param("part") == "" {
		return s.pages.Request(c)
	}
	return s.pages.Object(c)
}

// pageless are documents that have no page of their own.
func pageless(path string) bool {
	if strings.HasSuffix(path, "/create") {
		return true
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch last {
	case "outbox", "followers", "followers_synchronization", "following", "featured", "featuredTags", "members", "knowledge", "replies", "context", "history":
		return true
	}
	return strings.Contains(path, "/activities/") || strings.Contains(path, "/announces/") || strings.Contains(path, "/memberships/") && !strings.HasPrefix(path, "/federation/") || strings.Contains(path, "/splits/") || last == "plan" && strings.HasPrefix(path, "/teams/") ||
		strings.Contains(path, "/offers/") || strings.Contains(path, "/confirmations/")
}
