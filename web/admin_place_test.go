// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"minga/coop"
	"minga/web/admin"
)

// boundSettings stand in for the program's: one that may be changed, one that is fixed, a
// secret. What is chosen is remembered.
type boundSettings struct{ chosen map[string]string }

func (s boundSettings) List(context.Context) ([]admin.Setting, error) {
	value, from := "45", admin.FromDefault
	if v := s.chosen["job_days"]; v != "" {
		value, from = v, admin.FromPage
	}
	return []admin.Setting{
		{Key: "host", Value: "coop.example", From: admin.FromEnvironment, Where: "MINGA_HOST"},
		{Key: "secret_key", Value: "(set)", From: admin.FromFile, Where: "/etc/minga.toml"},
		{Key: "job_days", Value: value, Default: "45", From: from, Page: true, Least: 1, Most: 90},
		{Key: "federation_follows", Value: "allowed", Default: "by-hand", From: admin.FromFlag, Where: "--federation-follows", Page: true, Words: []string{"by-hand", "allowed", "at-once"}},
	}, nil
}

func (s boundSettings) Choose(_ context.Context, key, value string, _ coop.AuditEntry) error {
	if key == "federation_follows" {
		return coop.ErrForbidden
	}
	if value == "900" {
		return &coop.InvalidError{Field: key}
	}
	s.chosen[key] = value
	return nil
}

func TestAnnouncementsAndStatements(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		for _, path := range []string{"/admin/announcements", "/admin/statements", "/admin/statements/about", "/admin/media", "/admin/backups", "/admin/settings"} {
			if w := h.fresh().open(path, nil); w.Code == http.StatusOK {
				t.Errorf("%s is open to anybody: %d", path, w.Code)
			}
		}
		for name, form := range map[string]url.Values{
			"text_es":  {"text_es": {""}},
			"text_pt":  {"text_pt": {strings.Repeat("a", coop.MaxAnnouncement+1)}, "text_es": {"Cerramos"}},
			"ends":     {"text_es": {"Cerramos"}, "ends": {"2001-01-01"}},
			"starts":   {"text_es": {"Cerramos"}, "starts": {"mañana"}},
			"ends ":    {"text_es": {"Cerramos"}, "ends": {"0000-00-00"}},
			"text_es ": {},
		} {
			w := ana.fill("/admin/announcements", form)
			if page := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="`+strings.TrimSpace(name)+`-problem"`) || form.Get("text_es") != "" && !strings.Contains(page, ">Cerramos</textarea>") {
				t.Errorf("%v: %d", form, w.Code)
			}
		}
		page := ana.goes(ana.fill("/admin/announcements", url.Values{"text_es": {"Cerramos <b>mañana</b>"}, "text_en": {"Closed tomorrow"}, "ends": {"2199-12-31"}}))
		if !strings.Contains(page.Body.String(), "Closed tomorrow") || h.noted().Act != "announcement.create" || h.noted().Who != "ana" {
			t.Errorf("announced: %+v", h.noted())
		}
		list, err := h.store.Announcements(h.Context(), 0, true)
		if err != nil || len(list) != 1 || list[0].Texts["es"] != "Cerramos <b>mañana</b>" || list[0].EndsAt.Format("2006-01-02 15:04") != "2199-12-31 23:59" {
			t.Fatalf("kept %+v, %v", list, err)
		}
		action := "/admin/announcements/" + list[0].ID.String()
		if again := ana.goes(ana.press(page, action)); !strings.Contains(again.Body.String(), "taken back") || h.noted().Act != "announcement.remove" {
			t.Errorf("taken back: %+v", h.noted())
		}
		ana.goes(ana.press(page, action)) // by two at once: no error
		if w := ana.press(page, action, "x", "y"); w.Code != http.StatusSeeOther {
			t.Errorf("again: %d", w.Code)
		}

		if w := ana.open("/admin/statements/history", nil); w.Code != http.StatusNotFound {
			t.Errorf("a statement that there is not: %d", w.Code)
		}
		if w := ana.fill("/admin/statements/privacy", url.Values{"text_en": {strings.Repeat("a", coop.MaxStatement+1)}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="text_en-problem"`) {
			t.Errorf("too long: %d", w.Code)
		}
		ana.goes(ana.fill("/admin/statements/privacy", url.Values{"text_en": {"We keep **little**."}}))
		if read := h.ask("GET", "/privacy", "", "").Body.String(); !strings.Contains(read, "<strong>little</strong>") || h.noted().Act != "statement.set" || h.noted().Target != "privacy" {
			t.Errorf("read: %s", read)
		}
		ana.goes(ana.fill("/admin/statements/privacy", url.Values{}))
		if h.noted().Act != "statement.remove" {
			t.Errorf("noted %+v", h.noted())
		}
	})
}

func TestSettingsOfTheServer(t *testing.T) {
	chosen := map[string]string{}
	eachHouse(t, func(o *Options) { oneNote(o); o.Settings = boundSettings{chosen} }, func(h *house) {
		clear(chosen)
		ana := h.owned()
		page := ana.open("/admin/settings", nil).Body.String()
		for _, part := range []string{"<code>MINGA_HOST</code>", "(set)", "--federation-follows", `name="value" type="number" inputmode="numeric" min="1" max="90" value="45"`} {
			if !strings.Contains(page, part) {
				t.Errorf("the page lacks %s", part)
			}
		}
		if n := len(regexp.MustCompile(`<button name="act" value="save">`).FindAllString(page, -1)); n != 1 {
			t.Errorf("%d settings may be changed, one is not fixed", n)
		}
		if w := ana.fill("/admin/settings", url.Values{"key": {"job_days"}, "value": {"900"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="job_days-problem"`) || !strings.Contains(w.Body.String(), `value="900"`) {
			t.Errorf("too many days: %d", w.Code)
		}
		if w := ana.fill("/admin/settings", url.Values{"key": {"federation_follows"}, "value": {"at-once"}}); w.Code != http.StatusForbidden {
			t.Errorf("what is fixed: %d", w.Code)
		}
		ana.goes(ana.fill("/admin/settings", url.Values{"key": {"job_days"}, "value": {"30"}, "act": {"save"}}))
		if chosen["job_days"] != "30" {
			t.Errorf("chosen %v", chosen)
		}
		ana.goes(ana.fill("/admin/settings", url.Values{"key": {"job_days"}, "value": {"30"}, "act": {"default"}}))
		if chosen["job_days"] != "" {
			t.Errorf("the default: %v", chosen)
		}
	})
}
