// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"context"
	"errors"
	"mime"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// Wanted tells whether a request asks for ActivityPub rather than for a page: a
// type of ActivityStreams, or JSON, is wanted at least as much as HTML
// (ActivityPub §3.2). A request that says nothing is a person's.
func Wanted(c *gin.Context) bool {
	activity, html := 0.0, 0.0
	for _, part := range strings.Split(c.GetHeader("Accept"), ",") {
		mediaType, q := weigh(part)
		switch mediaType {
		case "application/activity+json", "application/ld+json", "application/json":
			activity = max(activity, q)
		case "text/html", "application/xhtml+xml":
			html = max(html, q)
		}
	}
	return activity > 0 && activity >= html
}

// weigh reads one entry of an Accept header (RFC 9110 §12.5.1). What cannot be
// read weighs nothing.
func weigh(entry string) (mediaType string, q float64) {
	mediaType, params, err := mime.ParseMediaType(strings.TrimSpace(entry))
	if err != nil {
		return "", 0
	}
	if text, ok := params["q"]; ok {
		q, err = strconv.ParseFloat(text, 64)
		if err != nil || q < 0 || q > 1 {
			return "", 0
		}
		return mediaType, q
	}
	return mediaType, 1
}

// wantedType is the media type to answer in: who asks for ld+json gets it.
func wantedType(accept string) string {
	best, weight := typeActivity, 0.0
	for _, part := range strings.Split(accept, ",") {
		mediaType, q := weigh(part)
		switch {
		case mediaType == "application/ld+json" && q > weight:
			best, weight = typeLD, q
		case mediaType == "application/activity+json" && q >= weight && q > 0:
			best, weight = typeActivity, q
		}
	}
	return best
}

// actorPath is the part of a path of ours that names an actor: /coops/telar of
// /coops/telar/jobs/2026-001; empty for the shared inbox and for other paths.
func actorPath(path string) string {
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	switch parts[0] {
	case "actor", "federation":
		return "/" + parts[0]
	case "boards", "coops", "people", "services", "searches", "teams":
		if len(parts) > 1 && parts[1] != "" {
			return "/" + parts[0] + "/" + parts[1]
		}
	}
	return ""
}

// hold notes that the server of a verified reader holds a post, with the shared
// inbox of the reader where it is known.
func (f *Face) hold(ctx context.Context, viewer coop.Viewer, post coop.ID) error {
	address, err := f.sharedInbox(ctx, viewer)
	if err != nil || address == "" {
		return err
	}
	return f.Store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddHolder(ctx, post, viewer.Host, address)
	})
}

// sharedInbox is where a reader's server takes what is for all of it; empty when
// nobody has said so yet.
func (f *Face) sharedInbox(ctx context.Context, viewer coop.Viewer) (coop.IRI, error) {
	address, err := f.Store.ServerInbox(ctx, viewer.Host)
	if !errors.Is(err, coop.ErrNotFound) {
		return address, err
	}
	if viewer.Account == 0 {
		return "", nil
	}
	account, err := f.Store.Account(ctx, viewer.Account)
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil // a stranger
	}
	if err != nil {
		return "", err
	}
	return account.Inbox, nil
}
