// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// scheduledRoutes are about posts that wait for their time.
func (f *Face) scheduledRoutes() []auth.Route {
	return append(allFor(coop.ActWrite, f.update("/v1/scheduled_statuses/:id", scopeWriteStatuses, auth.LimitAPI, f.moveScheduled)),
		f.own("/v1/scheduled_statuses", scopeReadStatuses, f.listScheduled),
		f.own("/v1/scheduled_statuses/:id", scopeReadStatuses, f.getScheduled),
		f.write("DELETE", "/v1/scheduled_statuses/:id", scopeWriteStatuses, auth.LimitAPI, f.dropScheduled).For(coop.ActWrite),
	)
}

// schedule keeps a draft for its time and answers it as it waits.
func (f *Face) schedule(c *gin.Context, d *draft, out *outbox.Outbox) error {
	due, err := dueOf(d.in)
	if err != nil {
		return err
	}
	if d.post.Poll != nil {
		d.post.Poll.Ends = d.post.Poll.Ends.Add(due.Sub(f.Now()))
	}
	params, err := json.Marshal(paramsOf(c, d))
	if err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	s, err := out.Schedule(c.Request.Context(), auth.Account(c), d.post, due, params)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.scheduledEntity(s))
	return nil
}

// dueOf is the time that was sent: a moment, never a bare day.
func dueOf(in input.Values) (time.Time, error) {
	text := strings.TrimSpace(in.Text("scheduled_at"))
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 UTC", "2006-01-02T15:04:05.999Z0700"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, &coop.InvalidError{Field: "scheduled_at", Code: coop.CodeFormat, Problem: "is a time such as 2026-12-20T10:00:00Z"}
}

// paramsOf is what was sent, as clients get it back.
func paramsOf(c *gin.Context, d *draft) entity.ScheduledParams {
	in := d.in
	out := entity.ScheduledParams{
		Text: in.Text("status"), Sensitive: in.Flag("sensitive"), SpoilerText: entity.Null(in.Text("spoiler_text")), Visibility: visibility(d.post.Visibility),
		ApplicationID: int64(auth.TokenOf(c).AppID), Language: entity.Null(in.Text("language")), ContentType: entity.Null(in.Text("content_type")),
		Idempotency: entity.Null(c.GetHeader("Idempotency-Key")),
	}
	if ids := in.Texts("media_ids"); len(ids) > 0 {
		out.MediaIDs = &ids
	}
	if parent, err := coop.ParseID(in.Text("in_reply_to_id")); err == nil {
		number := int64(parent)
		out.InReplyToID = &number
	}
	if poll := in.Below("poll"); d.post.Poll != nil {
		out.Poll = &entity.ScheduledPoll{Options: poll.Texts("options"), ExpiresIn: poll.Number("expires_in"), Multiple: poll.On("multiple"), HideTotals: poll.On("hide_totals")}
	}
	return out
}

// scheduledEntity is a post as it waits.
func (f *Face) scheduledEntity(s *coop.Scheduled) entity.ScheduledStatus {
	out := entity.ScheduledStatus{ID: entity.ID(s.ID), ScheduledAt: entity.Time(s.Due), MediaAttachments: f.attachments(s.ID, s.Post.Attachments)}
	_ = json.Unmarshal(s.Params, &out.Params) // ours: what cannot be read is empty
	if s.Error != "" {
		out.Minga = &entity.ScheduledMinga{Error: s.Error}
	}
	return out
}

// listScheduled lists what waits: GET /api/v1/scheduled_statuses.
func (f *Face) listScheduled(c *gin.Context) error {
	list, err := f.Store.ScheduledOf(c.Request.Context(), auth.Account(c).ID, pageOf(c, 20, 40))
	if err != nil {
		return err
	}
	out := make(entity.List[entity.ScheduledStatus], 0, len(list))
	for _, s := range list {
		out = append(out, f.scheduledEntity(s))
	}
	if len(list) > 0 {
		f.link(c, list[0].ID, list[len(list)-1].ID)
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// getScheduled shows one: GET /api/v1/scheduled_statuses/:id.
func (f *Face) getScheduled(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	s, err := f.Store.Scheduled(c.Request.Context(), auth.Account(c).ID, id)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.scheduledEntity(s))
	return nil
}

// moveScheduled gives one another time: PUT and PATCH /api/v1/scheduled_statuses/:id.
func (f *Face) moveScheduled(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	due, err := dueOf(in)
	if err != nil {
		return err
	}
	s, err := f.Outbox.Reschedule(c.Request.Context(), auth.Account(c), id, due)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.scheduledEntity(s))
	return nil
}

// dropScheduled takes one back: DELETE /api/v1/scheduled_statuses/:id.
func (f *Face) dropScheduled(c *gin.Context) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return f.done(c, func(ctx context.Context, tx *storage.Tx) error {
		return tx.DropScheduled(ctx, auth.Account(c).ID, id)
	})
}
