// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/translate"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// Translation by a machine
//
// Who is signed in finds a button below what is in another language than the page, where
// the admin named a translation service. Pressing it sends the words there, so it is a form
// and no link: nothing that follows links has anything translated. The answer shows the
// translation, and the original below it.

// translatePath takes the form.
const translatePath = "/translate"

// translationRoutes are the answer to the button.
func (f *Face) translationRoutes() []auth.Route {
	return []auth.Route{
		{Method: "POST", Path: translatePath, Access: auth.Session, Limit: auth.LimitAPI, CSRF: auth.CSRFForm, Sees: auth.SeesViewer, Body: signInBody, Form: respond.HTML, Handle: f.translatePost},
	}
}

// translateForm is the button. A nil one is none.
type translateForm struct {
	*tongue
	ID, FormToken string
	Host          string // who gets the words; empty: said elsewhere on the page
}

// translateForm is the button for a post, of which a text in a language is shown; nil for
// visitors, and where nothing is to be translated.
func (f *Face) translateForm(fr *frame, p *coop.Post, shown string) *translateForm {
	if fr.Me == nil || sameLanguage(shown, fr.Lang) || !f.Translator.May(p, fr.Lang) {
		return nil
	}
	return &translateForm{tongue: fr.tongue, ID: p.ID.String(), FormToken: fr.Me.FormToken, Host: f.Translator.Provider()}
}

// sameLanguage compares languages without their regions.
func sameLanguage(a, b string) bool {
	a, _, _ = strings.Cut(strings.ToLower(a), "-")
	b, _, _ = strings.Cut(strings.ToLower(b), "-")
	return a == b
}

// offerTranslations puts the button below posts of a list or thread.
func (f *Face) offerTranslations(fr *frame, cards []noteCard) {
	for i := range cards {
		if cards[i].Translate = f.translateForm(fr, cards[i].post, cards[i].Text.Lang); cards[i].Translate != nil {
			cards[i].Translate.Host = ""
		}
	}
}

// translationPage is a post in the reader's language, and as it was written.
type translationPage struct {
	frame
	Author   person
	Day, At  string
	URL      string // of the post
	Host     string // who translated
	Problem  string // why there is no translation; empty: there is one
	Done     *wording
	Original wording
}

// wording is what a post says in one language.
type wording struct {
	*tongue
	Lang    string
	Title   string
	Summary string
	Parts   []prose
	Options []string
	Alts    []string
}

// wordingOf shows words.
func wordingOf(t *tongue, lang string, w translate.Words) wording {
	out := wording{tongue: t, Lang: lang, Title: w.Title, Summary: w.Summary, Options: w.Options}
	for _, part := range w.Parts {
		if html := paragraphs(part); html != "" {
			out.Parts = append(out.Parts, prose{lang, html})
		}
	}
	for _, alt := range w.Alts {
		if alt != "" {
			out.Alts = append(out.Alts, alt)
		}
	}
	return out
}

// translatePost answers POST /translate.
func (f *Face) translatePost(c *gin.Context) error {
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	p, err := f.Store.Post(ctx, auth.Viewer(c), id)
	if err != nil {
		return err
	}
	words := translate.Whole(p)
	page := &translationPage{frame: f.frame(c, "", "", nil), Author: f.person(p.Author), URL: f.pathOf(p)}
	page.Title, page.NoIndex, page.Canonical, page.Alternates, page.Switch = page.T("machine_title"), true, "", nil, nil
	page.Day, page.At = page.Here(p.Published), page.Stamp(p.Published)
	page.Original = wordingOf(page.tongue, p.Language, words)
	admit := func() error { return f.Admit(auth.LimitTranslate, auth.Account(c).ID.String()) }
	done, err := f.Translator.Post(storage.Aside(ctx), p, words, page.Lang, admit)
	switch {
	case errors.Is(err, coop.ErrUntranslatable):
		page.Problem = page.T("machine_refused")
	case errors.Is(err, coop.ErrTranslator):
		page.Problem = page.T("machine_failed")
	case err != nil:
		return err
	default:
		shown := wordingOf(page.tongue, done.Target, done.Words)
		page.Done, page.Host = &shown, done.Provider
	}
	c.Header("Cache-Control", "private, no-store")
	return f.show(c, translationStatus(err), "translation", page)
}

// translationStatus is that of the page.
func translationStatus(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return respond.Status(err)
}
