// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// pollRoutes are the polls. The id of a poll is that of its post.
func (f *Face) pollRoutes() []auth.Route {
	return []auth.Route{
		f.public("/v1/polls/:id", "read:statuses", f.poll),
		f.write("POST", "/v1/polls/:id/votes", "write:statuses", auth.LimitAPI, f.vote).For(coop.ActBallot),
	}
}

// refreshTime is how long a reader waits for the counts of a poll elsewhere.
const refreshTime = 4 * time.Second

// poll answers GET /api/v1/polls/:id. Counts of a poll elsewhere are asked for anew
// where they are old and somebody is signed in; without an answer the old ones do.
func (f *Face) poll(c *gin.Context) error {
	p, err := f.question(c)
	if err != nil {
		return err
	}
	if auth.Viewer(c).Class == coop.ViewerAccount && !p.Local {
		ctx, cancel := context.WithTimeout(c.Request.Context(), refreshTime)
		_, failed := f.Inbox.RefreshPoll(storage.Aside(ctx), p)
		cancel()
		if failed == nil {
			if p, err = f.question(c); err != nil {
				return err
			}
		}
	}
	return f.showPoll(c, p)
}

// question finds the post of the poll in the path.
func (f *Face) question(c *gin.Context) (*coop.Post, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), auth.Viewer(c), id)
	if err == nil && p.Poll == nil {
		err = coop.ErrNotFound
	}
	return p, err
}

// vote answers POST /api/v1/polls/:id/votes: choices are the places of options.
func (f *Face) vote(c *gin.Context) error {
	p, err := f.question(c)
	if err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	var choices []int
	for _, text := range in.Texts("choices") {
		n, err := strconv.Atoi(text)
		if err != nil {
			in.Complain("choices", coop.CodeFormat, "the place of an answer is a number")
			break
		}
		choices = append(choices, n)
	}
	if err := in.Err(); err != nil {
		return err
	}
	if err := f.Outbox.Vote(c.Request.Context(), auth.Account(c), p.ID, choices); err != nil {
		return err
	}
	if p, err = f.question(c); err != nil {
		return err
	}
	return f.showPoll(c, p)
}

// showPoll answers one poll.
func (f *Face) showPoll(c *gin.Context, p *coop.Post) error {
	votes, err := f.votes(c.Request.Context(), auth.Viewer(c), []coop.ID{p.ID})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, f.pollOf(auth.Viewer(c), p, votes[p.ID]))
	return nil
}

// votes are what a viewer chose; of somebody without an account here nothing.
func (f *Face) votes(ctx context.Context, v coop.Viewer, posts []coop.ID) (map[coop.ID][]int, error) {
	if v.Class != coop.ViewerAccount || len(posts) == 0 {
		return nil, nil
	}
	return f.Store.PollVotes(ctx, v.Account, posts)
}

// fillPolls adds the polls of the page, and what who asks chose in them.
func (g *page) fillPolls(ctx context.Context) error {
	var ids []coop.ID
	for _, p := range g.posts {
		if p.Poll != nil {
			ids = append(ids, p.ID)
		}
	}
	votes, err := g.f.votes(ctx, g.viewer, ids)
	if err != nil {
		return err
	}
	for _, p := range g.posts {
		g.statuses[p.ID].Poll = g.f.pollOf(g.viewer, p, votes[p.ID])
	}
	return nil
}

// pollOf turns the poll of a post into its entity, nil for none, with the options
// that the viewer chose. Who asked has nothing to choose and sees the counts at once.
func (f *Face) pollOf(v coop.Viewer, p *coop.Post, votes []int) *entity.Poll {
	q, now := p.Poll, f.Now()
	if q == nil {
		return nil
	}
	out := &entity.Poll{ID: entity.ID(p.ID), ExpiresAt: entity.Time(q.Ends), Expired: q.Over(now), Multiple: q.Multiple, VotesCount: q.Votes()}
	if q.Multiple && q.Voters >= 0 {
		out.VotersCount = &q.Voters
	}
	var titles []string
	for _, o := range q.Options {
		option := entity.PollOption{Title: o.Title}
		if o.Votes >= 0 && !q.Hides(now) {
			option.VotesCount = &o.Votes
		}
		out.Options, titles = append(out.Options, option), append(titles, o.Title)
	}
	out.Emojis = f.emojis(p.Emojis, titles...)
	if v.Class == coop.ViewerAccount {
		voted, own := len(votes) > 0 || v.Account == p.AuthorID, entity.List[int](votes)
		out.Voted, out.OwnVotes = &voted, &own
	}
	return out
}
