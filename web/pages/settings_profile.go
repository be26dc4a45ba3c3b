// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/web/auth"
	"minga/web/respond"
)

const (
	settingsPath = "/settings"
	profilePath  = "/settings/profile"
)

// settingsIndex leads to what can be set.
type settingsIndex struct {
	formFrame
	Email string // where mails go; empty: nowhere
	Pages []settingsPage
}

// settingsPage is one of the pages and what it is for.
type settingsPage struct{ URL, Name, What string }

// settings answers GET /settings.
func (f *Face) settings(c *gin.Context) error {
	view := settingsIndex{formFrame: f.formFrame(c, "settings_title", nil), Email: auth.Account(c).Email}
	for _, one := range []struct{ path, name, what string }{
		{profilePath, "settings_profile", "settings_profile_what"},
		{securityPath, "security_title", "settings_security_what"},
		{"/settings/security/email", "settings_mail", "settings_mail_what"},
		{"/searches", "frame_searches", "settings_searches_what"},
		{invitesPath, "invites_title", "settings_invites_what"},
		{"/settings/co-ops", "speak_title", "settings_coops_what"},
		{migrationPath, "migration_title", "settings_migration_what"},
		{importPath, "import_title", "settings_import_what"},
		{exportPath, "export_title", "settings_export_what"},
		{deletePath, "settings_delete", "settings_delete_what"},
	} {
		if one.path == invitesPath && !f.invites() {
			continue
		}
		view.Pages = append(view.Pages, settingsPage{one.path, view.T(one.name), view.T(one.what)})
	}
	return f.show(c, http.StatusOK, "settings", view)
}

// profileView is the form of what an account says of itself.
type profileView struct {
	settingsFrame
	Given   profileFields
	Picture string
	Tongues []choice
	Fields  []profileField
}

// profileFields are what the form says.
type profileFields struct {
	Name, Bio, Alt, Language                string
	Locked, Discoverable, Indexable, Hidden bool
}

// profileField is a line of a profile, numbered from 1.
type profileField struct{ N, Name, Value string }

// profileForm answers GET /settings/profile.
func (f *Face) profileForm(c *gin.Context) error {
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	view, err := f.profileView(c, about)
	if err != nil {
		return err
	}
	if c.Query("done") == "saved" {
		view.Done = view.T("settings_profile_saved")
	}
	return f.show(c, http.StatusOK, "settings-profile", view)
}

// profileView makes the page of an account as it is.
func (f *Face) profileView(c *gin.Context, a *coop.Account) (profileView, error) {
	view := profileView{Picture: f.shown(f.Media.Links().Avatar(a))}
	var err error
	view.settingsFrame, err = f.settingsFrame(c, "settings_profile", profilePath, a, coop.ActProfile)
	view.Given = profileFields{a.DisplayName, a.BioSource, a.Icon.Alt, a.Language, a.Locked, a.Discoverable, a.Indexable, a.HideCollections}
	if view.Given.Bio == "" {
		view.Given.Bio = sanitize.Text(a.Bio)
	}
	for n := range min(max(len(a.Fields)+1, 4), coop.MaxFields) {
		line := profileField{N: strconv.Itoa(n + 1)}
		if n < len(a.Fields) {
			line.Name, line.Value = a.Fields[n].Name, typedLine(a.Fields[n])
		}
		view.Fields = append(view.Fields, line)
	}
	view.tongues()
	return view, err
}

// typedLine is the value of a field as it was typed, or what can be read of it.
func typedLine(field coop.Field) string {
	if field.Source != "" {
		return field.Source
	}
	if link := coop.FieldLink(field.Value); link != "" {
		return string(link)
	}
	return sanitize.Text(field.Value)
}

// tongues are the languages to choose from, the account's own among them.
func (v *profileView) tongues() {
	known := false
	for _, l := range ourLanguages {
		known = known || l.tag == v.Given.Language
		v.Tongues = append(v.Tongues, choice{l.tag, l.name, l.tag == v.Given.Language})
	}
	if !known && v.Given.Language != "" {
		v.Tongues = append(v.Tongues, choice{v.Given.Language, v.Language(v.Given.Language), true})
	}
}

// changeProfile answers POST /settings/profile. What others see of it is sent to them.
func (f *Face) changeProfile(c *gin.Context) error {
	if form := c.Request.MultipartForm; form != nil {
		defer func() { _ = form.RemoveAll() }()
	}
	about, err := settingsOf(c, coop.ActProfile)
	if err != nil {
		return err
	}
	a, err := f.Store.Account(c.Request.Context(), about.ID)
	if err != nil {
		return err
	}
	view, err := f.profileView(c, a)
	if err != nil {
		return err
	}
	f.readProfile(c, &view, a)
	if len(view.Problems) == 0 {
		err = f.Outbox.UpdateActor(c.Request.Context(), a)
		var wrong coop.Invalid
		if err == nil {
			if t := f.words.of(view.Given.Language); t != nil && view.As == "" {
				f.remember(c, t)
			}
			doneAt(c, profilePath, a, "saved")
			return nil
		}
		if !errors.As(err, &wrong) {
			return err
		}
		view.profileProblems(wrong)
	}
	return f.show(c, http.StatusUnprocessableEntity, "settings-profile", view)
}

// readProfile writes what was typed into the page and into the account.
func (f *Face) readProfile(c *gin.Context, view *profileView, a *coop.Account) {
	text := func(name string) string { return strings.TrimSpace(coop.Truncate(c.PostForm(name), 100_000)) }
	view.Given = profileFields{
		text("name"), text("bio"), coop.CleanText(text("alt"), coop.MaxAltLength), text("language"),
		c.PostForm("locked") != "", c.PostForm("discoverable") != "", c.PostForm("indexable") != "", c.PostForm("hidden") != "",
	}
	view.Fields, a.Fields = nil, nil
	for n := range coop.MaxFields {
		line := profileField{N: strconv.Itoa(n + 1)}
		line.Name, line.Value = text("field_"+line.N), text("value_"+line.N)
		if n < 4 || line.Name != "" || line.Value != "" {
			view.Fields = append(view.Fields, line)
		}
		if line.Name != "" || line.Value != "" {
			a.Fields = append(a.Fields, coop.Field{Name: line.Name, Source: line.Value})
		}
	}
	view.Tongues = nil
	view.tongues()
	given := view.Given
	a.DisplayName, a.BioSource, a.Language = given.Name, given.Bio, given.Language
	a.Locked, a.Discoverable, a.Indexable, a.HideCollections = given.Locked, given.Discoverable, given.Indexable, given.Hidden
	a.Icon = f.judgePicture(c, &view.formFrame, a)
	a.Icon.Alt = given.Alt
}

// profileProblems says beside each field what is wrong with it.
func (v *profileView) profileProblems(wrong coop.Invalid) {
	for _, one := range wrong {
		field := map[string]string{"display_name": "name", "bio": "bio", "language": "language"}[one.Field]
		if number, ok := strings.CutPrefix(one.Field, "fields["); ok {
			n, part, _ := strings.Cut(number, "].")
			at, _ := strconv.Atoi(n) // of the lines that say something
			field = v.fieldAt(at, part)
		}
		if field == "" {
			field = "name"
		}
		key := map[string]string{coop.CodeTooLong: "problem_too_long", coop.CodeRequired: "problem_required"}[one.Code]
		v.complain(field, v.T(cmp.Or(key, "settings_profile_bad")))
	}
}

// fieldAt is the name in the form of the line with a number among those that say something.
func (v *profileView) fieldAt(at int, part string) string {
	for _, line := range v.Fields {
		if line.Name == "" && line.Value == "" {
			continue
		}
		if at--; at >= 0 {
			continue
		}
		if part == "name" {
			return "field_" + line.N
		}
		return "value_" + line.N
	}
	return ""
}

// settingsRoutes are these pages.
func (f *Face) settingsRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(settingsPath, f.settings), get(profilePath, f.profileForm),
		{Method: "POST", Path: profilePath, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: appearanceBody, Form: respond.HTML, Handle: f.changeProfile},
	}
}
