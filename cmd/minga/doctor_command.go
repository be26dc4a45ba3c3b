// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"sync"
	"time"

	"minga/federation"
	"minga/web/admin"
)

// doctorCommand is `minga doctor`.
type doctorCommand struct {
	Who string `arg:"" optional:"" name:"host" help:"Another server, or the handle of somebody there, to look at from here. Without: this one."`
}

// doctorWords say in English what a check found; the pages have their own texts.
var doctorWords = map[string]map[admin.FindingState]string{
	"database": {admin.FindingOK: "answers", admin.FindingFail: "does not answer: %s"},
	"queue":    {admin.FindingOK: "moves", admin.FindingWarn: "the oldest that is due waits for %s minutes: see `minga queue status`"},
	"peers":    {admin.FindingOK: "all that we send to take it", admin.FindingWarn: "%s servers do not take what we send: see `minga queue status`"},
	"mail":     {admin.FindingOK: "is sent through %s: try it by `minga mail test`", admin.FindingWarn: "no mail server is configured (smtp_host): links are given by hand"},
	"backup": {
		admin.FindingOK: "the last good one is of %s UTC", admin.FindingWarn: "none has been made: set backup_to, or type `minga backup create`",
		admin.FindingFail: "no good one since %s UTC: see `minga backup status`",
	},
	"disk": {
		admin.FindingOK: "%s %% are free", admin.FindingWarn: "%s %% are free: pictures of other servers are not kept; `minga media prune` makes room",
		admin.FindingFail: "%s %% are free: nothing can be uploaded; make room now, `minga media prune` begins",
	},
	"certificate": {admin.FindingOK: "is good until %s", admin.FindingWarn: "ends on %s: renew it", admin.FindingFail: "cannot be used: %s"},
	"address": {
		admin.FindingOK: "%s answers, and so does WebFinger", admin.FindingWarn: "%s is for trying: nobody else can reach it",
		admin.FindingFail: "asking ourselves from this machine failed: %s",
	},
}

// Run looks and says what it found, a line each; it fails when something is wrong.
func (a doctorCommand) Run(t *terminal) error {
	return t.with(func(i *instance) (err error) {
		words, bad := doctorWords, false
		var findings []admin.Finding
		if a.Who == "" {
			findings = i.findings(t.ctx)
		} else {
			words = hostWords
			if findings, err = i.lookAt(t.ctx, a.Who); err != nil {
				return err
			}
		}
		for _, one := range findings {
			bad = bad || one.State == admin.FindingFail
		}
		rows := make([]map[string]string, len(findings))
		for n, one := range findings {
			rows[n] = map[string]string{"check": one.Name, "state": string(one.State), "fact": one.Fact}
		}
		err = t.print(rows, func(w io.Writer) {
			for _, one := range findings {
				text := words[one.Name][one.State]
				if one.Fact != "" {
					text = fmt.Sprintf(text, printable(one.Fact))
				}
				fmt.Fprintf(w, "%-4s  %-11s %s\n", one.State, one.Name, text)
			}
		})
		if err == nil && bad {
			err = errSaid
		}
		return err
	})
}

// findings are what all checks found, in the order in which they matter.
func (i *instance) findings(ctx context.Context) []admin.Finding {
	if err := i.store.Ping(ctx); err != nil {
		return []admin.Finding{{Name: "database", State: admin.FindingFail, Fact: err.Error()}}
	}
	found := []admin.Finding{{Name: "database", State: admin.FindingOK}, i.checkQueue(ctx), i.checkPeers(ctx), i.checkDisk(), i.checkBackup(ctx), i.checkMail()}
	return append(append(found, i.checkCertificate()...), i.checkAddress(ctx))
}

// checkQueue looks whether what is due is being done.
func (i *instance) checkQueue(ctx context.Context) admin.Finding {
	queues, err := readQueues(ctx, i.store)
	if err != nil {
		return admin.Finding{Name: "database", State: admin.FindingFail, Fact: err.Error()}
	}
	oldest := 0.0
	for _, q := range queues {
		oldest = max(oldest, q.OldestSeconds)
	}
	if oldest > queuePatience.Seconds() {
		return admin.Finding{Name: "queue", State: admin.FindingWarn, Fact: strconv.Itoa(int(oldest / 60))}
	}
	return admin.Finding{Name: "queue", State: admin.FindingOK}
}

// checkPeers looks whether other servers take what we send.
func (i *instance) checkPeers(ctx context.Context) admin.Finding {
	stats, err := i.store.QueueStats(ctx)
	if err != nil {
		return admin.Finding{Name: "database", State: admin.FindingFail, Fact: err.Error()}
	}
	if n := stats.Resting + stats.Unavailable; n > 0 {
		return admin.Finding{Name: "peers", State: admin.FindingWarn, Fact: strconv.Itoa(n)}
	}
	return admin.Finding{Name: "peers", State: admin.FindingOK}
}

// checkMail says who takes our mails.
func (i *instance) checkMail() admin.Finding {
	host, _ := i.outbox.MailHost()
	if host == "" {
		return admin.Finding{Name: "mail", State: admin.FindingWarn}
	}
	return admin.Finding{Name: "mail", State: admin.FindingOK, Fact: host}
}

// selfPatience is how long we wait for ourselves.
const selfPatience = 5 * time.Second

// checkAddress asks for the federation's handle as another server would: the name has
// to be known, the certificate good, and what stands before us has to pass it on.
func (i *instance) checkAddress(ctx context.Context) admin.Finding {
	if i.config.Scheme == "http" {
		return admin.Finding{Name: "address", State: admin.FindingWarn, Fact: i.config.BaseURL()}
	}
	fail := func(err error) admin.Finding {
		return admin.Finding{Name: "address", State: admin.FindingFail, Fact: err.Error()}
	}
	account, err := i.store.FederationAccount(ctx)
	if err != nil {
		return fail(err)
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")", Now: i.now, Dev: i.config.Dev, AllowNets: i.config.AllowNets, ExtraCA: i.extraCA,
	})
	if err != nil {
		return fail(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, selfPatience)
	defer cancel()
	resource := url.Values{"resource": {"acct:" + account.Handle(i.config.AccountDomain).String()}}
	if _, err := client.Get(ctx, "https://"+i.config.AccountDomain+"/.well-known/webfinger?"+resource.Encode(), "application/jrd+json", 1<<16); err != nil {
		return fail(err)
	}
	return admin.Finding{Name: "address", State: admin.FindingOK, Fact: i.config.BaseURL()}
}

// glance keeps what the checks found for a while: the pages ask each time they are
// looked at.
type glance struct {
	mu    sync.Mutex
	at    time.Time
	found []admin.Finding
}

// glanceLife is how long it is kept.
const glanceLife = 20 * time.Second

// checks are the findings for the pages.
func (i *instance) checks(ctx context.Context) []admin.Finding {
	i.glance.mu.Lock()
	defer i.glance.mu.Unlock()
	if i.glance.found == nil || i.now().Sub(i.glance.at) > glanceLife {
		i.glance.found, i.glance.at = i.findings(ctx), i.now()
	}
	return i.glance.found
}
