// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/federation"
	"minga/web/respond"
)

// nodeInfoSchema is the name of a version of NodeInfo.
const nodeInfoSchema = "http://nodeinfo.diaspora.software/ns/schema/"

// nodeInfoLinks says where NodeInfo is (NodeInfo §3, FEP-2677).
func (f *Face) nodeInfoLinks(c *gin.Context) error {
	open(c)
	return writeJSON(c, "application/json", federation.JRD{Links: []federation.Link{
		{Rel: nodeInfoSchema + "2.1", Href: f.base() + "/nodeinfo/2.1"},
		{Rel: nodeInfoSchema + "2.0", Href: f.base() + "/nodeinfo/2.0"},
		{Rel: relApplication, Type: typeActivity, Href: f.base() + "/actor"},
	}})
}

// nodeInfo answers one version: true numbers or none.
func (f *Face) nodeInfo(version string) respond.Handler {
	return func(c *gin.Context) error {
		open(c)
		stats, err := f.Store.Stats(c.Request.Context())
		if err != nil {
			return fmt.Errorf("nodeinfo: %w", err)
		}
		name, handle := f.Host, ""
		if federationAccount, err := f.Store.FederationAccount(c.Request.Context()); err == nil {
			name, handle = federationAccount.DisplayName, federationAccount.Name
		}
		software := map[string]any{"name": "minga", "version": f.Version}
		if version == "2.1" && f.SourceURL != "" {
			software["repository"] = f.SourceURL
		}
		metadata := map[string]any{"nodeName": name, "staffAccounts": []string{}, "federation": f.handleURL(handle)}
		if f.Upstream {
			// Libraries that know servers by name take the API for Mastodon's by this.
			metadata["upstream"] = map[string]string{"name": "mastodon"}
		}
		rehearsal, err := f.Store.Rehearsing(c.Request.Context())
		if err != nil {
			return err
		}
		if rehearsal {
			metadata["rehearsal"] = true
		}
		return writeJSON(c, "application/json; profile=\""+nodeInfoSchema+version+"#\"; charset=utf-8", map[string]any{
			"version": version, "software": software, "protocols": []string{"activitypub"},
			"services":          map[string]any{"inbound": []string{}, "outbound": []string{"atom1.0", "rss2.0"}},
			"openRegistrations": f.OpenRegistrations,
			"usage": map[string]any{
				"users":      map[string]any{"total": stats.Users, "activeMonth": stats.ActiveMonth, "activeHalfyear": stats.ActiveHalfYear},
				"localPosts": stats.Posts, "localComments": stats.Comments,
			},
			"metadata": metadata,
		})
	}
}

// handleURL is the profile of a local handle.
func (f *Face) handleURL(name string) string {
	if name == "" {
		return ""
	}
	return f.base() + "/@" + name
}

// xrd is the document of RFC 6415.
type xrd struct {
	XMLName xml.Name  `xml:"http://docs.oasis-open.org/ns/xri/xrd-1.0 XRD"`
	Links   []xrdLink `xml:"Link"`
}

// xrdLink is its one link.
type xrdLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Template string `xml:"template,attr"`
}

// lookupTemplate is where WebFinger is, as host-meta says it.
func (f *Face) lookupTemplate() string {
	return f.base() + "/.well-known/webfinger?resource={uri}"
}

// hostMeta answers as XRD (RFC 6415 §3).
func (f *Face) hostMeta(c *gin.Context) error {
	c.Header("Vary", "Accept")
	open(c)
	if c.NegotiateFormat("application/xrd+xml", "application/json") == "application/json" {
		return f.hostMetaJSON(c)
	}
	body, err := xml.MarshalIndent(xrd{Links: []xrdLink{{"lrdd", "application/jrd+json", f.lookupTemplate()}}}, "", "  ")
	if err != nil {
		return fmt.Errorf("host-meta: %w", err)
	}
	c.Data(http.StatusOK, "application/xrd+xml; charset=utf-8", append([]byte(xml.Header), body...))
	return nil
}

// hostMetaJSON answers as JRD.
func (f *Face) hostMetaJSON(c *gin.Context) error {
	open(c)
	return writeJSON(c, typeJRD, federation.JRD{Links: []federation.Link{{Rel: "lrdd", Type: typeJRD, Template: f.lookupTemplate()}}})
}

// writeJSON writes without HTML escapes, so that what others sign or compare
// stays as it is.
func writeJSON(c *gin.Context, mediaType string, v any) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	c.Data(http.StatusOK, mediaType, body.Bytes())
	return nil
}
