// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/outbox/push"
	"minga/storage"
	library "minga/storage/media"
	"minga/web/activitypub"
	"minga/web/admin"
	"minga/web/auth"
	"minga/web/mastodon"
	"minga/web/media"
	"minga/web/oauth"
	"minga/web/pages"
	"minga/web/respond"
	"minga/web/streaming"
)

// Options are what the doors are made of. All but Ready, Metric, Proxies and
// Hosts are required.
type Options struct {
	Store         *storage.Store
	Inbox         *inbox.Inbox
	Outbox        *outbox.Outbox
	Now           func() time.Time
	Log           *slog.Logger
	Scheme        string // http or https
	Host          string // host[:port] of our ids
	AccountDomain string
	Language      string // of pages for people who ask for none of ours
	Zone          *time.Location
	Version       string
	License       string         // of articles that name none
	Demo          bool           // every page says that its content is invented
	SourceURL     string         // where the source of this program is (AGPL §13); may be empty
	Contact       string         // mail address of whom people write to; may be empty
	Upstream      bool           // NodeInfo names Mastodon as the model of the client API
	Proxies       []netip.Prefix // whose forwarding headers count
	RateLimit     bool
	// Requests are how many requests of people and apps are worked on at once; 0: as many
	// as the cores can do.
	Requests int
	// Provider is where people sign in too; nil: nowhere.
	Provider *auth.Provider
	// StaffFactors demands two factors of owners, admins and moderators.
	StaffFactors bool
	// Registrations says who may make an account; empty: nobody.
	Registrations coop.Registrations
	// AuthorizedFetch demands a signature for every read by another server.
	AuthorizedFetch bool
	// Mode is how unknown servers are treated, for the instance's pages.
	Mode func() coop.FederationMode
	// Media keeps files; nil: none are taken or served.
	Media *library.Library
	// Client fetches pictures of other servers; nil: none are fetched.
	Client *federation.Client
	// Push tells apps of notifications while they are closed; nil: nothing does.
	Push *push.Sender
	// Blocked tells whether nothing of a host is shown; nil: nothing is blocked.
	Blocked func(ctx context.Context, host string) bool
	// Streams bound what arrives by itself; zero values take the default.
	Streams streaming.Limits
	// Checks looks at how this instance does, for its staff; nil: nothing is looked at.
	Checks func(ctx context.Context) []admin.Finding
	// Examine asks for a whole look at this instance; nil: none is made.
	Examine func()
	// DataDir is the folder of what is to be saved, shown to the staff.
	DataDir string
	// Settings are the settings of the program, for its staff; nil: none are shown.
	Settings admin.Settings
	// Ready says what is not ready: a name and a sentence each; empty: all is.
	Ready func(c *gin.Context) map[string]string
	// Tracer begins a span for every request but streams and health checks; nil: none.
	Tracer trace.Tracer
	// Metric hears of every answer; route is the pattern, never the path.
	Metric func(route, method string, status int, took time.Duration)
}

// server is the gate before all routes.
type server struct {
	o         Options
	gate      *auth.Gate
	respond   *respond.Responder
	limiter   *limiter
	admission *admission
	hosts     []string
	routes    []auth.Route
	engine    *gin.Engine
	activity  *activitypub.Face
	pages     *pages.Face
	admin     *admin.Face
	oauth     *oauth.Face
	streams   *streaming.Hub
	reloaded  atomic.Pointer[Reloaded] // nil: as at the start
}

// New builds the handler of the public listener. It fails when a route does not
// say what it must, or two claim the same path.
func New(o Options) (*Doors, error) {
	s, err := build(o)
	if err != nil {
		return nil, err
	}
	return &Doors{s.handler(), s}, nil
}

// Doors is the handler, what it does in the background, and the way to end it.
type Doors struct {
	http.Handler
	server *server
}

// RunStreams hands out what arrives by itself until ctx ends. Before and after, nobody can
// open a stream.
func (d *Doors) RunStreams(ctx context.Context) error { return d.server.streams.Run(ctx) }

// EndStreams ends all streams and takes no more, so that the program can stop.
func (d *Doors) EndStreams() { d.server.streams.End() }

// OpenStreams is how many streams there are on this node.
func (d *Doors) OpenStreams() int { return d.server.streams.Open() }

// Close ends what tidies its memories.
func (d *Doors) Close() error {
	d.server.limiter.seen.StopAllGoroutines()
	d.server.admission.known.StopAllGoroutines()
	d.server.activity.Close()
	return nil
}

// build makes the faces and mounts their tables.
func build(o Options) (*server, error) {
	limiter, err := newLimiter(o.Now)
	if err != nil {
		return nil, err
	}
	if !o.Outbox.SendsMail() || o.Provider != nil && o.Provider.Only {
		o.Registrations = coop.RegistrationsClosed // nobody could confirm an address, or sign in
	}
	passwords := auth.NewPasswords()
	s := &server{o: o, limiter: limiter, hosts: []string{o.Host, o.AccountDomain}, admission: newAdmission(o.Requests, o.Now)}
	s.gate = auth.NewGate(auth.Options{Store: o.Store, Now: o.Now, Log: o.Log, Secure: o.Scheme == "https", StaffFactors: o.StaffFactors})
	if s.pages, err = pages.New(pages.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain,
		Language: o.Language, Zone: o.Zone, Version: o.Version, Demo: o.Demo, Contact: o.Contact, SourceURL: o.SourceURL, Media: o.Media,
		Gate: s.gate, Passwords: passwords, Admit: s.admitted, Proofs: s.proofs(), Registrations: o.Registrations, Provider: o.Provider,
		LeadsTo: func(ctx context.Context, next string) string { return s.oauth.LeadsTo(ctx, next) },
		More:    []fs.FS{admin.Templates},
	}); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	s.admin = admin.New(admin.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Shell: s.pages, Gate: s.gate, Passwords: passwords,
		Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain, Mode: o.Mode, Checks: o.Checks, Examine: o.Examine, DataDir: o.DataDir,
		Speak: s.pages.Speak, Settings: o.Settings, Media: o.Media,
	})
	s.pages.LeadTo(s.admin.Routes())
	s.oauth = oauth.New(oauth.Options{Store: o.Store, Pages: s.pages, Now: o.Now, Scheme: o.Scheme, Host: o.Host, PushKey: pushKey(o.Push)})
	s.activity = activitypub.New(activitypub.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Log: o.Log, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain,
		Version: o.Version, SourceURL: o.SourceURL, AuthorizedFetch: o.AuthorizedFetch, ClientAddr: clientAddr, Upstream: o.Upstream, Media: o.Media,
	})
	s.respond = respond.New(o.Log, s.pages.Error).In(o.Language)
	api := mastodon.New(mastodon.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain, License: o.License,
		Version: o.Version, SourceURL: o.SourceURL, Contact: o.Contact, Mode: o.Mode, Media: o.Media, Push: o.Push,
		Registrations: o.Registrations, Language: o.Language, Passwords: passwords, Admit: s.admitted,
	})
	s.streams = streaming.New(streaming.Options{Store: o.Store, Write: api, Now: o.Now, Log: o.Log, Limits: o.Streams})
	return s, s.mount(slices.Concat(api.Routes(), s.streams.Routes()))
}

// proofs checks second factors, and tells people what happens to theirs.
func (s *server) proofs() *auth.Proofs {
	kinds := map[auth.Warning]mail.Kind{auth.WarnFactors: mail.Factors, auth.WarnCodes: mail.Codes, auth.WarnCopy: mail.Copy}
	return auth.NewProofs(auth.ProofOptions{
		Store: s.o.Store, Gate: s.gate, Now: s.o.Now, Root: s.o.Scheme + "://" + s.o.Host, Host: s.o.Host,
		Warn: func(ctx context.Context, tx *storage.Tx, a *coop.Account, what auth.Warning) error {
			return s.o.Outbox.TellSecurity(ctx, tx, a, kinds[what])
		},
	})
}

// pushKey is what apps give their push service; empty where nothing is pushed.
func pushKey(s *push.Sender) func(context.Context) string {
	if s == nil {
		return nil
	}
	return s.PublicKey
}

// files is the face of uploaded files and of other servers' pictures.
func (s *server) files() *media.Face {
	o := media.Options{Library: s.o.Media, Now: s.o.Now, Blocked: s.o.Blocked}
	if s.o.Client != nil {
		o.Client = s.o.Client
	}
	return media.New(o)
}

// mount puts all tables into one engine.
func (s *server) mount(routes []auth.Route) error {
	gin.SetMode(gin.ReleaseMode)
	s.engine = gin.New()
	s.engine.HandleMethodNotAllowed = true
	s.engine.RedirectTrailingSlash = false
	s.engine.ContextWithFallback = true
	if err := s.engine.SetTrustedProxies(nil); err != nil { // locate knows who stands before us
		return fmt.Errorf("trusted proxies: %w", err)
	}
	s.engine.Use(s.locate, s.trace, s.observe, s.name, s.headers, s.cors, s.private, s.contain, s.checkHost, s.preflight)
	s.engine.NoRoute(s.admit(auth.Route{Form: respond.HTML}), s.unrouted(respond.HTML, coop.ErrNotFound))
	s.engine.NoMethod(s.admit(auth.Route{Form: respond.Text}), s.unrouted(respond.Text, errMethod{}))
	s.routes = answerHead(slices.Concat(s.health(), s.probes(), s.activity.Routes(), s.pages.Routes(), s.admin.Routes(), s.oauth.Routes(), s.shared(), s.files().Routes(), routes))
	for _, route := range s.routes {
		if err := route.Check(); err != nil {
			return err
		}
		if forPrograms(route.Path) && route.Form == respond.Text {
			route.Form = respond.JSON
		}
		s.engine.Handle(route.Method, route.Path, s.admit(route), s.door(route), s.respond.Handle(route.Form, route.Handle))
	}
	return nil
}

// answerHead adds what is missing for HEAD: whatever answers GET answers it too,
// and the server leaves the body out (RFC 9110 §9.3.2).
func answerHead(routes []auth.Route) []auth.Route {
	taken := map[string]bool{}
	for _, route := range routes {
		taken[route.Method+" "+route.Path] = true
	}
	for _, route := range slices.Clone(routes) {
		if route.Method == http.MethodGet && !taken[http.MethodHead+" "+route.Path] {
			route.Method = http.MethodHead
			routes = append(routes, route)
		}
	}
	return routes
}

// door is what every request passes before its handler: the size of its body, its
// token and scope, its rate, and the roles of a person who acts for a co-op.
func (s *server) door(route auth.Route) gin.HandlerFunc {
	return s.respond.Handle(route.Form, func(c *gin.Context) error {
		refused := s.gate.Identify(c, route)
		s.remember(c, refused)
		if account := auth.Account(c); account != nil {
			respond.SetLanguage(c, account.Language)
		}
		// Who shows a token that is none, or may not, is counted all the same.
		if err := s.count(c, route.Limit); err != nil {
			return err
		}
		if refused != nil {
			return refused
		}
		if route.Body > 0 && c.Request.ContentLength > route.Body {
			return fmt.Errorf("body of %d bytes: %w", c.Request.ContentLength, coop.ErrTooLarge)
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, route.Body)
		return s.gate.Judge(c, route)
	})
}

// errMethod is said of a path that does not take the method.
type errMethod struct{}

func (errMethod) Error() string { return "method not allowed" }

// Status is 405.
func (errMethod) Status() int { return http.StatusMethodNotAllowed }

// errHost is said of a host that is not ours.
type errHost struct{}

func (errHost) Error() string { return "this server does not answer for that host" }

// Status is 421.
func (errHost) Status() int { return http.StatusMisdirectedRequest }

// checkHost refuses requests for other hosts; health checks ask by address and are
// answered under any, and a co-op may let its own domain's evidence be answered here.
func (s *server) checkHost(c *gin.Context) {
	if path := c.Request.URL.Path; path == "/healthz" || path == "/readyz" || path == coop.EvidencePath {
		return
	}
	host, err := origin.NormalizeHost(withoutDefaultPort(c.Request.Host, s.o.Scheme))
	if err != nil || !slices.Contains(s.hosts, host) {
		s.respond.Error(c, formFor(c, respond.Text), errHost{})
	}
}

// withoutDefaultPort drops the port that the scheme implies.
func withoutDefaultPort(host, scheme string) string {
	if name, port, err := net.SplitHostPort(host); err == nil && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		if strings.Contains(name, ":") {
			return "[" + name + "]"
		}
		return name
	}
	return host
}
