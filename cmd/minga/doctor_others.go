// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
	"minga/web/admin"
)

// heardFor is for how long nobody may be silent before we wonder.
const heardFor = 7 * 24 * time.Hour

// heard says who reached us last: that is the address as it is seen from outside. Where
// nobody ever did there is nothing to say.
func (l *lookout) heard(ctx context.Context) []admin.Finding {
	list, err := l.i.store.LatestHeard(ctx, 1)
	switch {
	case err != nil:
		return one(unsure("heard", err))
	case len(list) == 0:
		return nil
	}
	fact := list[0].Host + ", " + stamp(list[0].At)
	if l.i.now().Sub(list[0].At) > heardFor {
		return one(warned("heard", fact))
	}
	return one(fine("heard", fact))
}

// friends is how many other servers are asked about our clock and our signatures.
const friends = 3

// clock compares our time with that of servers that we heard of last.
func (l *lookout) clock(ctx context.Context) []admin.Finding {
	list, err := l.i.store.LatestHeard(ctx, friends)
	if err != nil {
		return one(unsure("clock", err))
	}
	var off []time.Duration
	for _, peer := range list {
		page, err := l.i.client.Get(ctx, l.i.config.Scheme+"://"+peer.Host+"/.well-known/nodeinfo", "application/json", 1<<16)
		if at, wrong := http.ParseTime(page.Header.Get("Date")); err == nil && wrong == nil {
			off = append(off, l.i.now().Sub(at))
		}
	}
	if len(off) == 0 {
		return nil
	}
	slices.Sort(off)
	if middle := off[len(off)/2].Abs().Round(time.Second); middle > skew {
		return one(warned("clock", middle.String()))
	}
	return one(fine("clock", ""))
}

// accepted asks servers that we follow for something that they give to none but who signs:
// to tell, they must have read our key from here (FEP-8fcf).
func (l *lookout) accepted(ctx context.Context) []admin.Finding {
	if !l.up || l.self == nil {
		return nil
	}
	follows, err := l.i.store.Following(ctx, l.self.ID, "", coop.Page{Limit: 40})
	if err != nil {
		return one(unsure("accepted", err))
	}
	var asked []string
	refused := ""
	for _, x := range follows {
		host, err := origin.NormalizeHost(x.Target.IRI.Host())
		if err != nil || x.Target.Local || slices.Contains(asked, host) || len(asked) == friends {
			continue
		}
		page, err := l.i.client.GetSigned(ctx, string(x.Target.IRI)+"/followers_synchronization", "application/activity+json", 1<<20)
		var wrong *federation.Error
		if err == nil && page.Type != "" {
			return one(fine("accepted", host))
		}
		if errors.As(err, &wrong) && (wrong.Status == http.StatusUnauthorized || wrong.Status == http.StatusForbidden) {
			refused = host
		}
		asked = append(asked, host)
	}
	if refused != "" {
		return one(warned("accepted", refused))
	}
	return nil
}
