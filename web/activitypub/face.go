// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
	"minga/storage"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// Options are what the face is made of; all are required.
type Options struct {
	Store             *storage.Store
	Inbox             *inbox.Inbox
	Outbox            *outbox.Outbox
	Now               func() time.Time
	Log               *slog.Logger
	Scheme            string
	Host              string
	AccountDomain     string
	Version           string
	SourceURL         string // where the source of this program is; may be empty
	Upstream          bool   // NodeInfo names Mastodon as the model of the client API
	AuthorizedFetch   bool
	OpenRegistrations bool // people can ask for an account, as NodeInfo says
	ClientAddr        func(*gin.Context) netip.Addr
	Media             *media.Library // nil: no files of teams are served
}

// Face answers other servers.
type Face struct {
	Options
	// told remembers who is known to hold which post, so that a post that is read
	// often is not written down often.
	told *otter.Cache[holding, struct{}]
}

// holding is one server that fetched one post.
type holding struct {
	host string
	post coop.ID
}

// holdings bounds what is remembered.
const holdings = 50_000

// New makes the face.
func New(o Options) *Face {
	return &Face{Options: o, told: otter.Must(&otter.Options[holding, struct{}]{
		MaximumSize:      holdings,
		ExpiryCalculator: otter.ExpiryWriting[holding, struct{}](24 * time.Hour),
	})}
}

// Close ends what tidies the memory of holders.
func (f *Face) Close() { f.told.StopAllGoroutines() }

// base is what our ids begin with.
func (f *Face) base() string { return f.Scheme + "://" + f.Host }

// inboxBody is the most that an inbox reads, in bytes; one more tells that it
// was too much.
const inboxBody = 1<<20 + 1

// Routes are the paths of this face alone; those that it shares with the pages
// are mounted by web, which asks [Face.Wanted] and [Face.Document].
func (f *Face) Routes() []auth.Route {
	read := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.Text, Handle: h}
	}
	post := func(path string) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Peer, Limit: auth.LimitInbox, CSRF: auth.CSRFSigned, Sees: auth.SeesNobody, Body: inboxBody, Form: respond.Text, Handle: f.behind(f.receive)}
	}
	return []auth.Route{
		read("/.well-known/webfinger", f.behind(f.webfinger)),
		read("/.well-known/host-meta", f.behind(f.hostMeta)),
		read("/.well-known/host-meta.json", f.behind(f.hostMetaJSON)),
		read("/.well-known/nodeinfo", f.nodeInfoLinks),
		read("/nodeinfo/2.0", f.nodeInfo("2.0")),
		read("/nodeinfo/2.1", f.nodeInfo("2.1")),
		read(outbox.TeamFilePath+":name", f.behind(f.teamFile)),
		post("/inbox"),
		post("/actor/inbox"),
		post("/federation/inbox"),
		post("/boards/:name/inbox"),
		post("/coops/:name/inbox"),
		post("/people/:name/inbox"),
		post("/services/:name/inbox"),
		post("/searches/:name/inbox"),
		post("/teams/:name/inbox"),
	}
}
