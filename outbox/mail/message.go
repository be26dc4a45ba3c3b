// SPDX-License-Identifier: AGPL-3.0-or-later

package mail

import (
	"fmt"
	"net/mail"
	"strings"

	"minga/coop"
)

// Message is one mail to one person, as text.
type Message struct {
	To       string // a plain address: name@host
	Language string // BCP 47
	Subject  string
	Body     string
	End      string // the lines below it that say who sent it
	// Unsubscribe is an address that ends mails of this kind by a POST (RFC 8058); empty
	// for those that nobody subscribed to.
	Unsubscribe string
}

// longestSubject is in bytes; a subject is a line, not a text.
const longestSubject = 500

// check refuses what could become another header or another recipient.
func (m Message) check() error {
	switch {
	case !coop.ValidMail(m.To):
		return &coop.InvalidError{Field: "email", Code: coop.CodeFormat, Problem: "this is no plain mail address"}
	case m.Subject == "" || len(m.Subject) > longestSubject || strings.ContainsFunc(m.Subject, control):
		return &coop.InvalidError{Field: "subject", Code: coop.CodeFormat, Problem: "a subject is one line"}
	case strings.ContainsFunc(m.Unsubscribe, func(r rune) bool { return control(r) || r == ' ' || r == '<' || r == '>' }):
		return &coop.InvalidError{Field: "unsubscribe", Code: coop.CodeFormat, Problem: "is one address"}
	case strings.ContainsRune(m.Body+m.End, 0):
		return &coop.InvalidError{Field: "body", Code: coop.CodeFormat, Problem: "a mail is text"}
	}
	return nil
}

// control tells characters that end or bend a header line.
func control(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f || r == 0x2028 || r == 0x2029 }

// text is what stands in the mail.
func (m Message) text() string {
	if m.End == "" {
		return m.Body + "\n"
	}
	return m.Body + "\n\n-- \n" + m.End + "\n"
}

// Sender is who a mail is from: an address, with a name before it or none.
type Sender struct{ Name, Address string }

// ParseSender reads `name@host` or `Name <name@host>`.
func ParseSender(s string) (Sender, error) {
	parsed, err := mail.ParseAddress(s)
	if err != nil {
		return Sender{}, fmt.Errorf("sender %q: %w", s, err)
	}
	if !coop.ValidMail(parsed.Address) || strings.ContainsFunc(parsed.Name, control) {
		return Sender{}, &coop.InvalidError{Field: "smtp_from", Code: coop.CodeFormat, Problem: "is no plain mail address such as minga@example.org"}
	}
	return Sender{parsed.Name, parsed.Address}, nil
}

// host is the domain of the sender.
func (s Sender) host() string { return s.Address[strings.LastIndexByte(s.Address, '@')+1:] }
