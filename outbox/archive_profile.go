// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"io"
	"path"

	"minga/coop"
	"minga/coop/carry"
)

// profile writes what the account says of itself, as it was typed, and its pictures.
func (a *archiving) profile(ctx context.Context) error {
	p := carry.Profile{Name: a.who.DisplayName, Bio: a.who.BioSource, Language: a.who.Language}
	for _, field := range a.who.Fields {
		line := carry.ProfileLine{Name: field.Name, Value: field.Source}
		if line.Value == "" {
			line.Value = coop.VisibleText(field.Value)
		}
		p.Fields = append(p.Fields, line)
	}
	var err error
	if p.Avatar, err = a.picture(ctx, a.who.Icon); err != nil {
		return err
	}
	if p.Header, err = a.picture(ctx, a.who.Image); err != nil {
		return err
	}
	return a.json(carry.ArchiveProfile, p)
}

// picture copies one; nil where there is none.
func (a *archiving) picture(ctx context.Context, of coop.Picture) (_ *carry.PostFile, err error) {
	if of.URL == "" {
		return nil, nil
	}
	file := &carry.PostFile{Name: path.Base(of.URL), Alt: of.Alt}
	from, err := a.open(ctx, file.Name)
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	w, err := a.file(carry.ArchivePictures + "/" + file.Name)
	if err == nil {
		_, err = io.Copy(w, from)
	}
	return file, err
}

// roles writes who acts for the account, and for whom it acts.
func (a *archiving) roles(ctx context.Context) error {
	held, err := a.o.store.Roles(ctx, a.who.ID)
	if a.who.Kind == coop.Person {
		held, err = a.o.store.RolesOf(ctx, a.who.ID)
	}
	if err != nil {
		return err
	}
	list := []carry.Role{}
	for _, h := range held {
		one := carry.Role{Person: a.o.handle(a.who), In: a.o.handle(a.who), Role: h.Role}
		if a.who.Kind == coop.Person {
			one.In = a.o.handle(h.Account)
		} else {
			one.Person = a.o.handle(h.Person)
		}
		list = append(list, one)
	}
	return a.json(carry.ArchiveRoles, list)
}

// TakeProfile fills in what the account here has not said of itself yet: name, text,
// language, lines and the pictures, which are of the library already (an empty one is
// none). What stands here stays. It gives what was filled in. Complaints are
// coop.Invalid.
func (o *Outbox) TakeProfile(ctx context.Context, a *coop.Account, in carry.Profile, avatar, header coop.Picture) (filled []string, err error) {
	fill := func(what string, empty bool, with func()) {
		if empty {
			with()
			filled = append(filled, what)
		}
	}
	fill("display_name", (a.DisplayName == "" || a.DisplayName == a.Name) && in.Name != "" && in.Name != a.DisplayName, func() { a.DisplayName = in.Name })
	fill("bio", a.BioSource == "" && in.Bio != "", func() { a.BioSource = in.Bio })
	fill("language", a.Language == "" && in.Language != "", func() { a.Language = in.Language })
	fill("fields", len(a.Fields) == 0 && len(in.Fields) > 0, func() {
		for _, line := range in.Fields {
			a.Fields = append(a.Fields, coop.Field{Name: line.Name, Source: line.Value})
		}
	})
	fill("avatar", a.Icon.URL == "" && avatar.URL != "", func() { a.Icon = avatar })
	fill("header", a.Image.URL == "" && header.URL != "", func() { a.Image = header })
	if len(filled) == 0 {
		return nil, nil
	}
	return filled, o.UpdateActor(ctx, a)
}
