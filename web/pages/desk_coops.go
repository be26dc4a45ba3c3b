// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// deskJobs is what waits about the jobs of co-ops: applications without an answer, jobs that
// end soon, drafts. Of each co-op only what the person's roles are for.
func (f *Face) deskJobs(c *gin.Context, v *deskView) error {
	ctx := c.Request.Context()
	publish, hire := v.may(coop.ActPublish), v.may(coop.ActMessages)
	var applied, ending, drafts []deskLine
	for _, h := range v.held {
		a := h.Account
		if !coop.PublishesJobs(a.Kind) || !holds(publish, a) && !holds(hire, a) {
			continue
		}
		posts, err := f.Store.JobsOf(ctx, a.ID, coop.Page{Limit: jobsShown})
		if err != nil {
			return err
		}
		counts := map[coop.ID]storage.ApplicationCount{}
		if holds(hire, a) {
			if counts, err = f.Store.ApplicationCounts(ctx, a.ID); err != nil {
				return err
			}
		}
		for _, p := range posts {
			if n := counts[p.ID].Waiting; n > 0 && p.Job != nil && p.Job.Status.OnWire() {
				applied = append(applied, deskLine{Title: line{p.Language, p.Job.Title}, URL: "/jobs/" + p.ID.String() + "/applications", Facts: []string{v.N("applications_open", n), f.person(a).Name}})
			}
		}
		if holds(publish, a) {
			ending, drafts = f.deskOwnJobs(v, a, posts, ending, drafts)
		}
	}
	v.add("applications", "desk_applications", way{}, applied...)
	v.add("ending", "desk_ending", way{URL: minePath, Name: v.T("frame_hiring")}, ending...)
	v.add("job-drafts", "desk_job_drafts", way{URL: minePath, Name: v.T("frame_hiring")}, drafts...)
	return nil
}

// holds tells whether an account is among some.
func holds(list []*coop.Account, a *coop.Account) bool {
	return slices.ContainsFunc(list, func(b *coop.Account) bool { return a.ID == b.ID })
}

// deskOwnJobs adds the jobs of a co-op that end within a week, and its drafts.
func (f *Face) deskOwnJobs(v *deskView, a *coop.Account, posts []*coop.Post, ending, drafts []deskLine) (end, draft []deskLine) {
	now := f.Now()
	for _, p := range posts {
		switch {
		case p.Job == nil:
		case !p.Job.Status.OnWire():
			title := line{p.Language, p.Job.Title}
			if title.Text == "" {
				title = line{Text: v.T("library_untitled")}
			}
			drafts = append(drafts, deskLine{Title: title, URL: "/jobs/" + p.ID.String() + "/edit", Facts: []string{f.person(a).Name}})
		case p.Job.Status == coop.JobOpen && !p.Job.Expired(now) && p.Job.ValidThrough.Before(now.AddDate(0, 0, 7)):
			ending = append(ending, deskLine{
				Title: line{p.Language, p.Job.Title}, URL: f.pathOf(p), Facts: []string{v.T("mine_until", "Day", v.Day(p.Job.ValidThrough)), f.person(a).Name},
				Form: &deskForm{
					Action: "/jobs/" + p.ID.String() + "/step", Name: p.Job.Title,
					Buttons: []choice{{Value: "extend", Name: v.T("desk_still_open")}, {Value: "fill", Name: v.T("mine_fill")}},
				},
			})
		}
	}
	return ending, drafts
}

// deskLibrary is what others propose to change, and the drafts that the co-ops share.
func (f *Face) deskLibrary(c *gin.Context, v *deskView) error {
	ctx := c.Request.Context()
	w, err := f.startArticle(c)
	if err != nil {
		return err
	}
	var waiting, drafts []deskLine
	for _, a := range w.speakers {
		shelf := libraryShelf{}
		if err := f.fillSuggestions(ctx, v.tongue, a, &shelf); err != nil {
			return err
		}
		for _, s := range shelf.Waiting {
			waiting = append(waiting, deskLine{Title: line{s.Title.Lang, s.Title.Name}, URL: s.Title.URL, Facts: []string{s.Who.Name, s.Sent.Day}})
		}
		if drafts, err = f.deskDrafts(ctx, v, a, drafts); err != nil {
			return err
		}
	}
	shelf := way{URL: "/library/mine", Name: v.T("library_mine")}
	v.add("suggestions", "desk_suggestions", shelf, waiting...)
	v.add("drafts", "desk_drafts", shelf, drafts...)
	return nil
}

// deskDrafts adds the drafts of an account.
func (f *Face) deskDrafts(ctx context.Context, v *deskView, a *coop.Account, lines []deskLine) ([]deskLine, error) {
	query := storage.PostQuery{Authors: []coop.ID{a.ID}, Kinds: []coop.PostKind{coop.KindArticle}, Drafts: true}
	posts, err := f.Store.Posts(ctx, coop.As(a.ID), query, coop.Page{Limit: deskLines})
	for _, p := range posts {
		title := line{p.Language, p.Title}
		if title.Text == "" {
			title = line{Text: v.T("library_untitled")}
		}
		lines = append(lines, deskLine{Title: title, URL: libraryPath(p, "/edit"), Facts: []string{f.person(a).Name, v.minute(lastChange(p)).Day}})
	}
	return lines, err
}
