// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"minga/coop"
	"minga/web/admin"
)

// noFile is the path of a file that nobody has: only we answer 404 to it by ourselves.
const noFile = coop.MediaPath + "00000000000000000000000000000000.jpg"

// media looks at the host for media, where there is one: it is ours, has files and no
// documents, and the addresses that files had before lead to it (warn if not).
func (l *lookout) media(ctx context.Context) []admin.Finding {
	own := l.i.config.Media.URL
	if !l.up || own == "" {
		return nil
	}
	if err := l.mediaHost(ctx, own); err != nil {
		return one(failed("media", err))
	}
	answer, err := l.get(ctx, l.base+noFile, "image/*")
	if err != nil {
		return one(failed("media", err))
	}
	if to := answer.header.Get("Location"); to != own+noFile {
		return one(inPart("media", errAnswer(l.base+noFile, answer.status)))
	}
	return one(fine("media", own))
}

// mediaHost asks the host for media what it must answer, and what it must not.
func (l *lookout) mediaHost(ctx context.Context, own string) error {
	answer, err := l.get(ctx, own+"/robots.txt", "text/plain")
	switch {
	case err != nil:
		return err
	case answer.status != http.StatusOK || !strings.Contains(string(answer.body), l.base+"/"):
		return errAnswer(own+"/robots.txt", answer.status)
	}
	if answer, err = l.get(ctx, own+noFile, "image/*"); err != nil {
		return err
	} else if answer.status != http.StatusNotFound {
		return errAnswer(own+noFile, answer.status)
	}
	document := "/actor"
	if l.self != nil {
		if u, err := url.Parse(string(l.self.IRI)); err == nil {
			document = u.Path
		}
	}
	if answer, err = l.get(ctx, own+document, "application/activity+json"); err != nil {
		return err
	} else if answer.status < http.StatusMultipleChoices {
		return at(own+document, mistake("documents", "", "it has documents too"))
	}
	return nil
}

// get asks for an address of ours, whatever its host.
func (l *lookout) get(ctx context.Context, address, accept string) (*heard, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask ourselves: %w", err)
	}
	r.Header.Set("Accept", accept)
	return l.ask(r)
}
