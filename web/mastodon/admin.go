// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// adminRoutes are the routes of administrators, of which there are none: they have the
// pages and the command line. Who is no administrator is told so, as everywhere.
func (f *Face) adminRoutes() []auth.Route {
	var routes []auth.Route
	for _, path := range []string{"/v1/admin/*path", "/v2/admin/*path"} {
		read := f.own(path, "admin:read", f.noAdmin)
		read.Sees = auth.SeesNobody
		routes = append(routes, read)
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			routes = append(routes, f.write(method, path, "admin:write", auth.LimitAPI, f.noAdmin))
		}
	}
	return routes
}

// noAdmin says 403 to who has no rank, and 404 to who has one.
func (f *Face) noAdmin(c *gin.Context) error {
	if a := auth.Account(c); a.Rank != coop.RankOwner && a.Rank != coop.RankAdmin && a.Rank != coop.RankModerator {
		return fmt.Errorf("%s is no administrator: %w", a.ID, coop.ErrForbidden)
	}
	return coop.ErrNotFound
}
