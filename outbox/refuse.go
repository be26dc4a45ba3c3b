// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Refuse sends a Reject of an activity in the name of an account of ours, to who sent it
// alone. Reason is the key of the words that say why, which may lead to the form by which
// co-ops apply ({{.Link}}); they are in the language of who gets them.
func (o *Outbox) Refuse(ctx context.Context, tx *storage.Tx, by, to *coop.Account, activity coop.IRI, reason string) error {
	return o.refuseWith(ctx, tx, by, to, activity, o.words.Say(languageFor(to, by), reason, map[string]string{"Link": o.o.Local.root() + "/join"}))
}

// refuseWith is Refuse with words.
func (o *Outbox) refuseWith(ctx context.Context, tx *storage.Tx, by, to *coop.Account, activity coop.IRI, words string) error {
	iri, err := o.newIRI(ctx, tx, by.IRI, "Reject")
	if err != nil {
		return err
	}
	list, err := o.toOne(ctx, tx, to)
	if err != nil {
		return err
	}
	a := vocabulary.Activity{
		ID: iri, Type: "Reject", Actor: string(by.IRI), Object: string(activity), To: []string{string(to.IRI)}, Published: o.now(),
		Content: text.Typed{}.Write(words).HTML,
	}
	_, err = o.send(ctx, tx, outgoing{activity: a, signer: by, object: activity, urgent: true}, list)
	return err
}

// languageFor is the language in which one account writes to another: that one's, where it
// is known.
func languageFor(to, by *coop.Account) string {
	if to.Language != "" {
		return to.Language
	}
	return by.Language
}
