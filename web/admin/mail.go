// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/web/auth"
	"minga/web/respond"
)

// readMail reads a mail server from a form; the password is never shown again.
func readMail(c *gin.Context) outbox.MailServer {
	m := outbox.MailServer{
		Host: strings.ToLower(coop.CleanLine(c.PostForm("smtp_host"), 300)), User: coop.CleanLine(c.PostForm("smtp_user"), 300),
		Password: coop.Truncate(c.PostForm("smtp_password"), 1000), From: coop.CleanLine(c.PostForm("smtp_from"), 300), Security: mail.Security(c.PostForm("smtp_tls")),
	}
	if text := strings.TrimSpace(c.PostForm("smtp_port")); text != "" {
		n, err := strconv.Atoi(text)
		if m.Port = n; err != nil {
			m.Port = -1
		}
	}
	return m
}

// mailWays are how the connection may be kept from listeners.
func mailWays(t respond.Tongue, trying bool, chosen mail.Security) []choice {
	ways := []mail.Security{mail.StartTLS, mail.TLS}
	if trying {
		ways = append(ways, mail.Plain)
	}
	var list []choice
	for _, w := range ways {
		key := string(w)
		if w == mail.TLS {
			key = "tls_first"
		}
		list = append(list, choice{Value: string(w), Name: t.T("setup_smtp_" + key), Chosen: w == chosen})
	}
	return list
}

// keepMail lets mails leave through the server of the form, or says what is wrong. Who
// reads the mails of others gets into their accounts, so it wants a fresh proof.
func (f *Face) keepMail(c *gin.Context, t respond.Tongue) ([]respond.Problem, error) {
	if err := auth.Fresh(c); err != nil {
		return nil, err
	}
	m := readMail(c)
	if m.Host == "" {
		return []respond.Problem{{Field: "smtp_host", Text: t.T("setup_wrong_smtp_host")}}, nil
	}
	err := f.Outbox.KeepMail(c.Request.Context(), m, outbox.Noted(noted(c, "mail.server", m.Host, "")))
	var list coop.Invalid
	if !errors.As(err, &list) {
		return nil, err
	}
	var problems []respond.Problem
	for _, one := range list {
		problems = append(problems, respond.Problem{Field: one.Field, Text: t.T("setup_wrong_" + one.Field)})
	}
	return problems, nil
}
