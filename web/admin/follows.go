// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/respond"
)

// followCard is a follow that waits for a decision, with what we advise.
type followCard struct {
	ID     string
	Who    person
	Target person
	Since  moment
	Advice string // in words
	Accept bool   // the advice is to accept
	Refuse bool   // the advice is to refuse; neither: to look first
}

// decidedHere are the kinds of accounts for which the staff decides who follows them.
var decidedHere = []coop.AccountKind{coop.Federation, coop.Board, coop.Instance, coop.Service}

// followCards are the follows that wait, and how many more there are.
func (f *Face) followCards(ctx context.Context, t respond.Tongue, most int) ([]followCard, int, error) {
	follows, all, err := f.Store.WaitingFollows(ctx, most)
	if err != nil {
		return nil, 0, err
	}
	cards := make([]followCard, len(follows))
	for i, x := range follows {
		if cards[i], err = f.followCard(ctx, t, x); err != nil {
			return nil, 0, err
		}
	}
	return cards, all - len(cards), nil
}

// followCard is one of them.
func (f *Face) followCard(ctx context.Context, t respond.Tongue, x *coop.Follow) (followCard, error) {
	key, accept, err := f.advise(ctx, x)
	return followCard{
		ID: x.ID.String(), Who: f.person(x.Follower), Target: f.person(x.Target), Since: momentOf(t, x.CreatedAt),
		Advice: t.T("admin_advice_" + key), Accept: accept, Refuse: key == "blocked" || key == "gone",
	}, err
}

// young is how long a server counts as new.
const young = 24 * time.Hour

// advise says what we would do about a follow, and why: the key of a text, and whether
// that is to accept.
func (f *Face) advise(ctx context.Context, x *coop.Follow) (key string, accept bool, err error) {
	if x.Follower == nil {
		return "gone", false, nil
	}
	host := x.Follower.IRI.Host()
	peer, err := f.Store.Peer(ctx, host)
	if errors.Is(err, coop.ErrNotFound) {
		peer, err = nil, nil
	}
	if err != nil {
		return "", false, err
	}
	related, err := f.Store.PeerRelations(ctx, []string{host})
	if err != nil {
		return "", false, err
	}
	switch {
	case peer != nil && peer.Policy == coop.PolicyBlock:
		return "blocked", false, nil
	case peer != nil && peer.Policy == coop.PolicyLimit:
		return "limited", false, nil
	case related[host].FollowedByUs:
		return "mutual", true, nil
	case peer != nil && peer.Policy == coop.PolicyAllow:
		return "allowed", true, nil
	case peer == nil || f.Now().Sub(peer.FirstSeen) < young:
		return "young", false, nil
	case x.Follower.Kind == coop.Person:
		return "person", true, nil
	}
	return "known", true, nil
}

// followView is the page of one follow.
type followView struct {
	followCard
	About   string // what they say of themselves, plain text
	Peer    peerFacts
	Waiting bool // false: it was decided
	Note    string
}

// follow finds the follow of the path, of those that the staff decides about.
func (f *Face) follow(c *gin.Context) (*coop.Follow, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("follow %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	x, err := f.Store.FollowByID(c.Request.Context(), id)
	if err == nil && (x.Target == nil || x.Follower == nil || !x.Target.Local || !slices.Contains(decidedHere, x.Target.Kind)) {
		err = fmt.Errorf("follow %s: %w", id, coop.ErrNotFound)
	}
	return x, err
}

// followPage answers GET /admin/follows/ID: who asks, and a place for the reason of a
// refusal, which cannot be taken back.
func (f *Face) followPage(c *gin.Context) error {
	x, err := f.follow(c)
	if err != nil {
		return err
	}
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view := followView{Waiting: x.State == coop.FollowAsked, About: plain(x.Follower.Bio)}
	if view.followCard, err = f.followCard(ctx, t, x); err != nil {
		return err
	}
	if view.Peer, err = f.peerFacts(ctx, t, x.Follower.IRI.Host()); err != nil {
		return err
	}
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: "admin-follow", Title: t.T("admin_follow_title", "Name", view.Who.Name), View: view})
}

// decideFollow answers POST /admin/follows/ID: act is accept or refuse; a follow that
// was accepted is ended by refuse too, which is how an answer is taken back.
func (f *Face) decideFollow(c *gin.Context) error {
	x, err := f.follow(c)
	if errors.Is(err, coop.ErrNotFound) {
		return f.backToBoard(c, "decided", "") // by somebody else, or taken back by who asked
	}
	if err != nil {
		return err
	}
	accept, word := c.PostForm("act") == "accept", "peer.reject"
	done, undo := "refused", ""
	if accept {
		word, done, undo = "peer.accept", "accepted", x.ID.String()
	} else if x.State == coop.FollowAccepted {
		done = "ended"
	}
	note := coop.CleanText(c.PostForm("note"), 1000)
	entry := noted(c, word, string(x.Follower.IRI), note)
	if err := f.Outbox.DecideFollow(c.Request.Context(), x, accept, note, outbox.Noted(entry)); err != nil {
		return err
	}
	return f.backToBoard(c, done, undo)
}

// backToBoard leads to the board, which says what was done and how it is taken back.
func (f *Face) backToBoard(c *gin.Context, done, undo string) error {
	to := boardPath + "?done=" + done
	if undo != "" {
		to += "&undo=" + undo
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// decideMembership answers POST /admin/memberships/ID: act is accept or refuse.
func (f *Face) decideMembership(c *gin.Context) error {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("membership %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	ctx := c.Request.Context()
	m, err := f.Store.Membership(ctx, id)
	if err != nil {
		return err
	}
	accept, word, done := c.PostForm("act") == "accept", "membership.refuse", "member_refused"
	if accept {
		word, done = "membership.accept", "member_accepted"
	}
	note := coop.CleanText(c.PostForm("note"), 1000)
	err = f.Outbox.DecideMembership(ctx, m, accept, note, outbox.Noted(noted(c, word, m.ID.String(), note)))
	if errors.Is(err, coop.ErrState) {
		return f.backToBoard(c, "decided", "")
	}
	if err != nil {
		return err
	}
	return f.backToBoard(c, done, "")
}
