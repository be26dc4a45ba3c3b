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
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// createRequest answers POST /api/v1/minga/requests; with `draft` it is only kept.
func (f *Face) createRequest(c *gin.Context) error {
	author := auth.Account(c)
	if !author.Kind.Cooperative() {
		return fmt.Errorf("%s asks for no team: a co-op or federation does: %w", author.Kind, coop.ErrForbidden)
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	p, both := newRequest(author), in.Beside("request")
	fillRequest(p, both)
	file := fileOf(nil, both)
	draft := in.On("draft")
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerRequest(c, p, func(ctx context.Context) error {
		if draft {
			return f.Outbox.SaveRequestDraft(ctx, author, p, file)
		}
		return f.Outbox.PublishRequest(ctx, author, p, file)
	})
}

// updateRequest answers PUT and PATCH /api/v1/minga/requests/:id. What is not sent stays;
// `slots` is the whole list. Who sends the `version` that they edited is told by 409 when
// it is not the last.
func (f *Face) updateRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	both := in.Beside("request")
	fillRequest(p, both)
	p.Request.Version = int64(in.Number("version"))
	file, err := f.Store.RequestFile(c.Request.Context(), p.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	file = fileOf(file, both)
	if err := in.Err(); err != nil {
		return err
	}
	return f.answerRequest(c, p, func(ctx context.Context) error {
		if !p.Request.Status.OnWire() {
			return f.Outbox.SaveRequestDraft(ctx, p.Author, p, file)
		}
		return f.Outbox.EditRequest(ctx, p, file)
	})
}

// answerRequest acts and answers the request as it is stored now.
func (f *Face) answerRequest(c *gin.Context, p *coop.Post, act func(context.Context) error) error {
	ctx := c.Request.Context()
	if err := act(ctx); err != nil {
		return err
	}
	stored, err := f.Store.RequestOf(ctx, p.ID)
	if err != nil {
		return fmt.Errorf("read request %s: %w", p.ID, err)
	}
	return f.showStatus(c, stored)
}

// stepRequest takes a request along an arrow: POST /api/v1/minga/requests/:id/:step.
func (f *Face) stepRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	step := coop.RequestAction(c.Param("step"))
	return f.answerRequest(c, p, func(ctx context.Context) error { return f.takeStep(ctx, p, step) })
}

// takeStep does one step; publishing what is published changes nothing.
func (f *Face) takeStep(ctx context.Context, p *coop.Post, step coop.RequestAction) (err error) {
	switch {
	case step == coop.RequestPublish:
		if p.Request.Status.OnWire() && !p.Request.Status.Ended() {
			return nil
		}
		return f.Outbox.PublishRequest(ctx, p.Author, p, nil)
	case step == coop.RequestTake:
		_, err = f.Outbox.TakeRequest(ctx, p.ID)
	case slices.Contains(coop.RequestActions(), step):
		_, err = f.Outbox.StepRequest(ctx, p.ID, step)
	default:
		err = coop.ErrNotFound
	}
	return err
}

// deleteRequest answers DELETE /api/v1/minga/requests/:id: of what was never published.
func (f *Face) deleteRequest(c *gin.Context) error {
	p, err := f.ownRequest(c)
	if err != nil {
		return err
	}
	if err := f.Outbox.DropRequest(c.Request.Context(), p); err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{})
	return nil
}
