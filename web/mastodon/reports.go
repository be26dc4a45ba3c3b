// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// reportRoutes take complaints.
func (f *Face) reportRoutes() []auth.Route {
	return []auth.Route{f.write("POST", "/v1/reports", "write:reports", auth.LimitAPI, f.createReport)}
}

// mostReported is how many posts one report names.
const mostReported = 100

// createReport answers POST /api/v1/reports. A post that the reporter may not see,
// or that is somebody else's, is not there.
func (f *Face) createReport(c *gin.Context) error {
	ctx, self := c.Request.Context(), auth.Account(c)
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	x := &coop.Report{
		Reporter: self.ID, Host: f.Host, Comment: v.Text("comment"), Category: coop.ReportCategory(v.Text("category")), Forwarded: v.On("forward"),
	}
	x.Accounts = v.IDs("account_id")
	if err := f.readRules(ctx, v, x); err != nil {
		return err
	}
	if err := v.Err(); err != nil {
		return err
	}
	if err := x.Validate(); err != nil {
		return err
	}
	target, err := f.Store.Account(ctx, x.Accounts[0])
	if err != nil {
		return err
	}
	if !target.DeletedAt.IsZero() {
		return coop.ErrNotFound
	}
	posts, err := f.reportedPosts(c, v, target)
	if err != nil {
		return err
	}
	for _, p := range posts {
		x.Posts = append(x.Posts, p.ID)
	}
	if err := f.Outbox.Report(ctx, x, target, posts); err != nil {
		return err
	}
	return f.showReport(c, x)
}

// readRules reads the rules that a report names; ids that are no rule's are left out.
func (f *Face) readRules(ctx context.Context, v input.Values, x *coop.Report) error {
	ids := v.IDs("rule_ids")
	if len(ids) == 0 {
		return nil
	}
	rules, err := f.Store.Rules(ctx)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		if slices.Contains(ids, rule.ID) {
			x.Rules = append(x.Rules, rule.ID)
		}
	}
	return nil
}

// reportedPosts finds the posts of a report: by who is reported, and such as the
// reporter may see. An id may be that of a boost: then its post is meant.
func (f *Face) reportedPosts(c *gin.Context, v input.Values, target *coop.Account) ([]*coop.Post, error) {
	ids := v.IDs("status_ids")
	if len(ids) > mostReported {
		return nil, &coop.InvalidError{Field: "status_ids", Code: coop.CodeTooMany, Problem: "there may be 100 at most"}
	}
	var posts []*coop.Post
	for _, id := range ids {
		e, err := f.Store.Entry(c.Request.Context(), auth.Viewer(c), id)
		if err != nil {
			return nil, err
		}
		if e.Post.AuthorID != target.ID {
			return nil, coop.ErrNotFound
		}
		posts = append(posts, e.Post)
	}
	return posts, nil
}

// showReport answers a report.
func (f *Face) showReport(c *gin.Context, x *coop.Report) error {
	shown, err := f.reportsOf(c.Request.Context(), []coop.Report{*x})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, shown[x.ID])
	return nil
}

// reports finds reports and turns them into entities.
func (f *Face) reports(ctx context.Context, ids []coop.ID) (map[coop.ID]*entity.Report, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := f.Store.ReportsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []coop.Report
	for _, x := range found {
		list = append(list, x)
	}
	return f.reportsOf(ctx, list)
}

// reportsOf turns reports into entities; one of which nobody is left is not shown.
func (f *Face) reportsOf(ctx context.Context, list []coop.Report) (map[coop.ID]*entity.Report, error) {
	about, err := f.reportedAccounts(ctx, list)
	if err != nil {
		return nil, err
	}
	out := map[coop.ID]*entity.Report{}
	for _, x := range list {
		shown := &entity.Report{
			ID: entity.ID(x.ID), ActionTaken: !x.ClosedAt.IsZero(), ActionTakenAt: entity.Time(x.ClosedAt), Category: string(x.Category),
			Comment: x.Comment, Forwarded: x.Forwarded, CreatedAt: entity.Time(x.CreatedAt), TargetAccount: about[x.ID],
		}
		for _, id := range x.Posts {
			shown.StatusIDs = append(shown.StatusIDs, entity.ID(id))
		}
		for _, id := range x.Rules {
			shown.RuleIDs = append(shown.RuleIDs, entity.ID(id))
		}
		if shown.TargetAccount != nil {
			out[x.ID] = shown
		}
	}
	return out, nil
}

// reportedAccounts finds whom each report is about.
func (f *Face) reportedAccounts(ctx context.Context, list []coop.Report) (map[coop.ID]*entity.Account, error) {
	var ids []coop.ID
	for _, x := range list {
		ids = append(ids, x.Accounts[:min(len(x.Accounts), 1)]...)
	}
	found, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	people := slices.Collect(maps.Values(found))
	shown, err := f.accountsOf(ctx, people)
	if err != nil {
		return nil, err
	}
	byID, out := map[coop.ID]*entity.Account{}, map[coop.ID]*entity.Account{}
	for i, a := range people {
		byID[a.ID] = shown[i]
	}
	for _, x := range list {
		if len(x.Accounts) > 0 {
			out[x.ID] = byID[x.Accounts[0]]
		}
	}
	return out, nil
}
