// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// translateStatus answers POST /api/v1/statuses/:id/translate. No machine translates here; of
// a status that its author wrote in several languages this gives the one that is asked
// for, of any other 403, as servers do that do not translate.
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
	if target == "" {
		target = auth.Account(c).Language
	}
	p := e.Post
	tag, content := inLanguage(p, target)
	open := p.Visibility == coop.VisiblePublic || p.Visibility == coop.VisibleUnlisted
	if !open || content == "" {
		return fmt.Errorf("status %s in %s: %w", p.ID, target, coop.ErrForbidden)
	}
	c.JSON(http.StatusOK, gin.H{
		"content": content, "spoiler_text": p.Summary, "language": tag, "detected_source_language": p.Language, "provider": f.acct(p.Author),
		"media_attachments": entity.List[struct{}]{}, "poll": nil,
	})
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
