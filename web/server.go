// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/mail"
	"minga/outbox/push"
	"minga/storage"
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

// server is the gate before all routes.
type server struct {
	o         Options
	gate      *auth.Gate
	respond   *respond.Responder
	limiter   *limiter
	admission *admission
	hosts     []string
	mediaHost string // answers for files alone; empty: there is none
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
	mediaHost, err := hostOfMedia(o.Media)
	if err != nil {
		return nil, err
	}
	passwords := auth.NewPasswords()
	s := &server{o: o, limiter: limiter, hosts: []string{o.Host, o.AccountDomain}, mediaHost: mediaHost, admission: newAdmission(o.Requests, o.Now)}
	s.gate = auth.NewGate(auth.Options{Store: o.Store, Now: o.Now, Log: o.Log, Secure: o.Scheme == "https", StaffFactors: o.StaffFactors})
	if s.pages, err = pages.New(pages.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain,
		Language: o.Language, Languages: o.Languages, Zone: o.Zone, Version: o.Version, Demo: o.Demo, Contact: o.Contact, SourceURL: o.SourceURL, Media: o.Media, Translator: o.Translator,
		Gate: s.gate, Passwords: passwords, Admit: s.admitted, Proofs: s.proofs(), Registrations: o.Registrations, Provider: o.Provider,
		LeadsTo: func(ctx context.Context, next string) string { return s.oauth.LeadsTo(ctx, next) },
		More:    []fs.FS{admin.Templates},
	}); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	s.admin = admin.New(admin.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Shell: s.pages, Gate: s.gate, Passwords: passwords,
		Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain, Mode: o.Mode, Checks: o.Checks, Examine: o.Examine, DataDir: o.DataDir,
		Speak: s.pages.Speak, Settings: o.Settings, Media: o.Media, Registrations: o.Registrations,
	})
	s.pages.LeadTo(s.admin.Routes())
	s.oauth = oauth.New(oauth.Options{Store: o.Store, Pages: s.pages, Now: o.Now, Scheme: o.Scheme, Host: o.Host, PushKey: pushKey(o.Push), Media: o.Media.Links().Places()})
	s.activity = activitypub.New(activitypub.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Log: o.Log, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain,
		Version: o.Version, SourceURL: o.SourceURL, AuthorizedFetch: o.AuthorizedFetch, ClientAddr: clientAddr, Upstream: o.Upstream, Media: o.Media,
		OpenRegistrations: o.Registrations.Open(),
	})
	s.respond = respond.New(o.Log, s.pages.Error).In(o.Language)
	api := mastodon.New(mastodon.Options{
		Store: o.Store, Inbox: o.Inbox, Outbox: o.Outbox, Now: o.Now, Scheme: o.Scheme, Host: o.Host, AccountDomain: o.AccountDomain, License: o.License,
		Version: o.Version, SourceURL: o.SourceURL, Contact: o.Contact, Mode: o.Mode, Media: o.Media, Push: o.Push, Translator: o.Translator,
		Registrations: o.Registrations, Language: o.Language, Languages: o.Languages, Passwords: passwords, Admit: s.admitted,
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
