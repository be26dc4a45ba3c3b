// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
	"minga/web/admin"
)

// hostWords say in English what a look at another server found.
var hostWords = map[string]map[admin.FindingState]string{
	"decision": {admin.FindingOK: "nothing here speaks against it", admin.FindingWarn: "it is %s here: see `minga peer show`", admin.FindingFail: "it is blocked here: nothing is asked of it; see `minga peer clear`"},
	"name":     {admin.FindingOK: "its name leads to %s", admin.FindingFail: "its name leads nowhere: %s"},
	"tls":      {admin.FindingOK: "its certificate is good until %s", admin.FindingWarn: "its certificate ends on %s"},
	"nodeinfo": {admin.FindingOK: "it runs %s", admin.FindingWarn: "it answers and says of itself nothing that we read: %s", admin.FindingFail: "it does not answer: %s"},
	"clock":    {admin.FindingOK: "its clock agrees with ours", admin.FindingWarn: "its clock and ours differ by %s: signatures are refused beyond some minutes"},
	"handle":   {admin.FindingOK: "WebFinger names %s", admin.FindingWarn: "WebFinger: %s; name somebody there: `minga doctor NAME@HOST`"},
	"actor":    {admin.FindingOK: "%s can be read", admin.FindingWarn: "%s can be read with a signature alone, as it should be where fetches must be signed", admin.FindingFail: "its document cannot be read: %s"},
	"key":      {admin.FindingOK: "it names a key that we can check", admin.FindingFail: "it names no key: whatever it sends is refused"},
	"inbox":    {admin.FindingOK: "it takes mail at %s", admin.FindingFail: "it names no inbox of its own host: nothing can be delivered"},
	"delivery": {admin.FindingOK: "it takes what we send", admin.FindingWarn: "%s: see `minga queue status`"},
	"received": {admin.FindingOK: "we last heard of it %s", admin.FindingWarn: "it never sent us anything"},
}

// hostText is a finding about another server in words.
func hostText(f admin.Finding) (text, do string) {
	text = hostWords[f.Name][f.State]
	if f.Fact != "" {
		text = fmt.Sprintf(text, f.Fact)
	}
	text, do, _ = strings.Cut(text, ": see ")
	if do != "" {
		do = "see " + do
	}
	return text, do
}

// skew is how far two clocks may differ before we say so.
const skew = time.Minute

// hostLook is a look at another server on its way.
type hostLook struct {
	i        *instance
	host     string
	handle   string // of somebody there
	findings []admin.Finding
}

// say notes what was found.
func (l *hostLook) say(name string, state admin.FindingState, fact string) {
	l.findings = append(l.findings, admin.Finding{Name: name, State: state, Fact: fact})
}

// lookAt looks at another server as it looks from here: who is a host, or the handle of
// somebody there. It asks for public documents alone and changes nothing.
func (i *instance) lookAt(ctx context.Context, who string) ([]admin.Finding, error) {
	l := &hostLook{i: i, host: who}
	if handle, err := coop.ParseHandle(who); err == nil && handle.Host != "" {
		l.host, l.handle = handle.Host, handle.String()
	}
	host, err := origin.NormalizeHost(l.host)
	if err != nil {
		return nil, usage("%v", err)
	}
	if l.host = host; host == i.config.Host || host == i.config.AccountDomain {
		return nil, usage("%s is this instance itself: `minga doctor` looks at it", host)
	}
	if l.handle == "" {
		l.handle = host + "@" + host // as servers call their own actor
	}
	if l.decided(ctx) && l.named(ctx) && l.answers(ctx) {
		l.shows(ctx)
		l.finger(ctx)
	}
	l.delivered(ctx)
	return l.findings, nil
}

// decided says what counts for the server here; false: nothing may be asked of it.
func (l *hostLook) decided(ctx context.Context) bool {
	peer, err := l.i.store.Peer(ctx, l.host)
	if err != nil {
		peer = &coop.Peer{Host: l.host}
	}
	switch {
	case l.i.blocked(ctx, l.host):
		l.say("decision", admin.FindingFail, "")
		return false
	case peer.Policy == coop.PolicyLimit:
		l.say("decision", admin.FindingWarn, "limited")
	default:
		l.say("decision", admin.FindingOK, "")
	}
	if peer.LastReceived.IsZero() {
		l.say("received", admin.FindingWarn, "")
	} else {
		l.say("received", admin.FindingOK, stamp(peer.LastReceived))
	}
	return true
}

// named asks the DNS for its addresses; those of names under .localhost are known.
func (l *hostLook) named(ctx context.Context) bool {
	name := hostName(l.host)
	if strings.HasSuffix(name, "localhost") {
		return true
	}
	out := &lookout{i: l.i, names: l.i.names}
	if out.names == nil {
		out.names = net.DefaultResolver
	}
	found := addressesOf(ctx, out, name)
	if found.State == admin.FindingFail {
		l.say("name", admin.FindingFail, found.Fact)
		return false
	}
	l.say("name", admin.FindingOK, found.Fact)
	return true
}

// shows looks how long its certificate is good.
func (l *hostLook) shows(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, l.i.config.Scheme+"://"+l.host+"/.well-known/nodeinfo", http.NoBody)
	if err != nil {
		return
	}
	answer, err := l.i.client.ForLibrary().Do(r)
	if err != nil {
		return // why is said where it is asked what it runs
	}
	_ = answer.Body.Close()
	if answer.TLS != nil {
		found := judgeEnd("tls", answer.TLS.PeerCertificates, l.i.now())
		l.say("tls", found.State, found.Fact)
	}
}

// answers looks whether it answers at all, what it runs, and what time it has.
func (l *hostLook) answers(ctx context.Context) bool {
	page, err := l.i.client.Get(ctx, l.i.config.Scheme+"://"+l.host+"/.well-known/nodeinfo", "application/json", 1<<16)
	var wrong *federation.Error
	if err != nil && (!errors.As(err, &wrong) || wrong.Status == 0) {
		l.say("nodeinfo", admin.FindingFail, err.Error())
		return false
	}
	if software, told := l.i.client.Software(ctx, l.host); told == nil {
		l.say("nodeinfo", admin.FindingOK, software)
	} else {
		l.say("nodeinfo", admin.FindingWarn, told.Error())
	}
	if at, err := http.ParseTime(page.Header.Get("Date")); err == nil {
		if off := l.i.now().Sub(at).Abs(); off > skew {
			l.say("clock", admin.FindingWarn, off.Round(time.Second).String())
		} else {
			l.say("clock", admin.FindingOK, "")
		}
	}
	return true
}

// finger asks for somebody there by WebFinger, and then for what their document says.
func (l *hostLook) finger(ctx context.Context) {
	found, err := l.i.client.LookUp(ctx, l.handle)
	if err != nil {
		l.say("handle", admin.FindingWarn, err.Error())
		return
	}
	l.say("handle", admin.FindingOK, l.handle)
	doc, err := l.i.client.Fetch(ctx, federation.Ask{IRI: found.Actor, Unsigned: true})
	if err == nil {
		l.say("actor", admin.FindingOK, doc.ID)
	} else if doc, err = l.i.client.Document(ctx, found.Actor); err == nil {
		l.say("actor", admin.FindingWarn, doc.ID)
	} else {
		l.say("actor", admin.FindingFail, err.Error())
		return
	}
	l.judge(doc)
}

// judge looks for what deliveries need in an actor's document: a key, and an inbox of its
// own host (ActivityPub §4.1).
func (l *hostLook) judge(doc federation.Fetched) {
	var actor struct {
		Inbox     string          `json:"inbox"`
		PublicKey json.RawMessage `json:"publicKey"`
		Method    json.RawMessage `json:"assertionMethod"`
		Endpoints struct {
			SharedInbox string `json:"sharedInbox"`
		} `json:"endpoints"`
	}
	if err := json.Unmarshal(doc.Body, &actor); err != nil {
		l.say("actor", admin.FindingFail, err.Error())
		return
	}
	if len(actor.PublicKey)+len(actor.Method) > 0 {
		l.say("key", admin.FindingOK, "")
	} else {
		l.say("key", admin.FindingFail, "")
	}
	boxes := []string{}
	for _, box := range []string{actor.Inbox, actor.Endpoints.SharedInbox} {
		if box != "" && origin.Same(box, doc.ID) {
			boxes = append(boxes, box)
		}
	}
	if actor.Inbox == "" || len(boxes) == 0 {
		l.say("inbox", admin.FindingFail, "")
		return
	}
	l.say("inbox", admin.FindingOK, strings.Join(boxes, ", "))
}

// delivered says how deliveries to it go.
func (l *hostLook) delivered(ctx context.Context) {
	d, err := l.i.store.Destination(ctx, l.host)
	switch {
	case err != nil: // nothing was ever sent
	case d.State == "unavailable":
		l.say("delivery", admin.FindingWarn, "it was given up: "+d.Error)
	case d.Failures > 0:
		l.say("delivery", admin.FindingWarn, fmt.Sprintf("%d tries in a row failed, the last one: %s", d.Failures, d.Error))
	default:
		l.say("delivery", admin.FindingOK, "")
	}
}
