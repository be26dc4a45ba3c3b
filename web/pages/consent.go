// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// consentView asks a person whether an app may act for them.
type consentView struct {
	formFrame
	App, Website string
	Host         string // where the browser goes on to; empty: a code is shown
	May          []string
	As           []asChoice
	Action       string
	Again        string // where to sign in as somebody else
}

// asChoice is somebody whom the app may act as.
type asChoice struct {
	person
	ID    string
	Roles string // that the person holds there, in words; empty: it is the person
}

// Consent asks a person whether an app may; it implements the face towards apps.
func (f *Face) Consent(c *gin.Context, ask auth.Consent) error {
	query := url.Values{}
	for name, values := range ask.Query {
		if name != languageParam(c.Request.URL.Path) {
			query[name] = values
		}
	}
	view := consentView{
		formFrame: f.formFrame(c, "consent", query), App: ask.App.Name, Website: ask.App.Website, Host: coop.HostOf(ask.Redirect), Action: ask.Action,
		Again: "/sign-in?" + url.Values{"next": {ask.Action}}.Encode(),
	}
	view.Title = view.T("consent_title", "App", ask.App.Name)
	view.May = view.scopes(ask.Scopes)
	for _, h := range ask.As {
		view.As = append(view.As, asChoice{f.person(h.Account), h.Account.ID.String(), view.roles(h.Roles)})
	}
	return f.show(c, http.StatusOK, "consent", view)
}

// codeView shows a code to carry over.
type codeView struct {
	formFrame
	App, Code string
}

// Code shows a code to carry over to an app that cannot be sent to.
func (f *Face) Code(c *gin.Context, app *coop.App, code string) error {
	view := codeView{formFrame: f.formFrame(c, "consent", nil), App: app.Name, Code: code}
	view.Title = view.T("code_title", "App", app.Name)
	return f.show(c, http.StatusOK, "code", view)
}

// refusedView says why an app is not let in.
type refusedView struct {
	formFrame
	Why, Reason string
}

// refusals are the reasons that have words of their own.
var refusals = []string{"access_denied", "invalid_client", "invalid_redirect_uri", "invalid_scope"}

// Refused says why a browser is not sent on to an app.
func (f *Face) Refused(c *gin.Context, status int, reason string) error {
	view := refusedView{formFrame: f.formFrame(c, "refused_title", nil), Reason: reason}
	why := "other"
	if slices.Contains(refusals, reason) {
		why = reason
	}
	view.Why = view.T("refused_" + why)
	if reason == "access_denied" {
		view.Title = view.T("refused_access_denied_title")
	}
	return f.show(c, status, "refused", view)
}

// scopes says what scopes allow, each thing once.
func (t *tongue) scopes(scopes []string) []string {
	var may []string
	for _, scope := range coop.BareScopes(scopes) {
		parts := strings.Split(scope, ":")
		if parts[0] == "admin" {
			parts = parts[:min(2, len(parts))] // their parts are for programs
		}
		if words := t.T("scope_" + strings.Join(parts, "_")); !slices.Contains(may, words) {
			may = append(may, words)
		}
	}
	return may
}
