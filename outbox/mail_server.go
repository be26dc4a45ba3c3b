// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// mailSetting keeps the mail server that the staff named on a page; mailSeal is what
// its password is sealed for.
const (
	mailSetting = "mail_server"
	mailSeal    = "setting:mail_server"
)

// MailServer is the mail server as the staff names it.
type MailServer struct {
	Host, User, Password string
	Port                 int    // 0: the usual one
	From                 string // name@host or Name <name@host>
	Security             mail.Security
}

// keptMail is how it is kept.
type keptMail struct {
	Host     string        `json:"host"`
	Port     int           `json:"port,omitempty"`
	User     string        `json:"user,omitempty"`
	Sealed   string        `json:"password,omitempty"` // base64
	From     string        `json:"from"`
	Security mail.Security `json:"security"`
}

// SendsMail tells whether a mail server was named; without one, links are given by
// the command line.
func (o *Outbox) SendsMail() bool { return o.mailer.Load() != nil }

// MailHost is the mail server, empty for none. One that is fixed was named in the
// configuration, and is not changed here.
func (o *Outbox) MailHost() (host string, fixed bool) {
	if s := o.mailer.Load(); s != nil {
		host = s.Host
	}
	return host, o.o.Mail != nil
}

// UseMail lets mails leave through another server of the configuration. Where it named
// none at the start, or names none now, a restart is needed, and false is returned.
func (o *Outbox) UseMail(s *mail.Server) bool {
	if o.o.Mail == nil || s == nil {
		return o.o.Mail == nil && s == nil
	}
	o.mailer.Store(s)
	return true
}

// KeepMail lets mails leave through another server from now on, on this node; others
// take it up when they start. The password is kept sealed. An empty host ends it.
// Complaints are a coop.Invalid of smtp_host, smtp_port, smtp_user, smtp_from and
// smtp_tls; where the configuration names a server it is [coop.ErrForbidden].
func (o *Outbox) KeepMail(ctx context.Context, m MailServer, also ...Also) error {
	if o.o.Mail != nil {
		return fmt.Errorf("the mail server stands in the configuration: %w", coop.ErrForbidden)
	}
	var server *mail.Server
	var err error
	if m.Host != "" {
		if server, err = o.checkMailServer(m); err != nil {
			return err
		}
	}
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := o.putMail(ctx, tx, m); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	if err == nil {
		o.mailer.Store(server)
		o.store.Wake(storage.TopicTasks)
	}
	return err
}

// checkMailServer judges what was typed.
func (o *Outbox) checkMailServer(m MailServer) (*mail.Server, error) {
	var list coop.Invalid
	complain := func(field, problem string) {
		list = append(list, &coop.InvalidError{Field: field, Code: coop.CodeFormat, Problem: problem})
	}
	if strings.ContainsAny(m.Host, ":/ @") || len(m.Host) > 253 {
		complain("smtp_host", "is a name without a port")
	}
	if m.Port < 0 || m.Port > 65535 {
		complain("smtp_port", "is a number up to 65535")
	}
	if (m.User == "") != (m.Password == "") {
		complain("smtp_user", "and the password go together")
	}
	if m.Security != mail.StartTLS && m.Security != mail.TLS && (m.Security != mail.Plain || o.o.Local.Scheme == "https") {
		complain("smtp_tls", "is starttls or tls")
	}
	from, err := mail.ParseSender(m.From)
	if err != nil {
		complain("smtp_from", "is an address such as minga@example.org")
	}
	return &mail.Server{Host: m.Host, Port: m.Port, User: m.User, Password: m.Password, From: from, Security: m.Security, Now: o.now, CA: o.o.MailCA}, list.Or()
}

// putMail keeps it, or forgets what was kept.
func (o *Outbox) putMail(ctx context.Context, tx *storage.Tx, m MailServer) error {
	if m.Host == "" {
		return tx.DeleteSetting(ctx, mailSetting)
	}
	return putKept(ctx, tx, keptMail{Host: m.Host, Port: m.Port, User: m.User, From: m.From, Security: m.Security}, m.Password)
}

// recallMail takes up the server that was kept, where the configuration names none. One
// that cannot be read, because the secret key is another, ends no start: its page and
// the checks say that no mail leaves.
func (o *Outbox) recallMail(ctx context.Context) {
	if o.o.Mail != nil {
		return
	}
	server, err := o.readMail(ctx)
	if err != nil {
		o.log.LogAttrs(ctx, slog.LevelError, "mail server not taken up", slog.Any("err", err))
		return
	}
	if server != nil {
		o.mailer.Store(server)
	}
}

// readMail reads the server that was kept; nil: none was.
func (o *Outbox) readMail(ctx context.Context) (*mail.Server, error) {
	kept, sealed, err := keptPassword(ctx, o.store)
	if err != nil || kept.Host == "" {
		return nil, err
	}
	var password []byte
	if sealed != nil {
		if password, err = o.store.Unseal(mailSeal, sealed); err != nil {
			return nil, fmt.Errorf("recall the mail server: %w", err)
		}
	}
	return o.checkMailServer(MailServer{Host: kept.Host, Port: kept.Port, User: kept.User, Password: string(password), From: kept.From, Security: kept.Security})
}
