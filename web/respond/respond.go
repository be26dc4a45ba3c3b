// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// Handler is a handler of minga: it reads, checks, acts and answers, or returns
// an error before anything was written.
type Handler func(c *gin.Context) error

// Page draws an error for people. It is handed in by the pages; without it an
// error is answered as JSON.
type Page func(c *gin.Context, status int, err error)

// Responder answers errors.
type Responder struct {
	log  *slog.Logger
	page Page
}

// New makes a responder. page may be nil.
func New(log *slog.Logger, page Page) *Responder { return &Responder{log: log, page: page} }

// Form is the shape in which an answer is written.
type Form int

// The shapes of answers.
const (
	JSON Form = iota // the API: {"error": …, "details": …}
	HTML             // a page
	Text             // other servers: one line
)

// Handle wraps a handler so that its error becomes an answer of one form.
func (r *Responder) Handle(form Form, h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			r.Error(c, form, err)
		}
	}
}

// Error answers an error and ends the request. What was already written stays:
// then only the log hears of it.
func (r *Responder) Error(c *gin.Context, form Form, err error) {
	status := Status(err)
	r.note(c, status, err)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	header := c.Writer.Header()
	header.Set("Cache-Control", "no-store")
	if wait := retryAfter(err, status); wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	switch {
	case form == HTML && r.page != nil:
		r.page(c, status, err)
	case form == Text:
		c.String(status, "%s\n", Words(status, err))
	default:
		c.JSON(status, body(status, err))
	}
	c.Abort()
}

// note writes the log line: faults of ours as errors, since somebody must act,
// everything else for whoever looks.
func (r *Responder) note(c *gin.Context, status int, err error) {
	level := slog.LevelDebug
	if status >= 500 && status != http.StatusServiceUnavailable && status != http.StatusInsufficientStorage {
		level = slog.LevelError
	}
	r.log.Log(c.Request.Context(), level, "request refused", "method", c.Request.Method, "route", c.FullPath(), "status", status, "err", err)
}

// Words is what may be said of an error to whoever asks. Of a fault of ours
// nothing is said but that it is one.
func Words(status int, err error) string {
	var refused statusError
	var invalid *coop.InvalidError
	var list coop.Invalid
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &list):
		return list.Error()
	case errors.As(err, &invalid):
		return invalid.Error()
	case errors.Is(err, coop.ErrState):
		return err.Error()
	}
	if words, ok := words[status]; ok {
		return words
	}
	return http.StatusText(status)
}

// words are the same for what is hidden and for what never was.
var words = map[int]string{
	http.StatusNotFound:            "Record not found",
	http.StatusGone:                "It was here and has been withdrawn",
	http.StatusUnauthorized:        "The access token is invalid",
	http.StatusForbidden:           "This action is not allowed",
	http.StatusConflict:            "It was changed meanwhile, or exists already",
	http.StatusTooManyRequests:     "Too many requests",
	http.StatusServiceUnavailable:  "Not now: please try again later",
	http.StatusInternalServerError: "Something went wrong here; nothing was changed",
}

// errorBody is the shape that clients read.
type errorBody struct {
	Error   string              `json:"error"`
	Details map[string][]detail `json:"details,omitempty"`
}

// detail is one complaint about a field.
type detail struct {
	Error       string `json:"error"`
	Description string `json:"description"`
}

// body names each wrong field.
func body(status int, err error) errorBody {
	b := errorBody{Error: Words(status, err)}
	var list coop.Invalid
	var one *coop.InvalidError
	if !errors.As(err, &list) && errors.As(err, &one) {
		list = coop.Invalid{one}
	}
	if errors.Is(err, coop.ErrState) && len(list) == 0 {
		list = coop.Invalid{{Field: "state", Code: "not_possible", Problem: "this step is not possible in this state"}}
	}
	for _, complaint := range list {
		if b.Details == nil {
			b.Details = map[string][]detail{}
		}
		code := complaint.Code
		if code == "" {
			code = "invalid"
		}
		b.Details[complaint.Field] = append(b.Details[complaint.Field], detail{code, complaint.Problem})
	}
	return b
}
