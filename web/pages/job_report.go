// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// reportView is the form by which anybody tells the moderators of a job.
type reportView struct {
	formFrame
	Job     line
	Coop    person
	Back    string
	Action  string
	Whys    []choice
	Comment string
	Forward bool
	Host    string // where a copy comes from; empty for a job of ours
	Done    bool
}

// reportWhys are what may be wrong, the most usual first, with the keys of their words.
func reportWhys() []choice {
	return []choice{
		{Value: string(coop.ReportViolation), Name: "job_report_violation"},
		{Value: string(coop.ReportLegal), Name: "job_report_legal"},
		{Value: string(coop.ReportSpam), Name: "job_report_spam"},
		{Value: string(coop.ReportOther), Name: "job_report_other"},
	}
}

// reportView makes the page of a job.
func (f *Face) reportView(c *gin.Context, p *coop.Post) reportView {
	view := reportView{formFrame: f.formFrame(c, "job_report", nil), Back: f.pathOf(p), Action: "/jobs/" + p.ID.String() + "/report", Coop: f.person(p.Author)}
	view.Job = lineOf(view.Lang, p.Language, p.Job.Title, p.Job.TitleMap)
	if !p.Local {
		view.Host = p.IRI.Host()
	}
	for _, why := range reportWhys() {
		view.Whys = append(view.Whys, choice{Value: why.Value, Name: view.T(why.Name)})
	}
	return view
}

// reportPage answers GET /jobs/:id/report.
func (f *Face) reportPage(c *gin.Context) error {
	p, err := f.jobOf(c)
	if err != nil {
		return err
	}
	view := f.reportView(c, p)
	view.Done = c.Query("done") == "sent"
	return f.show(c, http.StatusOK, "job-report", view)
}

// report answers POST /jobs/:id/report. Who is signed in reports by name, for the
// moderators alone; anybody else without one.
func (f *Face) report(c *gin.Context) error {
	p, err := f.jobOf(c)
	if err != nil {
		return err
	}
	x := &coop.Report{Host: f.Host, Accounts: []coop.ID{p.AuthorID}, Posts: []coop.ID{p.ID}, Comment: c.PostForm("comment")}
	x.Category, x.Forwarded = coop.ReportCategory(c.PostForm("why")), c.PostForm("forward") == "1"
	if me := auth.Account(c); me != nil {
		x.Reporter = me.ID
	}
	view := f.reportView(c, p)
	if err := view.judge(x); err != nil {
		return err
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "job-report", view)
	}
	if err := f.Outbox.Report(c.Request.Context(), x, p.Author, []*coop.Post{p}); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Action+"?done=sent")
	return nil
}

// judge keeps what was typed and says what is wrong with it.
func (v *reportView) judge(x *coop.Report) error {
	v.Comment, v.Forward = coop.Truncate(x.Comment, 10*coop.MaxReportComment), x.Forwarded
	chosen := false
	for i := range v.Whys {
		v.Whys[i].Chosen = v.Whys[i].Value == string(x.Category)
		chosen = chosen || v.Whys[i].Chosen
	}
	if !chosen {
		v.complain("why", v.T("job_report_why_needed"))
		x.Category = coop.ReportOther
	}
	var wrong coop.Invalid
	if err := x.Validate(); errors.As(err, &wrong) {
		v.complain("comment", v.T("job_report_comment_long"))
	} else if err != nil {
		return err
	}
	if strings.TrimSpace(x.Comment) == "" {
		v.complain("comment", v.T("job_report_comment_needed"))
	}
	return nil
}
