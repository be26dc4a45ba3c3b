// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/respond"
)

// listView is one list: what applying it would do.
type listView struct {
	listRow
	Path    string
	Done    string
	Running bool
	Wrong   []string
	Tabs    []listTab
	State   string
	Means   string
	Hosts   []listHost
	Next    string
}

// listTab is a state with how many rows are in it.
type listTab struct {
	Name, URL string
	Count     string
	Here      bool
}

// listHost is a row.
type listHost struct {
	Host, URL       string
	Would, Now      string // policies in words
	Reason, Related string
	Kept, May       bool // it is left out; it may be left out
}

// peerList finds the list of the path.
func (f *Face) peerList(c *gin.Context) (*coop.PeerList, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("list %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	return f.Store.PeerList(c.Request.Context(), id)
}

// listPage answers GET /admin/lists/ID?show=&after=.
func (f *Face) listPage(c *gin.Context) error {
	l, err := f.peerList(c)
	if err != nil {
		return err
	}
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	counts, err := f.Store.PeerListCounts(ctx, l.ID)
	if err != nil {
		return err
	}
	view := listView{Path: listsPath + "/" + l.ID.String(), Done: listDone(t, c), Running: l.Applying != "", Wrong: l.Wrong}
	if view.listRow, err = f.listRow(ctx, t, l); err != nil {
		return err
	}
	state := shownState(c.Query("show"), counts)
	for _, s := range coop.PeerListStates() {
		if counts[s] > 0 {
			view.Tabs = append(view.Tabs, listTab{t.T("admin_list_" + string(s)), view.Path + "?show=" + string(s), t.Number(counts[s]), s == state})
		}
	}
	view.State, view.Means = string(state), t.T("admin_list_"+string(state)+"_means")
	rows, err := f.Store.PeerListRows(ctx, l.ID, state, coop.CleanLine(c.Query("after"), 300), listShown)
	if err != nil {
		return err
	}
	for _, x := range rows {
		view.Hosts = append(view.Hosts, listHostOf(t, x))
	}
	if len(rows) == listShown {
		view.Next = view.Path + "?" + url.Values{"show": {string(state)}, "after": {rows[listShown-1].Host}}.Encode()
	}
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: "admin-list", Title: l.Name, View: view})
}

// shownState is the state that is asked for, else the first that has rows.
func shownState(asked string, counts map[coop.PeerListState]int) coop.PeerListState {
	states := coop.PeerListStates()
	if s := coop.PeerListState(asked); slices.Contains(states, s) {
		return s
	}
	for _, s := range states {
		if counts[s] > 0 {
			return s
		}
	}
	return coop.PeerListDone
}

// listHostOf is a row in words.
func listHostOf(t respond.Tongue, x coop.PeerListRow) listHost {
	h := listHost{Host: x.Host, URL: peersPath + "/" + url.PathEscape(x.Host), Would: t.T("admin_policy_" + policyWord(x.Policy)), Reason: x.PublicReason}
	h.Now = t.T("admin_policy_" + policyWord(x.Now))
	if x.Related > 0 {
		h.Related = t.N("admin_list_related", x.Related)
	}
	if x.State == coop.PeerListGone {
		h.Would = t.T("admin_policy_none")
	}
	h.Kept, h.May = x.State == coop.PeerListKept, x.State == coop.PeerListNew || x.State == coop.PeerListChanged
	return h
}
