// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"html"
	"time"

	"minga/coop"
	"minga/web/mastodon/entity"
)

// kindName is how the API calls a kind.
func kindName(kind coop.AccountKind) string {
	if kind == coop.Service {
		return "desk"
	}
	return string(kind)
}

// account turns an account into its entity, without what the store must be asked
// for; see [Face.complete].
func (f *Face) account(a *coop.Account) *entity.Account {
	out := &entity.Account{
		ID: entity.ID(a.ID), Username: a.Name, Acct: f.acct(a), DisplayName: a.DisplayName, Locked: a.Locked,
		Bot:   a.Kind == coop.Service || a.Kind == coop.Instance || a.Kind == coop.Search || a.Kind == coop.Topic || a.ActorType == "Service",
		Group: a.Kind == coop.Board || a.Kind == coop.Team, Discoverable: a.Discoverable, Indexable: a.Indexable, NoIndex: !a.Indexable, HideCollections: a.HideCollections,
		ShowMedia: !a.Tabs.NoMedia, ShowMediaReplies: !a.Tabs.NoMediaReplies, ShowFeatured: !a.Tabs.NoFeatured,
		CreatedAt: entity.Time(day(a.CreatedAt)), Note: a.Bio, URL: accountURL(a), URI: string(a.IRI), Memorial: a.Memorial,
		Avatar: f.base() + "/assets/avatar.svg", AvatarDescription: a.Icon.Alt, Header: f.base() + "/assets/header.svg", HeaderDescription: a.Image.Alt,
		MovedTo: a.MovedTo,
		Minga:   entity.AccountMinga{Kind: kindName(a.Kind), Evidence: coop.EvidenceClaimed},
	}
	f.addPictures(out, a)
	for _, field := range a.Fields {
		out.Fields = append(out.Fields, entity.Field{Name: html.UnescapeString(field.Name), Value: field.Value, VerifiedAt: entity.Time(field.VerifiedAt)})
	}
	out.Emojis = f.emojis(a.Emojis, accountTexts(a)...)
	if a.Gone() {
		suspended(out)
	}
	return out
}

// addPictures adds the pictures that an account has; others keep ours.
func (f *Face) addPictures(out *entity.Account, a *coop.Account) {
	if address := f.Media.Links().Avatar(a); address != "" {
		out.Avatar = address
	}
	if address := f.Media.Links().Header(a); address != "" {
		out.Header = address
	}
	out.AvatarStatic, out.HeaderStatic = out.Avatar, out.Header
}

// suspended empties what an account that is gone must not show.
func suspended(out *entity.Account) {
	out.MovedTo = ""
	out.Suspended, out.DisplayName, out.Note, out.Fields, out.Emojis, out.Locked = true, "", "", nil, nil, false
}

// acct is the handle as clients write it: without a host for accounts of this instance.
func (f *Face) acct(a *coop.Account) string {
	if a.Host == "" {
		return a.Name
	}
	return a.Name + "@" + a.Host
}

// accountURL is the page of an account; mentions in texts link to the same address.
func accountURL(a *coop.Account) string {
	if a.URL != "" {
		return a.URL
	}
	return string(a.IRI)
}

// day is the first moment of a day: since when an account is there is nobody's
// business to the second.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// complete adds counts, verified memberships, and where they went, to accounts: four
// questions, however many there are, or seven where some have moved.
func (f *Face) complete(ctx context.Context, accounts ...*entity.Account) error {
	moved, err := f.addMoved(ctx, accounts)
	if err != nil {
		return err
	}
	if err := f.count(ctx, moved); err != nil {
		return err
	}
	return f.count(ctx, accounts)
}

// addMoved adds to accounts that moved the ones that they went to, as far as these are
// known and not gone, and returns them. Where these went in their turn is not said.
func (f *Face) addMoved(ctx context.Context, accounts []*entity.Account) ([]*entity.Account, error) {
	var targets []coop.IRI
	for _, a := range accounts {
		if a.MovedTo != "" {
			targets = append(targets, a.MovedTo)
		}
	}
	if len(targets) == 0 {
		return nil, nil
	}
	found, err := f.Store.AccountsByIRI(ctx, targets)
	if err != nil {
		return nil, err
	}
	var moved []*entity.Account
	for _, a := range accounts {
		if target := found[a.MovedTo]; target != nil && !target.Gone() {
			a.Moved = f.account(target)
			moved = append(moved, a.Moved)
		}
	}
	return moved, nil
}

// count adds counts and verified memberships.
func (f *Face) count(ctx context.Context, accounts []*entity.Account) error {
	ids := make([]coop.ID, 0, len(accounts))
	for _, a := range accounts {
		ids = append(ids, coop.ID(a.ID))
	}
	if len(ids) == 0 {
		return nil
	}
	counts, err := f.Store.AccountCounts(ctx, ids)
	if err != nil {
		return err
	}
	evidence, err := f.Store.Evidence(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		id := coop.ID(a.ID)
		n := counts[id]
		a.StatusesCount, a.FollowersCount, a.FollowingCount, a.LastStatusAt = n.Posts, n.Followers, n.Following, entity.Date(n.LastPost)
		a.Minga.Evidence, a.Minga.Federations = evidence[id].Level(), nil
		for _, organization := range evidence[id].Federations {
			a.Minga.Federations = append(a.Minga.Federations, entity.ID(organization))
		}
	}
	return nil
}

// accountsOf turns accounts into whole entities.
func (f *Face) accountsOf(ctx context.Context, accounts []*coop.Account) ([]*entity.Account, error) {
	out := make([]*entity.Account, len(accounts))
	for i, a := range accounts {
		out[i] = f.account(a)
	}
	return out, f.complete(ctx, out...)
}
