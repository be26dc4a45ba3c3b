// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"minga/federation"
	"minga/web/admin"
	"minga/web/pages"
)

// doctorCommand is `minga doctor`.
type doctorCommand struct {
	Who   string `arg:"" optional:"" name:"host" help:"Another server, or the handle of somebody there, to look at from here. Without: this one."`
	Quick bool   `help:"Leave out what reads the whole database or asks the network."`
}

// Run looks and says what it found, a line each; it fails when something is wrong.
func (a doctorCommand) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		report := &doctorReport{t: t}
		err := a.look(i, report)
		if err == nil && t.json {
			err = t.print(report.rows, nil)
		}
		if err == nil && report.bad {
			err = errSaid
		}
		return err
	})
}

// look looks at another server, or at this one.
func (a doctorCommand) look(i *instance, report *doctorReport) error {
	ctx := report.t.ctx
	if a.Who != "" {
		report.words = hostText
		findings, err := i.lookAt(ctx, a.Who)
		if err != nil {
			return err
		}
		return report.tell(findings)
	}
	english, err := pages.English()
	if err != nil {
		return err
	}
	report.words = func(f admin.Finding) (string, string) {
		text := admin.Explain(english, f)
		return text.Text, text.Do
	}
	return i.examine(ctx, a.Quick, report.tell)
}

// doctorReport is what was found, as it is printed.
type doctorReport struct {
	t     *terminal
	words func(f admin.Finding) (text, do string)
	rows  []doctorRow
	bad   bool // something does not work
}

// doctorRow is what one check found.
type doctorRow struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, warn, fail
	Fact  string `json:"fact"`
	Text  string `json:"text"`
	Do    string `json:"do"` // empty when all is well
}

// tell prints what a check found, as soon as it is known.
func (r *doctorReport) tell(found []admin.Finding) error {
	for _, f := range found {
		text, do := r.words(f)
		r.bad = r.bad || f.State == admin.FindingFail
		r.rows = append(r.rows, doctorRow{f.Name, string(f.State), f.Fact, text, do})
		if r.t.json {
			continue
		}
		fmt.Fprintf(r.t.out, "%-4s  %-11s %s\n", f.State, f.Name, printable(text))
		if do != "" {
			fmt.Fprintf(r.t.out, "                  → %s\n", printable(do))
		}
		if f.Why.Raw != "" {
			fmt.Fprintf(r.t.out, "                  “%s”\n", printable(f.Why.Raw))
		}
	}
	return nil
}

// checkQueue looks whether what is due is being done.
func (i *instance) checkQueue(ctx context.Context) admin.Finding {
	queues, err := readQueues(ctx, i.store)
	if err != nil {
		return unsure("database", err)
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
		return unsure("database", err)
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
		return failed("address", err)
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
