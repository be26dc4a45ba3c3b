// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// reportsView lists reports.
type reportsView struct {
	Rows []reportRow
	All  bool   // closed ones too
	Next string // the page before in time
}

// reportRow is a report in a list.
type reportRow struct {
	ID, URL  string
	From     string // who complains, or their server
	About    []person
	Posts    string // in words; empty: none
	Category string // in words
	Comment  string
	When     moment
	Closed   moment
}

// reportsShown is how many reports a page has.
const reportsShown = 30

// reports answers GET /admin/reports?all=1&max_id=….
func (f *Face) reports(c *gin.Context) error {
	t := f.Shell.Tongue(c)
	view, page := reportsView{All: c.Query("all") == "1"}, coop.Page{Limit: reportsShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	var err error
	if view.Rows, err = f.reportRows(c.Request.Context(), t, storage.ReportQuery{Closed: view.All}, page); err != nil {
		return err
	}
	if len(view.Rows) == reportsShown {
		view.Next = reportsPath + "?max_id=" + view.Rows[reportsShown-1].ID
		if view.All {
			view.Next += "&all=1"
		}
	}
	return f.draw(c, "admin-reports", "admin_reports_title", view)
}

// reportRows reads reports and names who and what they are about, by one question.
func (f *Face) reportRows(ctx context.Context, t respond.Tongue, q storage.ReportQuery, page coop.Page) ([]reportRow, error) {
	list, err := f.Store.Reports(ctx, q, page)
	if err != nil {
		return nil, err
	}
	var ids []coop.ID
	for _, x := range list {
		ids = append(append(ids, x.Reporter), x.Accounts...)
	}
	accounts, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]reportRow, len(list))
	for i, x := range list {
		rows[i] = f.reportRow(t, x, accounts)
	}
	return rows, nil
}

// reportRow is one report in words.
func (f *Face) reportRow(t respond.Tongue, x coop.Report, accounts map[coop.ID]*coop.Account) reportRow {
	row := reportRow{
		ID: x.ID.String(), URL: reportsPath + "/" + x.ID.String(), From: x.Host, Category: t.T("admin_report_" + string(x.Category)),
		Comment: x.Comment, When: momentOf(t, x.CreatedAt), Closed: momentOf(t, x.ClosedAt),
	}
	if a := accounts[x.Reporter]; a != nil {
		row.From = f.person(a).Handle
	}
	for _, id := range x.Accounts {
		if a := accounts[id]; a != nil {
			row.About = append(row.About, f.person(a))
		}
	}
	if n := len(x.Posts); n > 0 {
		row.Posts = t.N("admin_report_posts", n)
	}
	return row
}

// reportView is the page of one report.
type reportView struct {
	reportRow
	Path  string
	Done  string
	Who   []accused
	Posts []reportedPost
	Notes []logRow // what was done about it, oldest first
}

// accused is somebody whom a report is about.
type accused struct {
	person
	ID        string
	Staff     bool // of the staff: not decided about here
	Suspended moment
	HostURL   string // of the page of their server; empty: here
}

// reportedPost is a post that a report names.
type reportedPost struct {
	Author    person
	Text, URL string
	When      moment
}

// reportDones are what the page of a report can say that was done.
var reportDones = []string{"close", "reopen", "suspend", "lift"}

// report finds the report of the path.
func (f *Face) report(c *gin.Context) (coop.Report, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return coop.Report{}, fmt.Errorf("report %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	found, err := f.Store.ReportsByID(c.Request.Context(), []coop.ID{id})
	x, there := found[id]
	if err == nil && !there {
		err = fmt.Errorf("report %s: %w", id, coop.ErrNotFound)
	}
	return x, err
}

// reportPage answers GET /admin/reports/ID.
func (f *Face) reportPage(c *gin.Context) error {
	x, err := f.report(c)
	if err != nil {
		return err
	}
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	accounts, err := f.Store.Accounts(ctx, append([]coop.ID{x.Reporter}, x.Accounts...))
	if err != nil {
		return err
	}
	view := reportView{reportRow: f.reportRow(t, x, accounts), Path: reportsPath + "/" + x.ID.String()}
	for _, id := range x.Accounts {
		if a := accounts[id]; a != nil {
			view.Who = append(view.Who, f.accused(t, a))
		}
	}
	if view.Posts, err = f.reportedPosts(ctx, t, x.Posts); err != nil {
		return err
	}
	entries, err := f.Store.Audit(ctx, storage.AuditQuery{About: coop.IRI(x.ID.String())}, coop.Page{Limit: logShown})
	if err != nil {
		return err
	}
	slices.Reverse(entries)
	for _, e := range entries {
		view.Notes = append(view.Notes, discreet(auth.Account(c), e, f.logRow(t, e, nil, nil)))
	}
	if done := c.Query("done"); slices.Contains(reportDones, done) {
		view.Done = t.T("admin_report_done_" + done)
	}
	return f.draw(c, "admin-report", "admin_report_title", view)
}

// accused is an account with what was decided about it.
func (f *Face) accused(t respond.Tongue, a *coop.Account) accused {
	one := accused{person: f.person(a), ID: a.ID.String(), Staff: a.Rank.Staff() || a.Local && a.Kind != coop.Person && a.Kind != coop.Coop, Suspended: momentOf(t, a.SuspendedAt)}
	if one.Host != "" {
		one.HostURL = peersPath + "/" + one.Host
	}
	return one
}

// reportedPosts are the posts that a report names, as they stand now: who looks into
// it must be able to read them, whoever else may.
func (f *Face) reportedPosts(ctx context.Context, t respond.Tongue, ids []coop.ID) ([]reportedPost, error) {
	posts, err := f.Store.PostsByID(ctx, coop.System(), ids)
	if err != nil {
		return nil, err
	}
	var list []reportedPost
	for _, p := range posts {
		one := reportedPost{Author: f.person(p.Author), Text: plain(p.Content), When: momentOf(t, p.Published)}
		if p.Visibility == coop.VisiblePublic {
			one.URL = p.URL
		}
		list = append(list, one)
	}
	return list, nil
}

// changeReport answers POST /admin/reports/ID: act is close or reopen, or suspend or
// lift with the account; the note is for the staff alone.
func (f *Face) changeReport(c *gin.Context) error {
	x, err := f.report(c)
	if err != nil {
		return err
	}
	ctx, act := c.Request.Context(), c.PostForm("act")
	note := coop.CleanText(c.PostForm("note"), 2000)
	switch act {
	case "close", "reopen":
		at := f.Now()
		if act == "reopen" {
			at = time.Time{}
		}
		err = f.Store.Write(ctx, func(tx *storage.Tx) error {
			return also(tx.CloseReport(ctx, x.ID, at), func() error { return tx.AddAudit(ctx, audit(noted(c, "report."+act, x.ID.String(), note))) })
		})
	case "suspend", "lift":
		err = f.suspend(c, x, act == "suspend", note)
	default:
		err = &coop.InvalidError{Field: "act", Problem: "this is nothing that is done with a report"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, reportsPath+"/"+x.ID.String()+"?done="+act)
	return nil
}

// suspend hides somebody whom a report is about, or lifts that. The staff is not
// suspended from here.
func (f *Face) suspend(c *gin.Context, x coop.Report, hide bool, note string) error {
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.PostForm("account"))
	if err != nil || !slices.Contains(x.Accounts, id) {
		return &coop.InvalidError{Field: "account", Problem: "the report is not about this account"}
	}
	a, err := f.Store.Account(ctx, id)
	if err != nil {
		return err
	}
	if f.accused(f.Shell.Tongue(c), a).Staff {
		return fmt.Errorf("suspend %s: %w", a.IRI, coop.ErrForbidden)
	}
	at := f.Now()
	if !hide {
		at = time.Time{}
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.DecideAccount(ctx, a, at, noted(c, "", "", note)) })
}
