// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/outbox/mail"
	"minga/web"
	"minga/web/admin"
)

// What minga looks at to say how it does stands in one list: the command, the page
// /admin/doctor, the mails to the staff and the metrics all show it. First comes what this
// machine knows by itself, then what is seen when this instance is asked by its public
// address as a stranger would ask, and what the DNS, the mail server and others say.

// check is one of them. Its name is a part of the keys of its words.
type check struct {
	name string
	// look says what it found; nothing where the check means nothing here.
	look func(ctx context.Context) []admin.Finding
}

// checkLimit is how long one check may take; damageLimit is for the one that reads all of
// the database.
const (
	checkLimit  = 40 * time.Second
	damageLimit = 10 * time.Minute
)

// alone are the checks that ask nobody else.
func (l *lookout) alone() []check {
	return []check{
		{"rehearsal", l.i.checkRehearsal},
		{"queue", func(ctx context.Context) []admin.Finding { return one(l.i.checkQueue(ctx)) }},
		{"peers", func(ctx context.Context) []admin.Finding { return one(l.i.checkPeers(ctx)) }},
		{"disk", func(context.Context) []admin.Finding { return one(l.i.checkDisk()) }},
		{"backup", func(ctx context.Context) []admin.Finding { return one(l.i.checkBackup(ctx)) }},
		{"mail", func(context.Context) []admin.Finding { return one(l.i.checkMail()) }},
		{"certificate", l.i.checkCertificate},
		{"alone", l.sole},
		{"modes", l.modes},
		{"factors", l.factors},
		{"version", l.version},
	}
}

// outward are the checks that read the whole database or ask the network.
func (l *lookout) outward() []check {
	return []check{
		{"damage", l.damage},
		{"dns", l.dns},
		{"address", l.address},
		{"tls", l.tls},
		{"webfinger", l.webfinger},
		{"documents", l.documents},
		{"media", l.media},
		{"cors", l.cors},
		{"inbox", l.inbox},
		{"proxy", l.proxy},
		{"signatures", l.signatures},
		{"uploads", l.uploads},
		{"streaming", l.streaming},
		{"accepted", l.accepted},
		{"heard", l.heard},
		{"clock", l.clock},
		{"smtp", l.smtp},
		{"sender", l.sender},
		{"translation", l.translation},
	}
}

// one is what a check found that always says something.
func one(f admin.Finding) []admin.Finding { return []admin.Finding{f} }

// doer sends a request and gives the answer as it comes: no redirect is followed.
type doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// lookout is a look of this instance at itself on its way.
type lookout struct {
	i     *instance
	names mail.Resolver
	base  string // the address of this instance

	gate   *federation.Client // asks ourselves alone
	client doer               // through it, as it comes
	self   *coop.Account      // the federation
	secret string             // of the probe
	up     bool               // we answer
	saw    web.Probed         // what arrived of the first probe
	chain  []*x509.Certificate
}

// newLookout makes one. Close it.
func (i *instance) newLookout(ctx context.Context) (*lookout, error) {
	l := &lookout{i: i, names: i.names, base: i.config.BaseURL()}
	if l.names == nil {
		l.names = net.DefaultResolver
	}
	self, err := i.store.FederationAccount(ctx)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, err
	}
	l.self = self
	l.gate, err = federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + l.base + ")", Now: i.now, Dev: i.config.Dev, AllowNets: i.config.AllowNets, ExtraCA: i.extraCA,
		Trusted:  i.ownAddresses(),
		Resolver: l.names, Hosts: 4, HTTP1: true,
	})
	if err != nil {
		return nil, fmt.Errorf("look at ourselves: %w", err)
	}
	l.client = l.gate.ForLibrary()
	return l, nil
}

// ownAddresses are those by which others ask us.
func (i *instance) ownAddresses() (list []string) {
	for _, host := range i.config.hosts() {
		list = append(list, dialled(i.config.Scheme+"://"+host))
	}
	return list
}

// close ends it; the probe is forgotten.
func (l *lookout) close(ctx context.Context) error {
	l.gate.Close()
	return l.forget(ctx)
}

// checks are those of a quick look, or all.
func (l *lookout) checks(quick bool) []check {
	if quick {
		return l.alone()
	}
	return append(l.alone(), l.outward()...)
}

// examine runs the checks, one after the other, and tells of each what it found. That the
// database does not answer ends it: all others need it.
func (i *instance) examine(ctx context.Context, quick bool, tell func([]admin.Finding) error) (err error) {
	if err := i.store.Ping(ctx); err != nil {
		return tell(one(failed("database", err)))
	}
	l, err := i.newLookout(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close(context.WithoutCancel(ctx))) }()
	if err := tell(one(fine("database", ""))); err != nil {
		return err
	}
	for _, c := range l.rehearsed(ctx, l.checks(quick)) {
		limit := checkLimit
		if c.name == "damage" {
			limit = damageLimit
		}
		looking, cancel := context.WithTimeout(ctx, limit)
		found := c.look(looking)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := tell(found); err != nil {
			return err
		}
	}
	return nil
}

// fine is a finding that all is well.
func fine(name, fact string) admin.Finding {
	return admin.Finding{Name: name, State: admin.FindingOK, Fact: fact}
}

// warned is a finding that somebody should look at.
func warned(name, fact string) admin.Finding {
	return admin.Finding{Name: name, State: admin.FindingWarn, Fact: fact}
}

// failed is a finding that something does not work.
func failed(name string, err error) admin.Finding {
	return admin.Finding{Name: name, State: admin.FindingFail, Fact: err.Error(), Why: reasonOf(err)}
}

// inPart is failed where the rest of it works.
func inPart(name string, err error) admin.Finding {
	f := failed(name, err)
	f.State = admin.FindingWarn
	return f
}

// unsure is a finding that a check could not be made.
func unsure(name string, err error) admin.Finding {
	f := failed(name, err)
	f.Why.Unsure = true
	return f
}

// broken is failed with a fact.
func broken(name, fact string) admin.Finding {
	return admin.Finding{Name: name, State: admin.FindingFail, Fact: fact}
}
