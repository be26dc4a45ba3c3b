// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/text"
	"minga/web/auth"
)

// intentAudience is who may see what is written here, with the key of its words.
type intentAudience struct {
	audience coop.Visibility
	words    string
}

// intentAudiences are all of them, the widest first.
func intentAudiences() []intentAudience {
	return []intentAudience{
		{coop.VisiblePublic, "intent_audience_public"},
		{coop.VisibleUnlisted, "intent_audience_unlisted"},
		{coop.VisibleFollowers, "intent_audience_followers"},
		{coop.VisibleDirect, "intent_audience_direct"},
	}
}

// audienceOf is the audience that a form names; anything else is the least that can be
// meant.
func audienceOf(text string) coop.Visibility {
	for _, one := range intentAudiences() {
		if string(one.audience) == text {
			return one.audience
		}
	}
	return coop.VisibleDirect
}

// writeView makes the page on which a post is written, or an answer to one, in the name of
// the person or of a co-op for which they may write. An audience that is not chosen yet is
// that of what is answered: an answer is not shown to more people by itself.
func (f *Face) writeView(c *gin.Context, answers, words string, whom coop.Visibility) (intentView, error) {
	about, err := settingsOf(c, coop.ActWrite)
	if err != nil {
		return intentView{}, err
	}
	view := f.intentView(c, "create", answers)
	view.author, view.Person = about, f.person(about)
	if about.ID != auth.Account(c).ID {
		view.As = about.ID.String()
	}
	if view.Object != "" {
		if err := f.answered(c, &view); err != nil {
			return view, err
		}
	}
	if whom == "" {
		whom = coop.VisiblePublic
		if view.post != nil {
			whom = audienceOf(string(view.post.Visibility))
			words = cmp.Or(words, view.Note.Author.Handle+" ")
		}
	}
	view.Text, view.Hint = coop.Truncate(words, 4*coop.MaxPostLength), view.T("intent_text_hint", "Count", view.Number(coop.MaxPostLength))
	for _, one := range intentAudiences() {
		view.Whom = append(view.Whom, choice{string(one.audience), view.T(one.words), one.audience == whom})
	}
	return view, nil
}

// answered finds what an answer is to. Who acts for a co-op sees what the co-op does.
func (f *Face) answered(c *gin.Context, view *intentView) error {
	_, p, err := f.find(c, view.Object)
	if view.As != "" && errors.Is(err, coop.ErrNotFound) {
		p, err = f.Store.PostByIRI(c.Request.Context(), seeing(c, view.author), coop.IRI(view.Object))
	}
	if missing(err) || p == nil {
		view.complain("object", view.T("intent_nothing"))
		return nil
	}
	card := f.cardFor(view.tongue, p)
	view.post, view.Note, view.Title = p, &card, view.T("intent_create_reply")
	return err
}

// intentWrite answers GET /intents/create?content=…&inReplyTo=…: what other sites bring
// stands in the form, and nothing is published before the button is pressed.
func (f *Face) intentWrite(c *gin.Context) error {
	view, err := f.writeView(c, c.Query("inReplyTo"), c.Query("content"), "")
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "intent", view)
}

// intentPublish answers POST /intents/create.
func (f *Face) intentPublish(c *gin.Context) error {
	whom := audienceOf(c.PostForm("audience"))
	view, err := f.writeView(c, c.PostForm("object"), c.PostForm("text"), whom)
	if err != nil {
		return err
	}
	if strings.TrimSpace(view.Text) == "" {
		view.complain("text", view.T("intent_text_needed"))
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "intent", view)
	}
	ctx := c.Request.Context()
	f.Inbox.Meet(ctx, text.Handles(view.Text))
	p := &coop.Post{Source: view.Text, Visibility: whom}
	if view.post != nil {
		p.InReplyTo, p.InReplyToID = view.post.IRI, view.post.ID
	}
	err = f.Outbox.PublishNote(ctx, view.author, p)
	switch {
	case coop.Complaints(err) != nil:
		view.complain("text", view.T("intent_text_long"))
		return f.show(c, http.StatusUnprocessableEntity, "intent", view)
	case errors.Is(err, coop.ErrForbidden):
		view.complain("object", view.T("intent_refused"))
		return f.show(c, http.StatusUnprocessableEntity, "intent", view)
	case err != nil:
		return err
	}
	if whom == coop.VisiblePublic || whom == coop.VisibleUnlisted {
		c.Redirect(http.StatusSeeOther, f.pathOf(p))
		return nil
	}
	c.Redirect(http.StatusSeeOther, homePath+"?"+withAs(view.As)) // it has no page for everybody
	return nil
}
