// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// configCheck is `minga config check`.
type configCheck struct{}

// checkPatience is how long one look may take.
const checkPatience = 5 * time.Second

// configFound is what one look found. What a machine elsewhere may cure is a warning.
type configFound struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, warn, fail
	Text  string `json:"text"`
}

// Run reads the configuration and looks whether what it names is there, without starting.
func (configCheck) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	found := []configFound{{"settings", "ok", "they can be read, and agree with each other"}}
	for _, look := range []func(context.Context, *terminal, *Config) configFound{lookAtStrangers, lookAtName, lookAtPort, lookAtCertificate, lookAtFolder, lookAtDatabase, lookAtMail} {
		ctx, cancel := context.WithTimeout(t.ctx, checkPatience)
		if one := look(ctx, t, config); one.State != "" {
			found = append(found, one)
		}
		cancel()
	}
	bad := false
	for _, one := range found {
		bad = bad || one.State == "fail"
	}
	err = t.print(found, func(w io.Writer) {
		for _, one := range found {
			fmt.Fprintf(w, "%-4s  %-12s %s\n", one.State, one.Check, printable(one.Text))
		}
	})
	if err == nil && bad {
		err = errSaid
	}
	return err
}

// lookAtStrangers looks for variables that are no setting, though they look like one.
func lookAtStrangers(_ context.Context, t *terminal, _ *Config) configFound {
	strange, err := t.strangeKeys()
	if err != nil || len(strange) == 0 {
		return configFound{}
	}
	words := make([]string, 0, len(strange))
	for _, one := range strange {
		words = append(words, one.Text)
	}
	return configFound{"settings", "warn", strings.Join(words, "; ")}
}

// lookAtName asks for the addresses of the host.
func lookAtName(ctx context.Context, _ *terminal, c *Config) configFound {
	name := c.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	if !publicName(c.Host) {
		return configFound{"host", "warn", name + " is no public name: nobody else reaches it"}
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return configFound{"host", "warn", "its name has no address yet: " + err.Error()}
	}
	return configFound{"host", "ok", name + " is at " + addresses[0]}
}

// lookAtPort tries to listen, unless a server of ours does already.
func lookAtPort(ctx context.Context, _ *terminal, c *Config) configFound {
	listeners, err := listen(ctx, c.Listen)
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	if err == nil {
		return configFound{"listen", "ok", c.Listen + " is free"}
	}
	if _, asked := askReady(ctx, c); asked == nil {
		return configFound{"listen", "ok", "a server answers on " + c.Listen}
	}
	return configFound{"listen", "fail", err.Error()}
}

// lookAtCertificate loads the files and looks how long the certificate is good.
func lookAtCertificate(_ context.Context, t *terminal, c *Config) configFound {
	if c.CertFile == "" {
		return configFound{}
	}
	pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
	if err != nil {
		return configFound{"certificate", "fail", err.Error()}
	}
	name, _, err := net.SplitHostPort(c.Host)
	if err != nil {
		name = c.Host
	}
	left := pair.Leaf.NotAfter.Sub(t.now())
	switch {
	case pair.Leaf.VerifyHostname(name) != nil:
		return configFound{"certificate", "fail", "it is not for " + name}
	case left <= 0:
		return configFound{"certificate", "fail", "it ended on " + stamp(pair.Leaf.NotAfter)}
	case left < certificateWarning:
		return configFound{"certificate", "warn", "it ends on " + stamp(pair.Leaf.NotAfter)}
	}
	return configFound{"certificate", "ok", "it is good until " + stamp(pair.Leaf.NotAfter)}
}

// certificateWarning is for how long a certificate has to be good.
const certificateWarning = 14 * 24 * time.Hour

// lookAtMail looks whether the mail server is there; `minga mail test` tries a mail.
func lookAtMail(ctx context.Context, _ *terminal, c *Config) configFound {
	if c.Mail == nil {
		return configFound{"mail", "warn", "no mail server is named (smtp_url): links are given by hand"}
	}
	port := c.Mail.Port
	if port == 0 {
		port = 587
		if c.Mail.Security == "tls" {
			port = 465
		}
	}
	// The name alone: a connection is made where mails are sent, by `minga mail test`.
	if _, err := net.DefaultResolver.LookupHost(ctx, c.Mail.Host); err != nil {
		return configFound{"mail", "fail", err.Error()}
	}
	return configFound{"mail", "ok", "goes through " + net.JoinHostPort(c.Mail.Host, strconv.Itoa(port)) + "; `minga mail test` tries it"}
}
