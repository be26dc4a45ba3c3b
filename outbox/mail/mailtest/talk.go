// SPDX-License-Identifier: AGPL-3.0-or-later

package mailtest

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
)

// talk is one connection.
type talk struct {
	*Sink
	conn   net.Conn
	in     *bufio.Reader
	manner Manner
	mail   Mail
}

func (s *Sink) talk(conn net.Conn) {
	s.mu.Lock()
	s.seen++
	c := &talk{Sink: s, conn: conn, manner: s.manner}
	s.mu.Unlock()
	if c.manner.TLS {
		c.conn, c.mail.Secure = tls.Server(conn, s.secure), true
	}
	c.in = bufio.NewReader(c.conn)
	if !c.may("CONNECT") {
		return
	}
	c.say("220 sink ready")
	for {
		line, err := c.in.ReadString('\n')
		if err != nil || !c.answer(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

// say sends a line.
func (c *talk) say(line string) { _, _ = fmt.Fprintf(c.conn, "%s\r\n", line) }

// may tells whether a command is answered; one that hangs waits for the other side.
func (c *talk) may(command string) bool {
	if c.manner.Hang == command {
		_, _ = io.Copy(io.Discard, c.in)
		return false
	}
	if c.manner.Refuse == command {
		c.say(fmt.Sprintf("%d not so", c.manner.Code))
		return true
	}
	return true
}

// answer takes one command and says whether to go on.
func (c *talk) answer(line string) bool {
	command, rest, _ := strings.Cut(line, " ")
	command = strings.ToUpper(command)
	if !c.may(command) {
		return false
	}
	if c.manner.Refuse == command {
		return true
	}
	switch command {
	case "EHLO", "HELO":
		c.greet()
	case "STARTTLS":
		c.say("220 go on")
		c.conn = tls.Server(c.conn, c.secure)
		c.in, c.mail.Secure = bufio.NewReader(c.conn), true
	case "AUTH":
		c.enter(rest)
	case "MAIL":
		c.mail.From = between(rest)
		c.say("250 ok")
	case "RCPT":
		c.mail.To = between(rest)
		c.say("250 ok")
	case "DATA":
		return c.take()
	case "QUIT":
		c.say("221 bye")
		return false
	default:
		c.say("250 ok")
	}
	return true
}

// greet names what the sink can do.
func (c *talk) greet() {
	c.say("250-sink")
	if c.manner.StartTLS && !c.mail.Secure {
		c.say("250-STARTTLS")
	}
	if c.manner.User != "" {
		c.say("250-AUTH PLAIN LOGIN")
	}
	c.say("250 8BITMIME")
}

// enter judges AUTH PLAIN (RFC 4616).
func (c *talk) enter(rest string) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
	if parts := strings.Split(string(raw), "\x00"); err == nil && len(parts) == 3 && parts[1] == c.manner.User && parts[2] == c.manner.Password {
		c.mail.User = parts[1]
		c.say("235 welcome")
		return
	}
	c.say("535 who are you")
}

// between is the address of a command.
func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

// take reads a mail and keeps it.
func (c *talk) take() bool {
	c.say("354 go on")
	var text strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	if !c.may("END") {
		return false
	}
	if c.manner.Refuse == "END" {
		return true
	}
	c.keep(text.String())
	c.say("250 taken")
	return true
}

// keep reads a mail as a mail program does.
func (c *talk) keep(text string) {
	read, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		c.t.Errorf("a mail that cannot be read: %v\n%s", err, text)
		return
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if err != nil {
		c.t.Errorf("the text of a mail: %v", err)
	}
	c.mail.Header, c.mail.Body = read.Header, strings.ReplaceAll(string(body), "\r\n", "\n")
	if c.mail.Subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil {
		c.t.Errorf("the subject of a mail: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mails = append(c.mails, c.mail)
}
