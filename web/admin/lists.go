// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
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

// addList answers POST /admin/lists: a list is read from a file or an address. What it
// says is shown before anything is decided.
func (f *Face) addList(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	t := f.Shell.Tongue(c)
	l := &coop.PeerList{Name: coop.CleanLine(c.PostForm("name"), coop.MaxPeerListName), URL: coop.CleanLine(c.PostForm("url"), 2048), Policy: coop.PeerPolicy(c.PostForm("policy"))}
	if !slices.Contains(listPolicies, l.Policy) {
		l.Policy = coop.PolicyBlock
	}
	data, problem := listFile(c)
	var problems []respond.Problem
	wrong := func(field, key string) { problems = append(problems, respond.Problem{Field: field, Text: t.T(key)}) }
	switch {
	case problem != "":
		wrong("file", problem)
	case data == nil && l.URL == "":
		wrong("file", "admin_list_nothing")
	case data != nil && l.URL != "":
		wrong("url", "admin_list_both")
	}
	if l.Name == "" {
		wrong("name", "problem_required")
	}
	if len(problems) == 0 {
		err := f.Inbox.PutPeerList(c.Request.Context(), l, data, noted(c, "", "", ""))
		if err == nil {
			c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String())
			return nil
		}
		if problems = listProblems(t, err); problems == nil {
			return err
		}
	}
	return f.showLists(c, http.StatusUnprocessableEntity, listsView{Name: l.Name, Link: l.URL}, l.Policy, problems)
}

// listFile is the file of the form; nil: there is none. The problem is a key of a text.
func listFile(c *gin.Context) ([]byte, string) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return nil, ""
	}
	file, err := header.Open()
	if err != nil {
		return nil, "admin_list_unreadable"
	}
	defer file.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(file, carry.MaxPeerBytes+1))
	if err != nil {
		return nil, "admin_list_unreadable"
	}
	return data, ""
}

// listProblems are what is wrong with a list; nil: it is another error.
func listProblems(t respond.Tongue, err error) []respond.Problem {
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, coop.ErrTooLarge):
		return []respond.Problem{{Field: "file", Text: t.T("admin_list_too_large")}}
	case errors.Is(err, coop.ErrConflict):
		return []respond.Problem{{Field: "name", Text: t.T("admin_list_too_many")}}
	case errors.As(err, &invalid) && invalid.Field == "url":
		return []respond.Problem{{Field: "url", Text: t.T("admin_list_unreachable", "Error", invalid.Problem)}}
	case errors.As(err, &invalid):
		return []respond.Problem{{Field: "file", Text: t.T("admin_list_unreadable")}}
	}
	return nil
}

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

// changeList answers POST /admin/lists/ID: act is apply, read (again from its address or
// a newer file), keep or take (one host), end or endback (the list goes; what it decided
// stays, or is taken back).
func (f *Face) changeList(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	l, err := f.peerList(c)
	if err != nil {
		return err
	}
	ctx, to, done := c.Request.Context(), listsPath+"/"+l.ID.String(), ""
	switch act := c.PostForm("act"); act {
	case "apply":
		left := false
		if _, left, err = f.Inbox.ApplyPeerList(ctx, l, noted(c, "", "", "")); left {
			done = "applying"
		} else {
			done = "applied"
		}
	case "read":
		return f.readAgain(c, l)
	case "keep", "take":
		done = map[string]string{"keep": "kept", "take": "taken"}[act]
		err = f.Store.Write(ctx, func(tx *storage.Tx) error {
			return tx.KeepPeerListRow(ctx, l.ID, coop.CleanLine(c.PostForm("host"), 300), act == "keep")
		})
	case "end", "endback":
		done, to = "removed", listsPath
		err = f.Store.Write(ctx, func(tx *storage.Tx) error {
			return also(tx.RemovePeerList(ctx, l.ID, act == "endback"), func() error {
				return tx.AddAudit(ctx, audit(noted(c, "list.remove", l.Name, strconv.FormatBool(act == "endback"))))
			})
		})
	default:
		return &coop.InvalidError{Field: "act", Problem: "this is nothing that is done with a list"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to+"?done="+done)
	return nil
}

// readAgain reads a list anew.
func (f *Face) readAgain(c *gin.Context, l *coop.PeerList) error {
	ctx := c.Request.Context()
	data, _ := listFile(c)
	if data == nil && l.URL == "" {
		return f.listWrong(c, l, "admin_list_nothing")
	}
	err := f.Inbox.PutPeerList(ctx, l, data, coop.AuditEntry{})
	if problems := listProblems(f.Shell.Tongue(c), err); problems != nil {
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.FailPeerList(ctx, l.ID, problems[0].Text) })
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String()+"?done=read")
	return nil
}

// listWrong keeps what is wrong with a list, to be read on its page.
func (f *Face) listWrong(c *gin.Context, l *coop.PeerList, key string) error {
	ctx, text := c.Request.Context(), f.Shell.Tongue(c).T(key)
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.FailPeerList(ctx, l.ID, text) }); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, listsPath+"/"+l.ID.String())
	return nil
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
