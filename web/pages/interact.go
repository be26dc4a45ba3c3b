// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation"
	address "minga/federation/origin"
	"minga/web/auth"
	"minga/web/respond"
)

// From one's own account
//
// Who reads here often has an account elsewhere. The box on a page takes its handle or
// its host, and the server there says by WebFinger where its people open, follow or boost
// (FEP-3b86, or OStatus's subscribe template). We send nobody to another host: the answer
// is a page that names the host and links to it. What was typed is in the body of a POST,
// so that it stands in no log and no history, and is kept only where the person ticks
// that, in a cookie of this browser.

// interactPage tells how to follow or answer from one's own account.
type interactPage struct {
	frame
	Asked   string
	Who     person
	Post    *noteCard
	Target  string // what to paste into one's own server
	Reply   string // what the box is about: the same as an address
	Account string // as it was typed, or remembered
	Keep    bool
	Problem string // of the account
	Host    string // of the person's server, once it answered
	Doors   []door
	Code    *qrCode

	author coop.IRI // whom one would follow
	handle string   // whom one would answer
}

// door is a page of another server at which something can be done.
type door struct{ Name, URL string }

const (
	longestAsked = 2048            // of an address that is looked up
	homeCookie   = "home"          // remembers somebody's account elsewhere
	homePatience = 6 * time.Second // for their server
)

// interactRoutes are the page and the box. The box looks at no session and changes
// nothing: any page of ours may hold it.
func (f *Face) interactRoutes() []auth.Route {
	return append(publicPage("/interact", f.interact), auth.Route{
		Method: "POST", Path: "/interact", Access: auth.Open, Limit: auth.LimitSignIn, CSRF: auth.CSRFBearer, Sees: auth.SeesPublic, Body: signInBody, Form: respond.HTML, Handle: f.fromAccount,
	})
}

// homeAccount is the account elsewhere that somebody let this browser remember. A page
// that shows it is theirs alone.
func (f *Face) homeAccount(c *gin.Context) string {
	text, err := url.QueryUnescape(coop.Truncate(f.cookie(c, homeCookie), 2000))
	if err != nil || text == "" {
		return ""
	}
	c.Header("Cache-Control", "private, no-store")
	return coop.CleanLine(text, 320)
}

// interact answers GET /interact?uri=…: what is known here of an account or a post. It
// sends nobody anywhere and asks no other server.
func (f *Face) interact(c *gin.Context) error {
	page, err := f.interactPage(c, c.Query("uri"))
	if err != nil {
		return err
	}
	page.Account = page.Home
	page.Keep = page.Account != ""
	return f.show(c, http.StatusOK, "interact", page)
}

// interactPage looks for what was asked.
func (f *Face) interactPage(c *gin.Context, uri string) (*interactPage, error) {
	asked := coop.CleanLine(coop.Truncate(uri, longestAsked), longestAsked)
	meaning := url.Values{}
	if asked != "" {
		meaning.Set("uri", asked)
	}
	page := &interactPage{frame: f.frame(c, "", "", meaning), Asked: asked}
	page.Title, page.NoIndex = page.T("interact_title"), true
	page.Canonical, page.Alternates = "", nil
	if asked == "" {
		return page, nil
	}
	if err := f.look(c.Request.Context(), page); err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
		return nil, err
	}
	if page.Reply != "" {
		page.Code, _ = qrOf(page.Reply) // too long for a code: there is none
	}
	return page, nil
}

// look finds what an address or a handle names, among what is known here.
func (f *Face) look(ctx context.Context, page *interactPage) error {
	if handle, err := coop.ParseHandle(page.Asked); err == nil && !strings.Contains(page.Asked, "://") {
		return f.lookAccount(page, func() (*coop.Account, error) { return f.byHandle(ctx, handle.String()) })
	}
	p, err := f.Store.PostByIRI(ctx, anybody(), coop.IRI(page.Asked))
	if err == nil {
		card := f.noteCard(page.tongue, p)
		page.Post, page.Target, page.Reply = &card, string(p.IRI), string(p.IRI)
		if p.Author != nil {
			page.author, page.handle = p.Author.IRI, card.Author.Handle
		}
		return nil
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return f.lookAccount(page, func() (*coop.Account, error) {
		a, err := f.Store.AccountByIRI(ctx, coop.IRI(page.Asked))
		if err == nil && a.Gone() {
			err = coop.ErrNotFound
		}
		return a, err
	})
}

// lookAccount shows an account that was found.
func (f *Face) lookAccount(page *interactPage, find func() (*coop.Account, error)) error {
	a, err := find()
	if err != nil {
		return err
	}
	page.Who = f.person(a)
	page.Target, page.Reply, page.author = page.Who.Handle, string(a.IRI), a.IRI
	return nil
}

// fromAccount answers POST /interact: the pages at which the person's own server does
// things with what is known here.
func (f *Face) fromAccount(c *gin.Context) error {
	page, err := f.interactPage(c, c.PostForm("uri"))
	if err != nil {
		return err
	}
	page.Account, page.Keep = coop.CleanLine(coop.Truncate(c.PostForm("account"), 1000), 320), c.PostForm("keep") == "1"
	c.Header("Cache-Control", "no-store")
	handle, ok := f.readHome(page.Account)
	if !ok || page.Reply == "" {
		page.Problem = page.T("intent_bad")
		return f.show(c, http.StatusUnprocessableEntity, "interact", page)
	}
	f.keepHome(c, page)
	if err := f.findDoors(c.Request.Context(), page, handle); err != nil {
		page.Problem = page.T("intent_unreached", "Host", handle.Host)
		return f.show(c, http.StatusUnprocessableEntity, "interact", page)
	}
	return f.show(c, http.StatusOK, "interact", page)
}

// keepHome remembers the account where the person wants that, and forgets it else.
func (f *Face) keepHome(c *gin.Context, page *interactPage) {
	switch {
	case page.Keep:
		f.setCookie(c, homeCookie, url.QueryEscape(page.Account), year)
	case page.Home != "":
		f.setCookie(c, homeCookie, "", -1)
	}
}

// readHome reads a handle, or a host alone, which is asked for by its own name as the
// instance actors of most servers have it; the address of a profile names its host.
func (f *Face) readHome(text string) (coop.Handle, bool) {
	if _, rest, found := strings.Cut(text, "://"); found {
		host, path, _ := strings.Cut(rest, "/")
		text = host
		if name, found := strings.CutPrefix(path, "@"); found && !strings.ContainsAny(name, "/@?#") {
			text = name + "@" + host
		}
	}
	if handle, err := coop.ParseHandle(text); err == nil {
		host, err := address.NormalizeHost(handle.Host)
		handle.Host = host
		return handle, err == nil && len(handle.Name) <= 256
	}
	host, err := address.NormalizeHost(strings.TrimPrefix(text, "@"))
	if err != nil || !strings.ContainsAny(host, ".:") {
		return coop.Handle{}, false
	}
	name, _, _ := strings.Cut(host, ":")
	return coop.Handle{Name: name, Host: host}, true
}

// findDoors asks the server and lists what can be done there.
func (f *Face) findDoors(ctx context.Context, page *interactPage, handle coop.Handle) error {
	descriptor := &federation.JRD{Links: federation.IntentLinks(f.root())}
	if handle.Host != f.Host && handle.Host != f.AccountDomain {
		ctx, cancel := context.WithTimeout(ctx, homePatience)
		defer cancel()
		var err error
		if descriptor, err = f.Inbox.Descriptor(ctx, handle); err != nil {
			return err
		}
	}
	page.addDoors(descriptor)
	if len(page.Doors) == 0 {
		return coop.ErrNotFound
	}
	return nil
}

// addDoors lists the pages of a server in the order in which they are of use here.
func (page *interactPage) addDoors(descriptor *federation.JRD) {
	object := map[string]string{"object": page.Reply}
	add := func(act string, intent federation.Intent, values map[string]string) {
		there := descriptor.Intent(intent, values)
		if there == "" {
			return
		}
		host, err := address.Host(there)
		if err != nil {
			return
		}
		page.Host = host
		page.Doors = append(page.Doors, door{page.T(wordsOf(act).there, "Host", host, "Name", page.name()), there})
	}
	add("object", federation.IntentObject, object)
	if page.Post != nil {
		if descriptor.Takes(federation.IntentCreate, "inReplyTo") {
			add("create", federation.IntentCreate, map[string]string{"inReplyTo": page.Reply, "content": page.handle + " "})
		}
		add("announce", federation.IntentAnnounce, object)
		add("like", federation.IntentLike, object)
	}
	if page.author != "" {
		add("follow", federation.IntentFollow, map[string]string{"object": string(page.author)})
	}
}

// name is whom one would follow.
func (page *interactPage) name() string {
	if page.Post != nil {
		return page.Post.Author.Name
	}
	return page.Who.Name
}
