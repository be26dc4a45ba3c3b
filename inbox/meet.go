// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/storage"
)

// Bounds of looking up whom a text names: a post must not wait for others' servers.
const (
	meetPatience = 3 * time.Second // for all of them together
	mostMet      = 10              // handles of a text
	metAtOnce    = 4
)

// Meet looks up the accounts that a text names and that are not known here yet, before the
// text is published. Who does not answer in time stays text, and so do all after the
// tenth; ours are known already.
func (in *Inbox) Meet(ctx context.Context, handles []coop.Handle) {
	ctx, cancel := context.WithTimeout(storage.Aside(ctx), meetPatience)
	defer cancel()
	var asked errgroup.Group
	asked.SetLimit(metAtOnce)
	for _, h := range handles[:min(len(handles), mostMet)] {
		if h.Host == "" || strings.EqualFold(h.Host, in.o.Local.AccountDomain) || in.ours(strings.ToLower(h.Host)) {
			continue
		}
		asked.Go(func() error {
			_, _ = in.ByHandle(ctx, h) // a handle that nobody has is text
			return nil
		})
	}
	_ = asked.Wait() // none fails
}
