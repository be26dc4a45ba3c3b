// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/web/auth"
)

// userInfoPath is where an app asks who signed in.
const userInfoPath = "/oauth/userinfo"

// userInfo is who signed in (OpenID Connect Core §5.3.2); sub is the actor's id, which
// never changes.
type userInfo struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Name     string `json:"name"`
	Username string `json:"preferred_username"`
	Profile  string `json:"profile"`
	Picture  string `json:"picture"`
}

// whoIs answers GET and POST /oauth/userinfo.
func (f *Face) whoIs(c *gin.Context) error {
	a := auth.Account(c)
	out := userInfo{Issuer: f.root() + "/", Subject: string(a.IRI), Name: a.DisplayName, Username: a.Name, Profile: a.URL, Picture: f.Media.Shown(a.Icon.URL)}
	if out.Picture == "" {
		out.Picture = f.root() + "/assets/avatar.svg"
	}
	unkept(c)
	c.JSON(http.StatusOK, out)
	return nil
}
