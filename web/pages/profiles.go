// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// profilePage is a co-op, a federation, a board or a person.
type profilePage struct {
	frame
	Who         person
	PictureAlt  string // of the avatar
	Kind        string
	Bio         prose
	Rows        []row
	Facts       []fact
	Site        string
	Origin      string
	Federations []belonging // it belongs to, as both sides say
	Evidence    evidenceView
	Join        string   // where co-ops apply, of the federation here
	Claims      []person // it says so, the other side does not
	Members     []person
	Offer       offerPart
	Jobs        []jobCard
	MoreJobs    string
	Articles    []articleCard
	Notes       []noteCard
	Next, First string
	Moved       person
}

// row is a row of a profile.
type row struct {
	Name     string
	Value    prose
	Verified bool // the page that it links to links back
}

// profile answers /@name, /@name@host, and their feeds at the same address with an
// end. Servers that ask for an actor are sent to its id.
func (f *Face) profile(c *gin.Context) error {
	a, format, err := f.named(c.Request.Context(), c.Param("name"))
	if err != nil {
		return err
	}
	switch {
	case format != "":
		return f.accountFeed(c, a, format)
	case wantsActivity(c.GetHeader("Accept")):
		c.Header("Vary", "Accept")
		c.Redirect(http.StatusFound, string(a.IRI))
		return nil
	case f.profileOf(a) != "/@"+c.Param("name"):
		c.Redirect(http.StatusFound, withQuery(f.profileOf(a), c.Request.URL.Query()))
		return nil
	}
	return f.showProfile(c, a)
}

// named finds the account of an address, and the feed that its end asks for. A
// name may have a dot in it, so the whole is tried first.
func (f *Face) named(ctx context.Context, name string) (*coop.Account, string, error) {
	a, err := f.byHandle(ctx, name)
	if err == nil || !errors.Is(err, coop.ErrNotFound) {
		return a, "", err
	}
	for _, format := range formats {
		if rest, ok := strings.CutSuffix(name, "."+format); ok {
			a, err := f.byHandle(ctx, rest)
			return a, format, err
		}
	}
	return nil, "", err
}

// byHandle finds an account by name or name@host. Suspended ones were never here.
func (f *Face) byHandle(ctx context.Context, text string) (*coop.Account, error) {
	name, host, _ := strings.Cut(text, "@")
	if strings.EqualFold(host, f.AccountDomain) || strings.EqualFold(host, f.Host) {
		host = ""
	}
	a, err := f.Store.AccountByHandle(ctx, name, host)
	if err != nil {
		return nil, err
	}
	if !a.DeletedAt.IsZero() && a.Local {
		return nil, fmt.Errorf("account %s: %w", a.ID, coop.ErrGone)
	}
	if a.Gone() {
		return nil, fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	return a, nil
}

// wantsActivity tells whether a reader asks for ActivityPub and not for a page
// (ActivityPub §3.2).
func wantsActivity(accept string) bool {
	activity, page := 0.0, 0.0
	for _, part := range strings.Split(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		q := 1.0
		if weight, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(weight, 64); err != nil {
				continue
			}
		}
		switch mediaType {
		case "application/activity+json", "application/ld+json":
			activity = max(activity, q)
		case "text/html", "application/xhtml+xml":
			page = max(page, q)
		}
	}
	return activity > 0 && activity >= page
}

// showProfile answers the page.
func (f *Face) showProfile(c *gin.Context, a *coop.Account) error {
	page := &profilePage{frame: f.frame(c, "", "", nil), Who: f.person(a), PictureAlt: a.Icon.Alt}
	page.Title = page.Who.Name
	page.Description = excerpt(a.Bio, 200)
	page.Kind = page.kind(a)
	page.Bio = prose{a.Language, paragraphs(a.Bio)}
	for _, field := range a.Fields {
		page.Rows = append(page.Rows, row{field.Name, prose{HTML: paragraphs(field.Value)}, !field.VerifiedAt.IsZero()})
	}
	page.Facts, page.Site = page.coopFacts(a), site(a)
	page.feedsOf(f.profileOf(a), nil)
	page.Graph.Type, page.Graph.Creator = "profile", page.Who.Handle
	page.NoIndex = !a.Indexable || !a.Local
	if !a.Local {
		page.Origin = origin(&coop.Post{URL: a.URL, IRI: a.IRI})
		page.Canonical, page.Alternates = page.Origin, nil
	}
	if err := f.fillRelations(c.Request.Context(), page, a); err != nil {
		return err
	}
	if err := f.fillPublished(c, page, a); err != nil {
		return err
	}
	var err error
	if page.Offer, err = f.offer(c, page.tongue, a); err != nil {
		return err
	}
	if a.Local && a.Indexable && a.Kind != coop.Person {
		if err := page.tell(f.profileSchema(page, a)); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "profile", page)
}

// site is a co-op's own site.
func site(a *coop.Account) string {
	if len(a.Domains) == 0 {
		return ""
	}
	return web(coop.IRI("https://" + a.Domains[0]))
}

// kind names what an account is.
func (t *tongue) kind(a *coop.Account) string {
	switch a.Kind {
	case coop.Person, coop.Coop, coop.Federation, coop.Board:
		return t.T("kind_" + string(a.Kind))
	}
	return t.T("kind_other")
}

// coopFacts is what a co-op says of itself.
func (t *tongue) coopFacts(a *coop.Account) []fact {
	var list facts
	if a.Coop == nil {
		return nil
	}
	if p := a.Coop.Place; p != nil {
		list.add(t.T("coop_place"), t.where(&coop.Job{Places: []coop.Place{*p}}))
	}
	list.add(t.T("coop_founded"), t.Date(a.Coop.Founded))
	if a.Coop.Members > 0 {
		list.add(t.T("coop_members"), t.Number(a.Coop.Members))
	}
	if a.Coop.Workers > 0 {
		list.add(t.T("coop_workers"), t.Number(a.Coop.Workers))
	}
	list.add(t.T("coop_languages"), strings.Join(t.languages(a.Coop.Languages), ", "))
	return append(list, t.termFacts(a.Coop)...)
}

// fillRelations asks who belongs to whom.
func (f *Face) fillRelations(ctx context.Context, page *profilePage, a *coop.Account) (err error) {
	if page.Evidence, err = f.evidence(ctx, page.tongue, a); err != nil {
		return err
	}
	page.Federations = page.Evidence.Chain
	if page.Claims, err = f.claims(ctx, a); err != nil {
		return err
	}
	if a.MovedTo != "" {
		names, err := f.names(ctx, []coop.IRI{a.MovedTo})
		if err != nil {
			return err
		}
		page.Moved = names[a.MovedTo]
	}
	if a.Kind != coop.Federation {
		return nil
	}
	if a.Local {
		page.Join = petitionPath
	}
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: a.ID, Verified: true}, coop.Page{Limit: 200})
	for _, m := range list {
		if m.Member != nil {
			page.Members = append(page.Members, f.person(m.Member))
		}
	}
	return err
}

// claims are the federations that only the account itself names. A team in which both
// sides say that it is, is neither a claim nor something that speaks for a co-op.
func (f *Face) claims(ctx context.Context, a *coop.Account) ([]person, error) {
	if len(a.MemberOf) == 0 {
		return nil, nil
	}
	names, err := f.names(ctx, a.MemberOf)
	if err != nil {
		return nil, err
	}
	verified, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: a.ID, Verified: true}, coop.Page{Limit: 200})
	if err != nil {
		return nil, err
	}
	known := map[coop.IRI]bool{}
	for _, m := range verified {
		known[m.Organization.IRI] = true
	}
	var list []person
	for _, iri := range a.MemberOf {
		if !known[iri] {
			list = append(list, names[iri])
		}
	}
	return list, nil
}

// fillPublished asks what it published, and what a board or federation brought.
func (f *Face) fillPublished(c *gin.Context, page *profilePage, a *coop.Account) error {
	ctx := c.Request.Context()
	jobs, more, _, err := f.Store.Listing(ctx, anybody(), storage.ListQuery{Owner: a.ID, Kind: coop.KindJob}, "", perList)
	if err != nil {
		return err
	}
	page.Jobs = f.jobCards(page.tongue, current(jobs, f.Now()))
	if more != "" {
		page.MoreJobs = "/jobs"
		if a.Kind == coop.Coop {
			page.MoreJobs += "?coop=" + strings.TrimPrefix(f.profileOf(a), "/@")
		}
	}
	articles, _, _, err := f.Store.Listing(ctx, anybody(), storage.ListQuery{Owner: a.ID, Kind: coop.KindArticle}, "", perList)
	if err != nil {
		return err
	}
	page.Articles = f.articleCards(page.tongue, articles)
	after := before(c)
	notes, next, err := f.list(ctx, storage.PostQuery{
		Authors: []coop.ID{a.ID}, Kinds: []coop.PostKind{coop.KindNote, coop.KindQuestion}, Listed: true, NoReplies: true,
	}, coop.Page{Max: after, Limit: perList})
	page.Notes = f.noteCards(page.tongue, notes)
	page.Next, page.First = older(f.profileOf(a), next), first(f.profileOf(a), after)
	return err
}
