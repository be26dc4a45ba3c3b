// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// The scopes of statuses.
const (
	scopeReadStatuses  = "read:statuses"
	scopeWriteStatuses = "write:statuses"
)

// statusRoutes write and change single statuses; contexts.go reads them.
func (f *Face) statusRoutes() []auth.Route {
	return slices.Concat(
		[]auth.Route{
			f.write("POST", "/v1/statuses", scopeWriteStatuses, auth.LimitPosts, f.createStatus).For(coop.ActWrite),
			f.write("DELETE", "/v1/statuses/:id", scopeWriteStatuses, auth.LimitDeletes, f.deleteStatus).For(coop.ActWrite),
			f.own("/v1/statuses/:id/source", scopeReadStatuses, f.statusSource),
			f.public("/v1/statuses/:id/history", scopeReadStatuses, f.statusHistory),
			f.public("/v1/statuses/:id/card", scopeReadStatuses, f.oneCard),
			f.write("POST", "/v1/statuses/:id/translate", scopeReadStatuses, auth.LimitAPI, f.translateStatus),
		},
		allFor(coop.ActWrite, f.update("/v1/statuses/:id", scopeWriteStatuses, auth.LimitPosts, f.updateStatus)),
		f.reactionRoutes(),
		f.scheduledRoutes(),
	)
}

// longestKey is how long an Idempotency-Key may be, in bytes.
const longestKey = 1000

// publishKey is the key of a request that may come twice, empty for none.
func publishKey(c *gin.Context) (string, error) {
	key, token := c.GetHeader("Idempotency-Key"), auth.TokenOf(c)
	if key == "" || token == nil {
		return "", nil
	}
	if len(key) > longestKey {
		return "", &coop.InvalidError{Field: "Idempotency-Key", Code: coop.CodeTooLong, Problem: "at most 1000 bytes"}
	}
	if token.Speaks() { // by as= one token writes for several
		key = token.AccountID.String() + " " + key
	}
	return storage.PublishKey(token.ID, key), nil
}

// createStatus publishes: POST /api/v1/statuses. The same Idempotency-Key of the same
// token gives the first status for an hour.
func (f *Face) createStatus(c *gin.Context) error {
	ctx := c.Request.Context()
	key, err := publishKey(c)
	if err != nil {
		return err
	}
	if key != "" {
		// Most that come twice come late: they are answered before anything is read.
		if before, err := f.Store.Published(ctx, key); err != nil || before != nil {
			return f.showRepeated(c, before, err)
		}
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	d, err := f.readStatus(c, in)
	if err != nil {
		return err
	}
	f.Inbox.Meet(ctx, named(d.post.Source))
	var again *storage.RepeatedError
	if err = f.publish(c, d, f.Outbox.Once(key)); errors.As(err, &again) {
		return f.showRepeated(c, again, nil)
	}
	return err
}

// publish publishes a draft, now or at its time, and answers what came of it.
func (f *Face) publish(c *gin.Context, d *draft, out *outbox.Outbox) error {
	if !d.in.Null("scheduled_at") && d.in.Text("scheduled_at") != "" {
		return f.schedule(c, d, out)
	}
	author := auth.Account(c)
	return f.answer(c, d.post, func(ctx context.Context) error {
		switch {
		case d.kind == coop.KindJob && d.keep:
			return out.SaveJobDraft(ctx, author, d.post)
		case d.kind == coop.KindJob:
			return out.PublishJob(ctx, author, d.post)
		case d.kind == coop.KindArticle && d.keep:
			return out.SaveArticleDraft(ctx, author, d.post)
		case d.kind == coop.KindArticle:
			return out.PublishArticle(ctx, author, d.post)
		}
		return out.PublishTyped(ctx, author, d.post)
	})
}

// showRepeated answers what the same request gave the first time.
func (f *Face) showRepeated(c *gin.Context, before *storage.RepeatedError, err error) error {
	if err != nil {
		return err
	}
	if before.Scheduled != 0 {
		s, err := f.Store.Scheduled(c.Request.Context(), auth.Account(c).ID, before.Scheduled)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, f.scheduledEntity(s))
		return nil
	}
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), before.Post)
	if err != nil {
		return fmt.Errorf("what was published before: %w", err)
	}
	return f.showStatus(c, p)
}

// ownStatus finds a post of the token's account; others' are not found.
func (f *Face) ownStatus(c *gin.Context) (coop.Entry, error) {
	e, err := f.entry(c)
	if err == nil && e.Post.AuthorID != auth.Account(c).ID {
		err = fmt.Errorf("status %s of another: %w", e.ID, coop.ErrNotFound)
	}
	return e, err
}

// updateStatus changes a status: PUT and PATCH /api/v1/statuses/:id. The audience
// stays. A job is changed by its text, see package jobtext, or by minga[job].
func (f *Face) updateStatus(c *gin.Context) error {
	e, err := f.ownStatus(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	switch before := e.Post; before.Kind {
	case coop.KindJob:
		return f.updateJobStatus(c, before, in)
	case coop.KindArticle:
		return f.updateArticleStatus(c, before, in)
	default:
		return f.updateNote(c, before, in)
	}
}

func (f *Face) updateNote(c *gin.Context, before *coop.Post, in input.Values) error {
	p := &coop.Post{ID: before.ID, Author: before.Author, AuthorID: before.AuthorID, Local: true}
	f.fillNote(p, in, before)
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.describeFiles(c.Request.Context(), p, in); err != nil {
		return err
	}
	f.Inbox.Meet(c.Request.Context(), named(p.Source))
	return f.editTyped(c, p)
}

// editTyped publishes another text. One that does not change a job is refused with what
// is wrong with each line: the app has it still.
func (f *Face) editTyped(c *gin.Context, p *coop.Post) error {
	err := f.answer(c, p, func(ctx context.Context) error { return f.Outbox.EditTyped(ctx, p) })
	var wrong *outbox.TextError
	if !errors.As(err, &wrong) {
		return err
	}
	details := map[string][]gin.H{}
	for _, one := range wrong.Wrong {
		details[string(one.Field)] = append(details[string(one.Field)], gin.H{"error": one.Code, "description": one.Typed})
	}
	c.JSON(http.StatusUnprocessableEntity, gin.H{"error": wrong.Said, "details": details})
	return nil
}

// describeFiles writes what an edit says of the files of its post.
func (f *Face) describeFiles(ctx context.Context, p *coop.Post, in input.Values) error {
	changes := map[coop.ID]coop.MediaChange{}
	for _, one := range in.List("media_attributes", "id") {
		id, err := coop.ParseID(one.Text("id"))
		if err != nil {
			return &coop.InvalidError{Field: "media_attributes", Code: coop.CodeFormat, Problem: "names no file"}
		}
		if changes[id], err = mediaChange(one); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error {
		for _, a := range p.Attachments {
			change, said := changes[a.ID]
			if !said {
				continue
			}
			if _, err := tx.ChangeMedia(ctx, p.AuthorID, a.ID, change); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *Face) updateJobStatus(c *gin.Context, p *coop.Post, in input.Values) error {
	if in.Below("minga").Null("job") {
		return f.updateNote(c, p, in)
	}
	fillJobStatus(p, in)
	p.Job.Version = int64(in.Below("minga").Number("version"))
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerJob(c, p)
}

// updateArticleStatus publishes the next version. Who sends no version edits the last.
func (f *Face) updateArticleStatus(c *gin.Context, p *coop.Post, in input.Values) error {
	f.fillArticleStatus(p, in)
	if err := in.Err(); err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error {
		if p.Article.Status == coop.ArticleDraft {
			return f.Outbox.SaveArticleDraft(ctx, p.Author, p)
		}
		return f.Outbox.EditArticle(ctx, p)
	})
}

// deleteStatus withdraws a status and answers it with its text, so that it can be
// written anew: DELETE /api/v1/statuses/:id. Of a boost the boost is taken back.
func (f *Face) deleteStatus(c *gin.Context) error {
	ctx := c.Request.Context()
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	me := auth.Account(c)
	if e.By != nil && e.By.ID == me.ID {
		if err := f.Outbox.Unboost(ctx, me, e.Post); err != nil {
			return err
		}
		return f.showStatus(c, e.Post)
	}
	if e.By != nil || e.Post.AuthorID != me.ID {
		return fmt.Errorf("delete status %s of another: %w", e.ID, coop.ErrNotFound)
	}
	list, err := f.statuses(ctx, auth.Viewer(c), []*coop.Post{e.Post})
	if err != nil {
		return err
	}
	if err := f.Outbox.Delete(ctx, e.Post); err != nil {
		return err
	}
	source := sourceOf(e.Post)
	list[0].Text = &source.Text
	c.JSON(http.StatusOK, list[0])
	return nil
}
