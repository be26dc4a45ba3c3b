// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import "context"

// JRD is a JSON Resource Descriptor (RFC 7033 §4.4).
type JRD struct {
	Subject string   `json:"subject"`
	Aliases []string `json:"aliases,omitempty"`
	Links   []Link   `json:"links,omitempty"`
}

// Link is a link of a JRD or a host-meta document; either Href or Template is set.
type Link struct {
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Href     string `json:"href,omitempty"`
	Template string `json:"template,omitempty"`
}

// Found is what WebFinger says of a handle.
type Found struct {
	Handle string // name@host of the subject, normalised
	Actor  string // id of the actor: the link `self`
	JRD    *JRD
}

// ParseJRD reads an answer to WebFinger.
func ParseJRD(body []byte) (*JRD, error) { return nil, errNotBuilt }

// SplitHandle reads "name@host", "@name@host" or "acct:name@host" into a name and a
// normalised host.
func SplitHandle(s string) (name, host string, err error) { return "", "", errNotBuilt }

// LookUp asks the host of a handle for its actor (RFC 7033). Errors are *Error.
func (c *Client) LookUp(ctx context.Context, handle string) (Found, error) {
	return Found{}, errNotBuilt
}

// HandleOf finds the handle that an actor is shown under (federation.md 3): what
// WebFinger on preferredUsername@host(id) says when the subject's own domain agrees,
// else preferredUsername@host(id). A temporary failure is an error; a refusal is not.
func (c *Client) HandleOf(ctx context.Context, id, preferredUsername string) (string, error) {
	return "", errNotBuilt
}
