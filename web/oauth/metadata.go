// SPDX-License-Identifier: AGPL-3.0-or-later

package oauth

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// server is what apps may know before they begin (RFC 8414 §2).
type server struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Registration  string   `json:"app_registration_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Documentation string   `json:"service_documentation"`
	Scopes        []string `json:"scopes_supported"`
	Responses     []string `json:"response_types_supported"`
	Modes         []string `json:"response_modes_supported"`
	Grants        []string `json:"grant_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
}

// advertised are the scopes that are named in public. Those of minga's own routes are
// part of read and write, and clients check this list against what they know.
func advertised() []string {
	return slices.DeleteFunc(coop.Scopes(), func(scope string) bool { return strings.HasSuffix(scope, ":minga") })
}

// metadata answers GET /.well-known/oauth-authorization-server.
func (f *Face) metadata(c *gin.Context) error {
	c.Header("Cache-Control", "public, max-age=3600")
	c.JSON(http.StatusOK, server{
		Issuer: f.root() + "/", Authorization: f.root() + authorizePath, Token: f.root() + "/oauth/token", Revocation: f.root() + "/oauth/revoke",
		Registration: f.root() + "/api/v1/apps", UserInfo: f.root() + userInfoPath, Documentation: f.root() + "/about", Scopes: advertised(), Responses: []string{"code"}, Modes: []string{"query"},
		Grants: []string{"authorization_code", "client_credentials"}, Methods: []string{"client_secret_basic", "client_secret_post", "none"},
		Challenges: []string{"S256"},
	})
	return nil
}
