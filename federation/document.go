// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"minga/federation/origin"
)

// AcceptActivity is how minga asks for ActivityPub documents.
const AcceptActivity = `application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json`

// TypeActivity is the media type of what minga sends (ActivityPub §7).
const TypeActivity = "application/activity+json"

const profileActivity = "https://www.w3.org/ns/activitystreams"

// Ask says which document is wanted.
type Ask struct {
	IRI          string
	ETag         string // of the copy at hand; the answer may be NotModified
	LastModified string // likewise
	Unsigned     bool   // do not sign, as when the key of the signer itself is asked for
}

// Fetched is a document as its own server gives it.
type Fetched struct {
	ID           string // its `id`, which is where it was found
	URL          string // where the answer came from, after redirects
	Body         []byte // as it came, decompressed
	ETag         string
	LastModified string
	NotModified  bool // nothing came: the copy at hand is still right
}

// Document fetches an ActivityPub document by the rules of origin: see atHome and isActivity.
// A fragment of the IRI is not sent: the document is that of the whole. Errors are
// *Error.
func (c *Client) Document(ctx context.Context, iri string) (Fetched, error) {
	return c.Fetch(ctx, Ask{IRI: iri})
}

// Fetch is Document with conditions.
func (c *Client) Fetch(ctx context.Context, ask Ask) (Fetched, error) {
	found, here, err := c.look(ctx, ask)
	if err != nil || here {
		return found, err
	}
	// What came says that it lives elsewhere. That place is asked once, and only what
	// it says of itself counts; the other's word is forgotten.
	found, here, err = c.look(ctx, Ask{IRI: found.ID, Unsigned: ask.Unsigned})
	if err != nil {
		return Fetched{}, err
	}
	if !here {
		return Fetched{}, &Error{Kind: KindID, Host: hostOf(found.URL), Err: errors.New("not found at its own id")}
	}
	return found, nil
}

// look asks once. here says whether what came is at home where it was found.
func (c *Client) look(ctx context.Context, ask Ask) (found Fetched, here bool, err error) {
	w := wish{url: ask.IRI, header: askHeader(ask), limit: MaxDocument}
	if !ask.Unsigned {
		w.sign = c.sign
	}
	a, err := c.fetch(ctx, w)
	if err == nil && w.sign != nil && c.again != nil && (a.status == http.StatusUnauthorized || a.status == http.StatusBadRequest) {
		w.sign = c.again
		a, err = c.fetch(ctx, w)
	}
	if err != nil {
		return Fetched{}, false, err
	}
	if a.status == http.StatusNotModified && (ask.ETag != "" || ask.LastModified != "") {
		return Fetched{ID: ask.IRI, URL: a.url, ETag: ask.ETag, LastModified: ask.LastModified, NotModified: true}, true, nil
	}
	if a.status != http.StatusOK {
		return Fetched{}, false, c.statusError(a)
	}
	if !isActivity(a.header) {
		return Fetched{}, false, &Error{Kind: KindType, Host: hostOf(a.url)}
	}
	id, err := idOf(a.body)
	if err != nil {
		return Fetched{}, false, &Error{Kind: KindBody, Host: hostOf(a.url), Err: err}
	}
	found = Fetched{ID: id, URL: a.url, Body: a.body, ETag: a.header.Get("ETag"), LastModified: a.header.Get("Last-Modified")}
	return found, atHome(id, ask.IRI, a), nil
}

func askHeader(ask Ask) http.Header {
	h := http.Header{"Accept": {AcceptActivity}}
	if ask.ETag != "" {
		h.Set("If-None-Match", ask.ETag)
	}
	if ask.LastModified != "" {
		h.Set("If-Modified-Since", ask.LastModified)
	}
	return h
}

// atHome is the rule of origin: the id is the final URL, or the URL asked for if every
// hop stayed in its origin (a trailing slash). Either way the final location and the id
// are of one origin.
func atHome(id, asked string, a *answer) bool {
	plain, _, _ := strings.Cut(asked, "#")
	return sameURL(id, a.url) || a.inside && (sameURL(id, asked) || sameURL(id, plain))
}

func sameURL(a, b string) bool {
	ua, errA := origin.Parse(a)
	ub, errB := origin.Parse(b)
	return errA == nil && errB == nil && ua.String() == ub.String()
}

// mediaType is the type in small letters and its parameters; "" when unreadable.
func mediaType(h http.Header) (string, map[string]string) {
	media, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "", nil
	}
	return media, params
}

// isActivity wants the media types of ActivityStreams. A server that lets people upload files serves them
// with types that they choose, but hardly with these.
func isActivity(h http.Header) bool {
	media, params := mediaType(h)
	if media == TypeActivity {
		return true
	}
	return media == "application/ld+json" && slices.Contains(strings.Fields(params["profile"]), profileActivity)
}

// idOf finds the id of a document without building the rest of it. A second id is an
// error: two readers would see two.
func idOf(body []byte) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return "", errors.New("not a JSON object")
	}
	id, seen := "", false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return "", errors.New("not JSON")
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return "", errors.New("not JSON")
		}
		if name != "id" {
			continue
		}
		if seen || json.Unmarshal(raw, &id) != nil {
			return "", errors.New("two ids or none that is a text")
		}
		seen = true
	}
	if _, err := dec.Token(); err != nil || dec.More() {
		return "", errors.New("not one JSON object")
	}
	if _, err := origin.Parse(id); err != nil {
		return "", errors.New("no id")
	}
	return id, nil
}
