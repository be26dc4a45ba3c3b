// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// roomAt is a room and as whom the person is in it.
type roomAt struct {
	room      *coop.Room
	me        *coop.Account
	mine      []*coop.Account // all whom the person speaks for and who are in
	members   []*coop.Account
	requester *coop.Account // of a team of this instance, as far as known
	path      string
}

// runs tells whether the person acts for the requester, who writes plan and split.
func (r *roomAt) runs() bool { return r.requester != nil && r.requester.ID == r.me.ID }

// roomFor finds the room of an address for somebody who speaks for a member: that of
// others, and one that is not there, look alike.
func (f *Face) roomFor(c *gin.Context) (*roomAt, error) {
	ctx := c.Request.Context()
	missing := fmt.Errorf("room %.40q: %w", c.Param("id"), coop.ErrNotFound)
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, missing
	}
	spoken, err := auth.Speakable(c, coop.ActRead)
	if err != nil {
		return nil, err
	}
	at := &roomAt{path: roomsPath + "/" + id.String()}
	for _, a := range spoken {
		in, err := f.Store.InTeam(ctx, coop.As(a.ID), id)
		if err != nil {
			return nil, err
		}
		if in {
			at.mine = append(at.mine, a)
		}
	}
	if len(at.mine) == 0 {
		return nil, missing
	}
	at.me = at.mine[0]
	for _, wanted := range []coop.ID{f.acting(c), formID(c)} {
		if i := slices.IndexFunc(at.mine, func(a *coop.Account) bool { return a.ID == wanted }); i >= 0 {
			at.me = at.mine[i]
		}
	}
	return at, f.fillRoom(ctx, at, id)
}

// formID is in whose name a form or an address says that it is.
func formID(c *gin.Context) coop.ID {
	text := c.Query(auth.AsField)
	if c.Request.PostForm != nil {
		text = c.Request.PostForm.Get(auth.AsField)
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return 0
	}
	return id
}

// fillRoom reads who is in, and who runs the team.
func (f *Face) fillRoom(ctx context.Context, at *roomAt, id coop.ID) (err error) {
	if at.room, err = f.Store.Team(ctx, id); err != nil {
		return err
	}
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Organization: id, Verified: true}, coop.Page{Limit: 80})
	if err != nil {
		return err
	}
	slices.Reverse(list)
	for _, m := range list {
		at.members = append(at.members, m.Member)
	}
	if at.room.RequestID == 0 {
		return nil
	}
	if p, err := f.Store.RequestOf(ctx, at.room.RequestID); err == nil {
		at.requester = p.Author
	}
	return nil
}
