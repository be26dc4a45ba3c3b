// SPDX-License-Identifier: AGPL-3.0-or-later

// Package mailtest is a mail server for tests: it speaks SMTP over TCP on loopback
// and keeps what it is given.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"
)

// Manner is how a sink behaves. The zero value takes every mail, without security.
type Manner struct {
	Hang     string // the command after which it says nothing more; "CONNECT" for none at all
	Refuse   string // the command that it refuses
	Code     int    // with this code
	StartTLS bool
	TLS      bool   // from the first byte
	User     string // wanted for AUTH PLAIN, with Password
	Password string
}

// Mail is one that a sink took.
type Mail struct {
	From, To string
	Header   mail.Header
	Subject  string
	Body     string
	Secure   bool
	User     string
}

// Sink is a running mail server.
type Sink struct {
	Port int
	CA   []byte // PEM of its certificate; nil without TLS

	t      testing.TB
	secure *tls.Config
	mu     sync.Mutex
	manner Manner
	mails  []Mail
	seen   int
}

// Open starts a sink on loopback that ends with the test.
func Open(t testing.TB, manner Manner) *Sink {
	t.Helper()
	s := &Sink{t: t, manner: manner}
	if manner.StartTLS || manner.TLS {
		s.certify()
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	var open sync.Map
	var work sync.WaitGroup
	work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(conn, nil)
			work.Go(func() { s.talk(conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		work.Wait()
	})
	return s
}

// certify makes a certificate for 127.0.0.1 and localhost.
func (s *Sink) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := x509.CreateCertificate(rand.Reader, certificate(), certificate(), &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	s.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	s.secure = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
}

// certificate is what the sink says of itself.
func certificate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
}

// Behave changes the manner of a running sink, but for its security.
func (s *Sink) Behave(manner Manner) {
	s.mu.Lock()
	defer s.mu.Unlock()
	manner.StartTLS, manner.TLS = s.manner.StartTLS, s.manner.TLS
	s.manner = manner
}

// Mails are those that were taken, in their order.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Connections is how often somebody came.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Link is the first address of https or http in a mail, or empty.
func (m Mail) Link() string {
	for _, word := range strings.Fields(m.Body) {
		if strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") {
			return word
		}
	}
	return ""
}

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
