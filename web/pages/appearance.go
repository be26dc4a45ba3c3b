// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// The pages on which an admin says how this place looks, and who may read it.
const (
	appearancePath = "/admin/appearance"
	crawlPath      = "/admin/crawlers"
	// appearanceBody is what the form with the picture has at most, in bytes.
	appearanceBody = 5 << 20
)

// appearanceRoutes are these pages. What is changed on them is in the audit log.
func (f *Face) appearanceRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Rank: coop.RankAdmin, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.HTML, Handle: h}
	}
	post := func(path string, most int64, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Rank: coop.RankAdmin, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Body: most, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(appearancePath, f.appearancePage), post(appearancePath, appearanceBody, f.changeAppearance),
		get(crawlPath, f.crawlForm), post(crawlPath, signInBody, f.changeCrawl),
	}
}

// appearanceView is the form of how this place looks.
type appearanceView struct {
	formFrame
	Given   appearanceFields
	Picture string // path of the federation's picture; empty: it has none
	Nearest string // a colour that would be taken
	Shades  []shade
	Done    string
}

// appearanceFields are what the form says.
type appearanceFields struct{ Name, Bio, Alt, Accent string }

// shade is a colour that is made of the accent, with what stands on it.
type shade struct{ Name, Colour, Contrast string }

// appearanceView makes the page.
func (f *Face) appearanceView(c *gin.Context, a *coop.Account, given appearanceFields) appearanceView {
	view := appearanceView{formFrame: f.formFrame(c, "appearance_title", nil), Given: given, Picture: f.shown(f.Media.Links().Avatar(a))}
	text := given.Accent
	if text == "" {
		text = defaultAccent
	}
	accent, err := coop.NewAccent(text)
	if err != nil {
		return view
	}
	light, dark := coop.LightGround(), coop.DarkGround()
	for _, one := range []struct {
		name string
		c    coop.Colour
		g    coop.Ground
	}{
		{"appearance_light", accent.Light, light}, {"appearance_light_strong", accent.LightStrong, light}, {"appearance_dark", accent.Dark, dark}, {"appearance_dark_strong", accent.DarkStrong, dark},
	} {
		least := one.c.Contrast(one.g.On)
		for _, back := range one.g.Backs {
			least = min(least, one.c.Contrast(back))
		}
		view.Shades = append(view.Shades, shade{view.T(one.name), one.c.String(), fmt.Sprintf("%.1f", least)})
	}
	return view
}

// defaultAccent is the colour of this program.
const defaultAccent = "#9C3A1E"

// appearancePage answers GET /admin/appearance.
func (f *Face) appearancePage(c *gin.Context) error {
	auth.ByRank(c)
	ctx := c.Request.Context()
	a, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	accent, err := f.Store.Accent(ctx)
	if err != nil {
		return err
	}
	view := f.appearanceView(c, a, appearanceFields{a.DisplayName, a.BioSource, a.Icon.Alt, accent})
	if c.Query("done") != "" {
		view.Done = view.T("appearance_done")
	}
	return f.show(c, http.StatusOK, "appearance", view)
}

// changeAppearance answers POST /admin/appearance: name, text, picture and colour. What
// others see of it is sent to them as any change of a profile.
func (f *Face) changeAppearance(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	auth.ByRank(c)
	ctx := c.Request.Context()
	a, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	given := appearanceFields{
		Name: strings.TrimSpace(c.PostForm("name")), Bio: c.PostForm("bio"), Alt: coop.CleanText(c.PostForm("alt"), coop.MaxAltLength),
		Accent: strings.ToUpper(strings.TrimSpace(coop.Truncate(c.PostForm("accent"), 40))),
	}
	view := f.appearanceView(c, a, given)
	accent := f.judgeAccent(&view)
	picture := f.judgePicture(c, &view.formFrame, a)
	if given.Name == "" {
		view.complain("name", view.T("problem_required"))
	}
	if len(view.Problems) == 0 {
		a.DisplayName, a.BioSource, a.Icon = given.Name, given.Bio, picture
		a.Icon.Alt = given.Alt
		err = f.saveAppearance(ctx, a, accent)
		if err == nil {
			c.Redirect(http.StatusSeeOther, appearancePath+"?done=1")
			return nil
		}
		if !f.tooLong(&view, err) {
			return err
		}
	}
	return f.show(c, http.StatusUnprocessableEntity, "appearance", view)
}

// judgeAccent is the colour as it is kept; what cannot be read is complained about, with
// the nearest that can be.
func (f *Face) judgeAccent(view *appearanceView) string {
	text := view.Given.Accent
	if text == "" || text == defaultAccent {
		return ""
	}
	if !strings.HasPrefix(text, "#") {
		text = "#" + text
	}
	accent, err := coop.NewAccent(text)
	var missed *coop.AccentError
	switch {
	case errors.As(err, &missed):
		view.Nearest = missed.Nearest.String()
		view.complain("accent", view.T("appearance_accent_faint", "Colour", view.Nearest))
	case err != nil:
		view.complain("accent", view.T("appearance_accent_format"))
	}
	return accent.Light.String()
}

// judgePicture is the picture that an account has from here on.
func (f *Face) judgePicture(c *gin.Context, view *formFrame, a *coop.Account) coop.Picture {
	if c.PostForm("remove") != "" {
		return coop.Picture{}
	}
	header, err := c.FormFile("picture")
	if err != nil || header.Size == 0 {
		return a.Icon
	}
	file, err := header.Open()
	if err == nil {
		defer file.Close() //nolint:errcheck // read only
		var picture coop.Picture
		if picture, err = f.Media.Picture(c.Request.Context(), a.ID, coop.MediaAvatar, header.Filename, file); err == nil {
			return picture
		}
	}
	view.complain("picture", view.T("appearance_picture_bad"))
	return a.Icon
}

// saveAppearance keeps both.
func (f *Face) saveAppearance(ctx context.Context, a *coop.Account, accent string) error {
	if err := f.Outbox.UpdateActor(ctx, a); err != nil {
		return err
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.PutAccent(ctx, accent) })
}

// tooLong says of which field the profile complains; false: it is another error.
func (f *Face) tooLong(view *appearanceView, err error) bool {
	var wrong coop.Invalid
	if !errors.As(err, &wrong) {
		return false
	}
	for _, one := range wrong {
		field := map[string]string{"display_name": "name"}[one.Field]
		if field == "" {
			field = "bio"
		}
		view.complain(field, view.T("problem_too_long"))
	}
	return true
}

// crawlView is the form of who may read what.
type crawlView struct {
	formFrame
	Parts  []crawlRow
	Agents string
	Done   string
}

// crawlForm answers GET /admin/crawlers.
func (f *Face) crawlForm(c *gin.Context) error {
	auth.ByRank(c)
	policy, err := f.Store.CrawlPolicy(c.Request.Context())
	if err != nil {
		return err
	}
	view := f.crawlView(c, policy)
	if c.Query("done") != "" {
		view.Done = view.T("appearance_done")
	}
	return f.show(c, http.StatusOK, "crawlers", view)
}

// crawlView makes the page.
func (f *Face) crawlView(c *gin.Context, p coop.CrawlPolicy) crawlView {
	view := crawlView{formFrame: f.formFrame(c, "about_crawlers", nil), Agents: strings.Join(f.agents(p), "\n")}
	view.Parts = view.crawlRows(p)
	return view
}

// changeCrawl answers POST /admin/crawlers.
func (f *Face) changeCrawl(c *gin.Context) error {
	auth.ByRank(c)
	var p coop.CrawlPolicy
	for _, part := range coop.CrawlParts() {
		if slices.Contains(c.PostFormArray("search"), string(part)) {
			p.Search = append(p.Search, part)
		}
		if slices.Contains(c.PostFormArray("ai"), string(part)) {
			p.AI = append(p.AI, part)
		}
	}
	for _, line := range strings.Split(coop.Truncate(c.PostForm("agents"), 8000), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			p.Agents = append(p.Agents, line)
		}
	}
	if slices.Equal(p.Agents, f.agents(coop.CrawlPolicy{})) {
		p.Agents = nil // the list of this program, which grows
	}
	if p.Validate() != nil {
		view := f.crawlView(c, p)
		view.complain("agents", view.T("crawl_agents_bad"))
		return f.show(c, http.StatusUnprocessableEntity, "crawlers", view)
	}
	ctx := c.Request.Context()
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.PutCrawlPolicy(ctx, p) }); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, crawlPath+"?done=1")
	return nil
}
