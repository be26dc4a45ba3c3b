// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// Report keeps a report of somebody here about target and posts of theirs, tells the
// moderators, and, if x.Forwarded asks for it, sends it on to the server of target as
// a Flag. The Flag is by the instance actor: the other server does not learn who
// reported. x.Forwarded is false afterwards where there was nobody to send it to.
func (o *Outbox) Report(ctx context.Context, x *coop.Report, target *coop.Account, posts []*coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if target.Local {
			x.Forwarded = false
		}
		if x.Forwarded {
			if err := o.flag(ctx, tx, x, target, posts); err != nil {
				return fmt.Errorf("report %s: %w", target.IRI, err)
			}
		}
		_, err := tx.AddReport(ctx, x)
		return err
	})
}

// flag queues the Flag (ActivityStreams §Flag): its objects are the actor and the
// posts by their ids alone, its content what the reporter wrote.
func (o *Outbox) flag(ctx context.Context, tx *storage.Tx, x *coop.Report, target *coop.Account, posts []*coop.Post) error {
	instance, err := tx.InstanceAccount(ctx)
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, target)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		x.Forwarded = false
		return nil
	}
	iri, err := o.newIRI(ctx, tx, instance.IRI, "Flag")
	if err != nil {
		return err
	}
	objects := []string{string(target.IRI)}
	for _, p := range posts {
		objects = append(objects, string(p.IRI))
	}
	x.IRI = coop.IRI(iri)
	_, err = o.send(ctx, tx, outgoing{signer: instance, object: x.IRI, activity: vocabulary.Activity{
		ID: iri, Type: "Flag", Actor: string(instance.IRI), To: []string{string(target.IRI)}, Object: objects, Content: x.Comment, Published: o.now(),
	}}, to)
	return err
}
