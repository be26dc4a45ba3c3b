// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// unrouted answers what no route takes. Programs are told in JSON, and who asks the
// API for what is not there uses up its rate too.
func (s *server) unrouted(form respond.Form, err error) gin.HandlerFunc {
	return func(c *gin.Context) {
		form := formFor(c, form)
		if strings.HasPrefix(c.Request.URL.Path, "/api/") {
			who := error(nil)
			if ofAdmins(c.Request.URL.Path) {
				who = s.noAdmin(c)
			}
			if busy := s.count(c, auth.LimitAPI); busy != nil {
				s.respond.Error(c, form, busy)
				return
			}
			if who != nil {
				s.respond.Error(c, form, who)
				return
			}
		}
		s.respond.Error(c, form, err)
	}
}

// ofAdmins tells the paths of administrators, of which the API has none: they have the
// pages and the command line.
func ofAdmins(path string) bool {
	return strings.HasPrefix(path, "/api/v1/admin/") || strings.HasPrefix(path, "/api/v2/admin/")
}

// noAdmin says to who is no administrator that they may not; an administrator finds
// nothing.
func (s *server) noAdmin(c *gin.Context) error {
	c.Header("Vary", "Authorization")
	if err := s.gate.Identify(c, auth.Route{Method: c.Request.Method, Access: auth.Token, Scope: "admin:read admin:write"}); err != nil {
		return err
	}
	if a := auth.Account(c); a.Rank != coop.RankOwner && a.Rank != coop.RankAdmin && a.Rank != coop.RankModerator {
		return fmt.Errorf("%s is no administrator: %w", a.ID, coop.ErrForbidden)
	}
	return nil
}

// formFor is the form of an error that no route answers for.
func formFor(c *gin.Context, form respond.Form) respond.Form {
	if forPrograms(c.Request.URL.Path) {
		return respond.JSON
	}
	return form
}

// handler is the engine behind what it cannot do by itself: on the paths for
// programs an address with a slash at its end is the same as without, since some
// clients write it so and a redirect would lose what they post.
func (s *server) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if forPrograms(r.URL.Path) && strings.HasSuffix(r.URL.EscapedPath(), "/") {
			bare := *r.URL
			bare.Path, bare.RawPath = strings.TrimSuffix(bare.Path, "/"), strings.TrimSuffix(bare.RawPath, "/")
			same := *r
			same.URL = &bare
			r = &same
		}
		s.engine.ServeHTTP(w, r)
	})
}
