// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// logView is the audit log of the whole instance.
type logView struct {
	Rows []logRow
	Next string // the page before in time; empty: this is the oldest
}

// logRow is an entry in words.
type logRow struct {
	When         moment
	Who, In, Act string
	Target, URL  string
	Why, From    string
}

// logShown is how many entries a page has.
const logShown = 50

// logActs are the words of the log that have a text of their own here.
var logActs = []string{
	"peer.allow", "peer.block", "peer.limit", "peer.clear", "peer.follow", "peer.unfollow", "peer.accept", "peer.reject", "peer.retry", "peer.compare", "queue.retry",
	"report.close", "report.reopen", "account.create", "account.invite", "account.uninvite", "account.suspend", "account.unsuspend", "account.delete", "account.close", "account.return", "account.role",
	"account.reset", "account.password", "account.approve", "account.refuse", "mail.server", "membership.accept", "membership.refuse", "instance.setup",
	"announcement.create", "announcement.remove", "statement.set", "statement.remove", "media.prune", "setting.change", "config.reload",
	"backup.create", "backup.verify", "backup.restore", "backup.ask", "instance.rehearse", "instance.promote", "keys.rotate", "keys.compromise", "keys.done",
	"list.add", "list.apply", "list.remove", "peer.brings",
}

// logTexts are words of the log whose text the log of a co-op has too.
var logTexts = map[string]string{
	"decisions.new": "act_decision_open", "decisions.create": "act_decision_open", "decisions.amend": "act_decision_amend",
	"decisions.withdraw": "act_decision_withdraw", "decisions.publish": "act_decision_publish",
	"memberships.role": "admin_act_member_role", "admin.coops.role": "admin_act_member_role",
}

// logPage answers GET /admin/log?max_id=…: what was done, by whom, to whom and why.
func (f *Face) logPage(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	page := coop.Page{Limit: logShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	entries, err := f.Store.Audit(ctx, storage.AuditQuery{}, page)
	if err != nil {
		return err
	}
	var ids []coop.ID
	var iris []coop.IRI
	for _, e := range entries {
		if e.OnBehalf != 0 {
			ids = append(ids, e.OnBehalf)
		}
		if strings.Contains(e.Target, "://") {
			iris = append(iris, coop.IRI(e.Target))
		}
	}
	coops, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	known, err := f.Store.AccountsByIRI(ctx, iris)
	if err != nil {
		return err
	}
	view := logView{Rows: make([]logRow, len(entries))}
	for i, e := range entries {
		view.Rows[i] = discreet(auth.Account(c), e, f.logRow(t, e, coops[e.OnBehalf], known[coop.IRI(e.Target)]))
	}
	if len(entries) == logShown {
		view.Next = logPath + "?max_id=" + entries[logShown-1].ID.String()
	}
	return f.draw(c, "admin-log", "admin_log_title", view)
}

// discreet leaves out of an entry what only admins may see: from where somebody else did
// it, and the mail address of who was invited.
func discreet(me *coop.Account, e coop.AuditEntry, row logRow) logRow {
	if me.Rank.AtLeast(coop.RankAdmin) {
		return row
	}
	if e.Who != me.Name {
		row.From = ""
	}
	if coop.ValidMail(row.Target) {
		row.Target = "…@…"
	}
	return row
}

// logRow is one entry; in and target may be nil.
func (f *Face) logRow(t respond.Tongue, e coop.AuditEntry, in, target *coop.Account) logRow {
	row := logRow{When: momentOf(t, e.At), Who: "@" + e.Who, Act: e.Act, Target: e.Target, Why: e.Why, From: e.From}
	switch e.Who {
	case "command line":
		row.Who = t.T("log_command")
	case "minga":
		row.Who = t.T("admin_log_itself")
	}
	if in != nil {
		row.In = f.person(in).Handle
	}
	if slices.Contains(logActs, e.Act) {
		row.Act = t.T("admin_act_" + strings.ReplaceAll(e.Act, ".", "_"))
	}
	if key := logTexts[e.Act]; key != "" {
		row.Act = t.T(key)
	}
	switch {
	case target != nil:
		p := f.person(target)
		row.Target, row.URL = p.Handle, p.URL
	case strings.HasPrefix(e.Act, "peer.") && e.Target != "" && !strings.Contains(e.Target, "/"):
		row.URL = peersPath + "/" + e.Target
	case strings.HasPrefix(e.Act, "report.") && e.Target != "":
		row.URL = reportsPath + "/" + e.Target
	case strings.HasPrefix(e.Target, f.root()+"/"):
		row.Target, row.URL = strings.TrimPrefix(e.Target, f.root()), strings.TrimPrefix(e.Target, f.root())
	}
	return row
}
