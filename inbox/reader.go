// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"log/slog"

	"minga/coop"
	"minga/federation/origin"
	"minga/federation/signature"
	"minga/storage"
)

// VerifyGet says who reads: anonymous without a signature,
// else the verified actor, or its server where it is an instance actor or one
// that we do not keep. A signature that does not hold is a *[RefusedError] (401);
// a blocked domain or a suspended actor is [coop.ErrNotFound].
func (in *Inbox) VerifyGet(ctx context.Context, r Request) (coop.Viewer, error) {
	claim, err := signature.Read(r.signed(), in.policy())
	var bad *signature.Error
	if errors.As(err, &bad) && bad.Reason == signature.Missing {
		return coop.Anonymous(), nil
	}
	if err == nil {
		return in.verifiedReader(ctx, r, claim)
	}
	err = signatureRefusal(err, "")
	in.countRefusal(ctx, r, err)
	return coop.Viewer{}, err
}

// verifiedReader does the steps of the gate that a read has: domain, key,
// signature, standing.
func (in *Inbox) verifiedReader(ctx context.Context, r Request, claim *signature.Claim) (coop.Viewer, error) {
	host, err := origin.Host(claim.KeyID())
	if err != nil {
		return coop.Viewer{}, signatureRefusal(err, "")
	}
	decision, err := in.decide(ctx, host)
	if err != nil {
		return coop.Viewer{}, err
	}
	if decision == coop.Refuse {
		return coop.Viewer{}, coop.ErrNotFound
	}
	identity, found, err := in.verify(ctx, claim, r.Remote)
	if err != nil {
		in.countRefusal(ctx, r, err)
		return coop.Viewer{}, err
	}
	in.keepReader(ctx, found)
	return in.viewer(ctx, coop.IRI(identity.Owner()), host)
}

// keepReader keeps a key that was fetched for a read. Failing to keep it only
// means that it is fetched again.
func (in *Inbox) keepReader(ctx context.Context, found foundKey) {
	if found.doc == nil {
		return
	}
	sender{found: found}.remember(in)
	err := in.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.SaveRemoteKeys(ctx, found.doc.account.IRI, found.doc.keepable(found.key.ID))
	})
	if err != nil {
		in.log.WarnContext(ctx, "key not kept", slog.Any("err", err))
	}
}

// viewer is what the visibility rule knows of a verified reader.
func (in *Inbox) viewer(ctx context.Context, owner coop.IRI, host string) (coop.Viewer, error) {
	account, err := in.store.AccountByIRI(ctx, owner)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return in.stranger(ctx, owner, host), nil
	case err != nil:
		return coop.Viewer{}, unavailable("look up an actor", err)
	case account.Gone():
		return coop.Viewer{}, coop.ErrNotFound
	case account.Kind == coop.Instance:
		return coop.SignedHost(host), nil
	}
	return coop.Signed(account.ID, host), nil
}

// stranger is a reader whom we do not keep: a server's instance actor reads for all
// of its accounts, anybody else only for itself, or one user of a server that signs
// for its users could read what another was sent.
func (in *Inbox) stranger(ctx context.Context, owner coop.IRI, host string) coop.Viewer {
	doc, ok := in.met.get(string(owner), in.now())
	if !ok {
		var err error
		if doc, err = in.fetchActor(ctx, owner); err != nil {
			return coop.Stranger(host)
		}
		in.met.put(string(owner), doc, in.now())
	}
	if doc.account.Kind == coop.Instance {
		return coop.SignedHost(host)
	}
	return coop.Stranger(host)
}
