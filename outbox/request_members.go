// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
	"minga/storage"
)

// KeepRequestFile keeps what of a request of ours stays here, and tells the members what
// is theirs of it. Complaints are a coop.Invalid.
func (o *Outbox) KeepRequestFile(ctx context.Context, file *coop.RequestFile) error {
	_, err := o.changeRequest(ctx, file.PostID, func(ctx context.Context, tx *storage.Tx, p *coop.Post) error {
		return o.keepFile(ctx, tx, p, file)
	})
	return err
}

// keepFile keeps the file of a request for a year from now, and gives the members of the
// federation their part of one that is published. nil leaves both as they are, but for a
// draft that is published now.
func (o *Outbox) keepFile(ctx context.Context, tx *storage.Tx, p *coop.Post, file *coop.RequestFile) error {
	if file == nil {
		kept, err := tx.RequestFile(ctx, p.ID)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return o.tellMembers(ctx, tx, p, kept.Members)
	}
	file.PostID, file.DeleteAt = p.ID, o.now().UTC().Add(coop.RequestFileLife)
	if err := file.Validate(); err != nil {
		return err
	}
	if err := tx.PutRequestFile(ctx, file); err != nil {
		return err
	}
	return o.tellMembers(ctx, tx, p, file.Members)
}

// tellMembers makes the members' part of a request what the source says: a reply of its
// author that goes to the members of the federation alone. Of a draft nobody hears.
func (o *Outbox) tellMembers(ctx context.Context, tx *storage.Tx, p *coop.Post, source string) error {
	if draft(p) {
		return nil
	}
	source = strings.TrimSpace(source)
	before, err := tx.MembersPart(ctx, coop.System(), p)
	switch {
	case err != nil && !isNotFound(err):
		return err
	case err != nil && source == "", err == nil && before.Source == source:
		return nil
	case err == nil && source == "":
		return o.remove(ctx, tx, before)
	case err == nil:
		part := *before
		part.Source = source
		return o.editNote(ctx, tx, before, &part)
	}
	collection, err := o.membersOf(ctx, tx, p.Author)
	if err != nil {
		return err
	}
	part := &coop.Post{
		InReplyTo: p.IRI, InReplyToID: p.ID, Language: p.Language, Source: source, SourceType: "text/markdown",
		Visibility: coop.VisibleMembers, Cc: []coop.IRI{collection},
	}
	if err := o.publishNote(ctx, tx, p.Author, part); err != nil {
		return fmt.Errorf("members' part of %s: %w", p.IRI, err)
	}
	return nil
}

// membersOf is the collection of the members of the federation: of ours, for a co-op. An
// *[coop.InvalidError] of the field members where there is none.
func (o *Outbox) membersOf(ctx context.Context, tx *storage.Tx, author *coop.Account) (coop.IRI, error) {
	if author.Kind == coop.Federation && author.Members != "" {
		return author.Members, nil
	}
	f, err := tx.FederationAccount(ctx)
	if err != nil && !isNotFound(err) {
		return "", err
	}
	may := false
	if err == nil && f.Members != "" {
		if may, err = o.mayAddress(ctx, tx, author, f.Members); err != nil {
			return "", err
		}
	}
	if !may {
		return "", &coop.InvalidError{Field: "members", Code: coop.CodeNotAllowed, Problem: "there is no federation whose members could read it"}
	}
	return f.Members, nil
}
