// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// minePath is where people see the jobs of their co-ops.
const minePath = "/jobs/mine"

// jobsShown is how many jobs stand on a page.
const jobsShown = 30

// mineView is the page of a co-op's jobs.
type mineView struct {
	formFrame
	Coop    person
	As      string // its id
	Others  []asLink
	Jobs    []mineJob
	Next    string
	First   string
	Done    string
	Publish bool // the person may
	Hire    bool
	Steward bool
	Form    bool // the form for applications is on
	Answers string
}

// mineActs are what somebody may do on the page: publish, hire, or steer the co-op.
var mineActs = []coop.RoleAct{coop.ActPublish, coop.ActMessages, coop.ActProfile}

// mineCoop finds for which co-op the page is: the one that was asked for, else the first
// for which the person publishes or hires.
func (f *Face) mineCoop(c *gin.Context) (*coop.Account, []*coop.Account, error) {
	var list []*coop.Account
	for _, act := range mineActs {
		some, err := auth.Speakable(c, act)
		if err != nil {
			return nil, nil, err
		}
		for _, a := range some {
			known := slices.ContainsFunc(list, func(b *coop.Account) bool { return a.ID == b.ID })
			if coop.PublishesJobs(a.Kind) && !known {
				list = append(list, a)
			}
		}
	}
	if len(list) == 0 {
		return nil, nil, &coop.RoleError{Act: coop.ActPublish}
	}
	slices.SortStableFunc(list, func(a, b *coop.Account) int { // co-ops before federations
		return cmp.Compare(string(a.Kind), string(b.Kind))
	})
	asked := c.Query(asField)
	if c.Request.Method == http.MethodPost {
		asked = c.PostForm(asField)
	}
	if asked == "" {
		return list[0], list, nil
	}
	for _, a := range list {
		if a.ID.String() == asked {
			return a, list, nil
		}
	}
	return nil, nil, &coop.RoleError{Act: coop.ActPublish}
}

// minePage answers GET /jobs/mine.
func (f *Face) minePage(c *gin.Context) error {
	about, list, err := f.mineCoop(c)
	if err != nil {
		return err
	}
	view, err := f.mineView(c, about, list)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(mineDones, done) {
		view.Done = view.T("mine_done_" + done)
	}
	return f.show(c, http.StatusOK, "mine", view)
}

// mineDones are what can have been done just now.
var mineDones = append(slices.Clone(steps), "form_on", "form_off")

// mineView reads what the page shows.
func (f *Face) mineView(c *gin.Context, about *coop.Account, list []*coop.Account) (mineView, error) {
	ctx, as := c.Request.Context(), about.ID.String()
	view := mineView{formFrame: f.formFrame(c, "mine_title", url.Values{asField: {as}}), Coop: f.person(about), As: as}
	view.Section = "jobs"
	if len(list) > 1 {
		for _, a := range list {
			view.Others = append(view.Others, asLink{f.person(a), minePath + "?" + withAs(a.ID.String()), a.ID == about.ID})
		}
	}
	roles, err := f.Store.RolesIn(ctx, about.ID, auth.Account(c).ID)
	if err != nil {
		return view, err
	}
	view.Publish, view.Hire, view.Steward = coop.RolesMay(roles, coop.ActPublish), coop.RolesMay(roles, coop.ActMessages), coop.RolesMay(roles, coop.ActProfile)
	if view.Form, err = f.Store.TakesForm(ctx, about.ID); err != nil {
		return view, err
	}
	if view.Answers, err = f.answersOf(ctx, view.tongue, about.ID); err != nil {
		return view, err
	}
	return view, f.fillMine(c, &view, about)
}

// fillMine lists the jobs.
func (f *Face) fillMine(c *gin.Context, view *mineView, about *coop.Account) error {
	ctx, page := c.Request.Context(), coop.Page{Limit: jobsShown + 1}
	if before, err := coop.ParseID(c.Query("before")); err == nil {
		page.Max, view.First = before, minePath+"?"+withAs(view.As)
	}
	posts, err := f.Store.JobsOf(ctx, about.ID, page)
	if err != nil {
		return err
	}
	if len(posts) > jobsShown {
		posts = posts[:jobsShown]
		view.Next = minePath + "?" + withAs(view.As, "before", posts[jobsShown-1].ID.String())
	}
	counts := map[coop.ID]storage.ApplicationCount{}
	if view.Hire {
		if counts, err = f.Store.ApplicationCounts(ctx, about.ID); err != nil {
			return err
		}
	}
	for _, p := range posts {
		if p.Job == nil || !p.Job.Status.OnWire() && !view.Publish {
			continue // drafts are for who publishes
		}
		job, err := f.mineJob(ctx, view, p, counts[p.ID])
		if err != nil {
			return err
		}
		view.Jobs = append(view.Jobs, job)
	}
	return nil
}

// stepPage answers POST /jobs/ID/step: what becomes of a job, by a button.
func (f *Face) stepPage(c *gin.Context) error {
	coops, err := auth.Speakable(c, coop.ActPublish)
	if err != nil {
		return err
	}
	j := &jobForm{coops: coops}
	p, err := f.own(c, j, c.Param("id"))
	if err != nil {
		return err
	}
	if p.Job == nil {
		return coop.ErrNotFound
	}
	if _, err := auth.ActAs(c, p.AuthorID, coop.ActPublish); err != nil {
		return err
	}
	_, done, err := f.stepJob(c, p, c.PostForm("act"))
	if errors.Is(err, coop.ErrState) { // it stands otherwise by now: the page shows how
		done, err = "", nil
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, minePath+"?"+withAs(p.AuthorID.String(), "done", done)+"#job-"+p.ID.String())
	return nil
}

// switchForm answers POST /jobs/mine/form: the form for applications goes on or off.
func (f *Face) switchForm(c *gin.Context) error {
	about, list, err := f.mineCoop(c)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, about.ID, coop.ActProfile); err != nil {
		return err
	}
	on := c.PostForm("form") == "on"
	var invalid *coop.InvalidError
	err = f.Outbox.UseForm(c.Request.Context(), about, on)
	if errors.As(err, &invalid) {
		view, err := f.mineView(c, about, list)
		if err != nil {
			return err
		}
		view.complain("form", view.T("mine_form_needed"))
		return f.show(c, http.StatusUnprocessableEntity, "mine", view)
	}
	if err != nil {
		return err
	}
	done := "form_off"
	if on {
		done = "form_on"
	}
	c.Redirect(http.StatusSeeOther, minePath+"?"+withAs(about.ID.String(), "done", done))
	return nil
}
