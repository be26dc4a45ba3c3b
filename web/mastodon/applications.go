// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// applicationJSON is what a direct answer to a job of who reads it is: somebody
// applies.
type applicationJSON struct {
	JobID     string      `json:"job_id"`
	DeletedOn entity.Time `json:"deleted_on"` // null as long as the job has not ended
}

// fillApplications says which direct posts answer a job of who asks. Who may read them
// is judged where they are read.
func (g *page) fillApplications(ctx context.Context) error {
	if g.viewer.Class != coop.ViewerAccount {
		return nil
	}
	answered := map[coop.ID][]*coop.Post{}
	var ids []coop.ID
	for _, p := range g.posts {
		if p.Visibility != coop.VisibleDirect || p.InReplyToID == 0 || p.AuthorID == g.viewer.Account {
			continue
		}
		if answered[p.InReplyToID] == nil {
			ids = append(ids, p.InReplyToID)
		}
		answered[p.InReplyToID] = append(answered[p.InReplyToID], p)
	}
	if len(ids) == 0 {
		return nil
	}
	jobs, err := g.f.Store.PostsByID(ctx, g.viewer, ids)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if job.Job == nil || job.AuthorID != g.viewer.Account {
			continue
		}
		for _, p := range answered[job.ID] {
			g.statuses[p.ID].Minga = &mingaJSON{
				Kind: "application", Title: job.Job.Title, State: "received", Language: entity.Null(p.Language), URL: job.URL, Version: 1, Audience: string(p.Visibility),
				ReachedThrough: []pathJSON{}, Application: &applicationJSON{job.ID.String(), entity.Time(job.Job.ApplicationsEnd())},
			}
		}
	}
	return nil
}
