// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// readPaths are where members read and answer without an app.
const (
	homePath  = "/home"
	toldPath  = "/notifications"
	readShown = 20 // lines on a page
)

// homeView is what an account reads at home.
type homeView struct {
	settingsFrame
	Write       string // where one writes something oneself
	Lines       []postLine
	Next, First string
}

// postLine is a post in somebody's own list, with what can be done about it there.
type postLine struct {
	Note    *noteCard
	Job     *jobCard     // instead of the note
	Article *articleCard // likewise
	By      string       // who boosted it, in words; empty: nobody
	Acts    []door
}

// homeTimeline answers GET /home: the home timeline of the API, page by page.
func (f *Face) homeTimeline(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRead)
	if err != nil {
		return err
	}
	view := homeView{}
	if view.settingsFrame, err = f.settingsFrame(c, "read_home_title", homePath, about, coop.ActRead); err != nil {
		return err
	}
	view.Section = "home"
	after := before(c)
	entries, err := f.Store.Home(c.Request.Context(), about.ID, coop.Page{Max: after, Limit: readShown + 1})
	if err != nil {
		return err
	}
	if after != 0 {
		view.First = withQuery(homePath, asValues(view.As))
	}
	if len(entries) > readShown {
		entries = entries[:readShown]
		view.Next = homePath + "?" + withAs(view.As, "before", entries[readShown-1].ID.String())
	}
	view.Write = intentPath + "/create"
	if view.As != "" {
		view.Write += "?" + withAs(view.As)
	}
	for _, e := range entries {
		view.Lines = append(view.Lines, f.lineOf(&view.settingsFrame, e))
	}
	return f.show(c, http.StatusOK, "read-home", view)
}

// asValues is the query of an account that is not one's own.
func asValues(as string) url.Values {
	if as == "" {
		return nil
	}
	return url.Values{asField: {as}}
}

// lineOf shows a line of a timeline.
func (f *Face) lineOf(page *settingsFrame, e coop.Entry) postLine {
	line := f.lineFor(page.tongue, e.Post)
	line.Acts = f.waysOn(page, e.Post)
	if e.By != nil {
		line.By = page.T("through_boost", "Name", f.person(e.By).Name)
	}
	return line
}

// lineFor shows a post as what it is: a job, an article, or what somebody wrote.
func (f *Face) lineFor(t *tongue, p *coop.Post) postLine {
	one := []*coop.Post{p}
	switch {
	case p.Job != nil:
		return postLine{Job: &f.jobCards(t, one)[0]}
	case p.Article != nil:
		return postLine{Article: &f.articleCards(t, one)[0]}
	}
	card := f.cardFor(t, p)
	return postLine{Note: &card}
}

// cardFor is a post as somebody sees it who may see it: what is not for everybody has no
// page of its own that shows it, but the one on which it is answered.
func (f *Face) cardFor(t *tongue, p *coop.Post) noteCard {
	card := f.noteCard(t, p)
	if p.Visibility != coop.VisiblePublic && p.Visibility != coop.VisibleUnlisted {
		card.URL = intentPath + "/object?" + url.Values{"object": {string(p.IRI)}}.Encode()
	}
	return card
}

// waysOn are the ways to answer a post of another, boost it and like it, each a page that asks first.
// In the name of a co-op it is answered alone.
func (f *Face) waysOn(page *settingsFrame, p *coop.Post) []door {
	if p.Author == nil || p.AuthorID == page.about {
		return nil
	}
	object := url.Values{"inReplyTo": {string(p.IRI)}}
	if page.As != "" {
		object.Set(asField, page.As)
	}
	acts := []door{{page.T("read_reply", "Name", f.person(p.Author).Name), intentPath + "/create?" + object.Encode()}}
	if page.As != "" || p.Visibility != coop.VisiblePublic && p.Visibility != coop.VisibleUnlisted {
		return acts
	}
	object = url.Values{"object": {string(p.IRI)}}
	return append(acts, door{page.T("read_boost"), intentPath + "/announce?" + object.Encode()}, door{page.T("read_like"), intentPath + "/like?" + object.Encode()})
}

// memberRoutes are the pages of who is signed in that are about no one thing.
func (f *Face) memberRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesViewer, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitAPI, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(homePath, f.homeTimeline),
		get(toldPath, f.notifications),
		post(toldPath, f.readNotifications),
		get(deskPath, f.desk),
		post(deskPath+"/follows/:id", f.deskFollow),
		post("/tags/:tag", f.followTag),
	}
}

// seeing is who reads for the account that a page is about.
func seeing(c *gin.Context, about *coop.Account) coop.Viewer {
	return storage.Seeing(c.Request.Context(), about.ID)
}
