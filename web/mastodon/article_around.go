// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// translations lists the published translations of an article that are here: GET
// /api/v1/minga/articles/:id/translations. Each says in stale_by how many versions it
// is behind.
func (f *Face) translations(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	posts, err := f.Store.Posts(c.Request.Context(), auth.Viewer(c), storage.PostQuery{Kinds: []coop.PostKind{coop.KindArticle}, Original: p.IRI}, pageOf(c, 20, 40))
	if err != nil {
		return fmt.Errorf("translations of %s: %w", p.ID, err)
	}
	return f.showPage(c, posts)
}

// translate publishes an article in another language: POST
// /api/v1/minga/articles/:id/translations. Licence, topics and the place in a series are
// those of the original where nothing else was sent, and it is made from its present
// version where `translated_version` says no other.
func (f *Face) translate(c *gin.Context) error {
	original, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	author := auth.Account(c)
	a := original.Article
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindArticle, Hashtags: original.Hashtags, Article: &coop.Article{
		License: a.License, Topics: a.Topics, TranslatedVersion: a.Version,
	}}
	f.fillArticle(p, in)
	p.Article.TranslationOf = original.IRI
	sent := in.Beside("article")
	if sent.Has("translated_version") {
		p.Article.TranslatedVersion = int64(sent.Number("translated_version"))
	}
	if !sent.Has("language") {
		in.Complain("language", coop.CodeRequired, "say which language it is in")
	} else if p.Language == original.Language {
		in.Complain("language", coop.CodeNotAllowed, "the original is in that language")
	}
	return f.publishArticle(c, p, in)
}

// citations lists the articles that cite this one, among those that are here: GET
// /api/v1/minga/articles/:id/citations.
func (f *Face) citations(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	posts, err := f.Store.Posts(c.Request.Context(), auth.Viewer(c), storage.PostQuery{Kinds: []coop.PostKind{coop.KindArticle}, Listed: true, Cites: p.IRI}, pageOf(c, 20, 40))
	if err != nil {
		return fmt.Errorf("citations of %s: %w", p.ID, err)
	}
	return f.showPage(c, posts)
}

// useArticle says that the co-op of the token used an article: POST
// /api/v1/minga/articles/:id/used.
func (f *Face) useArticle(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.UseArticle(ctx, auth.Account(c), p.ID) })
}

// unuseArticle takes that back: DELETE /api/v1/minga/articles/:id/used.
func (f *Face) unuseArticle(c *gin.Context) error {
	p, err := f.post(c, coop.KindArticle)
	if err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.UnuseArticle(ctx, auth.Account(c), p) })
}

// checkArticle says that an article still holds: POST
// /api/v1/minga/articles/:id/checked, by its author.
func (f *Face) checkArticle(c *gin.Context) error {
	p, err := f.mine(c, coop.KindArticle)
	if err != nil {
		return err
	}
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.CheckArticle(ctx, p.ID) })
}

// licences lists what an article may be published under: GET /api/v1/minga/licences.
func (f *Face) licences(c *gin.Context) error {
	out := []*reuseJSON{}
	for _, l := range coop.Licences() {
		out = append(out, reuse(l))
	}
	c.JSON(http.StatusOK, out)
	return nil
}
