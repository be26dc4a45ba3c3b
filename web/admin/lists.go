// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/web/respond"
)

const (
	// listsPath are lists of servers: our own, and those that others keep.
	listsPath = "/admin/lists"
	// listBody is how large the form with a list may be, in bytes.
	listBody = carry.MaxPeerBytes + 1<<16
	// listShown is how many rows of a list a page has.
	listShown = 50
)

// listPolicies are what a list may say of servers of which it says nothing else.
var listPolicies = []coop.PeerPolicy{coop.PolicyBlock, coop.PolicyLimit, coop.PolicyAllow}

// listsView are the lists, and a form for another.
type listsView struct {
	Rows       []listRow
	Done       string
	Name, Link string // as they were typed
	Policies   []choice
	Blocked    int // how many servers our own decisions are about
	Allowed    int
}

// listRow is a list.
type listRow struct {
	Name, URL, Link string
	Policy          string
	Read            moment
	Failure         string
	Waiting         int // rows that wait for a decision
	Says            string
}

// listDones are what the pages of lists can say that was done.
var listDones = []string{"applied", "applying", "read", "kept", "taken", "removed"}

// listDone is what was done, in words.
func listDone(t respond.Tongue, c *gin.Context) string {
	if done := c.Query("done"); slices.Contains(listDones, done) {
		return t.T("admin_list_done_" + done)
	}
	return ""
}

// lists answers GET /admin/lists.
func (f *Face) lists(c *gin.Context) error {
	return f.showLists(c, http.StatusOK, listsView{Done: listDone(f.Shell.Tongue(c), c)}, coop.PolicyBlock, nil)
}

// showLists draws the page, with what was wrong.
func (f *Face) showLists(c *gin.Context, status int, view listsView, policy coop.PeerPolicy, problems []respond.Problem) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	lists, err := f.Store.PeerLists(ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		row, err := f.listRow(ctx, t, l)
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, row)
	}
	for _, p := range listPolicies {
		view.Policies = append(view.Policies, choice{string(p), t.T("admin_policy_" + string(p)), "", p == policy})
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "admin-lists", Title: t.T("admin_lists_title"), View: view, Problems: problems})
}

// listRow is one list in words.
func (f *Face) listRow(ctx context.Context, t respond.Tongue, l *coop.PeerList) (listRow, error) {
	counts, err := f.Store.PeerListCounts(ctx, l.ID)
	row := listRow{
		Name: l.Name, URL: listsPath + "/" + l.ID.String(), Link: l.URL, Policy: t.T("admin_policy_" + string(l.Policy)), Read: momentOf(t, l.ReadAt),
		Failure: l.Failure, Waiting: counts[coop.PeerListNew] + counts[coop.PeerListChanged] + counts[coop.PeerListGone],
	}
	switch {
	case l.Applying != "":
		row.Says = t.T("admin_list_applying")
	case row.Waiting > 0:
		row.Says = t.N("admin_list_waiting", row.Waiting)
	default:
		row.Says = t.T("admin_list_settled")
	}
	return row, err
}

// waitingLists are the lists with something to decide, for the board.
func (f *Face) waitingLists(ctx context.Context, t respond.Tongue) ([]listRow, error) {
	lists, err := f.Store.PeerLists(ctx)
	if err != nil {
		return nil, err
	}
	var rows []listRow
	for _, l := range lists {
		row, err := f.listRow(ctx, t, l)
		if err != nil {
			return nil, err
		}
		if row.Waiting > 0 && l.Applying == "" {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// exportList answers GET /admin/lists/blocks.csv and allows.csv: what counts here, as
// other servers read it. The reasons are the public ones.
func (f *Face) exportList(c *gin.Context) error {
	wanted := []coop.PeerPolicy{coop.PolicyBlock, coop.PolicyLimit}
	if strings.HasSuffix(c.Request.URL.Path, "allows.csv") {
		wanted = []coop.PeerPolicy{coop.PolicyAllow}
	}
	var peers []*coop.Peer
	for _, policy := range wanted {
		found, err := f.Store.PeersDecided(c.Request.Context(), policy)
		if err != nil {
			return err
		}
		peers = append(peers, found...)
	}
	var file bytes.Buffer
	if err := carry.WritePeers(&file, wanted[0], peers); err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Disposition", `attachment; filename="`+strings.TrimPrefix(c.Request.URL.Path, listsPath+"/")+`"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
	return nil
}
