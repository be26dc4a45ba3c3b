// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// Bounds of a thread on a page.
const (
	mostReplies = 200
	deepest     = 4
)

// thread is what answers a post, in order, each answer below what it answers and
// at most four steps in. What answers something that cannot be seen here is left
// out with it: nothing is told of its parent.
func (f *Face) thread(ctx context.Context, t *tongue, root *coop.Post) ([]noteCard, error) {
	replies, err := f.Store.Posts(ctx, anybody(), storage.PostQuery{InReplyTo: root.ID}, coop.Page{Limit: mostReplies})
	if err != nil {
		return nil, err
	}
	if root.Thread != "" {
		more, err := f.Store.Posts(ctx, anybody(), storage.PostQuery{Thread: root.Thread}, coop.Page{Limit: mostReplies})
		if err != nil {
			return nil, err
		}
		replies = append(replies, more...)
	}
	return f.hang(t, root, replies), nil
}

// hang puts answers under what they answer, the oldest first.
func (f *Face) hang(t *tongue, root *coop.Post, replies []*coop.Post) []noteCard {
	slices.SortFunc(replies, func(a, b *coop.Post) int { return a.Published.Compare(b.Published) })
	below := map[coop.ID][]*coop.Post{}
	seen := map[coop.ID]bool{root.ID: true}
	for _, p := range replies {
		if !seen[p.ID] {
			seen[p.ID] = true
			below[p.InReplyToID] = append(below[p.InReplyToID], p)
		}
	}
	var cards []noteCard
	var walk func(id coop.ID, depth int)
	walk = func(id coop.ID, depth int) {
		next := below[id]
		delete(below, id)
		for _, p := range next {
			card := f.noteCard(t, p)
			card.Depth = min(depth, deepest)
			cards = append(cards, card)
			walk(p.ID, depth+1)
		}
	}
	walk(root.ID, 0)
	return cards
}

// postPage is an ordinary post with its thread.
type postPage struct {
	frame
	Above  []noteCard
	Post   noteCard
	Before []earlier // what it said before it was edited, the last first
	Thread []noteCard
	Origin string
	Reply  string
}

// earlier is a state that a post had.
type earlier struct {
	At      moment
	Warning string
	Text    prose
	Answers []string // of its poll
}

// earlierOf are the states that an edited post had. Of a post that was never edited
// nothing is asked.
func (f *Face) earlierOf(ctx context.Context, t *tongue, p *coop.Post) ([]earlier, error) {
	if !p.Updated.After(p.Published) {
		return nil, nil
	}
	revisions, err := f.Store.Revisions(ctx, anybody(), p.ID)
	if err != nil {
		return nil, err
	}
	var list []earlier
	for _, r := range revisions {
		list = append(list, earlier{t.minute(r.At), r.Summary, prose{r.Language, paragraphs(r.Content)}, r.Options})
	}
	return list, nil
}

// postByID answers /@name@host/ID: the copy of another server's post.
func (f *Face) postByID(c *gin.Context) error {
	p, err := f.byID(c, coop.KindNote)
	if err != nil || p == nil {
		return err
	}
	return f.showPost(c, p)
}

// showPost answers the page of a post.
func (f *Face) showPost(c *gin.Context, p *coop.Post) error {
	ctx := c.Request.Context()
	page := &postPage{frame: f.frame(c, "", "", nil), Reply: string(p.IRI)}
	page.Post = f.noteCard(page.tongue, p)
	page.Post.Here = true
	page.Post.Translate = f.translateForm(&page.frame, p, page.Post.Text.Lang)
	page.Title = page.T("post_title", "Name", page.Post.Author.Name)
	page.Description = excerpt(p.Content, 200)
	page.Graph.Type, page.Graph.Published, page.Graph.Creator = "article", page.Stamp(p.Published), page.Post.Author.Handle
	page.NoIndex = p.Visibility != coop.VisiblePublic || p.Author == nil || !p.Author.Indexable
	if !p.Local {
		page.Origin = origin(p)
		page.Canonical, page.Alternates = page.Origin, nil
	}
	above, err := f.Store.Ancestors(ctx, anybody(), p.ID, 20)
	if err != nil {
		return err
	}
	page.Above = f.noteCards(page.tongue, above)
	f.offerTranslations(&page.frame, page.Above)
	if page.Before, err = f.earlierOf(ctx, page.tongue, p); err != nil {
		return err
	}
	if page.Thread, err = f.thread(ctx, page.tongue, p); err != nil {
		return err
	}
	f.offerTranslations(&page.frame, page.Thread)
	if doc := f.postSchema(page, p); doc != nil {
		if err := page.tell(doc); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "post", page)
}
