// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/origin"
	"minga/outbox"
	"minga/storage"
	"minga/web/respond"
)

// peersView is the list of the servers that we know.
type peersView struct {
	Rows     []peerRow
	Next     string // the page after; empty: this is the last
	Text     string // what the hosts contain
	Policies []choice
	Filtered bool
	Mode     string // in words
	Handle   string // of whom to follow, as it was typed
	Done     string
}

// choice is an entry to choose from.
type choice struct {
	Value, Name, Hint string
	Chosen            bool
}

// peerRow is a server in a list.
type peerRow struct {
	Host, URL string
	Policy    string // a word: allow, limit, block; empty: none
	Says      string // the policy in words
	Relation  string // in words; empty: none
	State     string // how deliveries go, in words
	Bad       bool
	Received  moment
	Delivered moment
	Reason    string
}

// peersShown is how many servers a page has.
const peersShown = 40

// policies are the decisions in the order in which they are offered.
var policies = []coop.PeerPolicy{coop.PolicyNone, coop.PolicyAllow, coop.PolicyLimit, coop.PolicyBlock}

// policyWord is a decision as a part of keys and addresses.
func policyWord(p coop.PeerPolicy) string {
	if p == coop.PolicyNone {
		return "none"
	}
	return string(p)
}

// peers answers GET /admin/peers?policy=&q=&after=.
func (f *Face) peers(c *gin.Context) error {
	return f.showPeers(c, http.StatusOK, "", "")
}

// showPeers draws the list, with what was wrong with a handle.
func (f *Face) showPeers(c *gin.Context, status int, handle, problem string) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	query := storage.PeerQuery{Text: coop.CleanLine(c.Query("q"), 200), After: coop.CleanLine(c.Query("after"), 300), Limit: peersShown}
	if p := coop.PeerPolicy(c.Query("policy")); slices.Contains(policies, p) {
		query.Policy = p
	}
	view := peersView{Text: query.Text, Handle: handle, Mode: t.T("admin_mode_" + string(f.Mode())), Filtered: query.Text != "" || query.Policy != ""}
	for _, p := range policies {
		name := t.T("admin_policy_" + policyWord(p))
		if p == coop.PolicyNone {
			name = t.T("admin_peers_all")
		}
		view.Policies = append(view.Policies, choice{Value: string(p), Name: name, Chosen: p == query.Policy})
	}
	if c.Query("done") == "follow" {
		view.Done = t.T("admin_done_follow")
	}
	peers, err := f.Store.Peers(ctx, query)
	if err != nil {
		return err
	}
	if view.Rows, err = f.peerRows(ctx, t, peers); err != nil {
		return err
	}
	if len(peers) == peersShown {
		view.Next = peersPath + "?" + url.Values{"q": {query.Text}, "policy": {string(query.Policy)}, "after": {peers[len(peers)-1].Host}}.Encode()
	}
	sheet := respond.Sheet{Page: "admin-peers", Title: t.T("admin_peers_title"), View: view}
	if problem != "" {
		sheet.Problems = []respond.Problem{{Field: "handle", Text: t.T(problem)}}
	}
	return f.Shell.Draw(c, status, sheet)
}

// peerRows are servers in words.
func (f *Face) peerRows(ctx context.Context, t respond.Tongue, peers []*coop.Peer) ([]peerRow, error) {
	hosts := make([]string, len(peers))
	for i, p := range peers {
		hosts[i] = p.Host
	}
	related, err := f.Store.PeerRelations(ctx, hosts)
	if err != nil {
		return nil, err
	}
	sent, err := f.Store.DestinationsOf(ctx, hosts)
	if err != nil {
		return nil, err
	}
	rows := make([]peerRow, len(peers))
	for i, p := range peers {
		rows[i] = f.peerRow(t, p, related[p.Host], sent[p.Host])
	}
	return rows, nil
}

// peerRow is one server; d may be nil where nothing was ever sent.
func (f *Face) peerRow(t respond.Tongue, p *coop.Peer, x storage.PeerRelation, d *storage.Destination) peerRow {
	policy := f.inForce(p)
	row := peerRow{
		Host: p.Host, URL: peersPath + "/" + url.PathEscape(p.Host), Policy: string(policy), Says: t.T("admin_policy_" + policyWord(policy)),
		Relation: relationText(t, x), Received: momentOf(t, p.LastReceived), Delivered: momentOf(t, p.LastDelivered), Reason: p.Reason,
	}
	row.State, row.Bad = healthText(t, policy, d)
	return row
}

// inForce is what was decided about a server, if its time is not over.
func (f *Face) inForce(p *coop.Peer) coop.PeerPolicy {
	if !p.ExpiresAt.IsZero() && !f.Now().Before(p.ExpiresAt) {
		return coop.PolicyNone
	}
	return p.Policy
}

// relationText says in words who follows whom.
func relationText(t respond.Tongue, x storage.PeerRelation) string {
	switch {
	case x.FollowsUs && x.FollowedByUs:
		return t.T("admin_relation_both")
	case x.FollowedByUs:
		return t.T("admin_relation_out")
	case x.FollowsUs:
		return t.T("admin_relation_in")
	case x.Asked > 0:
		return t.T("admin_relation_asked")
	case x.Asking > 0:
		return t.T("admin_relation_asking")
	case x.Followers+x.Following > 0:
		return t.T("admin_relation_people")
	}
	return ""
}

// healthText says in words how deliveries to a server go, and whether that is bad.
func healthText(t respond.Tongue, policy coop.PeerPolicy, d *storage.Destination) (string, bool) {
	switch {
	case policy == coop.PolicyBlock:
		return t.T("admin_health_blocked"), false
	case d == nil:
		return t.T("admin_health_never"), false
	case d.State == "unavailable":
		return t.T("admin_health_unavailable"), true
	case d.Failures > 0:
		return t.T("admin_health_failing"), true
	case d.Waiting > 0:
		return t.N("admin_health_waiting", d.Waiting), false
	}
	return t.T("admin_health_good"), false
}

// failing are the servers that do not take what we send, the worst first.
func (f *Face) failing(ctx context.Context, t respond.Tongue, most int) ([]peerRow, error) {
	all, err := f.Store.Destinations(ctx, 5*most)
	if err != nil {
		return nil, err
	}
	var rows []peerRow
	for _, d := range all {
		if d.Failures == 0 && d.State != "unavailable" || len(rows) == most {
			continue
		}
		peer, err := f.knownPeer(ctx, d.Host)
		if err != nil {
			return nil, err
		}
		if f.inForce(peer) != coop.PolicyBlock {
			row := f.peerRow(t, peer, storage.PeerRelation{}, &d)
			row.Reason = failureText(t, d.Error)
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// meetPeer answers POST /admin/peers: the federation follows somebody elsewhere.
func (f *Face) meetPeer(c *gin.Context) error {
	typed := coop.CleanLine(c.PostForm("handle"), 2048)
	if _, problem, err := f.followFirst(c, typed); problem != "" || err != nil {
		if err != nil {
			return err
		}
		return f.showPeers(c, http.StatusUnprocessableEntity, typed, problem)
	}
	c.Redirect(http.StatusSeeOther, peersPath+"?done=follow")
	return nil
}

// followFirst lets the federation follow whom somebody typed, and gives the key of a
// text for what is wrong with that.
func (f *Face) followFirst(c *gin.Context, typed string) (*coop.Follow, string, error) {
	ctx := c.Request.Context()
	target, problem, err := f.find(ctx, typed)
	if problem != "" || err != nil {
		return nil, problem, err
	}
	federation, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return nil, "", err
	}
	if target.Local {
		return nil, "admin_follow_own", nil
	}
	x, err := f.Outbox.Follow(ctx, federation, target, outbox.Noted(noted(c, "peer.follow", string(target.IRI), "")))
	if isForbidden(err) {
		return nil, "admin_follow_refused", nil
	}
	return x, "", err
}

// goToPeer answers GET /admin/peers/go?host=…: the page of a server, also of one that
// was never heard of.
func (f *Face) goToPeer(c *gin.Context) error {
	host, err := origin.NormalizeHost(coop.CleanLine(c.Query("host"), 300))
	to := peersPath
	if err == nil {
		to += "/" + url.PathEscape(host)
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// hostOf is the host of a path as it is compared, empty for none.
func hostOf(c *gin.Context) string {
	host, err := origin.NormalizeHost(strings.TrimSpace(c.Param("host")))
	if err != nil {
		return ""
	}
	return host
}
