// SPDX-License-Identifier: AGPL-3.0-or-later

package respond

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

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
	log      *slog.Logger
	page     Page
	language string // of answers to who has none
}

// New makes a responder. page may be nil.
func New(log *slog.Logger, page Page) *Responder { return &Responder{log: log, page: page} }

// In is the responder that speaks a language (BCP 47) with whoever has none of
// their own; without it that is English.
func (r *Responder) In(tag string) *Responder {
	return &Responder{log: r.log, page: r.page, language: primaryOf(tag)}
}

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
// then only the log hears of it. Under /api nothing is ever 410: clients take what
// was withdrawn for what never was, and get the same bytes.
func (r *Responder) Error(c *gin.Context, form Form, err error) {
	status := Status(err)
	if status == http.StatusGone && strings.HasPrefix(c.Request.URL.Path, "/api/") {
		status, err = http.StatusNotFound, coop.ErrNotFound
	}
	r.note(c, status, err)
	if c.Writer.Written() {
		c.Abort()
		return
	}
	prepare(c, status, err)
	switch {
	case form == HTML && r.page != nil:
		r.page(c, status, err)
	case form == Text:
		c.String(status, "%s\n", Words(status, err))
	default:
		c.JSON(status, r.phrasesFor(c).body(status, err))
	}
	c.Abort()
}

// prepare sets the header of an error and takes away what the handler said of the
// answer that it did not give.
func prepare(c *gin.Context, status int, err error) {
	header := c.Writer.Header()
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Disposition", "Content-Encoding", "ETag", "Last-Modified", "Link"} {
		header.Del(name)
	}
	header.Set("Cache-Control", "no-store")
	if c.GetHeader("Authorization") != "" {
		header.Set("Cache-Control", "private, no-store")
	}
	if wait := retryAfter(err, status); wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if status == http.StatusUnauthorized && header.Get("WWW-Authenticate") == "" && strings.HasPrefix(c.Request.URL.Path, "/api/") {
		header.Set("WWW-Authenticate", `Bearer realm="minga"`) // RFC 6750 §3
	}
}

// note writes the log line: faults of ours as errors, since somebody must act,
// everything else for whoever looks.
func (r *Responder) note(c *gin.Context, status int, err error) {
	level := slog.LevelDebug
	if status >= 500 && status != http.StatusServiceUnavailable && status != http.StatusInsufficientStorage {
		level = slog.LevelError
	}
	r.log.Log(c.Request.Context(), level, "request refused", "method", c.Request.Method, "route", c.FullPath(),
		"status", status, "request", c.Writer.Header().Get("X-Request-Id"), "err", err)
}

// errorBody is the shape that clients read.
type errorBody struct {
	Error   string              `json:"error"`
	Details map[string][]detail `json:"details,omitempty"`
	*conflictBody
}

// conflictBody is what is said besides of an edit that came too late: the last version,
// what was sent, and what stands there now.
type conflictBody struct {
	Version int64 `json:"version"`
	Yours   any   `json:"yours"`
	Current any   `json:"current"`
}

// conflictError is an edit that came too late and knows both sides.
type conflictError interface {
	error
	Conflict() (version int64, yours, current any)
}

// detail is one complaint about a field.
type detail struct {
	Error       string `json:"error"`
	Description string `json:"description"`
}

// body names each wrong field.
func (p *phrasing) body(status int, err error) errorBody {
	b := errorBody{Error: p.of(status, err)}
	var late conflictError
	if errors.As(err, &late) {
		b.conflictBody = &conflictBody{}
		b.Version, b.Yours, b.Current = late.Conflict()
	}
	if status != http.StatusUnprocessableEntity {
		return b
	}
	for _, complaint := range p.complaints(err) {
		if b.Details == nil {
			b.Details = map[string][]detail{}
		}
		code := complaint.Code
		if code == "" {
			code = "invalid"
		}
		b.Details[complaint.Field] = append(b.Details[complaint.Field], detail{code, p.problem(complaint)})
	}
	return b
}

// complaints are those in an error; a step that is not possible is one about the
// state.
func (p *phrasing) complaints(err error) coop.Invalid {
	list := coop.Complaints(err)
	if list == nil && errors.Is(err, coop.ErrState) {
		return coop.Invalid{{Field: "state", Code: "not_possible", Problem: p.state}}
	}
	return list
}
