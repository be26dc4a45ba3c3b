// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
	"minga/storage"
	"minga/storage/media"
	"minga/web/auth"
	"minga/web/respond"
)

// Templates are the pages of this face, to be drawn by web/pages.
//
//go:embed templates/*.html
var Templates embed.FS

// shell draws our pages in the frame of all pages. Declared here, where it is needed:
// web/pages is one, and this face never hears of it.
type shell interface {
	Draw(c *gin.Context, status int, s respond.Sheet) error
	Tongue(c *gin.Context) respond.Tongue
}

// Options are what the face is made of. All but Checks, Examine, DataDir, Settings, Media and Speak are required.
type Options struct {
	Store         *storage.Store
	Inbox         *inbox.Inbox
	Outbox        *outbox.Outbox
	Now           func() time.Time
	Shell         shell
	Gate          *auth.Gate
	Passwords     *auth.Passwords
	Scheme        string // http or https
	Host          string // host[:port] of our ids
	AccountDomain string // domain of our handles
	// Mode is how unknown servers are treated; nil: as in mode open.
	Mode func() coop.FederationMode
	// Checks looks at how this instance does; nil: nothing is looked at.
	Checks func(ctx context.Context) []Finding
	// Examine asks for a whole look at this instance, which goes on beside; nil: none is made.
	Examine func()
	// DataDir is the folder that holds what is to be saved, as it is configured.
	DataDir string
	// Settings are the settings of the program; nil: none are shown.
	Settings Settings
	// Media keeps files; nil: none are kept.
	Media *media.Library
	// Speak lets pages for people who ask for no language be in this one from now on.
	Speak func(language string)
	// Registrations says who may make an account; empty: nobody.
	Registrations coop.Registrations
}

// Finding is what a check of this instance found.
type Finding struct {
	Name  string // a word: mail, queue, …
	State FindingState
	Fact  string // a number, a host or an error; may be empty
	Why   storage.Reason
}

// FindingState is how good it is.
type FindingState string

// The states.
const (
	FindingOK   FindingState = "ok"
	FindingWarn FindingState = "warn"
	FindingFail FindingState = "fail"
)

// Face answers who runs the instance.
type Face struct{ Options }

// New makes the face.
func New(o Options) *Face {
	if o.Mode == nil {
		o.Mode = func() coop.FederationMode { return coop.ModeOpen }
	}
	return &Face{o}
}

// The paths of this face.
const (
	boardPath   = "/admin"
	followsPath = "/admin/follows"
	joinsPath   = "/admin/memberships"
	wishesPath  = "/admin/sign-ups"
	peersPath   = "/admin/peers"
	queuePath   = "/admin/queue"
	reportsPath = "/admin/reports"
	logPath     = "/admin/log"
)

// formBody is how large a form of the staff may be, in bytes.
const formBody = 64 << 10

// Routes is the table of this face.
func (f *Face) Routes() []auth.Route {
	get := func(path string, least coop.Rank, h respond.Handler) auth.Route {
		return auth.Route{Method: http.MethodGet, Path: path, Access: auth.Session, Rank: least, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, least coop.Rank, h respond.Handler) auth.Route {
		return auth.Route{Method: http.MethodPost, Path: path, Access: auth.Session, Rank: least, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: formBody, Form: respond.HTML, Handle: h}
	}
	return append(f.setupRoutes(),
		get(boardPath, coop.RankModerator, f.board),
		get(followsPath+"/:id", coop.RankAdmin, f.followPage),
		post(followsPath+"/:id", coop.RankAdmin, f.decideFollow),
		post(joinsPath+"/:id", coop.RankAdmin, f.decideMembership),
		get(peersPath, coop.RankAdmin, f.peers),
		post(peersPath, coop.RankAdmin, f.meetPeer),
		get(peersPath+"/go", coop.RankAdmin, f.goToPeer),
		get(peersPath+"/:host", coop.RankAdmin, f.peerPage),
		post(peersPath+"/:host", coop.RankAdmin, f.changePeer),
		get(membersPath, coop.RankAdmin, f.members),
		post(membersPath, coop.RankAdmin, f.invite),
		get(membersPath+"/:name", coop.RankAdmin, f.memberPage),
		post(membersPath+"/:name", coop.RankAdmin, f.changeMember),
		get(invitesPath, coop.RankAdmin, f.invitations),
		post(invitesPath, coop.RankAdmin, f.endInvitation),
		get(leavingPath, coop.RankAdmin, f.leaving),
		get(leavingPath+"/:id", coop.RankAdmin, f.leavingOne),
		post(wishesPath+"/:id", coop.RankAdmin, f.decideWish),
		get(queuePath, coop.RankAdmin, f.queuePage),
		post(queuePath, coop.RankAdmin, f.retryQueue),
		get(reportsPath, coop.RankModerator, f.reports),
		get(reportsPath+"/:id", coop.RankModerator, f.reportPage),
		post(reportsPath+"/:id", coop.RankModerator, f.changeReport),
		get(logPath, coop.RankModerator, f.logPage),
		get(announcementsPath, coop.RankAdmin, f.announcements),
		post(announcementsPath, coop.RankAdmin, f.announce),
		post(announcementsPath+"/:id", coop.RankAdmin, f.endAnnouncement),
		get(listsPath, coop.RankAdmin, f.lists),
		large(post(listsPath, coop.RankAdmin, f.addList), listBody),
		get(listsPath+"/blocks.csv", coop.RankAdmin, f.exportList),
		get(listsPath+"/allows.csv", coop.RankAdmin, f.exportList),
		get(listsPath+"/:id", coop.RankAdmin, f.listPage),
		large(post(listsPath+"/:id", coop.RankAdmin, f.changeList), listBody),
		get(bringsPath+"/:id", coop.RankAdmin, f.bringsPage),
		post(bringsPath+"/:id", coop.RankAdmin, f.changeBrings),
		get(settingsPath, coop.RankAdmin, f.settings),
		post(settingsPath, coop.RankAdmin, f.changeSetting),
		get(mediaPath, coop.RankAdmin, f.mediaPage),
		post(mediaPath, coop.RankAdmin, f.pruneMedia),
		get(backupsPath, coop.RankAdmin, f.backups),
		post(backupsPath, coop.RankAdmin, f.askBackup),
		get(doctorPath, coop.RankAdmin, f.doctor),
		post(doctorPath, coop.RankAdmin, f.askDoctor),
		get(rehearsalPath, coop.RankAdmin, f.rehearsal),
		post(rehearsalPath, coop.RankOwner, f.promote),
		get(keysPath, coop.RankAdmin, f.keys),
		post(keysPath, coop.RankAdmin, f.changeKeys),
		get(statementsPath, coop.RankAdmin, f.statements),
		get(statementsPath+"/:what", coop.RankAdmin, f.statementPage),
		large(post(statementsPath+"/:what", coop.RankAdmin, f.changeStatement), statementBody),
	)
}

// large is a route whose form may have more bytes than others.
func large(r auth.Route, body int64) auth.Route {
	r.Body = body
	return r
}

// root is the address of this instance without a slash at its end.
func (f *Face) root() string { return f.Scheme + "://" + f.Host }

// draw answers with a page whose title is a text of the catalogue.
func (f *Face) draw(c *gin.Context, page, title string, view any) error {
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: page, Title: f.Shell.Tongue(c).T(title), View: view})
}

// noted is the entry of the audit log for an act of who asks.
func noted(c *gin.Context, act, target, why string) coop.AuditEntry {
	return coop.AuditEntry{Who: auth.Account(c).Name, From: c.ClientIP(), Act: act, Target: target, Why: why}
}

// person is an account as our pages name it.
type person struct {
	Name, Handle, URL string
	Kind              string // a part of a key: admin_kind_person, …
	Host              string // of its server; empty: here
}

// kinds are those of accounts that have a word of their own here.
var kinds = []coop.AccountKind{coop.Person, coop.Coop, coop.Federation, coop.Board, coop.Service, coop.Instance}

// person names an account; nil is somebody unknown.
func (f *Face) person(a *coop.Account) person {
	if a == nil {
		return person{}
	}
	kind := string(a.Kind)
	if !slices.Contains(kinds, a.Kind) {
		kind = "other"
	}
	p := person{Name: a.DisplayName, Handle: "@" + a.Handle(f.AccountDomain).String(), URL: "/@" + a.Name, Kind: kind}
	if !a.Local {
		p.URL, p.Host = "/@"+a.Name+"@"+a.Host, a.IRI.Host()
	}
	if p.Name == "" {
		p.Name = a.Name
	}
	return p
}

// moment is a time as pages show it.
type moment struct{ Day, Clock, Stamp string }

// momentOf is a time in words; none is empty.
func momentOf(t respond.Tongue, at time.Time) moment {
	if at.IsZero() {
		return moment{}
	}
	return moment{t.Here(at), t.Clock(at), t.Stamp(at)}
}
