// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation"
)

// Descriptor asks the server of a handle what its WebFinger says of it, for the pages
// at which its people do things (FEP-3b86). A name that is the host itself asks for the
// server's own. Errors as [Inbox.Actor]; a handle of ours is [coop.ErrNotFound], since we
// ask nobody for what we know.
func (in *Inbox) Descriptor(ctx context.Context, h coop.Handle) (*federation.JRD, error) {
	if h.Host == "" || h.Host == in.o.Local.AccountDomain || in.ours(h.Host) {
		return nil, fmt.Errorf("descriptor of %s: %w", h, coop.ErrNotFound)
	}
	key := "jrd:" + h.String()
	if known, ok := in.failed.get(key, in.now()); ok {
		return nil, known
	}
	if err := in.allowed(ctx, coop.IRI("https://"+h.Host+"/")); err != nil {
		return nil, err
	}
	found, err := in.o.Client.LookUp(ctx, h.String())
	if err != nil {
		err = fetchFault(err)
		in.failed.put(key, err, in.now())
		return nil, err
	}
	return found.JRD, nil
}
