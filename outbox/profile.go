// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"reflect"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/outbox/text"
	"minga/storage"
)

// UpdateActor stores the profile of a local account and tells its followers and
// federations, unless nothing that they see has changed. Bio is made from BioSource, the Value of each field from its Source
// where there is one: else Value is what was typed. Links of fields are looked at
// soon: see [storage.Tx.KeepVerified]. Complaints are coop.Invalid.
func (o *Outbox) UpdateActor(ctx context.Context, a *coop.Account) error {
	tidyProfile(a)
	if err := coop.ValidateProfile(a); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		known, err := tx.HoldAccount(ctx, a.ID)
		if err != nil {
			return err
		}
		keepBeside(a, known)
		o.writeProfile(ctx, tx, a)
		if err := tx.KeepVerified(ctx, a); err != nil {
			return err
		}
		if o.sameActor(known, a) {
			return tx.SaveAccount(ctx, a)
		}
		return o.saveActor(ctx, tx, a)
	})
}

// keepBeside keeps what no profile says, as it is by now: the form may have been read
// before it changed.
func keepBeside(a, known *coop.Account) {
	a.Rank, a.Email, a.MemberOf, a.HasEd25519 = known.Rank, known.Email, known.MemberOf, known.HasEd25519
	a.MovedTo, a.AlsoKnownAs, a.FeaturedTags = known.MovedTo, known.AlsoKnownAs, known.FeaturedTags
}

// sameActor tells whether others would see no change: how somebody usually posts is
// no word to them.
func (o *Outbox) sameActor(known, a *coop.Account) bool {
	x, y := o.actor(known), o.actor(a)
	x.Updated, y.Updated = time.Time{}, time.Time{}
	return reflect.DeepEqual(x, y)
}

// tidyProfile cleans what was typed; nothing is cut, so that what is too long is
// complained about.
func tidyProfile(a *coop.Account) {
	a.BioSource, a.DisplayName = coop.CleanText(a.BioSource, len(a.BioSource)), coop.CleanLine(a.DisplayName, len(a.DisplayName))
	for i, field := range a.Fields {
		line := coop.Field{Name: coop.CleanLine(field.Name, len(field.Name)), Source: coop.CleanLine(field.Source, len(field.Source))}
		if line.Source == "" {
			line.Value = fieldValue(field.Value)
		}
		a.Fields[i] = line
	}
}

// writeProfile makes the HTML of a profile. A handle that cannot be looked up stays
// text.
func (o *Outbox) writeProfile(ctx context.Context, tx *storage.Tx, a *coop.Account) {
	typed := text.Typed{Tag: o.o.Local.Tag, Find: func(h coop.Handle) (text.Person, bool) {
		person, ok, err := o.person(ctx, tx, h)
		return person, ok && err == nil
	}}
	a.Bio = typed.Write(a.BioSource).HTML
	for i, field := range a.Fields {
		if field.Source != "" {
			a.Fields[i].Value = fieldHTML(typed, field.Source)
		}
	}
}

// fieldValue is the HTML of a line of a profile that was given as HTML or as text.
func fieldValue(s string) string {
	if strings.Contains(s, "<") {
		return sanitize.Own(s)
	}
	return fieldHTML(text.Typed{}, coop.CleanLine(s, len(s)))
}

// fieldHTML is the HTML of a typed line of a profile: addresses become links that
// say they are the same one's, which other servers check.
func fieldHTML(typed text.Typed, s string) string {
	html := strings.ReplaceAll(typed.Write(s).HTML, `rel="nofollow`, `rel="me nofollow`)
	return strings.TrimSuffix(strings.TrimPrefix(html, "<p>"), "</p>")
}
