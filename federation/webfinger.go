// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"minga/federation/origin"
)

const (
	// TypeJRD is the media type of a JRD (RFC 7033 §10.2).
	TypeJRD = "application/jrd+json"

	maxJRD      = 64 << 10 // bytes of a descriptor
	maxJRDLinks = 256      // links and aliases; the rest is ignored
	maxName     = 256      // bytes of the name in a handle

	relSelf      = "self"
	relProfile   = "http://webfinger.net/rel/profile-page"
	relAvatar    = "http://webfinger.net/rel/avatar"
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	relService   = "https://www.w3.org/ns/activitystreams#Service"
	typeLD       = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
)

// JRD is a JSON Resource Descriptor (RFC 7033 §4.4).
type JRD struct {
	Subject string   `json:"subject,omitempty"`
	Aliases []string `json:"aliases,omitempty"`
	Links   []Link   `json:"links,omitempty"`
}

// Link is a link of a JRD or a host-meta document; either Href or Template is set.
type Link struct {
	Rel      string `json:"rel" xml:"rel,attr"`
	Type     string `json:"type,omitempty" xml:"type,attr,omitempty"`
	Href     string `json:"href,omitempty" xml:"href,attr,omitempty"`
	Template string `json:"template,omitempty" xml:"template,attr,omitempty"`
}

// ParseJRD reads an answer to WebFinger. Links and aliases beyond 256 are ignored.
func ParseJRD(body []byte) (*JRD, error) {
	var j JRD
	if err := json.Unmarshal(body, &j); err != nil {
		return nil, fmt.Errorf("read JRD: %w", err)
	}
	j.Aliases = j.Aliases[:min(len(j.Aliases), maxJRDLinks)]
	j.Links = j.Links[:min(len(j.Links), maxJRDLinks)]
	return &j, nil
}

// Self is the id of the actor: the first link `self` to an ActivityPub document that
// is an http(s) URL; "" when there is none.
func (j *JRD) Self() string {
	for _, l := range j.Links {
		if l.Rel != relSelf || l.Type != TypeActivity && !strings.HasPrefix(l.Type, "application/ld+json") {
			continue
		}
		if _, err := origin.Parse(l.Href); err == nil {
			return l.Href
		}
	}
	return ""
}

// Handle is the subject as name@host, normalised; "" when it is no acct: URI.
func (j *JRD) Handle() string {
	if !strings.HasPrefix(j.Subject, "acct:") {
		return ""
	}
	name, host, err := SplitHandle(j.Subject)
	if err != nil {
		return ""
	}
	return name + "@" + host
}

// errHandle is what SplitHandle refuses with.
var errHandle = errors.New("not a handle")

// SplitHandle reads "name@host", "@name@host" or "acct:name@host" into a name and a
// normalised host[:port]. The name may hold any letters but no space, control
// character, "@", ":" or "/", in at most 256 bytes; its case stays.
func SplitHandle(s string) (name, host string, err error) {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "acct:"), "@")
	name, host, ok := strings.Cut(s, "@")
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`:/\?#&<>"'`, r)
	}
	if !ok || name == "" || len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) {
		return "", "", errHandle
	}
	if host, err = origin.NormalizeHost(host); err != nil {
		return "", "", fmt.Errorf("%w: %w", errHandle, err)
	}
	return name, strings.TrimSuffix(host, ":443"), nil
}

// sameHandle compares as handles are compared: the case of a name does not count.
func sameHandle(a, b string) bool { return a != "" && strings.EqualFold(a, b) }

// Found is what WebFinger says of a handle.
type Found struct {
	Handle string // the subject's name@host, where its own domain confirms it; else ""
	Actor  string // id of the actor: the link `self`
	JRD    *JRD
}

// LookUp asks the host of a handle for its actor (RFC 7033). If the subject has
// another name, the subject's domain is asked too. The answer is only the word of
// that host: which handle an actor is shown under is for HandleOf to say. Errors are
// *Error; a host that names no actor is KindBody.
func (c *Client) LookUp(ctx context.Context, handle string) (Found, error) {
	name, host, err := SplitHandle(handle)
	if err != nil {
		return Found{}, &Error{Kind: KindURL, Err: err}
	}
	asked := name + "@" + host
	j, err := c.finger(ctx, asked)
	if err != nil {
		return Found{}, err
	}
	found := Found{Actor: j.Self(), JRD: j}
	if found.Actor == "" {
		return Found{}, &Error{Kind: KindBody, Host: host, Err: errors.New("names no actor")}
	}
	found.Handle, err = c.confirmed(ctx, asked, j, found.Actor)
	return found, err
}

// HandleOf finds the handle that an actor is shown under: what
// WebFinger on preferredUsername@host(id) says when the subject's own domain agrees,
// else preferredUsername@host(id). A temporary failure is an *Error; a refusal is not.
func (c *Client) HandleOf(ctx context.Context, id, preferredUsername string) (string, error) {
	host, err := origin.Host(id)
	if err != nil {
		return "", &Error{Kind: KindURL, Err: err}
	}
	name, host, err := SplitHandle(preferredUsername + "@" + host)
	if err != nil {
		return "", &Error{Kind: KindURL, Host: host, Err: err}
	}
	plain := name + "@" + host
	j, err := c.finger(ctx, plain)
	if err != nil || j.Self() != id {
		return plain, onlyTemporary(err)
	}
	handle, err := c.confirmed(ctx, plain, j, id)
	if err != nil || handle == "" {
		return plain, err
	}
	return handle, nil
}

// confirmed is the subject of an answer to asked, if the subject's own domain names
// the same actor. A subject on our own host is never confirmed: it cannot be asked.
func (c *Client) confirmed(ctx context.Context, asked string, j *JRD, actor string) (string, error) {
	subject := j.Handle()
	if subject == "" || sameHandle(subject, asked) {
		return subject, nil
	}
	second, err := c.finger(ctx, subject)
	if err != nil || !Confirms(second, subject, actor) {
		return "", onlyTemporary(err)
	}
	return second.Handle(), nil
}

// Confirms says whether a domain's own answer gives a handle to an actor: the rule of
// the account domain.
func Confirms(j *JRD, handle, actor string) bool {
	return actor != "" && j.Self() == actor && sameHandle(j.Handle(), handle)
}

// onlyTemporary keeps the errors that say nothing about the handle.
func onlyTemporary(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Temporary() {
		return err
	}
	return nil
}

// Resource is what somebody asks our WebFinger for: a name at a host, or a URL.
type Resource struct {
	Name, Host string // of an acct: URI or a bare handle
	URL        string // as it came, when it is a URL
}

// ParseResource reads the parameter `resource` (RFC 7033 §4.1): acct:name@host, a bare
// handle, or an http(s) URL. Everything else is an error, which is answered 400.
func ParseResource(s string) (Resource, error) {
	if u, err := origin.Parse(s); err == nil {
		return Resource{URL: u.String()}, nil
	}
	name, host, err := SplitHandle(s)
	if err != nil {
		return Resource{}, err
	}
	return Resource{Name: name, Host: host}, nil
}

// Card is what our WebFinger says of one actor of ours.
type Card struct {
	Handle     string   // name@account-domain: the subject, whatever was asked
	ID         string   // of the actor
	Profile    string   // the page for people
	Aliases    []string // further spellings, such as moved-from addresses
	Avatar     string   // URL; empty for none
	AvatarType string
	Subscribe  string // template with {uri}, of our page for acting from elsewhere
}

// JRD is the answer: `self` in both media types, profile page,
// avatar and subscribe template.
func (c Card) JRD() *JRD {
	j := &JRD{Subject: "acct:" + c.Handle, Aliases: append([]string{c.ID, c.Profile}, c.Aliases...), Links: []Link{
		{Rel: relSelf, Type: TypeActivity, Href: c.ID},
		{Rel: relSelf, Type: typeLD, Href: c.ID},
		{Rel: relProfile, Type: "text/html", Href: c.Profile},
	}}
	if c.Avatar != "" {
		j.Links = append(j.Links, Link{Rel: relAvatar, Type: c.AvatarType, Href: c.Avatar})
	}
	if c.Subscribe != "" {
		j.Links = append(j.Links, Link{Rel: relSubscribe, Template: c.Subscribe})
	}
	return j
}

// InstanceJRD answers for the origin itself, "https://host/", with the instance actor
// (FEP-d556).
func InstanceJRD(base, actor string) *JRD {
	return &JRD{Subject: base, Links: []Link{{Rel: relService, Type: TypeActivity, Href: actor}}}
}
