// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
)

// lookPatience is how long a page waits for another server that was named on it.
const lookPatience = 15 * time.Second

// find looks up whom somebody typed, here or elsewhere; the key of a text says what
// is wrong with it. What the other server answers is no act of who asks.
func (f *Face) find(ctx context.Context, typed string) (a *coop.Account, problem string, err error) {
	looking, cancel := context.WithTimeout(storage.Aside(ctx), lookPatience)
	defer cancel()
	if strings.HasPrefix(typed, "https://") || strings.HasPrefix(typed, "http://") {
		a, _, err = f.Inbox.Open(looking, coop.IRI(typed))
	} else {
		handle, wrong := coop.ParseHandle(typed)
		if wrong != nil {
			return nil, "admin_follow_handle", nil
		}
		a, err = f.Inbox.ByHandle(looking, handle)
	}
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case isForbidden(err):
		return nil, "admin_follow_refused", nil
	case err != nil || a == nil:
		return nil, "admin_follow_unknown", nil
	}
	return a, "", nil
}

// isForbidden tells whether something is not allowed.
func isForbidden(err error) bool { return errors.Is(err, coop.ErrForbidden) }

// plain is what somebody wrote about themselves, as text.
func plain(html string) string {
	return coop.Shorten(strings.Join(strings.Fields(sanitize.Text(html)), " "), 500)
}
