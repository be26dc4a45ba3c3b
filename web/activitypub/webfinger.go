// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation"
)

// Link relations of our WebFinger answers.
const (
	relSelf      = "self"
	relProfile   = "http://webfinger.net/rel/profile-page"
	relAvatar    = "http://webfinger.net/rel/avatar"
	relSubscribe = "http://ostatus.org/schema/1.0/subscribe"
	// relInstance names the instance actor of an origin (FEP-d556).
	relInstance = "https://www.w3.org/ns/activitystreams#Service"
	// relApplication names it in NodeInfo's links (FEP-2677).
	relApplication = "https://www.w3.org/ns/activitystreams#Application"
)

// Media types of what we serve.
const (
	typeActivity = "application/activity+json"
	typeLD       = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
	typeJRD      = "application/jrd+json"
)

// webfinger answers who an account is (RFC 7033): by acct: address with the
// account domain or the host, by actor id, by profile address, or by the origin
// itself.
func (f *Face) webfinger(c *gin.Context) error {
	open(c)
	resource := c.Query("resource")
	if resource == "" || len(resource) > 2048 {
		return errResource{}
	}
	if f.isOrigin(resource) {
		return f.jrd(c, federation.JRD{Subject: f.base() + "/", Links: f.instanceLinks()})
	}
	account, err := f.named(c.Request.Context(), resource)
	if err != nil {
		return err
	}
	if !account.DeletedAt.IsZero() {
		return fmt.Errorf("webfinger: %w", coop.ErrGone)
	}
	if account.Gone() {
		return fmt.Errorf("webfinger: %w", coop.ErrNotFound)
	}
	return f.jrd(c, f.descriptor(account))
}

// errResource is said when nothing was asked for.
type errResource struct{}

func (errResource) Error() string { return "the parameter resource is missing or too long" }

// Status is 400 (RFC 7033 §4.2).
func (errResource) Status() int { return http.StatusBadRequest }

// named finds the local account that a resource names.
func (f *Face) named(ctx context.Context, resource string) (*coop.Account, error) {
	if rest, ok := strings.CutPrefix(resource, "acct:"); ok || !strings.Contains(resource, "://") {
		return f.byHandle(ctx, strings.TrimPrefix(rest, "acct:"))
	}
	u, err := url.Parse(resource)
	if err != nil || !strings.EqualFold(u.Scheme+"://"+u.Host, f.base()) {
		return nil, fmt.Errorf("webfinger: %w", coop.ErrNotFound)
	}
	if name, ok := strings.CutPrefix(u.Path, "/@"); ok {
		return f.Store.AccountByHandle(ctx, name, "")
	}
	account, err := f.Store.AccountByIRI(ctx, coop.IRI(f.base()+u.Path))
	if err == nil && !account.Local {
		return nil, fmt.Errorf("webfinger: %w", coop.ErrNotFound)
	}
	return account, err
}

// byHandle finds name@domain; both the account domain and the host are ours.
func (f *Face) byHandle(ctx context.Context, text string) (*coop.Account, error) {
	handle, err := coop.ParseHandle(text)
	if err != nil {
		return nil, fmt.Errorf("webfinger: %w", coop.ErrNotFound)
	}
	if handle.Host != f.AccountDomain && handle.Host != f.Host {
		return nil, fmt.Errorf("webfinger: %w", coop.ErrNotFound)
	}
	account, err := f.Store.AccountByHandle(ctx, handle.Name, "")
	if errors.Is(err, coop.ErrNotFound) && handle.Name == hostname(f.Host) {
		return f.Store.InstanceAccount(ctx)
	}
	return account, err
}

// hostname is a host without its port: the name of the instance actor.
func hostname(host string) string {
	name, _, found := strings.Cut(host, ":")
	if !found || strings.HasPrefix(host, "[") {
		return host
	}
	return name
}

// isOrigin tells whether the resource is our origin itself (FEP-d556).
func (f *Face) isOrigin(resource string) bool {
	return strings.EqualFold(strings.TrimSuffix(resource, "/"), f.base())
}

// descriptor is what WebFinger says of a local account. The subject is always
// in the account domain, however it was asked for.
func (f *Face) descriptor(a *coop.Account) federation.JRD {
	jrd := federation.JRD{
		Subject: "acct:" + a.Handle(f.AccountDomain).String(),
		Aliases: []string{string(a.IRI)},
		Links:   []federation.Link{{Rel: relSelf, Type: typeActivity, Href: string(a.IRI)}, {Rel: relSelf, Type: typeLD, Href: string(a.IRI)}},
	}
	if a.URL != "" && a.URL != string(a.IRI) {
		jrd.Aliases = append(jrd.Aliases, a.URL)
		jrd.Links = append(jrd.Links, federation.Link{Rel: relProfile, Type: "text/html", Href: a.URL})
	}
	if a.Icon.URL != "" {
		jrd.Links = append(jrd.Links, federation.Link{Rel: relAvatar, Type: a.Icon.MediaType, Href: f.Media.Links().Places().Shown(a.Icon.URL)})
	}
	if a.Kind != coop.Instance {
		jrd.Links = append(jrd.Links, federation.Link{Rel: relSubscribe, Template: f.base() + "/intents/object?object={uri}"})
	}
	jrd.Links = append(jrd.Links, federation.IntentLinks(f.base())...)
	return jrd
}

// instanceLinks name the instance actor.
func (f *Face) instanceLinks() []federation.Link {
	return []federation.Link{{Rel: relInstance, Type: typeActivity, Href: f.base() + "/actor"}}
}

// jrd writes a descriptor, with only the links that were asked for (RFC 7033 §4.3).
func (f *Face) jrd(c *gin.Context, d federation.JRD) error {
	if wanted := c.QueryArray("rel"); len(wanted) > 0 {
		var links []federation.Link
		for _, link := range d.Links {
			for _, rel := range wanted {
				if rel == link.Rel {
					links = append(links, link)
					break
				}
			}
		}
		d.Links = links
	}
	return writeJSON(c, typeJRD, d)
}

// open lets scripts of other sites read the answer: it holds nothing private
// and depends on no session.
func open(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
}
