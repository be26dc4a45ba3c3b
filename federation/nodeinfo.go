// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	relNodeInfo    = "http://nodeinfo.diaspora.software/ns/schema/"
	relApplication = "https://www.w3.org/ns/activitystreams#Application"
	maxSoftware    = 64 // bytes of a software's name
)

// nodeInfoVersions are the versions that we serve, the newest last.
var nodeInfoVersions = []string{"2.0", "2.1"}

// NodeInfo is what we say of this server (FEP-f1d5, FEP-0151). Numbers are true or
// nil, never guessed.
type NodeInfo struct {
	Software          Software
	OpenRegistrations bool
	Users             *int64 // all of this server
	ActiveMonth       *int64
	ActiveHalfYear    *int64
	LocalPosts        *int64
	LocalComments     *int64
	Outbound          []string // services, such as "atom1.0"
	NodeName          string
	NodeDescription   string
	StaffAccounts     []string // ids of actors
}

// Software is what runs on a server.
type Software struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Repository string `json:"repository,omitempty"` // from 2.1 on
	Homepage   string `json:"homepage,omitempty"`   // from 2.1 on
}

// nodeInfoDocument is the schema's shape.
type nodeInfoDocument struct {
	Version   string   `json:"version"`
	Software  Software `json:"software"`
	Protocols []string `json:"protocols"`
	Services  struct {
		Inbound  []string `json:"inbound"`
		Outbound []string `json:"outbound"`
	} `json:"services"`
	OpenRegistrations bool `json:"openRegistrations"`
	Usage             struct {
		Users struct {
			Total          *int64 `json:"total,omitempty"`
			ActiveHalfYear *int64 `json:"activeHalfyear,omitempty"`
			ActiveMonth    *int64 `json:"activeMonth,omitempty"`
		} `json:"users"`
		LocalPosts    *int64 `json:"localPosts,omitempty"`
		LocalComments *int64 `json:"localComments,omitempty"`
	} `json:"usage"`
	Metadata struct {
		NodeName        string   `json:"nodeName,omitempty"`
		NodeDescription string   `json:"nodeDescription,omitempty"`
		StaffAccounts   []string `json:"staffAccounts"`
	} `json:"metadata"`
}

// NodeInfoType is the media type of a version of the schema.
func NodeInfoType(version string) string {
	return `application/json; profile="` + relNodeInfo + version + `#"`
}

// Document writes a version of the schema, "2.0" or "2.1"; another is an error.
func (n NodeInfo) Document(version string) ([]byte, error) {
	if !slices.Contains(nodeInfoVersions, version) {
		return nil, fmt.Errorf("write NodeInfo: version %q", version)
	}
	d := nodeInfoDocument{Version: version, Software: n.Software, Protocols: []string{"activitypub"}, OpenRegistrations: n.OpenRegistrations}
	if version == "2.0" {
		d.Software.Repository, d.Software.Homepage = "", ""
	}
	d.Services.Inbound, d.Services.Outbound = []string{}, append([]string{}, n.Outbound...)
	d.Usage.Users.Total, d.Usage.Users.ActiveMonth, d.Usage.Users.ActiveHalfYear = n.Users, n.ActiveMonth, n.ActiveHalfYear
	d.Usage.LocalPosts, d.Usage.LocalComments = n.LocalPosts, n.LocalComments
	d.Metadata.NodeName, d.Metadata.NodeDescription = n.NodeName, n.NodeDescription
	d.Metadata.StaffAccounts = append([]string{}, n.StaffAccounts...)
	body, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("write NodeInfo: %w", err)
	}
	return body, nil
}

// NodeInfoIndex is /.well-known/nodeinfo: where the documents are, and the instance
// actor (FEP-2677). base is our origin without a slash at the end; the documents are
// at base/nodeinfo/2.0 and base/nodeinfo/2.1.
func NodeInfoIndex(base, actor string) *JRDLinks {
	index := &JRDLinks{}
	for _, v := range nodeInfoVersions {
		index.Links = append(index.Links, Link{Rel: relNodeInfo + v, Href: base + "/nodeinfo/" + v})
	}
	index.Links = append(index.Links, Link{Rel: relApplication, Href: actor})
	return index
}

// JRDLinks is a descriptor that has links only.
type JRDLinks struct {
	Links []Link `json:"links"`
}

// ParseNodeInfoIndex finds the newest NodeInfo document that we can read.
func ParseNodeInfoIndex(body []byte) (string, error) {
	var index JRDLinks
	if err := json.Unmarshal(body, &index); err != nil {
		return "", fmt.Errorf("read NodeInfo index: %w", err)
	}
	best, href := "", ""
	for _, l := range index.Links[:min(len(index.Links), maxJRDLinks)] {
		version, ok := strings.CutPrefix(l.Rel, relNodeInfo)
		if ok && len(version) == 3 && version > best {
			best, href = version, l.Href
		}
	}
	if href == "" {
		return "", errors.New("read NodeInfo index: no document")
	}
	return href, nil
}

// ParseSoftware reads the name of the software out of a NodeInfo document: small
// letters, digits, ".", "-" and "_", at most 64 bytes; anything else is an error.
func ParseSoftware(body []byte) (string, error) {
	var doc struct {
		Software struct {
			Name string `json:"name"`
		} `json:"software"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return "", fmt.Errorf("read NodeInfo: %w", err)
	}
	name := strings.ToLower(doc.Software.Name)
	if name == "" || len(name) > maxSoftware || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return "", errors.New("read NodeInfo: name of the software")
	}
	return name, nil
}

// Software asks a host[:port] for the name of its software by NodeInfo, such as
// "mastodon". It may be shown; nothing may be decided from it. Errors are *Error.
func (c *Client) Software(ctx context.Context, host string) (string, error) {
	index, err := c.wellKnown(ctx, host, "/.well-known/nodeinfo", "application/json")
	if err != nil {
		return "", err
	}
	wrong := func(err error) error { return &Error{Kind: KindBody, Host: host, Err: err} }
	if !isJSON(index) {
		return "", &Error{Kind: KindType, Host: host}
	}
	href, err := ParseNodeInfoIndex(index.Body)
	if err != nil {
		return "", wrong(err)
	}
	page, err := c.Get(ctx, href, "application/json", maxJRD)
	if err != nil {
		return "", err
	}
	if !isJSON(page) {
		return "", &Error{Kind: KindType, Host: host}
	}
	name, err := ParseSoftware(page.Body)
	if err != nil {
		return "", wrong(err)
	}
	return name, nil
}

func isJSON(p Page) bool { return p.Type == "application/json" || p.Type == TypeJRD }
