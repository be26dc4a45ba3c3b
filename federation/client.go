// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"minga/federation/origin"
)

const (
	// MaxDocument is the most of a fetched document that is read, in bytes after
	// decompression.
	MaxDocument = 1 << 20
	// MaxPage is the same for an HTML page that is read for what it links to.
	MaxPage = 1 << 20
	// MaxMedia is the same for media.
	MaxMedia = 16 << 20

	headerTime   = 10 * time.Second
	exchangeTime = 30 * time.Second // everything, the body and all redirects included
	maxRedirects = 3
	maxHeader    = 64 << 10
	maxRetry     = 24 * time.Hour
	defaultHosts = 1000
)

// Resolver turns a name into addresses; *net.Resolver is one. network is "ip".
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what a Client is made of. Only Now is required.
type Options struct {
	UserAgent string         // "minga/1.0 (+https://coop.example)"
	OwnHosts  []string       // host[:port] that are never asked
	Dev       bool           // MINGA_DEV: opened addresses may be asked over plain http
	AllowNets []netip.Prefix // MINGA_ALLOW_NETS; empty with Dev means loopback
	ExtraCA   []byte         // PEM of further certificate authorities; nil for none
	// Trusted are host:port that may be reached wherever they lie: named by the
	// configuration alone, and only for a client that asks nobody else. Never on a client
	// that peers can send somewhere.
	Trusted []string
	// Blocked says whether nothing may be asked of a host[:port]. Called for each hop. An
	// error means that nobody knows at the moment: nothing is asked, and [KindBusy] said.
	Blocked func(ctx context.Context, host string) (bool, error)
	// Shut says whether nothing may be asked of anybody: this instance is a rehearsal, which
	// gives [KindRehearsal]. Called for each hop; an error gives [KindBusy]. Nil: it is none.
	Shut func(ctx context.Context) (bool, error)
	// Sign signs the GET of a document in the instance actor's name, for each hop anew.
	Sign func(r *http.Request) error
	// SignAgain signs it in another form, for the one second knock at a server that
	// answered 400 or 401; nil: no second knock.
	SignAgain func(r *http.Request) error
	// Resolver is the system's when nil.
	Resolver Resolver
	Now      func() time.Time
	// Hosts is how many peers connections are kept open to, 1,000 when 0.
	Hosts int
	// HTTP1 leaves HTTP/2 out: for requests with Upgrade (RFC 9110 §7.8), which it lacks.
	HTTP1 bool
}

// Client is the fetch gate. It is safe for concurrent use.
type Client struct {
	agent     string
	own       []string
	dev       bool
	blocked   func(context.Context, string) (bool, error)
	shut      func(context.Context) (bool, error)
	sign      func(*http.Request) error
	again     func(*http.Request) error
	now       func() time.Time
	transport *lines
	guard     guard
	fetches   *slots
	total     time.Duration // exchangeTime; tests make it shorter
}

// New makes a client. Errors: no clock, an own host or a certificate that is unreadable.
func New(o Options) (*Client, error) {
	if o.Now == nil {
		return nil, errors.New("new federation client: no clock")
	}
	c := &Client{agent: o.UserAgent, dev: o.Dev, blocked: o.Blocked, shut: o.Shut, sign: o.Sign, again: o.SignAgain, now: o.Now, fetches: newSlots(), total: exchangeTime}
	for _, h := range o.OwnHosts {
		own, err := origin.NormalizeHost(h)
		if err != nil {
			return nil, fmt.Errorf("new federation client: own host: %w", err)
		}
		c.own = append(c.own, own)
	}
	roots, err := certificates(o.ExtraCA)
	if err != nil {
		return nil, fmt.Errorf("new federation client: %w", err)
	}
	c.guard = newGuard(o.Dev, o.AllowNets)
	c.guard.trusted = o.Trusted
	c.transport = newLines(newTransport(o, c.guard, roots))
	return c, nil
}

// certificates are the system's authorities and those of the operator; nil means the
// system's alone.
func certificates(extra []byte) (*x509.CertPool, error) {
	if len(extra) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(extra) {
		return nil, errors.New("no certificate in the extra authorities")
	}
	return pool, nil
}

// newTransport is made for a post that goes to a thousand servers: a few kept
// connections to each, HTTP/2 where it is spoken, TLS sessions resumed. Proxy stays
// nil, whatever the environment says: a proxy would dial for us.
func newTransport(o Options, guard guard, roots *x509.CertPool) *http.Transport {
	hosts, resolver := o.Hosts, o.Resolver
	if hosts <= 0 {
		hosts = defaultHosts
	}
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	protocols := []string{"h2", "http/1.1"}
	if o.HTTP1 {
		protocols = protocols[1:]
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: roots, NextProtos: protocols,
		ClientSessionCache: tls.NewLRUClientSessionCache(2 * hosts),
	}
	return &http.Transport{
		DialContext:            dialer{"http", guard, resolver}.dial,
		DialTLSContext:         dialer{"https", guard, resolver}.dialTLS(config),
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      !o.HTTP1,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: connectTime},
		MaxIdleConns:           2 * hosts,
		MaxIdleConnsPerHost:    4,
		MaxConnsPerHost:        2 * fetchesPerHost,
		IdleConnTimeout:        90 * time.Second,
		ResponseHeaderTimeout:  headerTime,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// Close closes connections that are kept open and not in use.
func (c *Client) Close() { c.transport.current.Load().CloseIdleConnections() }

// gate judges a URL before anything is done for it, and whether anything goes out at all.
func (c *Client) gate(ctx context.Context, text string) (string, string, error) {
	target, host, err := c.judge(ctx, text)
	if err != nil || c.shut == nil {
		return target, host, err
	}
	shut, err := c.shut(ctx)
	switch {
	case err != nil:
		return "", "", &Error{Kind: KindBusy, Host: host, Err: err}
	case shut:
		return "", "", &Error{Kind: KindRehearsal, Host: host, Err: errors.New("this instance is a rehearsal: nothing goes out until it is promoted")}
	}
	return target, host, nil
}

// judge looks at grammar, scheme, own host and block.
func (c *Client) judge(ctx context.Context, text string) (string, string, error) {
	u, err := origin.Parse(text)
	if err != nil {
		return "", "", &Error{Kind: KindURL, Err: err}
	}
	switch {
	case u.Scheme != "https" && !c.dev:
		return "", "", &Error{Kind: KindURL, Host: u.Host, Err: errors.New("only https")}
	case c.isOwn(u.Scheme, u.Host):
		return "", "", &Error{Kind: KindOwn, Host: u.Host}
	}
	return u.String(), u.Host, c.judgeDomain(ctx, u.Host)
}

// judgeDomain asks whoever knows which domains are blocked.
func (c *Client) judgeDomain(ctx context.Context, host string) error {
	if c.blocked == nil {
		return nil
	}
	blocked, err := c.blocked(ctx, host)
	if err != nil {
		return &Error{Kind: KindBusy, Host: host, Err: err}
	}
	if blocked {
		return &Error{Kind: KindBlocked, Host: host}
	}
	return nil
}

// signFailed says that a request could not be signed, and for how long that is so: who
// signs may say by an error of this package that it is only for now.
func signFailed(host string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	return &Error{Kind: KindSign, Host: host, Err: err}
}

// MayAsk tells, without asking anybody, whether a URL could ever be asked: its grammar,
// scheme, host and port, and its address where it is written as one. nil is no promise:
// a name is judged by where it leads, each time that it is asked. Errors are *Error.
func (c *Client) MayAsk(ctx context.Context, url string) error {
	target, host, err := c.judge(ctx, url)
	if err != nil {
		return err
	}
	u, err := origin.Parse(target)
	if err != nil {
		return &Error{Kind: KindURL, Host: host, Err: err}
	}
	port, err := strconv.ParseUint(cmp.Or(u.Port(), map[string]string{"http": "80"}[u.Scheme], "443"), 10, 16)
	if err != nil {
		return &Error{Kind: KindURL, Host: host, Err: err}
	}
	var refused error
	for _, a := range c.couldBe(u.Hostname()) {
		if refused = c.guard.allow(u.Scheme, a, uint16(port)); refused == nil {
			return nil
		}
	}
	if refused != nil {
		return &Error{Kind: KindAddress, Host: host, Err: refused}
	}
	return nil
}

// couldBe are the addresses that a host is known to lead to; of other names it is a
// public one, and none at all where the operator opened some that it may lead to.
func (c *Client) couldBe(host string) []netip.Addr {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}
	}
	switch {
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	case len(c.guard.opened) > 0:
		return nil
	}
	return []netip.Addr{netip.AddrFrom4([4]byte{1, 1, 1, 1})}
}

// isOwn compares hosts as the scheme spells them.
func (c *Client) isOwn(scheme, host string) bool {
	return slices.ContainsFunc(c.own, func(own string) bool {
		a, err := origin.Authority(scheme, own)
		return err == nil && a == host
	})
}
