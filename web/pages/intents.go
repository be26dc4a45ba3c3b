// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// intentPath is where other servers send our people to do something with what they found
// there (FEP-3b86). Every page asks before anything happens; none sends anybody away.
const intentPath = "/intents"

// intentRoutes are the pages of our own intents, as WebFinger names them.
func (f *Face) intentRoutes() []auth.Route {
	var routes []auth.Route
	add := func(method, act string, h respond.Handler) {
		r := auth.Route{Method: method, Path: intentPath + "/" + act, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesViewer, Form: respond.HTML, Handle: h}
		if method == "POST" {
			r.CSRF, r.Body = auth.CSRFForm, 64<<10
		}
		routes = append(routes, r)
	}
	add("GET", "object", f.intentObject)
	for act, do := range f.intentActs() {
		add("GET", act, f.intentPage(act))
		add("POST", act, f.intentDo(act, do))
	}
	add("GET", "create", f.intentWrite)
	add("POST", "create", f.intentPublish)
	slices.SortFunc(routes, func(a, b auth.Route) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return routes
}

// intentActs are what one button does with an account or a post.
func (f *Face) intentActs() map[string]func(context.Context, *coop.Account, *intentView) error {
	return map[string]func(context.Context, *coop.Account, *intentView) error{
		"follow": func(ctx context.Context, me *coop.Account, v *intentView) error {
			_, err := f.Outbox.Follow(ctx, me, v.account)
			return err
		},
		"like": func(ctx context.Context, me *coop.Account, v *intentView) error {
			return f.Outbox.Like(ctx, me, v.post)
		},
		"announce": func(ctx context.Context, me *coop.Account, v *intentView) error {
			return f.Outbox.Boost(ctx, me, v.post)
		},
	}
}

// intentView asks somebody who is signed in whether they mean it.
type intentView struct {
	formFrame
	Act    string // follow, like, announce, create
	Action string
	Person person // who does it
	Who    person // whom it is about
	Note   *noteCard
	Object string
	Text   string // of what is written
	Hint   string
	Whom   []choice // who sees it
	Button string
	Done   string
	Here   string // page of it here
	Acts   []door // what can be done with it

	As string // of a co-op, in whose name it is written

	author  *coop.Account // who writes
	account *coop.Account
	post    *coop.Post
}

// actWords are the keys of what is said of an act: on its button, once it is done, and
// of the same at another server.
type actWords struct{ button, done, there string }

// wordsOf are the words of an act.
func wordsOf(act string) actWords {
	return map[string]actWords{
		"object":   {"intent_title", "", "intent_do_object"},
		"follow":   {"intent_follow", "intent_done_follow", "intent_do_follow"},
		"like":     {"intent_like", "intent_done_like", "intent_do_like"},
		"announce": {"intent_announce", "intent_done_announce", "intent_do_announce"},
		"create":   {"intent_create", "", "intent_do_create"},
	}[act]
}

// intentView makes the page of an act.
func (f *Face) intentView(c *gin.Context, act, object string) intentView {
	object = coop.CleanLine(coop.Truncate(object, longestAsked), longestAsked)
	meaning := url.Values{}
	if object != "" {
		meaning.Set("object", object)
	}
	view := intentView{formFrame: f.formFrame(c, wordsOf(act).button, meaning), Act: act, Action: intentPath + "/" + act, Object: object, Person: f.person(auth.Account(c))}
	switch act {
	case "create":
		view.Button = view.T("intent_publish")
	case "follow", "like", "announce":
		view.Button = view.Title
	}
	return view
}

// find asks for what an address names: here, else on its server. What the person may not
// see is not there.
func (f *Face) find(c *gin.Context, object string) (*coop.Account, *coop.Post, error) {
	ctx := c.Request.Context()
	if handle, err := coop.ParseHandle(object); err == nil && !strings.Contains(object, "://") {
		a, err := f.Inbox.ByHandle(ctx, handle)
		return a, nil, err
	}
	if !coop.ValidIRI(coop.IRI(object)) {
		return nil, nil, coop.ErrNotFound
	}
	a, p, err := f.Inbox.Open(ctx, coop.IRI(object))
	if err == nil && p != nil {
		p, err = f.Store.Post(ctx, auth.Viewer(c), p.ID)
	}
	if err == nil && a != nil && a.Gone() {
		err = coop.ErrNotFound
	}
	return a, p, err
}

// missing tells whether an error means that nothing is there for this person: whatever
// another server answered is no fault of ours.
func missing(err error) bool {
	var busy *coop.BusyError
	return err != nil && !errors.As(err, &busy) && !errors.Is(err, context.Canceled)
}

// aim finds what an act is about and says on the page when there is nothing.
func (f *Face) aim(c *gin.Context, view *intentView) bool {
	a, p, err := f.find(c, view.Object)
	if missing(err) || err == nil && a == nil && p == nil {
		view.complain("object", view.T("intent_nothing"))
		return false
	}
	if p != nil && view.Act == "follow" {
		a, p = p.Author, nil // somebody pasted a post of whom they want to follow
	}
	if p == nil && view.Act != "follow" || a == nil && p == nil {
		view.complain("object", view.T("intent_nothing"))
		return false
	}
	view.account, view.post = a, p
	if p != nil {
		card := f.noteCard(view.tongue, p)
		view.Note = &card
		return true
	}
	view.Who = f.person(a)
	return true
}

// intentObject answers GET /intents/object?object=…: what it is, and what can be done
// with it here.
func (f *Face) intentObject(c *gin.Context) error {
	view := f.intentView(c, "object", c.Query("object"))
	a, p, err := f.find(c, view.Object)
	switch {
	case err == nil && p != nil:
		card := f.noteCard(view.tongue, p)
		view.Note, view.Here = &card, f.pathOf(p)
		view.offer("create", "inReplyTo", p.IRI)
		view.offer("announce", "object", p.IRI)
		view.offer("like", "object", p.IRI)
		if p.AuthorID != auth.Account(c).ID && p.Author != nil {
			view.offer("follow", "object", p.Author.IRI)
		}
	case err == nil && a != nil:
		view.Who, view.Here = f.person(a), f.profileOf(a)
		if a.ID != auth.Account(c).ID {
			view.offer("follow", "object", a.IRI)
		}
	default:
		view.complain("object", view.T("intent_nothing"))
		return f.show(c, http.StatusNotFound, "intent", view)
	}
	return f.show(c, http.StatusOK, "intent", view)
}

// offer adds a way to one of the acts.
func (v *intentView) offer(act, name string, object coop.IRI) {
	words := v.T(wordsOf(act).button)
	if act == "create" {
		words = v.T("intent_create_reply")
	}
	v.Acts = append(v.Acts, door{words, intentPath + "/" + act + "?" + url.Values{name: {string(object)}}.Encode()})
}

// intentPage answers GET of an act: what it is about, and a button.
func (f *Face) intentPage(act string) respond.Handler {
	return func(c *gin.Context) error {
		view := f.intentView(c, act, c.Query("object"))
		status := http.StatusOK
		if c.Query("done") == "1" {
			view.Done = view.T(wordsOf(act).done)
		}
		if !f.aim(c, &view) {
			status = http.StatusNotFound
		}
		return f.show(c, status, "intent", view)
	}
}

// intentDo answers POST of an act.
func (f *Face) intentDo(act string, do func(context.Context, *coop.Account, *intentView) error) respond.Handler {
	return func(c *gin.Context) error {
		view := f.intentView(c, act, c.PostForm("object"))
		if !f.aim(c, &view) {
			return f.show(c, http.StatusNotFound, "intent", view)
		}
		err := do(c.Request.Context(), auth.Account(c), &view)
		if errors.Is(err, coop.ErrForbidden) || errors.Is(err, coop.ErrNotFound) {
			view.complain("object", view.T("intent_refused"))
			return f.show(c, http.StatusUnprocessableEntity, "intent", view)
		}
		if err != nil {
			return err
		}
		c.Redirect(http.StatusSeeOther, view.Action+"?"+url.Values{"object": {view.Object}, "done": {"1"}}.Encode())
		return nil
	}
}
