// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// fieldDeadline is how long one page of a profile may take.
const fieldDeadline = 10 * time.Second

// runVerifyFields looks at the pages that the fields of a local profile link to. A
// page that links back with rel="me" is the same one's. What cannot be asked now is
// asked again later; what was verified stays so as long as the field says the same.
func (in *Inbox) runVerifyFields(ctx context.Context, t storage.Task) (*again, error) {
	id, err := decode[coop.ID](t)
	if err != nil {
		return nil, err
	}
	a, err := in.store.Account(ctx, id)
	if err != nil || a.Gone() || !a.Local {
		return nil, err
	}
	seen := map[string]time.Time{}
	var later error
	for _, field := range a.Fields[:min(len(a.Fields), coop.MaxFields)] {
		link := coop.FieldLink(field.Value)
		if link == "" || !field.VerifiedAt.IsZero() {
			continue
		}
		same, err := in.linksBack(ctx, a, link)
		switch {
		case err != nil && !final(err):
			later = err
		case err == nil && same:
			seen[field.Value] = in.now()
		}
	}
	if len(seen) > 0 {
		err = in.store.Write(ctx, func(tx *storage.Tx) error { return tx.VerifyFields(ctx, id, seen) })
	}
	if err == nil {
		err = later
	}
	return nil, err
}

// linksBack asks the page of a link. One that leads to another origin says nothing
// about the link: whoever runs a shortener is not who wrote the page behind it. Our
// own pages are never asked.
func (in *Inbox) linksBack(ctx context.Context, a *coop.Account, link coop.IRI) (bool, error) {
	address, host, err := split(string(link))
	if err != nil || in.local(link) {
		return false, err
	}
	if err := in.allowed(ctx, link); err != nil {
		return false, err
	}
	if err := in.polite(ctx, host); err != nil {
		return false, err
	}
	ask, cancel := context.WithTimeout(ctx, fieldDeadline)
	defer cancel()
	page, err := in.o.Client.Get(ask, address, "text/html, application/xhtml+xml;q=0.9", federation.MaxPage)
	if err != nil {
		return false, err
	}
	if page.Type != "text/html" && page.Type != "application/xhtml+xml" || !page.Inside {
		return false, nil
	}
	return page.SaysMe(a.URL, string(a.IRI)), nil
}
