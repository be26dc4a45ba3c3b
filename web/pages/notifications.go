// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// toldView is what an account was told.
type toldView struct {
	settingsFrame
	Action      string
	Follows     deskPart // who asks to follow, and waits
	Groups      []toldGroup
	Unread      int
	Read        string // the newest that is shown: so far one has read
	Next, First string
}

// toldGroup is a line: what happened, by whom, about which post.
type toldGroup struct {
	What    string
	New     bool
	At      moment
	Who     []person
	More    string // how many others did it, in words; empty: nobody
	Post    *postLine
	Own     deskLine // the post where it is their own; without an address: it is not
	Further string   // a page on which more of it stands; empty: none
}

// whoShown is how many people a line names.
const whoShown = 4

// notifications answers GET /notifications.
func (f *Face) notifications(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRead)
	if err != nil {
		return err
	}
	view := toldView{Action: toldPath}
	if view.settingsFrame, err = f.settingsFrame(c, "frame_notifications", toldPath, about, coop.ActRead); err != nil {
		return err
	}
	switch done := c.Query("done"); done {
	case "read":
		view.Done = view.T("told_done_read")
	case "accepted", "refused":
		view.Done = view.T("desk_done_" + done)
	}
	if err := f.fillTold(c, &view, about); err != nil {
		return err
	}
	if before(c) == 0 && f.mayRelate(c, about) {
		view.Follows = deskPart{Title: view.T("desk_follows"), FormToken: view.FormToken}
		view.Follows.Lines, err = f.followsThatWait(c.Request.Context(), view.tongue, about, toldPath)
	}
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "notifications", view)
}

// toldQuery is what the page shows: requests to follow stand above it.
func toldQuery(about *coop.Account) storage.NotificationQuery {
	return storage.NotificationQuery{Account: about.ID, Except: []coop.NotificationKind{coop.NotifyFollowRequest}}
}

// fillTold reads a page of lines.
func (f *Face) fillTold(c *gin.Context, view *toldView, about *coop.Account) error {
	ctx, query, after := c.Request.Context(), toldQuery(about), before(c)
	groups, err := f.Store.NotificationGroups(ctx, query, coop.GroupedKinds(), coop.Page{Max: after, Limit: readShown + 1})
	if err != nil {
		return err
	}
	markers, err := f.Store.Markers(ctx, about.ID)
	if err != nil {
		return err
	}
	read := markers["notifications"].LastRead
	if view.Unread, err = f.Store.CountNotifications(ctx, query, read, 100); err != nil {
		return err
	}
	if after != 0 {
		view.First = withQuery(toldPath, asValues(view.As))
	} else if len(groups) > 0 {
		view.Read = groups[0].Latest.ID.String()
	}
	if len(groups) > readShown {
		groups = groups[:readShown]
		view.Next = toldPath + "?" + withAs(view.As, "before", groups[readShown-1].Latest.ID.String())
	}
	return f.fillGroups(c, view, about, groups, read)
}

// fillGroups shows lines with the posts that they are about, which are asked for at once.
func (f *Face) fillGroups(c *gin.Context, view *toldView, about *coop.Account, groups []coop.NotificationGroup, read coop.ID) error {
	var ids []coop.ID
	for _, g := range groups {
		if g.Latest.PostID != 0 {
			ids = append(ids, g.Latest.PostID)
		}
	}
	posts, err := f.Store.PostsByID(c.Request.Context(), seeing(c, about), ids)
	if err != nil {
		return err
	}
	known := map[coop.ID]*coop.Post{}
	for _, p := range posts {
		known[p.ID] = p
	}
	for _, g := range groups {
		view.Groups = append(view.Groups, f.toldGroup(view, g, known[g.Latest.PostID], read))
	}
	return nil
}

// toldGroup is one line in words.
func (f *Face) toldGroup(view *toldView, g coop.NotificationGroup, p *coop.Post, read coop.ID) toldGroup {
	line := toldGroup{What: view.told(g.Latest.Kind), New: g.Latest.ID > read, At: view.minute(g.Latest.CreatedAt)}
	for _, a := range g.Samples[:min(len(g.Samples), whoShown)] {
		line.Who = append(line.Who, f.person(a))
	}
	if more := g.Accounts - len(line.Who); more > 0 {
		line.More = view.N("told_more", more)
	}
	switch {
	case p == nil:
	case p.AuthorID == view.about && p.Poll == nil: // they know what they wrote
		line.Own = deskLine{Title: lineAbout(p), URL: f.cardFor(view.tongue, p).URL}
	default:
		shown := f.lineFor(view.tongue, p)
		shown.Acts = f.waysOn(&view.settingsFrame, p)
		line.Post = &shown
	}
	if g.Latest.Kind == coop.NotifyReport {
		line.Further = "/admin/reports"
	}
	return line
}

// lineAbout is the beginning of a post, for who knows it.
func lineAbout(p *coop.Post) line {
	for _, words := range []string{p.Title, p.Summary, excerpt(p.Content, 120)} {
		if words != "" {
			return line{p.Language, words}
		}
	}
	return line{Text: string(p.IRI)} // a picture without a word
}

// toldKinds are those that have words of their own.
var toldKinds = []coop.NotificationKind{
	coop.NotifyMention, coop.NotifyFollow, coop.NotifyFavourite, coop.NotifyReblog, coop.NotifyUpdate, coop.NotifyStatus, coop.NotifyPoll, coop.NotifyReport,
	coop.NotifyMembership, coop.NotifyInterest, coop.NotifyMatch, coop.NotifyMove, "minga:decision", "minga:offer", "minga:request", "minga:team",
}

// told says in words what happened.
func (t *tongue) told(kind coop.NotificationKind) string {
	if !slices.Contains(toldKinds, kind) {
		return t.T("told_kind_other")
	}
	return t.T("told_kind_" + toldKey(kind))
}

// toldKey is a kind as it stands in a key.
func toldKey(kind coop.NotificationKind) string {
	return strings.NewReplacer("minga:", "", ".", "_").Replace(string(kind))
}

// readNotifications answers POST /notifications: somebody has read so far. Two that say so at
// once are no trouble: the next page shows what was kept.
func (f *Face) readNotifications(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActRead)
	if err != nil {
		return err
	}
	id, err := coop.ParseID(c.PostForm("read"))
	if err != nil {
		doneAt(c, toldPath, about, "")
		return nil //nolint:nilerr // what is no id was not read
	}
	ctx := c.Request.Context()
	markers, err := f.Store.Markers(ctx, about.ID)
	if err != nil {
		return err
	}
	marker := markers["notifications"]
	if marker.Timeline = "notifications"; id > marker.LastRead {
		marker.LastRead = id
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetMarker(ctx, about.ID, &marker) })
	}
	if err != nil && !errors.Is(err, coop.ErrConflict) {
		return err
	}
	doneAt(c, toldPath, about, "read")
	return nil
}
