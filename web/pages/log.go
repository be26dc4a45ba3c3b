// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// logView shows a steward what was done in the name of a co-op.
type logView struct {
	formFrame
	Coop person
	Path string // of the roles
	Rows []logRow
	Next string // the page before; empty: this is the oldest
}

// logRow is an entry of the audit log.
type logRow struct {
	When moment
	Hour string // of When
	Who  string
	Act  string // in words, or the word of the log
	URL  string // of what it was done to, where there is an address
	Name string // what it was done to
	Why  string // the reason that was given
	From string
}

// logShown is how many entries a page has.
const logShown = 50

// logPage answers GET /settings/co-ops/:name/log.
func (f *Face) logPage(c *gin.Context) error {
	account, err := f.actFor(c, coop.ActAudit)
	if err != nil {
		return err
	}
	view := logView{formFrame: f.formFrame(c, "speak_log", nil), Coop: f.person(account), Path: speakPath + "/" + account.Name}
	view.Title = view.T("log_title", "Name", view.Coop.Name)
	page := coop.Page{Limit: logShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	entries, err := f.Store.Audit(c.Request.Context(), storage.AuditQuery{Account: account.ID}, page)
	if err != nil {
		return err
	}
	if len(entries) == logShown {
		view.Next = view.Path + "/log?max_id=" + entries[logShown-1].ID.String()
	}
	view.Rows, err = f.logRows(c.Request.Context(), view.tongue, entries)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "log", view)
}

// logRows are entries in words.
func (f *Face) logRows(ctx context.Context, t *tongue, entries []coop.AuditEntry) ([]logRow, error) {
	var iris []coop.IRI
	for _, e := range entries {
		if strings.Contains(e.Target, "://") {
			iris = append(iris, coop.IRI(e.Target))
		}
	}
	known, err := f.names(ctx, iris)
	if err != nil {
		return nil, err
	}
	rows := make([]logRow, len(entries))
	for i, e := range entries {
		rows[i] = logRow{When: momentOf(t, e.At), Hour: t.Clock(e.At), Who: t.who(e.Who), Act: t.act(e), Name: e.Target, From: e.From}
		_, rows[i].Why, _ = roleGiven(e)
		switch e.Target {
		case coop.TargetDirect:
			rows[i].Name = t.T("log_direct")
		case coop.TargetDraft:
			rows[i].Name = t.T("log_draft")
		}
		if p, ok := known[coop.IRI(e.Target)]; ok && p.Handle != "" {
			rows[i].Name, rows[i].URL = p.Handle, p.URL
		} else if strings.HasPrefix(e.Target, f.root()+"/") {
			rows[i].Name, rows[i].URL = strings.TrimPrefix(e.Target, f.root()), e.Target
		}
	}
	return rows, nil
}

// Clock is the time of the day of a moment in the zone of this instance.
func (t *tongue) Clock(at time.Time) string { return t.locale.FmtTimeShort(at.In(t.zone)) }

// who names who did it: the name of a person, or the command line.
func (t *tongue) who(name string) string {
	if name == "command line" {
		return t.T("log_command")
	}
	return "@" + name
}

// acts are the words of the log that have a text of their own.
var acts = map[string]string{
	"statuses.create": "post", "statuses.update": "edit", "statuses.delete": "delete", "statuses.reblog": "boost", "statuses.favourite": "like",
	"media.create": "file", "jobs.create": "job", "jobs.new": "job", "jobs.update": "job", "jobs.publish": "job_step", "jobs.pause": "job_step", "jobs.resume": "job_step",
	"jobs.fill": "job_step", "jobs.withdraw": "job_step", "jobs.close": "job_step", "articles.create": "article", "articles.update": "article",
	"library.new": "article", "library.edit": "article", "library.translate": "article", "library.step": "article", "library.import": "article", "library.suggest": "suggest", "library.suggestions": "suggestion",
	"accounts.follow": "follow", "accounts.unfollow": "unfollow", "accounts.update_credentials": "profile", "coops.update": "profile",
	"requests.offer": "offer", "requests.offers": "offer", "offers.create": "offer", "offers.change": "offer", "offers.accept": "offer_accept", "offers.decline": "offer_decline",
	"offers.withdraw": "offer_withdraw", "offers.release": "offer_release",
	"polls.votes": "vote", "decisions.ballot": "vote", "decisions.new": "decision_open", "decisions.create": "decision_open",
	"decisions.amend": "decision_amend", "decisions.withdraw": "decision_withdraw", "decisions.publish": "decision_publish", "app.allow": "app",
	"admin.coops.create": "membership", "admin.coops.accept": "membership", "admin.coops.refuse": "membership", "admin.coops.decide": "membership",
	"admin.coops.suspend": "membership", "admin.coops.resume": "membership", "admin.coops.remove": "membership",
	"settings.co-ops.memberships.ask": "membership", "settings.co-ops.memberships.leave": "membership", "settings.co-ops.memberships.accept": "membership",
	"settings.co-ops.memberships.decline": "membership", "memberships.create": "membership", "memberships.accept": "membership", "memberships.refuse": "membership",
	"memberships.decide": "membership", "memberships.suspend": "membership", "memberships.resume": "membership", "memberships.remove": "membership", "memberships.leave": "membership",
	"settings.co-ops.memberships.domains": "profile",
}

// act says what was done; what has no text is the word of the log itself.
func (t *tongue) act(e coop.AuditEntry) string {
	switch e.Act {
	case "role.give":
		return t.T("act_role_give", "Role", t.roles([]coop.Role{coop.Role(e.Why)}))
	case "role.take":
		return t.T("act_role_take", "Role", t.roles([]coop.Role{coop.Role(e.Why)}))
	}
	if role, _, ok := roleGiven(e); ok {
		return t.T("act_member_role", "Role", t.roleOfMember(role))
	}
	if key := acts[e.Act]; key != "" {
		return t.T("act_" + key)
	}
	return e.Act
}

// roleGiven is the role that a member got by an entry, and why.
func roleGiven(e coop.AuditEntry) (role coop.MembershipRole, why string, ok bool) {
	if e.Act != "memberships.role" && e.Act != "admin.coops.role" {
		return "", "", false
	}
	given, why, ok := strings.Cut(e.Why, ": ")
	role = coop.MembershipRole(given)
	return role, why, ok && slices.Contains(coop.MembershipRoles(), role)
}
