// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon/entity"
	"minga/web/mastodon/input"
)

// relationshipRoutes are what one account says about another.
func (f *Face) relationshipRoutes() []auth.Route {
	act := func(path, scope string, do relationAct) auth.Route {
		return f.write("POST", "/v1/accounts/:id"+path, scope, auth.LimitAPI, f.relate(do)).For(coop.ActPublish)
	}
	relate := func(path, scope string, do relationAct) auth.Route { return act(path, scope, do).For(coop.ActRelate) }
	return []auth.Route{
		f.own("/v1/accounts/relationships", "read:follows", f.relationships),
		f.own("/v1/accounts/familiar_followers", "read:follows", f.familiarFollowers),
		relate("/follow", "write:follows", f.followAccount),
		relate("/unfollow", "write:follows", f.unfollowAccount),
		relate("/remove_from_followers", "write:follows", f.removeFollower),
		act("/block", "write:blocks", f.blockAccount),
		act("/unblock", "write:blocks", f.unblockAccount),
		act("/mute", "write:mutes", f.muteAccount),
		act("/unmute", "write:mutes", f.unmuteAccount),
		act("/note", "write:accounts", f.noteAccount),
	}
}

// relationAct does something about another account with what was sent.
type relationAct func(c *gin.Context, self, other *coop.Account, v input.Values) error

// relate reads a request about the account in the path, acts, and answers what then
// stands between the two. All of these can be repeated.
func (f *Face) relate(do relationAct) func(*gin.Context) error {
	return func(c *gin.Context) error {
		other, err := f.other(c)
		if err != nil {
			return err
		}
		v, err := input.Read(c)
		if err != nil {
			return err
		}
		defer func() { _ = v.Close() }()
		if err := do(c, auth.Account(c), other, v); err != nil {
			return err
		}
		return f.showRelationship(c, other.ID)
	}
}

// other finds the account in the path; one that is deleted was never here.
func (f *Face) other(c *gin.Context) (*coop.Account, error) {
	id, err := idOf(c)
	if err != nil {
		return nil, err
	}
	return f.kept(f.Store.Account(c.Request.Context(), id))
}

// kept leaves out what was deleted.
func (f *Face) kept(a *coop.Account, err error) (*coop.Account, error) {
	if err == nil && !a.DeletedAt.IsZero() {
		return nil, fmt.Errorf("account %s: %w", a.ID, coop.ErrNotFound)
	}
	return a, err
}

// relationships answers GET /api/v1/accounts/relationships: one row for each account
// that is known, in the order asked.
func (f *Face) relationships(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	ids, suspended := v.IDs("id"), v.On("with_suspended")
	if err := v.Err(); err != nil {
		return err
	}
	list, err := f.relationsTo(c.Request.Context(), auth.Account(c).ID, ids, suspended)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.List[*entity.Relationship](list))
	return nil
}

// mostAsked is how many accounts one request may ask about; the rest is left out.
const mostAsked = 500

// relationsTo are the relationships with accounts, those that are not known left out.
func (f *Face) relationsTo(ctx context.Context, self coop.ID, ids []coop.ID, suspended bool) ([]*entity.Relationship, error) {
	ids = ids[:min(len(ids), mostAsked)]
	found, err := f.Store.Relationships(ctx, self, ids, suspended)
	if err != nil {
		return nil, err
	}
	var list []*entity.Relationship
	for _, id := range ids {
		if r := found[id]; r != nil {
			list = append(list, relationshipOf(r))
		}
	}
	return list, nil
}

// showRelationship answers what stands between the token's account and another.
func (f *Face) showRelationship(c *gin.Context, other coop.ID) error {
	list, err := f.relationsTo(c.Request.Context(), auth.Account(c).ID, []coop.ID{other}, true)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("account %s: %w", other, coop.ErrNotFound)
	}
	c.JSON(http.StatusOK, list[0])
	return nil
}

// relationshipOf turns a relationship into its entity.
func relationshipOf(r *coop.Relationship) *entity.Relationship {
	follows := r.Following || r.Requested
	return &entity.Relationship{
		ID: entity.ID(r.ID), Following: r.Following, Requested: r.Requested, FollowedBy: r.FollowedBy, RequestedBy: r.RequestedBy,
		ShowingReblogs: follows && r.Options.Boosts, Notifying: follows && r.Options.Bell, Languages: r.Options.Languages,
		Blocking: r.Blocking, BlockedBy: r.BlockedBy, DomainBlocking: r.DomainBlocking,
		Muting: r.Muting, MutingNotifications: r.MutingNotifications, MutingExpiresAt: entity.Time(r.MuteEnds), Endorsed: r.Endorsed, Note: r.Note,
	}
}

// familiarFollowers answers GET /api/v1/accounts/familiar_followers: for each account
// asked for, who follows it among those that one follows.
func (f *Face) familiarFollowers(c *gin.Context) error {
	v, err := input.Read(c)
	if err != nil {
		return err
	}
	ids := v.IDs("id")
	ids = ids[:min(len(ids), 40)]
	found, err := f.Store.FamiliarFollowers(c.Request.Context(), auth.Account(c).ID, ids)
	if err != nil {
		return err
	}
	rows := make([]entity.FamiliarFollowers, len(ids))
	var all []*entity.Account
	for i, id := range ids {
		rows[i].ID = entity.ID(id)
		for _, a := range found[id] {
			rows[i].Accounts = append(rows[i].Accounts, f.account(a))
		}
		all = append(all, rows[i].Accounts...)
	}
	if err := f.complete(c.Request.Context(), all...); err != nil {
		return err
	}
	c.JSON(http.StatusOK, entity.List[entity.FamiliarFollowers](rows))
	return nil
}

// followAccount follows, or changes what is wanted of a follow: what is not sent
// stays as it is, and is boosts without a bell in all languages at first.
func (f *Face) followAccount(c *gin.Context, self, other *coop.Account, v input.Values) error {
	ctx := c.Request.Context()
	known, err := f.Store.Relationships(ctx, self.ID, []coop.ID{other.ID}, true)
	if err != nil {
		return err
	}
	want := coop.FollowOptions{Boosts: true}
	if r := known[other.ID]; r != nil && (r.Following || r.Requested) {
		want = r.Options
	}
	for name, to := range map[string]*bool{"reblogs": &want.Boosts, "notify": &want.Bell} {
		if b := v.Flag(name); b != nil {
			*to = *b
		}
	}
	if v.Has("languages") {
		want.Languages = v.Texts("languages")
	}
	if err := v.Err(); err != nil {
		return err
	}
	return f.Outbox.FollowWith(ctx, self, other, want)
}

// unfollowAccount ends a follow, and takes a request back.
func (f *Face) unfollowAccount(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	return f.Outbox.Unfollow(c.Request.Context(), self, other)
}

// removeFollower ends the follow of the other.
func (f *Face) removeFollower(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	return f.Outbox.RemoveFollower(c.Request.Context(), self, other)
}

// blockAccount blocks, which ends follows both ways.
func (f *Face) blockAccount(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	return f.Outbox.Block(c.Request.Context(), self, other)
}

// unblockAccount ends a block.
func (f *Face) unblockAccount(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	return f.Outbox.Unblock(c.Request.Context(), self, other)
}

// muteAccount mutes: notifications too unless they are wanted, for good unless a
// duration in seconds is sent. Nobody is told.
func (f *Face) muteAccount(c *gin.Context, self, other *coop.Account, v input.Values) error {
	notifications, seconds := true, v.Number("duration")
	if b := v.Flag("notifications"); b != nil {
		notifications = *b
	}
	if seconds < 0 || seconds > int(coop.MaxMute/time.Second) {
		v.Complain("duration", coop.CodeRange, "is a number of seconds, 0 for good")
	}
	if err := v.Err(); err != nil {
		return err
	}
	if self.ID == other.ID {
		return fmt.Errorf("account %s mutes itself: %w", self.ID, coop.ErrForbidden)
	}
	var ends time.Time
	if seconds > 0 {
		ends = f.Now().Add(time.Duration(seconds) * time.Second)
	}
	ctx := c.Request.Context()
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.Mute(ctx, self.ID, other.ID, notifications, ends) })
}

// unmuteAccount ends a mute.
func (f *Face) unmuteAccount(c *gin.Context, self, other *coop.Account, _ input.Values) error {
	ctx := c.Request.Context()
	return f.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Unmute(ctx, self.ID, other.ID)
		return err
	})
}

// noteAccount keeps what one notes about the other, for one's own eyes.
func (f *Face) noteAccount(c *gin.Context, self, other *coop.Account, v input.Values) error {
	text := v.Text("comment")
	text = coop.CleanText(text, len(text))
	if len([]rune(text)) > coop.MaxAccountNote {
		v.Complain("comment", coop.CodeTooLong, fmt.Sprintf("at most %d characters", coop.MaxAccountNote))
	}
	if err := v.Err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	return f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetAccountNote(ctx, self.ID, other.ID, text) })
}
