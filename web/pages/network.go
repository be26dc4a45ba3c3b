// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	address "minga/federation/origin"
	"minga/storage"
	"minga/web/auth"
)

// networkPath is with whom this federation is linked.
const networkPath = "/network"

// networkPage lists the federations with which ours exchanges something.
type networkPage struct {
	frame
	Links       []networkLink
	Next, First string
}

// networkLink is another server as far as everybody may know of it.
type networkLink struct {
	Host, URL           string
	Software            string
	Federations         []foundAccount
	Relation            stateBadge
	Since               moment
	Received, Delivered moment
}

// networkHostPage is one of them.
type networkHostPage struct {
	frame
	networkLink
	Chain   []chainLink // of what its federations are members
	Members []person    // of its federations, as both sides say
	Lists   []way       // what is here of it
}

// chainLink is a membership of a federation in another.
type chainLink struct {
	Who, Of person
	Since   moment
}

// perNetwork is how many servers a page looks at, and membersShown how many co-ops it names.
const (
	perNetwork   = 40
	membersShown = 30
)

// network answers GET /network.
func (f *Face) network(c *gin.Context) error {
	ctx, from := c.Request.Context(), after(c)
	page := networkPage{frame: f.frame(c, "", "network", nil)}
	page.Title = page.T("network_title")
	page.Description = page.T("network_what", "Federation", page.Federation)
	peers, err := f.Store.Peers(ctx, storage.PeerQuery{After: from, Limit: perNetwork})
	if err != nil {
		return err
	}
	if len(peers) == perNetwork {
		page.Next = networkPath + "?" + url.Values{"after": {peers[perNetwork-1].Host}}.Encode()
	}
	if from != "" {
		page.First, page.NoIndex = networkPath, true
	}
	if page.Links, err = f.networkLinks(ctx, page.tongue, peers); err != nil {
		return err
	}
	page.Links = slices.DeleteFunc(page.Links, func(l networkLink) bool { return l.Relation.Word == "" || len(l.Federations) == 0 })
	return f.show(c, http.StatusOK, "network", page)
}

// networkLinks tells what is with some servers; those that are blocked are left out.
func (f *Face) networkLinks(ctx context.Context, t *tongue, peers []*coop.Peer) ([]networkLink, error) {
	peers = slices.DeleteFunc(peers, func(p *coop.Peer) bool {
		return p.Policy == coop.PolicyBlock && (p.ExpiresAt.IsZero() || f.Now().Before(p.ExpiresAt))
	})
	hosts := make([]string, len(peers))
	for i, p := range peers {
		hosts[i] = p.Host
	}
	related, err := f.Store.PeerRelations(ctx, hosts)
	if err != nil {
		return nil, err
	}
	federations, err := f.Store.FederationsAt(ctx, hosts)
	if err != nil {
		return nil, err
	}
	there := map[string][]*coop.Account{}
	for _, a := range federations {
		if !a.Local {
			host, _ := address.Host(string(a.IRI)) // a kept account has one
			there[host] = append(there[host], a)
		}
	}
	links := make([]networkLink, len(peers))
	for i, p := range peers {
		links[i] = networkLink{
			Host: p.Host, URL: networkPath + "/" + url.PathEscape(p.Host), Software: p.Software, Federations: f.foundAccounts(there[p.Host]), Relation: t.relation(related[p.Host]),
			Since: momentOf(t, p.FirstSeen), Received: momentOf(t, p.LastReceived), Delivered: momentOf(t, p.LastDelivered),
		}
	}
	return links, nil
}

// relation says what our federation has with a server; without a word: nothing.
func (t *tongue) relation(x storage.PeerRelation) stateBadge {
	switch {
	case x.FollowsUs && x.FollowedByUs:
		return stateBadge{"open", "●", t.T("network_both")}
	case x.FollowsUs:
		return stateBadge{"paused", "◐", t.T("network_follows_us")}
	case x.FollowedByUs:
		return stateBadge{"paused", "◐", t.T("network_followed")}
	}
	return stateBadge{}
}

// networkHost answers GET /network/HOST. A server that is blocked is not found, nor is one
// that nobody heard of.
func (f *Face) networkHost(c *gin.Context) error {
	ctx := c.Request.Context()
	host, err := address.NormalizeHost(coop.CleanLine(coop.Truncate(c.Param("host"), 400), 300))
	if err != nil {
		return errors.Join(coop.ErrNotFound, err)
	}
	peer, err := f.Store.Peer(ctx, host)
	if err != nil {
		return err
	}
	page := networkHostPage{frame: f.frame(c, host, "network", nil)}
	links, err := f.networkLinks(ctx, page.tongue, []*coop.Peer{peer})
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return coop.ErrNotFound
	}
	page.networkLink, page.Description = links[0], page.T("network_host_what", "Host", host)
	if err := f.fillHost(ctx, &page, host); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "network-host", page)
}

// fillHost says who is on a server and of what they are members.
func (f *Face) fillHost(ctx context.Context, page *networkHostPage, host string) error {
	federations, err := f.Store.FederationsAt(ctx, []string{host})
	if err != nil {
		return err
	}
	for _, a := range federations {
		who := f.person(a)
		handle := a.Handle(f.AccountDomain).String()
		page.Lists = append(page.Lists,
			way{URL: withQuery("/jobs", url.Values{"federation": {handle}}), Name: page.T("network_jobs", "Name", who.Name)},
			way{URL: withQuery("/library", url.Values{"federation": {handle}}), Name: page.T("network_articles", "Name", who.Name)},
			way{URL: withQuery("/directory", url.Values{"federation": {handle}}), Name: page.T("network_coops", "Name", who.Name)})
		above, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: a.ID, Verified: true}, coop.Page{Limit: membersShown})
		if err != nil {
			return err
		}
		for _, m := range above {
			page.Chain = append(page.Chain, chainLink{who, f.person(m.Organization), momentOf(page.tongue, m.Start)})
		}
		members, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: a.ID, Verified: true}, coop.Page{Limit: membersShown})
		if err != nil {
			return err
		}
		for _, m := range members {
			page.Members = append(page.Members, f.person(m.Member))
		}
	}
	return nil
}

// networkRoutes are these pages.
func (f *Face) networkRoutes() []auth.Route {
	return append(publicPage(networkPath, f.network), publicPage(networkPath+"/:host", f.networkHost)...)
}
