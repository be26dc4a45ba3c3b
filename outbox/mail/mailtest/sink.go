// SPDX-License-Identifier: AGPL-3.0-or-later

// Package mailtest is a mail server for tests: it speaks SMTP over TCP on loopback
// and keeps what it is given.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
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
