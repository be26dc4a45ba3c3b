// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

func TestStatusOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
	}{
		{fmt.Errorf("job 7: %w", coop.ErrNotFound), 404},
		{fmt.Errorf("job 7: %w", coop.ErrGone), 410},
		{coop.ErrConflict, 409},
		{coop.ErrUnauthorized, 401},
		{coop.ErrForbidden, 403},
		{coop.ErrTooLarge, 413},
		{fmt.Errorf("fill: %w", coop.ErrState), 422},
		{&coop.InvalidError{Field: "title", Problem: "is missing"}, 422},
		{coop.Invalid{{Field: "title", Problem: "is missing"}}, 422},
		{&coop.BusyError{Limit: true}, 429},
		{&coop.BusyError{}, 503},
		{context.DeadlineExceeded, 503},
		{errors.New("surprise"), 500},
	} {
		if got := Status(tt.err); got != tt.status {
			t.Errorf("%v answers %d, want %d", tt.err, got, tt.status)
		}
	}
}

func TestErrorsAreAnswered(t *testing.T) {
	gin.SetMode(gin.TestMode)
	r := New(slog.New(slog.NewTextHandler(io.Discard, nil)), nil)
	for _, tt := range []struct {
		name   string
		err    error
		want   string
		header string
	}{
		{"a fault of ours tells no secret", errors.New("password is hunter2"), `{"error":"Something went wrong here; nothing was changed"}`, ""},
		{
			"every wrong field is named",
			coop.Invalid{{Field: "title", Code: "required", Problem: "is missing"}, {Field: "pay.max", Problem: "is under the least"}},
			`{"error":"title: is missing; pay.max: is under the least","details":{"pay.max":[{"error":"invalid","description":"is under the least"}],"title":[{"error":"required","description":"is missing"}]}}`, "",
		},
		{
			"a step that is not there names the state", fmt.Errorf("fill: %w", coop.ErrState),
			`{"error":"fill: not possible in this state","details":{"state":[{"error":"not_possible","description":"this step is not possible in this state"}]}}`, "",
		},
		{"who comes too often is told when to come again", &coop.BusyError{Limit: true, After: 1500 * time.Millisecond}, `{"error":"Too many requests"}`, "2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			c, _ := gin.CreateTestContext(w)
			c.Request = httptest.NewRequest("GET", "/x", nil)
			r.Handle(JSON, func(*gin.Context) error { return tt.err })(c)
			if got := strings.TrimSpace(w.Body.String()); got != tt.want {
				t.Errorf("body %s, want %s", got, tt.want)
			}
			if got := w.Header().Get("Retry-After"); got != tt.header {
				t.Errorf("Retry-After %q, want %q", got, tt.header)
			}
		})
	}
}
