// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
	"minga/web/mastodon/entity"
)

// preferenceRoutes say how an account writes and reads.
func (f *Face) preferenceRoutes() []auth.Route {
	return []auth.Route{f.own("/v1/preferences", "read:accounts", f.preferences)}
}

// preferences answers GET /api/v1/preferences. How posts are written is what the
// account chose by update_credentials; how they are read is each client's own affair.
func (f *Face) preferences(c *gin.Context) error {
	self := auth.Account(c)
	language := self.Posting.Language
	if language == "" {
		language = self.Language
	}
	c.JSON(http.StatusOK, gin.H{
		"posting:default:visibility":   usualVisibility(self),
		"posting:default:sensitive":    self.Posting.Sensitive,
		"posting:default:language":     entity.Null(language),
		"posting:default:quote_policy": "nobody",
		"reading:expand:media":         "default",
		"reading:expand:spoilers":      false,
		"reading:autoplay:gifs":        false,
	})
	return nil
}
