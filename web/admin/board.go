// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// boardView is what waits for a decision, and how the instance does.
type boardView struct {
	Admin bool   // may decide about servers; else reports alone
	Done  string // what was just done, in words
	Undo  string // id of the follow whose acceptance can be taken back

	Follows     []followCard
	MoreFollows string // in words; empty: none
	Joins       []joinCard
	Wishes      []wishCard
	Reports     []reportRow
	Failing     []peerRow
	New         []peerRow // servers that nobody has decided about yet
	Lists       []listRow // lists of servers with something to decide

	Findings []findingRow
}

// joinCard is a co-op that asks to be a member.
type joinCard struct {
	ID          string
	Who, Target person
	Note        string
	Since       moment
}

// findingRow is what a check found, in words.
type findingRow = Explained

// Empty tells that nothing waits.
func (v boardView) Empty() bool {
	return len(v.Follows)+len(v.Joins)+len(v.Wishes)+len(v.Reports)+len(v.Failing)+len(v.New)+len(v.Lists) == 0
}

// mostCards is how many cards of a kind the board shows.
const mostCards = 10

// boardDones are what the board can say that was done.
var boardDones = []string{"accepted", "refused", "ended", "decided", "member_accepted", "member_refused", "wish_accepted", "wish_refused"}

// board answers GET /admin.
func (f *Face) board(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	view := boardView{Admin: auth.Account(c).Rank.AtLeast(coop.RankAdmin)}
	if done := c.Query("done"); slices.Contains(boardDones, done) {
		view.Done = t.T("admin_done_" + done)
	}
	if id, err := coop.ParseID(c.Query("undo")); err == nil && view.Done != "" {
		if x, err := f.Store.FollowByID(ctx, id); err == nil && x.State == coop.FollowAccepted {
			view.Undo = id.String()
		}
	}
	var err error
	if view.Reports, err = f.reportRows(ctx, t, storage.ReportQuery{}, coop.Page{Limit: mostCards}); err != nil {
		return err
	}
	if view.Admin {
		if err := f.boardCards(ctx, t, &view); err != nil {
			return err
		}
	}
	return f.draw(c, "admin", "admin_title", view)
}

// boardCards fills in what admins decide.
func (f *Face) boardCards(ctx context.Context, t respond.Tongue, view *boardView) (err error) {
	var more int
	if view.Follows, more, err = f.followCards(ctx, t, mostCards); err != nil {
		return err
	}
	if more > 0 {
		view.MoreFollows = t.N("admin_more", more)
	}
	if view.Joins, err = f.joinCards(ctx, t); err != nil {
		return err
	}
	if view.Wishes, err = f.wishCards(ctx, t); err != nil {
		return err
	}
	if view.Failing, err = f.failing(ctx, t, mostCards); err != nil {
		return err
	}
	if view.New, err = f.newPeers(ctx, t); err != nil {
		return err
	}
	if view.Lists, err = f.waitingLists(ctx, t); err != nil {
		return err
	}
	if f.Checks != nil {
		for _, one := range f.Checks(ctx) {
			view.Findings = append(view.Findings, findingRowOf(t, one))
		}
	}
	return nil
}

// joinCards are the co-ops that ask to be members of a federation here.
func (f *Face) joinCards(ctx context.Context, t respond.Tongue) ([]joinCard, error) {
	query := storage.MembershipQuery{States: []coop.MembershipState{coop.MembershipAsked}, LocalOnly: true}
	list, err := f.Store.Memberships(ctx, query, coop.Page{Limit: mostCards})
	if err != nil {
		return nil, err
	}
	cards := make([]joinCard, len(list))
	for i, m := range list {
		cards[i] = joinCard{m.ID.String(), f.person(m.Member), f.person(m.Organization), m.Note, momentOf(t, m.CreatedAt)}
	}
	return cards, nil
}

// newPeers are the servers that wait for a decision where unknown ones are asked
// about: those with follows of anybody here that wait, and no decision.
func (f *Face) newPeers(ctx context.Context, t respond.Tongue) ([]peerRow, error) {
	if mode := f.Mode(); mode != coop.ModeAsk && mode != coop.ModeAllowlist {
		return nil, nil
	}
	peers, err := f.Store.Peers(ctx, storage.PeerQuery{Undecided: true, Limit: mostCards})
	if err != nil {
		return nil, err
	}
	return f.peerRows(ctx, t, peers)
}

// findingRowOf is a finding in words.
func findingRowOf(t respond.Tongue, one Finding) findingRow { return Explain(t, one) }
