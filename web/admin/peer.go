// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// peerFacts are what we know of one server.
type peerFacts struct {
	peerRow
	Software     string
	Seen         moment // first
	Expires      moment // of the decision
	PublicReason string
	List         string // that decided; empty: somebody here
	Failure      string // of deliveries, in words; empty: none
	Error        string // the same as the machine says it
	Since        moment // of the first failure
	Waiting      int
	Next         moment // of the next try
	Facts        []fact
}

// fact is a line of what is known.
type fact struct{ Name, Value, URL, Stamp string }

// list writes what is known as lines; what is not is left out.
func (p *peerFacts) list(t respond.Tongue) {
	p.Facts = []fact{{t.T("admin_fact_host"), p.Host, p.URL, ""}, {t.T("admin_peers_policy"), p.Says, "", ""}}
	add := func(key, value, stamp string) {
		if value != "" {
			p.Facts = append(p.Facts, fact{t.T(key), value, "", stamp})
		}
	}
	when := func(key string, at moment) {
		if at.Day != "" {
			add(key, at.Day+", "+at.Clock, at.Stamp)
		}
	}
	add("admin_fact_relation", p.Relation, "")
	add("admin_fact_software", p.Software, "")
	when("admin_fact_seen", p.Seen)
	when("admin_received", p.Received)
	when("admin_delivered", p.Delivered)
	add("admin_fact_health", p.State, "")
	when("admin_fact_since", p.Since)
	when("admin_fact_next", p.Next)
	add("admin_public", p.PublicReason, "")
	add("admin_fact_list", p.List, "")
}

// peerView is the page of one server.
type peerView struct {
	peerFacts
	Path     string
	Done     string
	Decided  bool // there is a decision to take back
	Preview  *previewView
	Policies []choice
	Given    decision
	Days     []choice
	Bringers []bringer // whom we follow there
	Compared []comparedRow
}

// decision is what the form about a server says.
type decision struct {
	Policy         coop.PeerPolicy
	Reason, Public string
	Days           int // 0: until it is taken back
}

// lives are for how many days a decision may hold.
var lives = []int{0, 7, 30, 90, 365}

// peerDones are what the page of a server can say that was done.
var peerDones = []string{"none", "allow", "limit", "block", "retry", "compare"}

// knownPeer is a server by its host, also one that was never heard of.
func (f *Face) knownPeer(ctx context.Context, host string) (*coop.Peer, error) {
	peer, err := f.Store.Peer(ctx, host)
	if errors.Is(err, coop.ErrNotFound) {
		return &coop.Peer{Host: host}, nil
	}
	return peer, err
}

// peerFacts reads them.
func (f *Face) peerFacts(ctx context.Context, t respond.Tongue, host string) (facts peerFacts, err error) {
	peer, err := f.knownPeer(ctx, host)
	if err != nil {
		return facts, err
	}
	related, err := f.Store.PeerRelations(ctx, []string{host})
	if err != nil {
		return facts, err
	}
	d, err := f.Store.Destination(ctx, host)
	if errors.Is(err, coop.ErrNotFound) {
		d, err = nil, nil
	}
	if err != nil {
		return facts, err
	}
	facts = peerFacts{
		peerRow: f.peerRow(t, peer, related[host], d), Software: peer.Software, Seen: momentOf(t, peer.FirstSeen),
		PublicReason: peer.PublicReason,
	}
	if facts.Policy != "" {
		facts.Expires = momentOf(t, peer.ExpiresAt)
	}
	if peer.List != 0 {
		if l, err := f.Store.PeerList(ctx, peer.List); err == nil {
			facts.List = l.Name
		}
	}
	if d != nil {
		facts.Waiting = d.Waiting
		if d.Failures > 0 || d.State == "unavailable" {
			facts.Failure, facts.Error, facts.Since = failureText(t, d.Error), d.Error, momentOf(t, d.FirstFailureAt)
		}
		if d.Waiting > 0 {
			facts.Next = momentOf(t, d.DueAt)
		}
	}
	facts.list(t)
	return facts, f.exchanged(ctx, t, &facts)
}

// peerOf is the host of the path; our own is none.
func (f *Face) peerOf(c *gin.Context) (string, error) {
	host := hostOf(c)
	if host == "" || host == f.Host || host == f.AccountDomain {
		return "", fmt.Errorf("server %.100q: %w", c.Param("host"), coop.ErrNotFound)
	}
	return host, nil
}

// peerPage answers GET /admin/peers/HOST, and with policy=…, reason=…, public=… and
// days=… shows what that decision would change, before anything is.
func (f *Face) peerPage(c *gin.Context) error {
	host, err := f.peerOf(c)
	if err != nil {
		return err
	}
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view := peerView{Path: peersPath + "/" + url.PathEscape(host)}
	if view.peerFacts, err = f.peerFacts(ctx, t, host); err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(peerDones, done) {
		view.Done = t.T("admin_peer_done_"+done, "Host", host)
	}
	if view.Bringers, err = f.bringers(ctx, t, host); err != nil {
		return err
	}
	if view.Compared, err = f.compared(ctx, t, host); err != nil {
		return err
	}
	view.Decided = view.Policy != ""
	view.Given = decision{Policy: coop.PeerPolicy(view.Policy), Reason: view.Reason, Public: view.PublicReason}
	if _, asked := c.GetQuery("policy"); asked {
		view.Given = readDecision(c.Query)
		if view.Preview, err = f.preview(ctx, t, host, view.Given, coop.PeerPolicy(view.Policy)); err != nil {
			return err
		}
	}
	view.Policies, view.Days = policyChoices(t, view.Given.Policy), dayChoices(t, view.Given.Days)
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: "admin-peer", Title: t.T("admin_peer_title", "Host", host), View: view})
}

// readDecision reads a decision from a form or an address; what it does not know is
// no decision.
func readDecision(field func(string) string) decision {
	d := decision{Reason: coop.CleanText(field("reason"), 2000), Public: coop.CleanText(field("public"), 1000)}
	for _, p := range policies {
		if policyWord(p) == field("policy") {
			d.Policy = p
		}
	}
	if n, err := strconv.Atoi(field("days")); err == nil && slices.Contains(lives, n) {
		d.Days = n
	}
	return d
}

// policyChoices are the decisions to choose from, each with what it means.
func policyChoices(t respond.Tongue, chosen coop.PeerPolicy) []choice {
	var list []choice
	for _, p := range policies {
		word := policyWord(p)
		list = append(list, choice{word, t.T("admin_policy_" + word), t.T("admin_policy_" + word + "_means"), p == chosen})
	}
	return list
}

// dayChoices are for how long a decision may hold.
func dayChoices(t respond.Tongue, chosen int) []choice {
	var list []choice
	for _, n := range lives {
		name := t.T("admin_peer_forever")
		if n > 0 {
			name = t.N("admin_peer_days", n)
		}
		list = append(list, choice{Value: strconv.Itoa(n), Name: name, Chosen: n == chosen})
	}
	return list
}

// until is when a decision ends; zero: when it is taken back.
func (d decision) until(now time.Time) time.Time {
	if d.Days == 0 || d.Policy == coop.PolicyNone {
		return time.Time{}
	}
	return now.AddDate(0, 0, d.Days)
}

// changePeer answers POST /admin/peers/HOST: act is decide, restore (what was decided
// is taken back), retry (what waits is sent now) or compare.
func (f *Face) changePeer(c *gin.Context) error {
	host, err := f.peerOf(c)
	if err != nil {
		return err
	}
	ctx, done := c.Request.Context(), "retry"
	who, from := auth.Account(c).Name, c.ClientIP()
	switch c.PostForm("act") {
	case "decide", "restore":
		d := decision{}
		if c.PostForm("act") == "decide" {
			d = readDecision(c.PostForm)
		}
		peer := &coop.Peer{Host: host, Policy: d.Policy, Reason: d.Reason, PublicReason: d.Public, ExpiresAt: d.until(f.Now())}
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.DecidePeer(ctx, peer, who, from) })
		done = policyWord(d.Policy)
	case "retry":
		err = f.Store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.RetryQueues(ctx, []string{host}, host)
			return also(err, func() error { return tx.AddAudit(ctx, audit(noted(c, "peer.retry", host, ""))) })
		})
	case "compare":
		done, err = "compare", f.compareSoon(ctx, host, audit(noted(c, "peer.compare", host, "")))
	default:
		return &coop.InvalidError{Field: "act", Problem: "this is nothing that is done with a server"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, peersPath+"/"+url.PathEscape(host)+"?done="+done)
	return nil
}

// also does what comes next unless something failed.
func also(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}

// audit is an entry to add.
func audit(e coop.AuditEntry) *coop.AuditEntry { return &e }
