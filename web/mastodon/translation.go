// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox/translate"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// translateStatus answers POST /api/v1/statuses/:id/translate. What its author wrote in
// the language that is asked for comes first; else a machine translates, where the admin
// named a service. 403 for what none may or can translate, as other servers say it, 503
// where the service gave no translation.
func (f *Face) translateStatus(c *gin.Context) error {
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	target := v.Text("lang")
	if err := v.Err(); err != nil {
		return err
	}
	target = cmp.Or(target, auth.Account(c).Language, f.Language)
	p := e.Post
	if tag, content := inLanguage(p, target); content != "" && coop.Translatable(p) {
		c.JSON(http.StatusOK, gin.H{
			"content": content, "spoiler_text": p.Summary, "language": tag, "detected_source_language": p.Language, "provider": f.acct(p.Author),
			"media_attachments": entity.List[struct{}]{}, "poll": nil,
		})
		return nil
	}
	done, err := f.Translator.Post(storage.Aside(c.Request.Context()), p, translate.Of(p), target, f.admitTranslation(c))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.translation(p, done))
	return nil
}

// admitTranslation counts what is asked outside against the person.
func (f *Face) admitTranslation(c *gin.Context) func() error {
	return func() error { return f.Admit(auth.LimitTranslate, auth.Account(c).ID.String()) }
}

// translation is the entity Translation of a post.
func (f *Face) translation(p *coop.Post, done *translate.Translation) gin.H {
	q := *p
	q.Title, q.Summary, q.Content = done.Title, done.Summary, strings.Join(done.Parts, "")
	content, spoiler := withQuote(&q), q.Summary
	if p.Kind == coop.KindArticle {
		content, spoiler = f.articleText(&q), "" // as where the article itself stands
	}
	files := entity.List[gin.H]{}
	for i, a := range f.attachments(p.ID, p.Attachments) {
		files = append(files, gin.H{"id": a.ID, "description": done.Alts[i]})
	}
	var poll any
	if p.Poll != nil {
		options := entity.List[gin.H]{}
		for _, title := range done.Options {
			options = append(options, gin.H{"title": title})
		}
		poll = gin.H{"id": p.ID.String(), "options": options}
	}
	return gin.H{
		"content": content, "spoiler_text": spoiler, "language": done.Target, "detected_source_language": done.Source, "provider": done.Provider,
		"media_attachments": files, "poll": poll,
	}
}

// translationLanguages answers GET /api/v1/instance/translation_languages: from which
// languages the service translates into which; "und" is what nobody knows.
func (f *Face) translationLanguages(c *gin.Context) error {
	if f.Translator == nil {
		return emptyObject(c)
	}
	pairs, err := f.Translator.Languages(storage.Aside(c.Request.Context()))
	if err != nil {
		return err
	}
	all := map[string]entity.List[string]{"und": {}}
	for from, targets := range pairs {
		all[from] = append(entity.List[string]{}, targets...)
		for _, to := range targets {
			if !slices.Contains(all["und"], to) {
				all["und"] = append(all["und"], to)
			}
		}
		slices.Sort(all[from])
	}
	slices.Sort(all["und"])
	c.JSON(http.StatusOK, all)
	return nil
}

// inLanguage is the text of a post in another language than its first, or in a variety
// of it; empty for none.
func inLanguage(p *coop.Post, language string) (tag, content string) {
	primary := func(tag string) string {
		first, _, _ := strings.Cut(strings.ToLower(tag), "-")
		return first
	}
	if language == "" || primary(language) == primary(p.Language) {
		return "", ""
	}
	for tag, content := range p.ContentMap {
		if strings.EqualFold(tag, language) {
			return tag, content
		}
	}
	for tag, content := range p.ContentMap {
		if primary(tag) == primary(language) {
			return tag, content
		}
	}
	return "", ""
}

// oneCard answers GET /api/v1/statuses/:id/card, the old way to ask for what stands in
// the status: the card, or an object with nothing in it.
func (f *Face) oneCard(c *gin.Context) error {
	e, err := f.entry(c)
	if err != nil {
		return err
	}
	if card := f.card(e.Post); card != nil {
		c.JSON(http.StatusOK, card)
		return nil
	}
	return emptyObject(c)
}
