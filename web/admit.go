// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"errors"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/maypok86/otter/v2"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// How many requests are worked on at once: of people and apps for each core, unless a
// setting says it, and of the others for each of these.
const (
	placesPerCore = 16
	inboxTimes    = 6 // an activity costs little and waits for the disk, with others
	filesTimes    = 4 // finding a file costs less
)

// knownCount and knownLife bound for how many credentials, and for how long after their
// last use, it is remembered that they were good.
const (
	knownCount = 20_000
	knownLife  = time.Hour
)

// admission is the gate before all doors: where more is asked than can be answered it lets
// in what can be, people who signed in before strangers, and says at once to the rest that
// they may come again. Deliveries of other servers and files have places of their own.
type admission struct {
	pages, inbox, files *places
	// known says whose credentials were good lately. It decides who is let in first, and
	// nothing else: the doors ask for all of it again.
	known   *otter.Cache[string, coop.ID]
	looking chan struct{} // taken while a credential is looked up that nobody remembers
}

// newAdmission makes one that lets in so many at once; 0: as many as the cores can do.
func newAdmission(most int, now func() time.Time) *admission {
	if most <= 0 {
		most = placesPerCore * runtime.GOMAXPROCS(0)
	}
	return &admission{
		pages: newPlaces(most, true, now), inbox: newPlaces(inboxTimes*most, false, now), files: newPlaces(filesTimes*most, true, now),
		known: otter.Must(&otter.Options[string, coop.ID]{
			MaximumSize: knownCount, ExpiryCalculator: otter.ExpiryAccessing[string, coop.ID](knownLife),
		}),
		looking: make(chan struct{}, 1),
	}
}

// of are the places of a route; nil: it needs none, as who looks after the process.
func (a *admission) of(route auth.Route) *places {
	switch {
	case route.Limit == auth.LimitNone:
		return nil
	case route.Limit == auth.LimitInbox:
		return a.inbox
	case route.Limit == auth.LimitFiles, strings.HasPrefix(route.Path, "/assets/"):
		return a.files
	}
	return a.pages
}

// Load is how much is asked of this node, by class.
func (d *Doors) Load() []Load {
	a := d.server.admission
	return []Load{a.pages.load("pages"), a.inbox.load("inbox"), a.files.load("files")}
}

// Asked says whether a request of a person, an app or another server is being worked on, or
// waits for that.
func (d *Doors) Asked() bool {
	a := d.server.admission
	return a.pages.busy() || a.inbox.busy()
}

// admit lets a request of a route in, or says that too much is asked at once. Nothing is
// done for a request before, and what it was answered costs next to nothing.
func (s *server) admit(route auth.Route) gin.HandlerFunc {
	of := s.admission.of(route)
	if of == nil {
		return func(*gin.Context) {}
	}
	return func(c *gin.Context) {
		who := s.guestOf(c, of)
		if !of.take(c.Request.Context(), who, who.rank()) {
			s.turnAway(c, route.Form, of)
			return
		}
		runtime.Gosched() // who came meanwhile is first let in or told: that takes no time, and this does
		p := newPlace(c.Request.Context(), of, who)
		defer p.end()
		if c.Request.Body != nil && c.Request.Body != http.NoBody {
			c.Request.Body = &placeBody{c.Request.Body, p}
		}
		c.Writer = &placeWriter{c.Writer, p}
		c.Next()
	}
}

// rank is in which order an asker is let in.
func (a guest) rank() rank {
	if a.known {
		return rankKnown
	}
	return rankStranger
}

// guestOf says who asks. A credential that nobody remembers is looked up where its bearer
// would have to wait as a stranger: one at a time, so that false ones cost little.
func (s *server) guestOf(c *gin.Context, of *places) guest {
	stranger := guest{who: askerAddr(clientAddr(c))}
	shown := s.gate.Shown(c)
	if shown == "" || of == s.admission.inbox {
		return stranger
	}
	if id, ok := s.admission.known.GetIfPresent(shown); ok {
		return guest{id.String(), true}
	}
	if of.roomFor(stranger) {
		return stranger
	}
	select {
	case s.admission.looking <- struct{}{}:
		defer func() { <-s.admission.looking }()
	default:
		return stranger
	}
	id, err := s.gate.Owner(c)
	if err != nil || id == 0 {
		return stranger
	}
	s.admission.known.Set(shown, id)
	return guest{id.String(), true}
}

// remember keeps in mind whether what was shown is good, as the door found.
func (s *server) remember(c *gin.Context, refused error) {
	shown := s.gate.Shown(c)
	if shown == "" {
		return
	}
	if account := auth.Account(c); account != nil {
		s.admission.known.Set(shown, account.ID)
	} else if errors.Is(refused, coop.ErrUnauthorized) {
		s.admission.known.Invalidate(shown)
	}
}

// errCrowded asks to come again in some seconds: not all in the same.
func errCrowded(of *places) *coop.BusyError {
	after := time.Duration(2+of.load("").all()%8) * time.Second
	return &coop.BusyError{After: after, Reason: "too much is asked at once"}
}

// all is how many were turned away.
func (l Load) all() uint64 { return l.TurnedKnown + l.TurnedUnknown }

// turnAway says it in the form in which the route answers: people read a page that needs
// neither the database nor a template.
func (s *server) turnAway(c *gin.Context, form respond.Form, of *places) {
	err := errCrowded(of)
	switch {
	case form == respond.JSON:
		s.respond.Error(c, form, err)
		return
	case form == respond.Text, !wantsPage(c.Request):
		s.respond.Error(c, formFor(c, respond.Text), err)
		return
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	h.Set("Retry-After", strconv.Itoa(int(err.After.Seconds())))
	c.Data(http.StatusServiceUnavailable, "text/html; charset=utf-8", []byte(crowdedPage))
	c.Abort()
}
