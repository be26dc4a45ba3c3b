// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"

	"minga/coop"
	"minga/outbox/mail"
)

// readMail reads the mail server. Without a host there is none.
func (c *Config) readMail(r *configReader) {
	c.readAdminMail(r)
	c.partMailURL(r)
	host := r.text("smtp_host", "")
	if host == "" {
		for _, key := range []string{"smtp_port", "smtp_user", "smtp_password", "smtp_from", "smtp_tls"} {
			if r.text(key, "") != "" {
				r.fail(key, "needs smtp_host")
			}
		}
		return
	}
	if strings.ContainsAny(host, ":/ @") {
		r.fail("smtp_host", "is a name without a port; that is smtp_port")
	}
	server := &mail.Server{
		Host: host, Port: r.number("smtp_port", 0, 1, 65535), User: r.text("smtp_user", ""), Password: r.text("smtp_password", ""),
		Security: mail.Security(r.oneOf("smtp_tls", string(mail.StartTLS), string(mail.StartTLS), string(mail.TLS), string(mail.Plain))),
	}
	if server.Security == mail.Plain && !c.Dev {
		r.fail("smtp_tls", "none needs MINGA_DEV=1: mails carry links that open accounts")
	}
	if (server.User == "") != (server.Password == "") {
		r.fail("smtp_user", "and smtp_password go together")
	}
	c.readSender(r, server)
	c.Mail = server
}

// partMailURL reads smtp_url as what it stands for: the settings that it is short for.
func (c *Config) partMailURL(r *configReader) {
	text := r.text("smtp_url", "")
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		r.fail("smtp_url", "looks like smtp://name:password@mail.example.org:587, or smtps:// for tls from the first byte")
		return
	}
	password, _ := u.User.Password()
	parts := map[string]string{"smtp_host": u.Hostname(), "smtp_port": u.Port(), "smtp_user": u.User.Username(), "smtp_password": password}
	if u.Scheme == "smtps" {
		parts["smtp_tls"] = string(mail.TLS)
	}
	for key, part := range parts {
		if _, set := r.values[key]; set && part != "" {
			r.fail("smtp_url", "says what %s says too", key)
		} else if part != "" {
			r.values[key] = value{part, r.values["smtp_url"].origin}
		}
	}
}

// readAdminMail reads what the staff is told by mail.
func (c *Config) readAdminMail(r *configReader) {
	for _, word := range strings.FieldsFunc(r.text("admin_mail", "urgent,weekly"), func(c rune) bool { return c == ',' || c == ' ' }) {
		switch word {
		case "urgent":
			c.MailUrgent = true
		case "weekly":
			c.MailWeekly = true
		case "none":
		default:
			r.fail("admin_mail", "is urgent, weekly, both or none")
		}
	}
}

// readSender reads who mails are from.
func (c *Config) readSender(r *configReader, server *mail.Server) {
	usual := ""
	if host, _, err := net.SplitHostPort(c.AccountDomain); err != nil || host == "" {
		usual = "minga@" + c.AccountDomain
	}
	from, err := mail.ParseSender(r.text("smtp_from", r.text("mail_from", usual)))
	if err != nil {
		r.fail("smtp_from", "is an address such as minga@example.org, or a name and an address in <>")
	}
	server.From = from
}

// mailServer is the configured one with the instance's clock and the extra
// certificates, or nil.
func (i *instance) mailServer() *mail.Server {
	configured := i.current().Mail
	if configured == nil {
		return nil
	}
	server := *configured
	server.Now, server.CA = i.now, i.extraCA
	return &server
}

// mailCommand is `minga mail`.
type mailCommand struct {
	Test mailTest `cmd:"" help:"Send a mail now and say what the mail server answers."`
}

// mailTest is `minga mail test`.
type mailTest struct {
	Address string `arg:"" help:"Where the mail goes."`
}

// Run sends one mail past the queue.
func (a mailTest) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		server := i.config.Mail
		if server == nil {
			return usage("no mail server is configured: smtp_host is empty")
		}
		err := i.outbox.TestMail(t.ctx, a.Address, i.config.Language)
		var refused *mail.Error
		if errors.As(err, &refused) && !refused.Final {
			return fmt.Errorf("%s did not take it: %w: %w", server.Host, coop.ErrUnavailable, err)
		}
		if err != nil {
			return err
		}
		taken := map[string]string{"to": a.Address, "server": server.Host, "port": strconv.Itoa(server.Port)}
		return t.print(taken, func(w io.Writer) { fmt.Fprintf(w, "%s took a mail for %s\n", server.Host, a.Address) })
	})
}
