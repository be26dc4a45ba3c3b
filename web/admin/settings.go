// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/respond"
)

// settingsPath is every setting with where its value comes from.
const settingsPath = "/admin/settings"

// Settings are the settings of the program, read and changed. Declared here, where they
// are needed: who wires the program has them.
type Settings interface {
	// List is every setting in the order of the documentation.
	List(ctx context.Context) ([]Setting, error)
	// Choose keeps a value for one that a page may change; "" goes back to the default.
	// What is no good is a [coop.InvalidError], what is fixed above the database
	// [coop.ErrForbidden].
	Choose(ctx context.Context, key, value string, entry coop.AuditEntry) error
}

// Setting is one of them.
type Setting struct {
	Key     string // as it stands in the file
	Value   string // in force; secrets are masked
	Default string // as the documentation writes it
	From    SettingFrom
	Where   string   // the flag, variable or file that set it
	Page    bool     // may be changed on a page
	Words   []string // that it may be; empty: a number
	Least   int      // of a number
	Most    int
}

// SettingFrom is where a value comes from, the strongest first.
type SettingFrom string

// The origins.
const (
	FromFlag        SettingFrom = "flag"
	FromEnvironment SettingFrom = "environment"
	FromFile        SettingFrom = "file"
	FromPage        SettingFrom = "page"
	FromDefault     SettingFrom = "default"
)

// settingsView is the table, and a form for what may be changed.
type settingsView struct {
	Done string
	Mine []settingForm
	Rows []settingRow
	Path string
}

// settingRow is a line of the table.
type settingRow struct{ Key, Value, Default, Origin, Where string }

// settingForm is a setting that this page changes.
type settingForm struct {
	Key, Name, Hint string
	Value           string
	Default         string // in words
	Fixed           string // where it is fixed, in words; empty: it may be changed
	Words           []choice
	Least, Most     int
}

// settings answers GET /admin/settings.
func (f *Face) settings(c *gin.Context) error {
	return f.showSettings(c, http.StatusOK, "", "")
}

// showSettings draws the page; wrong is the setting whose value, as typed, is no good.
func (f *Face) showSettings(c *gin.Context, status int, wrong, typed string) error {
	t := f.Shell.Tongue(c)
	view := settingsView{Path: settingsPath}
	if c.Query("done") != "" {
		view.Done = t.T("admin_saved")
	}
	if f.Settings != nil {
		list, err := f.Settings.List(c.Request.Context())
		if err != nil {
			return err
		}
		for _, s := range list {
			view.Rows = append(view.Rows, settingRow{s.Key, s.Value, s.Default, t.T("admin_setting_from_" + string(s.From)), s.Where})
			if s.Page {
				view.Mine = append(view.Mine, settingForms(t, s, wrong, typed))
			}
		}
	}
	sheet := respond.Sheet{Page: "admin-settings", Title: t.T("admin_settings_title"), View: view}
	if wrong != "" {
		sheet.Problems = []respond.Problem{{Field: wrong, Text: t.T("admin_setting_wrong")}}
	}
	return f.Shell.Draw(c, status, sheet)
}

// settingForms is the form of one setting.
func settingForms(t respond.Tongue, s Setting, wrong, typed string) settingForm {
	form := settingForm{Key: s.Key, Name: t.T("admin_setting_" + s.Key), Hint: t.T("admin_setting_" + s.Key + "_hint"), Value: s.Value, Least: s.Least, Most: s.Most, Default: s.Default}
	if s.Key == wrong {
		form.Value = typed
	}
	switch s.From {
	case FromFlag, FromEnvironment, FromFile:
		form.Fixed = t.T("admin_setting_fixed", "Where", s.Where)
	}
	for _, word := range s.Words {
		one := choice{Value: word, Name: settingWord(t, s.Key, word), Chosen: word == form.Value}
		if word == s.Default {
			form.Default = one.Name
		}
		form.Words = append(form.Words, one)
	}
	return form
}

// settingWord is a value in words.
func settingWord(t respond.Tongue, key, word string) string {
	if key == "default_language" {
		return t.Language(word)
	}
	return t.T("admin_setting_" + key + "_" + strings.ReplaceAll(word, "-", "_"))
}

// changeSetting answers POST /admin/settings: one setting has another value from now on.
func (f *Face) changeSetting(c *gin.Context) error {
	key, value := coop.CleanLine(c.PostForm("key"), 100), coop.CleanLine(c.PostForm("value"), 200)
	if c.PostForm("act") == "default" {
		value = ""
	}
	if f.Settings == nil {
		return coop.ErrNotFound
	}
	err := f.Settings.Choose(c.Request.Context(), key, value, noted(c, "setting.change", key, value))
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) && invalid.Field == key {
		return f.showSettings(c, http.StatusUnprocessableEntity, key, value)
	}
	if err != nil {
		return err
	}
	if key == "default_language" && value != "" && f.Speak != nil {
		f.Speak(value)
	}
	c.Redirect(http.StatusSeeOther, settingsPath+"?done=saved")
	return nil
}
