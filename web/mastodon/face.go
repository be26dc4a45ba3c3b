// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/push"
	"minga/outbox/translate"
	"minga/storage"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// Options are what the face is made of; Mode, SourceURL, Contact, Media and Push may be missing.
type Options struct {
	Store         *storage.Store
	Inbox         *inbox.Inbox
	Outbox        *outbox.Outbox
	Now           func() time.Time
	Scheme        string
	Host          string
	AccountDomain string
	License       string // of articles that name none
	Version       string // of the program
	SourceURL     string // where the source of the running program is
	Contact       string // mail address of whom to write to about this server
	Mode          func() coop.FederationMode
	Media         *media.Library        // nil: no files are taken
	Push          *push.Sender          // nil: apps hear of nothing while they are closed
	Translator    *translate.Translator // nil: no machine translates

	Registrations coop.Registrations // who may make an account; empty: nobody
	Language      string             // of answers to who has none of their own
	Languages     []string           // that the pages are offered in; none: all of ours
	Passwords     *auth.Passwords
	Admit         auth.Admit
}

// Face answers clients.
type Face struct{ Options }

// New makes the face.
func New(o Options) *Face { return &Face{o} }

// base is what our addresses begin with.
func (f *Face) base() string { return f.Scheme + "://" + f.Host }

// apiBody is the most that a request of the API carries, in bytes.
const apiBody = 1 << 20

// The scopes of minga's own routes.
const (
	scopeRead  = "read:minga"
	scopeWrite = "write:minga"
)

// Routes is the table of this face: a list of lists, one for each file.
func (f *Face) Routes() []auth.Route {
	return slices.Concat(
		f.mingaRoutes(),
		f.knowledgeRoutes(),
		f.decisionRoutes(),
		f.suggestionRoutes(),
		f.hiringRoutes(),
		f.directoryRoutes(),
		f.instanceRoutes(),
		f.statementRoutes(),
		f.profileRoutes(),
		f.statusRoutes(),
		f.notificationRoutes(),
		f.filterRoutes(),
		f.markerRoutes(),
		f.reportRoutes(),
		f.announcementRoutes(),
		f.preferenceRoutes(),
		f.mediaRoutes(),
		f.credentialRoutes(),
		f.signUpRoutes(),
		f.peopleRoutes(),
		f.relationshipRoutes(),
		f.blockRoutes(),
		f.followRequestRoutes(),
		f.listRoutes(),
		f.followedTagRoutes(),
		f.featuredTagRoutes(),
		f.endorsementRoutes(),
		f.pollRoutes(),
		f.timelineRoutes(),
		f.contextRoutes(),
		f.searchRoutes(),
		f.savedSearchRoutes(),
		f.conversationRoutes(),
		f.trendRoutes(),
		f.roleRoutes(),
		f.pushRoutes(),
	)
}

// The constructors of routes. Paths stand below /api; the parameter of an id is
// always :id. A route names its scope, or several with a space between of which one
// is enough.

// public is a GET for anybody, of which a token with the scope shows more.
func (f *Face) public(path, scope string, h respond.Handler) auth.Route {
	return auth.Route{Method: "GET", Path: "/api" + path, Access: auth.Optional, Scope: scope, Limit: auth.LimitAPI, CSRF: auth.CSRFSafe, Sees: auth.SeesViewer, Form: respond.JSON, Handle: f.api(h)}
}

// own is a GET of what belongs to the token's account.
func (f *Face) own(path, scope string, h respond.Handler) auth.Route {
	r := f.public(path, scope, h)
	r.Access, r.Sees = auth.Token, auth.SeesOwn
	return r
}

// write changes something in the name of the token's account. What a person needs a
// role for who does it for a co-op follows from the scope; [auth.Route.For] says it
// where it is something else.
func (f *Face) write(method, path, scope string, limit auth.Limit, h respond.Handler) auth.Route {
	return auth.Route{Method: method, Path: "/api" + path, Access: auth.Token, Act: actOf(scope), Scope: scope, Limit: limit, CSRF: auth.CSRFBearer, Sees: auth.SeesOwn, Body: apiBody, Form: respond.JSON, Handle: f.api(h)}
}

// actOf is the act of what a scope allows to write.
func actOf(scope string) coop.RoleAct {
	switch scope {
	case "write:accounts":
		return coop.ActProfile
	case "write:conversations":
		return coop.ActMessages
	case "write:notifications":
		return coop.ActWrite
	case "push", scopeReadStatuses:
		return coop.ActRead
	}
	return coop.ActPublish
}

// update is a change of something that is there: clients send PUT and PATCH alike.
func (f *Face) update(path, scope string, limit auth.Limit, h respond.Handler) []auth.Route {
	return []auth.Route{f.write("PUT", path, scope, limit, h), f.write("PATCH", path, scope, limit, h)}
}

// allFor is [auth.Route.For] of several.
func allFor(act coop.RoleAct, routes []auth.Route) []auth.Route {
	for i := range routes {
		routes[i].Act = act
	}
	return routes
}

// mingaRoutes are minga's own.
func (f *Face) mingaRoutes() []auth.Route {
	public := func(path string, h respond.Handler) auth.Route { return f.public("/v1/minga"+path, "", h) }
	own := func(path string, h respond.Handler) auth.Route { return f.own("/v1/minga"+path, scopeRead, h) }
	write := func(method, path string, limit auth.Limit, h respond.Handler) auth.Route {
		return f.write(method, "/v1/minga"+path, scopeWrite, limit, h)
	}
	update := func(path string, limit auth.Limit, h respond.Handler) []auth.Route {
		return f.update("/v1/minga"+path, scopeWrite, limit, h)
	}
	return slices.Concat(
		update("/jobs/:id", auth.LimitPosts, f.updateJob),
		update("/articles/:id", auth.LimitPosts, f.updateArticle),
		allFor(coop.ActProfile, update("/coops/:id", auth.LimitAPI, f.updateAccount)),
		f.offerRoutes(),
		f.teamRoutes(),
		f.requestRoutes(),
		[]auth.Route{
			public("/jobs", f.listJobs),
			public("/jobs/facets", f.jobFacets),
			public("/jobs/:id", f.getJob),
			public("/jobs/:id/similar", f.similarJobs),
			write("POST", "/jobs", auth.LimitPosts, f.createJob),
			write("POST", "/jobs/:id", auth.LimitAPI, f.askJob),
			write("DELETE", "/jobs/:id", auth.LimitDeletes, f.deletePost(coop.KindJob)),
			write("POST", "/jobs/:id/:step", auth.LimitPosts, f.stepJob),
			own("/jobs/:id/deliveries", f.deliveries),

			public("/articles", f.listArticles),
			public("/articles/:id", f.getArticle),
			public("/articles/:id/revisions", f.revisions),
			write("POST", "/articles", auth.LimitPosts, f.createArticle),
			write("DELETE", "/articles/:id", auth.LimitDeletes, f.deletePost(coop.KindArticle)),
			write("POST", "/articles/:id/:step", auth.LimitPosts, f.stepArticle),
			own("/drafts", f.drafts),

			public("/coops", f.listCoops),
			public("/coops/:id", f.getCoop),
			write("POST", "/coops", auth.LimitAPI, f.createCoop).For(coop.ActCoordinate),
			public("/accounts/lookup", f.lookup),
			public("/accounts/:id", f.getAccount),

			own("/federations", f.listFederations),
			public("/federations/:id", f.getFederation),
			own("/follows", f.listFollows),
			write("POST", "/follows", auth.LimitAPI, f.followHandle).For(coop.ActRelate),
			write("POST", "/federations/:id/:step", auth.LimitAPI, f.stepFollow).For(coop.ActRelate),

			public("/memberships", f.listMemberships),
			public("/memberships/:id", f.getMembership),
			public("/coops/:id/evidence", f.coopEvidence),
			write("POST", "/memberships", auth.LimitAPI, f.createMembership).For(coop.ActJoin),
			write("POST", "/memberships/:id/:step", auth.LimitAPI, f.stepMembership).For(coop.ActJoin),
		},
	)
}

// api lets what was withdrawn be what never was: clients know no other word for it.
func (f *Face) api(h respond.Handler) respond.Handler {
	return func(c *gin.Context) error {
		err := h(c)
		if errors.Is(err, coop.ErrGone) {
			return coop.ErrNotFound
		}
		return err
	}
}

// pageOf reads max_id, since_id, min_id and limit; a cursor that is no number is
// ignored, a limit above the most is cut.
func pageOf(c *gin.Context, usual, most int) coop.Page {
	cursor := func(name string) coop.ID {
		id, err := coop.ParseID(c.Query(name))
		if err != nil {
			return 0
		}
		return id
	}
	limit, err := strconv.Atoi(c.Query("limit"))
	if err != nil {
		limit = 0
	}
	return coop.Page{Max: cursor("max_id"), Since: cursor("since_id"), Min: cursor("min_id"), Limit: limit}.Clamp(usual, most)
}

// link names the neighbouring pages in the Link header; an empty page has none.
func (f *Face) link(c *gin.Context, first, last coop.ID) {
	if first == 0 {
		return
	}
	at := func(name string, id coop.ID) string {
		q := c.Request.URL.Query()
		for _, cursor := range []string{"max_id", "since_id", "min_id"} {
			q.Del(cursor)
		}
		q.Set(name, id.String())
		return (&url.URL{Scheme: f.Scheme, Host: f.Host, Path: c.Request.URL.Path, RawQuery: q.Encode()}).String()
	}
	c.Header("Link", fmt.Sprintf(`<%s>; rel="next", <%s>; rel="prev"`, at("max_id", last), at("min_id", first)))
}

// linkCursor names the next page of a list whose order is not that of ids.
func (f *Face) linkCursor(c *gin.Context, next string) {
	if next == "" {
		return
	}
	q := c.Request.URL.Query()
	q.Set("cursor", next)
	address := url.URL{Scheme: f.Scheme, Host: f.Host, Path: c.Request.URL.Path, RawQuery: q.Encode()}
	c.Header("Link", fmt.Sprintf(`<%s>; rel="next"`, address.String()))
}

// idOf reads the id in the path.
func idOf(c *gin.Context) (coop.ID, error) { return coop.ParseID(c.Param("id")) }

// ownIn finds what the path names among what the token's account has.
func ownIn[T any](c *gin.Context, find func(ctx context.Context, account, id coop.ID) (T, error)) (T, error) {
	id, err := idOf(c)
	if err != nil {
		var none T
		return none, err
	}
	return find(c.Request.Context(), auth.Account(c).ID, id)
}

// askedID reads an id that narrows a list; zero for none, and nobody's for what is no id.
func askedID(c *gin.Context, name string) coop.ID {
	text := c.Query(name)
	if text == "" {
		return 0
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return -1
	}
	return id
}
