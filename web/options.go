// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"minga/coop"
	"minga/federation"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/push"
	"minga/outbox/translate"
	"minga/storage"
	library "minga/storage/media"
	"minga/web/admin"
	"minga/web/auth"
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
	Language      string   // of pages for people who ask for none of Languages
	Languages     []string // that the pages are offered in; none: all of ours
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
	// Translator has posts translated by a machine; nil: none does.
	Translator *translate.Translator
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
