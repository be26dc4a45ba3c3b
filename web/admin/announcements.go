// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// announcementsPath is what the staff tells everybody here.
const announcementsPath = "/admin/announcements"

// announcementsView lists what holds, and takes a new one.
type announcementsView struct {
	Rows         []announcementRow
	Texts        []textField
	Starts, Ends string // as they were typed
	Done         string
}

// announcementRow is one of them.
type announcementRow struct {
	ID        string
	Text      string
	Languages []string // that it is written in, by name
	Published moment
	Starts    moment
	Ends      moment
	Reactions []coop.AnnounceReaction
}

// textField is a text in one language of the interface.
type textField struct{ Tag, Name, Text string }

// tongues are the languages of the interface, in the order in which they are offered.
var tongues = []string{"es", "en", "ca", "it", "pt"}

// textFields are the fields of a form for a text in every language.
func textFields(t respond.Tongue, texts coop.Texts) []textField {
	fields := make([]textField, len(tongues))
	for i, tag := range tongues {
		fields[i] = textField{tag, t.Language(tag), texts[tag]}
	}
	return fields
}

// readTexts reads them; what is empty is left out.
func readTexts(c *gin.Context) coop.Texts {
	texts := coop.Texts{}
	for _, tag := range tongues {
		if s := strings.TrimSpace(c.PostForm("text_" + tag)); s != "" {
			texts[tag] = strings.ToValidUTF8(s, "")
		}
	}
	return texts
}

// announcementDones are what the page can say that was done.
var announcementDones = map[string]string{"made": "admin_announced", "removed": "admin_announced_removed"}

// announcements answers GET /admin/announcements.
func (f *Face) announcements(c *gin.Context) error {
	t := f.Shell.Tongue(c)
	view := announcementsView{Texts: textFields(t, nil)}
	if key := announcementDones[c.Query("done")]; key != "" {
		view.Done = t.T(key)
	}
	return f.showAnnouncements(c, http.StatusOK, view, nil)
}

// showAnnouncements draws the page, with what was wrong.
func (f *Face) showAnnouncements(c *gin.Context, status int, view announcementsView, problems []respond.Problem) error {
	t := f.Shell.Tongue(c)
	list, err := f.Store.Announcements(c.Request.Context(), 0, true)
	if err != nil {
		return err
	}
	for _, a := range list {
		row := announcementRow{
			ID: a.ID.String(), Text: a.Texts.In(t.Tag()), Published: momentOf(t, a.PublishedAt), Starts: momentOf(t, a.StartsAt),
			Ends: momentOf(t, a.EndsAt), Reactions: a.Reactions,
		}
		for _, tag := range tongues {
			if a.Texts[tag] != "" {
				row.Languages = append(row.Languages, t.Language(tag))
			}
		}
		view.Rows = append(view.Rows, row)
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "admin-announcements", Title: t.T("admin_announcements_title"), View: view, Problems: problems})
}

// announce answers POST /admin/announcements: everybody here is told something.
func (f *Face) announce(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	a := &coop.Announcement{Texts: readTexts(c), AllDay: true}
	view := announcementsView{Texts: textFields(t, a.Texts), Starts: coop.CleanLine(c.PostForm("starts"), 40), Ends: coop.CleanLine(c.PostForm("ends"), 40)}
	var problems []respond.Problem
	for _, day := range []struct {
		field, typed string
		into         *time.Time
		last         time.Duration // the day counts to its end
	}{{"starts", view.Starts, &a.StartsAt, 0}, {"ends", view.Ends, &a.EndsAt, 24*time.Hour - time.Second}} {
		at, ok := coop.ParseDate(day.typed)
		switch {
		case day.typed == "":
		case !ok:
			problems = append(problems, respond.Problem{Field: day.field, Text: t.T("admin_wrong_day")})
		default:
			*day.into = at.Add(day.last)
		}
	}
	a.AllDay = !a.StartsAt.IsZero() || !a.EndsAt.IsZero()
	problems = append(problems, textProblems(t, a.Validate(f.Now()))...)
	if len(problems) > 0 {
		return f.showAnnouncements(c, http.StatusUnprocessableEntity, view, problems)
	}
	err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		return also(tx.AddAnnouncement(ctx, a), func() error { return tx.AddAudit(ctx, audit(noted(c, "announcement.create", a.ID.String(), ""))) })
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, announcementsPath+"?done=made")
	return nil
}

// textProblems are what is wrong with texts in several languages, by the field of each.
func textProblems(t respond.Tongue, err error) []respond.Problem {
	var list coop.Invalid
	if !errors.As(err, &list) {
		return nil
	}
	var problems []respond.Problem
	for _, one := range list {
		field, tag, _ := strings.Cut(one.Field, ".")
		switch {
		case field == "ends":
			problems = append(problems, respond.Problem{Field: "ends", Text: t.T("admin_wrong_end")})
		case tag != "":
			problems = append(problems, respond.Problem{Field: "text_" + tag, Text: t.T("problem_too_long")})
		case one.Code == coop.CodeTooLong:
			problems = append(problems, respond.Problem{Field: "text_" + tongues[0], Text: t.T("problem_too_long")})
		default:
			problems = append(problems, respond.Problem{Field: "text_" + tongues[0], Text: t.T("admin_wrong_texts")})
		}
	}
	return problems
}

// endAnnouncement answers POST /admin/announcements/ID: it is taken back. One that is
// gone already is no error: somebody else was quicker.
func (f *Face) endAnnouncement(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("announcement %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		return also(tx.RemoveAnnouncement(ctx, id), func() error { return tx.AddAudit(ctx, audit(noted(c, "announcement.remove", id.String(), ""))) })
	})
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	c.Redirect(http.StatusSeeOther, announcementsPath+"?done=removed")
	return nil
}
