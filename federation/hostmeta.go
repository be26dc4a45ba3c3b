// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
)

const (
	// TypeXRD is the media type of host-meta (RFC 6415 §2).
	TypeXRD = "application/xrd+xml"

	relLRDD = "lrdd"
	nsXRD   = "http://docs.oasis-open.org/ns/xri/xrd-1.0"
)

// hostMeta is a host-meta document in either form.
type hostMeta struct {
	XMLName xml.Name `json:"-" xml:"XRD"`
	Links   []Link   `json:"links" xml:"Link"`
}

// lrdd is the one link of our host-meta. base is "https://host", without a slash.
func lrdd(base string) []Link {
	return []Link{{Rel: relLRDD, Type: TypeJRD, Template: base + "/.well-known/webfinger?resource={uri}"}}
}

// HostMetaXRD is /.well-known/host-meta; base is our origin without a slash at the end.
func HostMetaXRD(base string) ([]byte, error) {
	doc := hostMeta{XMLName: xml.Name{Space: nsXRD, Local: "XRD"}, Links: lrdd(base)}
	body, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write host-meta: %w", err)
	}
	return append([]byte(xml.Header), body...), nil
}

// HostMetaJSON is /.well-known/host-meta.json (RFC 6415 §3).
func HostMetaJSON(base string) ([]byte, error) {
	body, err := json.Marshal(hostMeta{Links: lrdd(base)})
	if err != nil {
		return nil, fmt.Errorf("write host-meta: %w", err)
	}
	return body, nil
}

// ParseHostMeta finds the template of WebFinger in a host-meta document, XRD or JSON.
// Entities and document types of XML are not read.
func ParseHostMeta(body []byte) (string, error) {
	var doc hostMeta
	if strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 64)])), "{") {
		if err := json.Unmarshal(body, &doc); err != nil {
			return "", fmt.Errorf("read host-meta: %w", err)
		}
	} else if err := xml.NewDecoder(bytes.NewReader(body)).Decode(&doc); err != nil {
		return "", fmt.Errorf("read host-meta: %w", err)
	}
	for _, l := range doc.Links[:min(len(doc.Links), maxJRDLinks)] {
		if l.Rel == relLRDD && l.Template != "" {
			return l.Template, nil
		}
	}
	return "", errors.New("read host-meta: no template")
}

// template asks a host for its host-meta.
func (c *Client) template(ctx context.Context, host string) (string, error) {
	page, err := c.wellKnown(ctx, host, "/.well-known/host-meta", TypeXRD+", application/json")
	if err != nil {
		return "", err
	}
	switch page.Type {
	case TypeXRD, "application/xml", "text/xml", "application/json", TypeJRD:
		return ParseHostMeta(page.Body)
	}
	return "", &Error{Kind: KindType, Host: host}
}
