// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// way is a link of the navigation. Those to pages that are not mounted are left out.
type way struct {
	URL, Name string
	Current   bool
}

// member is who is signed in, as the frame of every page says it.
type member struct {
	Person    person
	Staff     bool     // looks after the server
	Ways      []way    // to what is theirs
	As        person   // in whose name they act; without a name: their own
	Acting    []choice // in whose name they may, themselves first; empty: only their own
	FormToken string
}

// ways is the main navigation of a page. Who runs the place stands at the foot of every
// page.
func (f *Face) ways(fr *frame) []way {
	list := []struct{ section, path, name string }{
		{"jobs", "/jobs", fr.T("nav_jobs")},
		{"library", "/library", fr.T("nav_library")},
		{"directory", "/directory", fr.T("frame_directory")},
		{"requests", "/requests", fr.T("frame_requests")},
		{"decisions", "/decisions", fr.T("frame_decisions")},
		{"network", networkPath, fr.T("network_title")},
		{"search", findPath, fr.T("search")},
	}
	var ways []way
	for _, one := range list {
		if f.mounted[one.path] {
			ways = append(ways, way{one.path, one.name, one.section == fr.Section})
		}
	}
	return ways
}

// member is who asks for a page, nil for who is not signed in and on pages that look
// at no cookie.
func (f *Face) member(c *gin.Context, t *tongue) *member {
	me := auth.Account(c)
	if me == nil || me.Kind != coop.Person || auth.SessionOf(c) == nil {
		return nil
	}
	m := &member{Person: f.person(me), Staff: me.Rank.Staff(), FormToken: auth.FormToken(c)}
	held := f.held(c)
	list := []struct{ path, name string }{
		{"/desk", t.T("frame_desk")},
		{homePath, t.T("read_home_title")},
		{"/notifications", t.T("frame_notifications")},
		{minePath, t.T("frame_hiring")},
		{offersPath, t.T("offer_list_title")},
		{roomsPath, t.T("rooms_title")},
		{"/searches", t.T("frame_searches")},
		{settingsPath, t.T("frame_settings")},
		{"/admin", t.T("frame_admin")},
	}
	m.Ways = append(m.Ways, way{URL: m.Person.URL, Name: t.T("frame_profile")})
	shown := map[string]bool{"/admin": m.Staff, minePath: hires(held), offersPath: len(held) > 0, roomsPath: len(held) > 0}
	for _, one := range list {
		if may, asked := shown[one.path]; f.mounted[one.path] && (may || !asked) {
			m.Ways = append(m.Ways, way{URL: one.path, Name: one.name, Current: c.Request.URL.Path == one.path})
		}
	}
	f.fillActing(c, t, m, held)
	return m
}

// held are the accounts in which somebody has a role. What cannot be read is left out:
// each act is judged again when it happens.
func (f *Face) held(c *gin.Context) []coop.Held {
	held, err := auth.Speakers(c)
	if err != nil || len(held) == 0 {
		return nil
	}
	return held[1:] // the first is the person
}

// hires tells whether one of the roles opens the page of a co-op's jobs.
func hires(held []coop.Held) bool {
	return slices.ContainsFunc(held, func(h coop.Held) bool {
		return coop.PublishesJobs(h.Account.Kind) && slices.ContainsFunc(mineActs, func(act coop.RoleAct) bool { return coop.RolesMay(h.Roles, act.In(h.Account.Kind)) })
	})
}

// fillActing says in whose name somebody may act, and does.
func (f *Face) fillActing(c *gin.Context, t *tongue, m *member, held []coop.Held) {
	chosen := f.acting(c)
	for _, h := range held {
		if !coop.RolesMay(h.Roles, coop.ActRead.In(h.Account.Kind)) {
			continue
		}
		if len(m.Acting) == 0 {
			m.Acting = []choice{{"", t.T("frame_acting_self"), true}}
		}
		one := choice{h.Account.ID.String(), f.person(h.Account).Name, h.Account.ID == chosen}
		if one.Chosen {
			m.Acting[0].Chosen, m.As = false, f.person(h.Account)
		}
		m.Acting = append(m.Acting, one)
	}
}

// actingCookie remembers in whose name a person acts; actingPath changes it.
const (
	actingCookie = "acting"
	actingPath   = "/acting"
)

// acting is the id of the account in whose name somebody said that they act: a wish, which
// gives no right. Zero is their own. A form takes it for its first choice:
// what the person may do is judged by [auth.ActAs] or [auth.Speakable].
func (f *Face) acting(c *gin.Context) coop.ID {
	id, err := coop.ParseID(f.cookie(c, actingCookie))
	if err != nil {
		return 0
	}
	return id
}

// act answers POST /acting: somebody goes on in another name.
func (f *Face) act(c *gin.Context) error {
	id, err := coop.ParseID(c.PostForm(auth.AsField))
	if err != nil || id == auth.Account(c).ID {
		f.setCookie(c, actingCookie, "", -1)
		c.Redirect(http.StatusSeeOther, f.comeBack(c))
		return nil
	}
	if _, err := auth.ActAs(c, id, coop.ActRead); err != nil {
		return err
	}
	f.setCookie(c, actingCookie, id.String(), 0)
	c.Redirect(http.StatusSeeOther, f.comeBack(c))
	return nil
}

// themeCookie remembers light or dark.
const themeCookie = "theme"

// theme is what was chosen: light, dark, or empty for what the browser says.
func (f *Face) theme(c *gin.Context) string {
	switch chosen := f.cookie(c, themeCookie); chosen {
	case "light", "dark":
		return chosen
	}
	return ""
}

// changeTheme answers POST /theme, from anybody: it changes nothing but a cookie of
// whoever asks.
func (f *Face) changeTheme(c *gin.Context) error {
	switch chosen := c.PostForm("theme"); chosen {
	case "light", "dark":
		f.setCookie(c, themeCookie, chosen, year)
	default:
		f.setCookie(c, themeCookie, "", -1)
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, f.comeBack(c))
	return nil
}

// comeBack is the page of ours from which a form came: browsers say so to us, and to
// nobody else (Referrer-Policy same-origin). Else it is the front page.
func (f *Face) comeBack(c *gin.Context) string {
	if rest, ok := strings.CutPrefix(c.GetHeader("Referer"), f.root()+"/"); ok {
		return auth.OwnPath("/" + rest)
	}
	return "/"
}

// frameRoutes are the forms that stand around every page.
func (f *Face) frameRoutes() []auth.Route {
	return []auth.Route{
		{Method: "POST", Path: "/theme", Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFBearer, Sees: auth.SeesNobody, Body: 1 << 10, Form: respond.HTML, Handle: f.changeTheme},
		{Method: "POST", Path: actingPath, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: true, Form: respond.HTML, Handle: f.act},
	}
}
