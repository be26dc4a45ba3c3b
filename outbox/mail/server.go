// SPDX-License-Identifier: AGPL-3.0-or-later

package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the connection to the server is kept from listeners.
type Security string

// The kinds of security. Plain is for development: whoever listens reads the links
// that mails carry.
const (
	StartTLS Security = "starttls" // RFC 3207, demanded
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	Plain    Security = "none"
)

// usualPorts are those of submission (RFC 6409 §3.1, RFC 8314 §7.3).
var usualPorts = map[Security]int{StartTLS: 587, TLS: 465, Plain: 25}

// Server is the submission server and who we are to it.
type Server struct {
	Host     string
	Port     int // 0: the usual one
	User     string
	Password string
	From     Sender
	Security Security
	CA       []byte // certificates (PEM) trusted besides the system's; may be nil
	Now      func() time.Time
	// Patience is how long one mail may take; 0: a minute.
	Patience time.Duration
}

// usualPatience bounds one mail, from the name of the server to its last answer.
const usualPatience = time.Minute

// Error says why a mail was not taken.
type Error struct {
	Code  int  // of the server's answer; 0: it gave none
	Final bool // the same mail would be refused again
	Err   error
}

// Error is the cause.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Send hands one mail over. It returns within the server's patience, or when ctx
// ends, whatever the server does. Errors are [*Error]; those of a message that may
// not be sent are Final.
func (s Server) Send(ctx context.Context, m Message) error {
	if err := m.check(); err != nil {
		return &Error{Final: true, Err: err}
	}
	patience := s.Patience
	if patience <= 0 {
		patience = usualPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	letter, err := s.letter(m)
	if err != nil {
		return &Error{Final: true, Err: err}
	}
	client, err := s.client(ctx, patience)
	if err != nil {
		return &Error{Err: err}
	}
	err = client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() { // what goes wrong after the server took it is nobody's loss
		return nil
	}
	return judge(err)
}

// Knock goes to the server, shakes hands, says who we are, and leaves: no mail is sent.
// It returns within the server's patience. Errors are [*Error].
func (s Server) Knock(ctx context.Context) error {
	patience := s.Patience
	if patience <= 0 {
		patience = usualPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := s.client(ctx, patience)
	if err != nil {
		return &Error{Err: err}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return &Error{Err: fmt.Errorf("knock at the mail server: %w", err)}
	}
	_ = client.Close() // it let us in, which is all that we wanted to know
	return nil
}

// judge tells refusals of this mail from what may pass. That the server does not know
// us, or is not there, is for the admin to mend, and the mail waits for it.
func judge(err error) *Error {
	e := &Error{Err: fmt.Errorf("send mail: %w", err)}
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		e.Code = refused.ErrorCode()
		reason := refused.Reason == gomail.ErrSMTPRcptTo || refused.Reason == gomail.ErrSMTPDataClose
		e.Final = reason && e.Code >= 500 && e.Code < 600
	}
	return e
}

// letter is a message as it goes out. It says that no person wrote it, so that no
// machine answers (RFC 3834 §5).
func (s Server) letter(m Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	if err := letter.FromFormat(s.From.Name, s.From.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := letter.To(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	letter.Subject(m.Subject)
	letter.SetDateWithValue(s.Now())
	letter.SetMessageIDWithValue(rand.Text() + "@" + s.From.host())
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader("Content-Language", m.Language)
	if m.Unsubscribe != "" {
		letter.SetGenHeader("List-Unsubscribe", "<"+m.Unsubscribe+">")
		letter.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	letter.SetBodyString(gomail.TypeTextPlain, m.text())
	return letter, nil
}

// client speaks to the server for one mail.
func (s Server) client(ctx context.Context, patience time.Duration) (*gomail.Client, error) {
	secure, err := s.secure()
	if err != nil {
		return nil, err
	}
	port := s.Port
	if port == 0 {
		port = usualPorts[s.Security]
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(patience), gomail.WithHELO(s.From.host()), gomail.WithTLSConfig(secure), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(s.dial(ctx, secure)), gomail.WithTLSPolicy(s.policy()),
	}
	if s.User != "" {
		options = append(options, gomail.WithUsername(s.User), gomail.WithPassword(s.Password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	client, err := gomail.NewClient(s.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", net.JoinHostPort(s.Host, strconv.Itoa(port)), err)
	}
	return client, nil
}

// policy is what is asked of the server before it hears who we are. Where TLS began
// with the connection there is nothing left to ask for.
func (s Server) policy() gomail.TLSPolicy {
	switch s.Security {
	case Plain:
		return gomail.NoTLS
	case TLS:
		return gomail.TLSOpportunistic
	}
	return gomail.TLSMandatory
}

// secure is what we demand of the server's certificate.
func (s Server) secure() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12}
	if s.CA == nil {
		return config, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(s.CA) {
		return nil, errors.New("the extra certificates hold none")
	}
	config.RootCAs = pool
	return config, nil
}

// dial opens the connection and closes it when ctx ends, so that no server can hold
// us by its silence.
func (s Server) dial(ctx context.Context, secure *tls.Config) gomail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		var conn net.Conn
		var err error
		if s.Security == TLS {
			conn, err = (&tls.Dialer{Config: secure}).DialContext(dialing, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(dialing, network, address)
		}
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}
