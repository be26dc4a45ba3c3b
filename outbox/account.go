// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"net"
	"strings"

	"minga/coop"
	"minga/federation/signature"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// The names of the federation and its boards.
const (
	usualHandle  = "minga"
	boardJobs    = "jobs"
	boardLibrary = "library"
)

// Registration is what a new account is made of.
type Registration struct {
	Kind        coop.AccountKind // person, coop, federation or service
	Name        string           // preferredUsername: a letter, then letters, digits, _ and -
	DisplayName string           // empty: the name
	Bio         string           // plain text
	Language    string           // BCP 47
	Email       string           // persons only
	Rank        coop.Rank        // persons only; empty: member
	Domains     []string         // attributionDomains: the co-op's own site
	Facts       *coop.CoopFacts
	// Also is done in the transaction that makes the account; nil: nothing.
	Also func(ctx context.Context, tx *storage.Tx, a *coop.Account) error
}

// EnsureInstance makes the instance actor, the federation (settings federation_handle
// and federation_name) and the boards @jobs and @library where they are missing.
// Calling it again does nothing.
func (o *Outbox) EnsureInstance(ctx context.Context) error {
	if _, err := o.store.InstanceAccount(ctx); isNotFound(err) {
		if err := o.make(ctx, o.instance()); err != nil {
			return fmt.Errorf("make the instance actor: %w", err)
		}
	} else if err != nil {
		return fmt.Errorf("find the instance actor: %w", err)
	}
	federation, err := o.ensureFederation(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{boardJobs, boardLibrary} {
		if err := o.ensureBoard(ctx, federation, name); err != nil {
			return err
		}
	}
	o.recallMail(ctx)
	return nil
}

// instance is the actor that signs fetches, named by the host without its port.
func (o *Outbox) instance() *coop.Account {
	host := o.o.Local.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	a := o.local(coop.Instance, host)
	a.ActorType, a.Locked, a.Followers, a.Following, a.Featured = "Application", true, "", "", ""
	return a
}

func (o *Outbox) ensureFederation(ctx context.Context) (*coop.Account, error) {
	a, err := o.store.FederationAccount(ctx)
	if err == nil || !isNotFound(err) {
		return a, wrapErr("find", "the federation", err)
	}
	name := o.setting(ctx, "federation_handle", usualHandle)
	return o.NewAccount(ctx, Registration{
		Kind: coop.Federation, Name: name, DisplayName: o.setting(ctx, "federation_name", name), Language: o.setting(ctx, "language", ""),
	})
}

func (o *Outbox) ensureBoard(ctx context.Context, federation *coop.Account, name string) error {
	_, err := o.store.AccountByIRI(ctx, o.o.Local.actor(coop.Board, name))
	if err == nil || !isNotFound(err) {
		return wrapErr("find board", coop.IRI(name), err)
	}
	a := o.local(coop.Board, name)
	a.ActorType, a.Discoverable, a.Indexable = "Group", true, true
	o.nameBoard(a, name, federation)
	return wrapErr("make board", a.IRI, o.make(ctx, a))
}

// NewAccount makes an account of this instance with its keys and addresses. A bad
// name gives a *coop.InvalidError, one that is or was used [coop.ErrConflict].
func (o *Outbox) NewAccount(ctx context.Context, r Registration) (*coop.Account, error) {
	a := o.local(r.Kind, r.Name)
	switch r.Kind {
	case coop.Person:
		a.ActorType, a.Email, a.Rank = "Person", r.Email, r.Rank
		if a.Rank == "" {
			a.Rank = coop.RankMember
		}
	case coop.Coop, coop.Federation:
		a.ActorType, a.Discoverable, a.Indexable = "Organization", true, true
		a.Jobs, a.Knowledge = below(a.IRI, "jobs"), below(a.IRI, "knowledge")
	case coop.Service:
		a.ActorType, a.Discoverable, a.Indexable = "Service", true, true
	default:
		return nil, &coop.InvalidError{Field: "kind", Code: coop.CodeUnknown, Problem: "an account is a person, a coop, a federation or a service"}
	}
	if r.Kind == coop.Federation {
		a.Members = below(a.IRI, "members")
		a.Boards = []coop.IRI{o.o.Local.actor(coop.Board, boardJobs), o.o.Local.actor(coop.Board, boardLibrary)}
	}
	a.Language, a.Domains, a.Coop = r.Language, r.Domains, r.Facts
	if a.DisplayName = coop.CleanLine(r.DisplayName, 100); a.DisplayName == "" {
		a.DisplayName = r.Name
	}
	a.BioSource = coop.CleanText(r.Bio, coop.MaxBioLength)
	if err := coop.ValidateName(r.Kind, r.Name, o.reserved(ctx, r.Kind)...); err != nil {
		return nil, err
	}
	if err := coop.ValidateProfile(a); err != nil {
		return nil, err
	}
	a.Bio = text.Typed{Tag: o.o.Local.Tag}.Write(a.BioSource).HTML
	return a, o.make(ctx, a, r.Also)
}

// reserved are the names that nobody else may have.
func (o *Outbox) reserved(ctx context.Context, kind coop.AccountKind) []string {
	if kind == coop.Federation {
		return []string{o.instance().Name}
	}
	return []string{o.instance().Name, o.setting(ctx, "federation_handle", usualHandle)}
}

// local is a new account with its addresses; nothing is stored.
func (o *Outbox) local(kind coop.AccountKind, name string) *coop.Account {
	iri := o.o.Local.actor(kind, strings.ToLower(name))
	return &coop.Account{
		IRI: iri, Kind: kind, Name: name, Local: true, DisplayName: name, URL: o.o.Local.profile(kind, name),
		Inbox: below(iri, "inbox"), SharedInbox: o.o.Local.Shared(), Outbox: below(iri, "outbox"),
		Followers: below(iri, "followers"), Following: below(iri, "following"), Featured: below(iri, "featured"),
	}
}

// make stores an account with new keys, and does what goes with it.
func (o *Outbox) make(ctx context.Context, a *coop.Account, also ...func(context.Context, *storage.Tx, *coop.Account) error) error {
	pair, err := o.newKeys()
	if err != nil {
		return err
	}
	a.HasEd25519 = true
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.AddAccount(ctx, a, pair); err != nil {
			return err
		}
		for _, do := range also {
			if do == nil {
				continue
			}
			if err := do(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// newKeys makes both keys; the RSA one takes the time of a few hundred signatures,
// so it is made outside of any transaction.
func (o *Outbox) newKeys() (*coop.KeyPair, error) {
	makeRSA := o.o.NewRSA
	if makeRSA == nil {
		makeRSA = signature.GenerateRSA
	}
	rsa, err := makeRSA()
	if err != nil {
		return nil, err
	}
	ed, err := signature.GenerateEd25519()
	if err != nil {
		return nil, err
	}
	pair := &coop.KeyPair{}
	if pair.RSA, err = signature.EncodePrivate(rsa); err != nil {
		return nil, err
	}
	pair.Ed25519, err = signature.EncodePrivate(ed)
	return pair, err
}

// saveActor stores an account and queues its Update: for its followers, the
// federations that it belongs to, and whom the caller names besides.
func (o *Outbox) saveActor(ctx context.Context, tx *storage.Tx, a *coop.Account, besides ...*coop.Account) error {
	a.UpdatedAt = o.now().UTC()
	if err := tx.SaveAccount(ctx, a); err != nil {
		return fmt.Errorf("save %s: %w", a.IRI, err)
	}
	list, err := allMemberships(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		besides = append(besides, m.Organization)
	}
	iri, err := o.newIRI(ctx, tx, a.IRI, "Update")
	if err != nil {
		return err
	}
	return o.tellActor(ctx, tx, a, iri, besides...)
}

// tellActor queues Update(actor).
func (o *Outbox) tellActor(ctx context.Context, tx *storage.Tx, a *coop.Account, iri string, besides ...*coop.Account) error {
	doc, err := o.actorMembers(ctx, tx, a)
	if err != nil {
		return err
	}
	to, err := o.toFollowers(ctx, tx, a, besides...)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{signer: a, public: true, object: a.IRI, ofActor: true, activity: vocabulary.Activity{
		ID: iri, Type: "Update", Actor: string(a.IRI), To: []string{string(coop.Public)}, Cc: some(a.Followers), Published: o.now(), Object: doc,
	}}, to)
	return err
}

// some is a list of what is there.
func some(iris ...coop.IRI) []string {
	var list []string
	for _, i := range iris {
		if i != "" {
			list = append(list, string(i))
		}
	}
	return list
}
