// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"
)

var errNotBuilt = errors.New("not built yet")

const (
	// MaxDocument is the most of a fetched document that is read, in bytes after
	// decompression (federation.md 2.3).
	MaxDocument = 1 << 20
	// MaxPage is the same for an HTML page read for a preview (security.md 4.4).
	MaxPage = 512 << 10
	// MaxMedia is the same for media (security.md 4.4).
	MaxMedia = 16 << 20
)

// AcceptActivity is how minga asks for ActivityPub documents (federation.md 5.1).
const AcceptActivity = `application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json`

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
	// Blocked says whether nothing may be asked of a host[:port]. Called for each hop.
	Blocked func(ctx context.Context, host string) bool
	// Sign signs the GET of a document in the instance actor's name, for each hop anew.
	Sign func(r *http.Request) error
	// Resolver is the system's when nil.
	Resolver Resolver
	Now      func() time.Time
	// Hosts is how many peers connections are kept open to, 1,000 when 0.
	Hosts int
}

// Client is the fetch gate. It is safe for concurrent use.
type Client struct{}

// New makes a client. Errors: no clock, an own host or a certificate that is unreadable.
func New(o Options) (*Client, error) { return nil, errNotBuilt }

// Close closes connections that are kept open and not in use.
func (c *Client) Close() {}

// Ask says which document is wanted.
type Ask struct {
	IRI          string
	ETag         string // of the copy at hand; the answer may be NotModified
	LastModified string // likewise
	Unsigned     bool   // do not sign, as when the key of the signer itself is asked for
}

// Fetched is a document as its own server gives it.
type Fetched struct {
	ID           string // its `id`, which is where it was found
	URL          string // where the answer came from, after redirects
	Body         []byte // as it came, decompressed
	ETag         string
	LastModified string
	NotModified  bool // nothing came: the copy at hand is still right
}

// Document fetches an ActivityPub document by the rules of federation.md 5.1 to 5.3.
// Errors are *Error.
func (c *Client) Document(ctx context.Context, iri string) (Fetched, error) {
	return c.Fetch(ctx, Ask{IRI: iri})
}

// Fetch is Document with conditions.
func (c *Client) Fetch(ctx context.Context, ask Ask) (Fetched, error) {
	return Fetched{}, errNotBuilt
}

// Page is an answer to Get.
type Page struct {
	URL    string // after redirects
	Type   string // media type, lower-case, without parameters
	Header http.Header
	Body   []byte
}

// Get fetches anything else, unsigned: JRD, NodeInfo, host-meta, pages, media. accept
// goes into the Accept header, limit is the most that is read, in bytes after
// decompression; more is an *Error of KindSize. So is a status other than 200, of
// KindStatus.
func (c *Client) Get(ctx context.Context, url, accept string, limit int64) (Page, error) {
	return Page{}, errNotBuilt
}

// Response is an HTTP answer to a delivery, whatever its status.
type Response struct {
	Status          int
	RetryAfter      time.Duration // at most 24 h; 0 when not said
	AcceptSignature []string      // values of the header, for signature.ReadAcceptSignature
	Header          http.Header
	Body            []byte // the first 4 KiB at most, for people to read

	host string
}

// Err is nil for any 2xx, else an *Error of KindStatus, or of KindRedirect for 3xx.
func (r *Response) Err() error {
	if r.Status >= 200 && r.Status < 300 {
		return nil
	}
	kind := KindStatus
	if r.Status >= 300 && r.Status < 400 {
		kind = KindRedirect
	}
	return &Error{Kind: kind, Host: r.host, Status: r.Status, RetryAfter: r.RetryAfter}
}

// Post delivers body to an inbox. sign is called once, when all headers but the
// signature's are set. No redirect is followed. Errors are *Error and mean that there
// was no HTTP answer; for an answer see Response.Err.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, sign func(*http.Request) error) (*Response, error) {
	return nil, errNotBuilt
}
