// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	hosts "minga/federation/origin"
	"minga/web/auth"
	"minga/web/respond"
)

// machineRoutes are what programs look for: pictures for previews, how a job is put into
// other pages, whom to tell of a hole, where a password is changed, how this place is kept
// on the first screen of a telephone.
func (f *Face) machineRoutes() []auth.Route {
	var routes []auth.Route
	for _, one := range []struct {
		path   string
		sees   auth.Sees
		form   respond.Form
		handle respond.Handler
	}{
		{"/cards/:name", auth.SeesPublic, respond.HTML, f.card},
		{"/jobs/:id/embed", auth.SeesPublic, respond.HTML, f.embed},
		{"/api/oembed", auth.SeesPublic, respond.JSON, f.oembed},
		{"/manifest.webmanifest", auth.SeesNobody, respond.HTML, f.manifest},
		{"/.well-known/security.txt", auth.SeesNobody, respond.Text, f.securityText},
		{coop.EvidencePath, auth.SeesNobody, respond.Text, f.namedByDomain},
		{"/.well-known/change-password", auth.SeesNobody, respond.HTML, f.toPassword},
	} {
		for _, r := range machines(one.path, one.handle) {
			r.Sees, r.Form = one.sees, one.form
			if r.Form == respond.JSON {
				r.Limit = auth.LimitAPI
			}
			routes = append(routes, r)
		}
	}
	return append(routes, auth.Route{
		Method: "GET", Path: composePath, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.HTML, Handle: f.compose,
	})
}

// composePath takes what is shared from other programs (Web Share Target).
const composePath = "/compose"

// compose answers GET /compose?title=…&text=…&url=…: what was shared stands in the form of
// a post, and nothing is published before its button is pressed.
func (f *Face) compose(c *gin.Context) error {
	var parts []string
	for _, name := range []string{"title", "text", "url"} {
		if part := strings.TrimSpace(coop.Truncate(c.Query(name), coop.MaxPostLength)); part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	c.Redirect(http.StatusSeeOther, withQuery(intentPath+"/create", url.Values{"content": {coop.Truncate(strings.Join(parts, "\n\n"), coop.MaxPostLength)}}))
	return nil
}

// securityText answers /.well-known/security.txt (RFC 9116): whom to tell of a hole. It
// says so for half a year at most, and is another text once a month only.
func (f *Face) securityText(c *gin.Context) error {
	contact := f.root() + "/about"
	if f.Contact != "" {
		contact = "mailto:" + f.Contact
	}
	now := f.Now().UTC()
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var languages []string
	for _, l := range f.words.offered {
		languages = append(languages, l.tag)
	}
	body := fmt.Appendf(nil, "Contact: %s\nExpires: %s\nPreferred-Languages: %s\nCanonical: %s/.well-known/security.txt\n",
		contact, month.AddDate(0, 6, 0).Format(time.RFC3339), strings.Join(languages, ", "), f.root())
	c.Header("Cache-Control", "public, max-age=3600")
	send(c, http.StatusOK, assetTypes[".txt"], fingerprint(body), body, nil)
	return nil
}

// toPassword answers /.well-known/change-password (W3C): keepers of passwords lead
// there.
func (f *Face) toPassword(c *gin.Context) error {
	c.Redirect(http.StatusFound, securityPath)
	return nil
}

// manifest answers /manifest.webmanifest: how this place is kept on a first screen, and
// what is shared with it from other programs.
func (f *Face) manifest(c *gin.Context) error {
	t := f.tongueOf(c)
	own := f.federation(c)
	name := f.nameOf(own)
	icons := []map[string]string{{"src": f.assets.address("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}}
	if picture := f.mark(own); picture != "" {
		icons = append([]map[string]string{{"src": picture, "sizes": "400x400", "type": own.Icon.MediaType}}, icons...)
	}
	list := map[string]any{
		"id": "/", "name": name, "short_name": shortName(name), "lang": t.Lang, "dir": "ltr", "start_url": "/", "scope": "/", "display": "minimal-ui",
		"background_color": "#FBF7F0", "theme_color": "#FBF7F0", "description": t.T("home_description", "Federation", name), "icons": icons,
		"shortcuts": f.shortcuts(t),
	}
	if f.mounted[composePath] {
		list["share_target"] = map[string]any{"action": composePath, "method": "GET", "params": map[string]string{"title": "title", "text": "text", "url": "url"}}
	}
	body, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	c.Writer.Header().Add("Vary", "Accept-Language, Cookie")
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", always)
	}
	send(c, http.StatusOK, "application/manifest+json; charset=utf-8", fingerprint(body), body, nil)
	return nil
}

// shortcuts are what one wants at once.
func (f *Face) shortcuts(t *tongue) []map[string]string {
	var list []map[string]string
	for _, one := range []struct{ path, name string }{
		{"/jobs", t.T("nav_jobs")}, {"/library", t.T("nav_library")}, {"/desk", t.T("frame_desk")}, {"/jobs/new", t.T("job_form_new")},
	} {
		if f.mounted[one.path] {
			list = append(list, map[string]string{"name": one.name, "url": one.path})
		}
	}
	return list
}

// shortName is what has room under an icon.
func shortName(name string) string {
	letters := []rune(name)
	if len(letters) <= 14 {
		return name
	}
	if first := strings.Fields(name)[0]; len([]rune(first)) <= 14 {
		return first
	}
	return string(letters[:13]) + "…"
}

// namedByDomain answers /.well-known/minga-coop under the domain of a co-op of this
// instance: the id of its actor, as plain text. It needs that the domain's own server leads
// the request here. A domain that two say is theirs, and the name that all who live here
// share, are nobody's.
func (f *Face) namedByDomain(c *gin.Context) error {
	host, err := hosts.NormalizeHost(c.Request.Host)
	if err != nil || host == f.Host || host == f.AccountDomain {
		return fmt.Errorf("evidence of %.100q: %w", c.Request.Host, coop.ErrNotFound)
	}
	list, err := f.Store.CoopsOfDomain(c.Request.Context(), host)
	if err != nil {
		return err
	}
	if len(list) != 1 {
		return fmt.Errorf("evidence of %s: %w", host, coop.ErrNotFound)
	}
	body := []byte(string(list[0].IRI) + "\n")
	c.Header("Cache-Control", "public, max-age=3600")
	send(c, http.StatusOK, assetTypes[".txt"], fingerprint(body), body, nil)
	return nil
}
