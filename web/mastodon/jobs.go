// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// listJobs answers GET /api/v1/minga/jobs with the query of the board's page.
func (f *Face) listJobs(c *gin.Context) error {
	page := storage.JobPage{Cursor: c.Query("cursor"), Limit: pageOf(c, 20, 40).Limit, Domain: f.AccountDomain}
	list, err := f.Store.SearchJobs(c.Request.Context(), auth.Viewer(c), coop.ParseJobQuery(c.Request.URL.Query()), page)
	if err != nil {
		return fmt.Errorf("list jobs: %w", err)
	}
	f.linkCursor(c, list.Next)
	c.Header("X-Total-Count", strconv.Itoa(list.Total))
	return f.showStatuses(c, list.Posts)
}

// post finds a post of one kind that the viewer may see.
func (f *Face) post(c *gin.Context, kind coop.PostKind) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err == nil && p.Kind != kind {
		err = coop.ErrNotFound
	}
	if errors.Is(err, coop.ErrGone) {
		err = coop.ErrNotFound // clients know no other word
	}
	return p, err
}

// getJob answers GET /api/v1/minga/jobs/:id.
func (f *Face) getJob(c *gin.Context) error {
	p, err := f.post(c, coop.KindJob)
	if err != nil {
		return err
	}
	if err := f.showStatus(c, p); err != nil {
		return err
	}
	return f.Inbox.Revalidate(c.Request.Context(), p)
}

// mine finds a post that the token's account wrote: others' are not found.
func (f *Face) mine(c *gin.Context, kind coop.PostKind) (*coop.Post, error) {
	p, err := f.post(c, kind)
	if err != nil {
		return nil, err
	}
	if p.AuthorID != auth.Account(c).ID {
		return nil, fmt.Errorf("post %s of another: %w", p.ID, coop.ErrForbidden)
	}
	return p, nil
}

// mayPublish says who publishes jobs and articles: co-ops, and federations
// themselves.
func mayPublish(a *coop.Account) error {
	if !coop.PublishesJobs(a.Kind) {
		return fmt.Errorf("%s publishes no jobs: a token of a co-op does: %w", a.Kind, coop.ErrForbidden)
	}
	return nil
}

// createJob publishes an opening: POST /api/v1/minga/jobs; with `draft` it is
// only kept.
func (f *Face) createJob(c *gin.Context) error {
	author := auth.Account(c)
	if err := mayPublish(author); err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindJob}
	fillJob(p, in)
	draft := in.Flag("draft")
	if err := in.Err(); err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error {
		if draft != nil && *draft {
			return f.Outbox.SaveJobDraft(ctx, author, p)
		}
		return f.Outbox.PublishJob(ctx, author, p)
	})
}

// answer acts and answers the post as it is stored now.
func (f *Face) answer(c *gin.Context, p *coop.Post, act func(context.Context) error) error {
	ctx := c.Request.Context()
	if err := act(ctx); err != nil {
		return err
	}
	stored, err := f.Store.Post(ctx, auth.Viewer(c), p.ID)
	if err != nil {
		return fmt.Errorf("read post %s: %w", p.ID, err)
	}
	return f.showStatus(c, stored)
}

// updateJob edits: PUT /api/v1/minga/jobs/:id. What is not sent stays. Who sends the
// `version` that they edited is told by 409 when it is not the last.
func (f *Face) updateJob(c *gin.Context) error {
	p, err := f.mine(c, coop.KindJob)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	fillJob(p, in)
	p.Job.Version = int64(in.Number("version")) // 0: whatever is there is changed
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerJob(c, p)
}

// answerJob keeps a job that was changed, as a draft or for all, and answers it.
func (f *Face) answerJob(c *gin.Context, p *coop.Post) error {
	return f.answer(c, p, func(ctx context.Context) error {
		if p.Job.Status == coop.JobDraft {
			return f.Outbox.SaveJobDraft(ctx, p.Author, p)
		}
		return f.Outbox.EditJob(ctx, p)
	})
}

// stepJob takes a job along an arrow: POST /api/v1/minga/jobs/:id/:step.
func (f *Face) stepJob(c *gin.Context) error {
	p, err := f.mine(c, coop.KindJob)
	if err != nil {
		return err
	}
	step := c.Param("step")
	switch step {
	case "publish":
		return f.answer(c, p, func(ctx context.Context) error {
			if p.Job.Status == coop.JobOpen {
				return nil // repeatable
			}
			if p.Job.Status != coop.JobDraft {
				return fmt.Errorf("publish a job that is %s: %w", p.Job.Status, coop.ErrState)
			}
			return f.Outbox.PublishJob(ctx, p.Author, p)
		})
	case "pause", "resume", "fill", "withdraw", "close", "confirm":
		return f.answer(c, p, func(ctx context.Context) error {
			_, err := f.Outbox.StepJob(ctx, p.ID, step)
			return err
		})
	case "repost":
		return f.repost(c, p)
	}
	return coop.ErrNotFound
}

// repost publishes a job that has ended once more, as a new object that names
// the old one.
func (f *Face) repost(c *gin.Context, old *coop.Post) error {
	job, err := old.Job.Repost(old.IRI, f.Now())
	if err != nil {
		return err
	}
	p := &coop.Post{Author: old.Author, AuthorID: old.AuthorID, Local: true, Kind: coop.KindJob, Visibility: old.Visibility, Language: old.Language, Job: job}
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.PublishJob(ctx, old.Author, p) })
}

// deletePost withdraws a post for error or abuse: a tombstone stays.
func (f *Face) deletePost(kind coop.PostKind) func(*gin.Context) error {
	return func(c *gin.Context) error {
		p, err := f.mine(c, kind)
		if err != nil {
			return err
		}
		if err := f.Outbox.Delete(c.Request.Context(), p); err != nil {
			return err
		}
		return f.showStatus(c, p)
	}
}

// deliveriesJSON says how far a post came: inboxes in all, those that wait and those
// that were given up, and which servers these are.
type deliveriesJSON struct {
	Queued  int            `json:"queued"`
	Waiting int            `json:"waiting"`
	Dead    int            `json:"dead"`
	Left    []deliveryJSON `json:"left"`
}

// deliveryJSON is a delivery that did not arrive yet.
type deliveryJSON struct {
	Activity string      `json:"activity"`
	Host     string      `json:"host"`
	State    string      `json:"state"`
	Attempts int         `json:"attempts"`
	NextAt   entity.Time `json:"next_at"`
	Error    entity.Null `json:"error"`
}

// deliveries says, to its author, how far a job came.
func (f *Face) deliveries(c *gin.Context) error {
	p, err := f.mine(c, coop.KindJob)
	if err != nil {
		return err
	}
	summary, err := f.Store.DeliveriesOfPost(c.Request.Context(), p.ID)
	if err != nil {
		return fmt.Errorf("deliveries of %s: %w", p.ID, err)
	}
	out := deliveriesJSON{Queued: summary.Queued, Waiting: summary.Waiting, Dead: summary.Dead, Left: []deliveryJSON{}}
	for _, d := range summary.Left {
		out.Left = append(out.Left, deliveryJSON{d.Activity, d.Host, d.State, d.Attempts, entity.Time(d.NextAt), entity.Null(d.Error)})
	}
	c.JSON(http.StatusOK, out)
	return nil
}
