// SPDX-License-Identifier: AGPL-3.0-or-later

package activitypub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
)

// Document answers a path of ours as ActivityPub: an actor, a collection, or the
// stored bytes of an object or activity. What the reader may not see is not
// found, in the same bytes as what never was. In a rehearsal nobody finds anything.
func (f *Face) Document(c *gin.Context) error {
	if err := f.Open(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	path := c.Request.URL.Path
	viewer, err := f.viewer(c)
	if err != nil {
		return err
	}
	body, public, err := f.find(ctx, viewer, path, c.Request.URL.Query())
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return f.tombstone(c, path, err)
	}
	if err != nil {
		return err
	}
	return f.answer(c, http.StatusOK, body, public)
}

// viewer is who reads, by the signature of the request. Where the instance
// demands signatures, only the instance actor is read without.
func (f *Face) viewer(c *gin.Context) (coop.Viewer, error) {
	if c.Request.URL.Path == "/actor" {
		// Served without any request of our own, else two servers wait for each other.
		return coop.Anonymous(), nil
	}
	viewer, err := f.Inbox.VerifyGet(c.Request.Context(), f.request(c, nil))
	if err != nil {
		return viewer, err
	}
	if f.AuthorizedFetch && viewer.Class == coop.ViewerAnonymous {
		return viewer, fmt.Errorf("unsigned read: %w", errUnsigned{})
	}
	auth.SetViewer(c, viewer)
	return viewer, nil
}

// errUnsigned is said where every read needs a signature.
type errUnsigned struct{}

func (errUnsigned) Error() string { return "this server answers signed requests only" }

// Status is 401.
func (errUnsigned) Status() int { return http.StatusUnauthorized }

// find gives the bytes of a path and whether anybody may have them.
func (f *Face) find(ctx context.Context, viewer coop.Viewer, path string, asked url.Values) (body []byte, public bool, err error) {
	if strings.HasPrefix(path, "/requests/") {
		return f.findRequest(ctx, viewer, path, asked.Get("page"))
	}
	if strings.HasPrefix(path, "/agreements/") {
		return f.findObject(ctx, viewer, path, "")
	}
	actor := actorPath(path)
	rest, page := strings.TrimPrefix(strings.TrimPrefix(path, actor), "/"), asked.Get("page")
	owner, err := f.Store.AccountByIRI(ctx, coop.IRI(f.base()+actor))
	if err != nil {
		return nil, false, err
	}
	if !owner.DeletedAt.IsZero() {
		return nil, false, fmt.Errorf("actor %s: %w", actor, coop.ErrGone)
	}
	if owner.Gone() || !owner.Local {
		return nil, false, fmt.Errorf("actor %s: %w", actor, coop.ErrNotFound)
	}
	switch {
	case rest == "":
		body, err = f.Outbox.ActorDocument(ctx, owner)
		return body, true, err
	case rest == string(outbox.CollectionJobs) && page == "" && len(asked) > 0:
		body, err = f.Outbox.AnswerJobs(ctx, viewer, owner, asked)
		return body, viewer.Class == coop.ViewerAnonymous, err
	case !strings.Contains(rest, "/") && slices.Contains(accountCollections, outbox.CollectionName(rest)):
		body, err = f.Outbox.Collection(ctx, viewer, owner, outbox.CollectionName(rest), page)
		return body, viewer.Class == coop.ViewerAnonymous, err
	}
	return f.findObject(ctx, viewer, path, page)
}

// findRequest gives what stands below the address of a request: the document itself, its
// activities and collections, and its roles, each a proposal (FEP-0837).
func (f *Face) findRequest(ctx context.Context, viewer coop.Viewer, path, page string) ([]byte, bool, error) {
	request, key, ok := strings.Cut(path, "/slots/")
	if !ok {
		return f.findObject(ctx, viewer, path, page)
	}
	post, err := f.Store.PostByIRI(ctx, viewer, coop.IRI(f.base()+request))
	if err != nil {
		return nil, false, err
	}
	body, err := f.Outbox.SlotDocument(post, key)
	return body, viewer.Class == coop.ViewerAnonymous, err
}

// accountCollections are served below an actor.
var accountCollections = []outbox.CollectionName{
	outbox.CollectionOutbox, outbox.CollectionFollowers, outbox.CollectionFollowing, outbox.CollectionFeatured, outbox.CollectionTags,
	outbox.CollectionJobs, outbox.CollectionKnowledge, outbox.CollectionRequests, outbox.CollectionMembers,
	outbox.CollectionServices, outbox.CollectionCapacity,
	outbox.CollectionDecisions, outbox.CollectionPart,
}

// findObject gives a stored document, or a collection below a post.
func (f *Face) findObject(ctx context.Context, viewer coop.Viewer, path, page string) ([]byte, bool, error) {
	iri := coop.IRI(f.base() + path)
	for _, name := range []outbox.CollectionName{outbox.CollectionReplies, outbox.CollectionContext} {
		parent, ok := strings.CutSuffix(path, "/"+string(name))
		if !ok {
			continue
		}
		post, err := f.Store.PostByIRI(ctx, viewer, coop.IRI(f.base()+parent))
		if err != nil {
			return nil, false, err
		}
		body, err := f.Outbox.PostCollection(ctx, viewer, post, name, page)
		return body, post.Visibility == coop.VisiblePublic && viewer.Class == coop.ViewerAnonymous, err
	}
	document, err := f.Store.VisibleDocument(ctx, viewer, iri)
	if errors.Is(err, coop.ErrNotFound) {
		if record, found := f.Store.Record(ctx, viewer, iri); found == nil && len(record.Body) > 0 {
			return record.Body, false, nil
		}
	}
	if err != nil {
		return nil, false, err
	}
	f.remember(ctx, viewer, document.PostID)
	return document.Body, document.Public, nil
}

// remember writes down that a server holds a post, so that its changes and its
// end reach that server too.
func (f *Face) remember(ctx context.Context, viewer coop.Viewer, post coop.ID) {
	if viewer.Host == "" || post == 0 {
		return
	}
	if _, stored := f.told.SetIfAbsent(holding{viewer.Host, post}, struct{}{}); !stored {
		return
	}
	if err := f.hold(ctx, viewer, post); err != nil {
		f.told.Invalidate(holding{viewer.Host, post})
		f.Log.WarnContext(ctx, "holder not noted", "host", viewer.Host, "err", err)
	}
}

// tombstone answers 410 with a Tombstone where something stood that everybody could
// see (ActivityPub §6.4), else the error as it is.
func (f *Face) tombstone(c *gin.Context, path string, cause error) error {
	ctx := c.Request.Context()
	stone, err := f.Store.Tombstone(ctx, coop.IRI(f.base()+path))
	if err == nil && stone.Hidden {
		return cause
	}
	if err != nil {
		// The Create of what was withdrawn went with it.
		if of, ok := strings.CutSuffix(path, "/create"); ok {
			if stone, gone := f.Store.Tombstone(ctx, coop.IRI(f.base()+of)); gone == nil && !stone.Hidden {
				return fmt.Errorf("create of %s: %w", of, coop.ErrGone)
			}
		}
		return cause
	}
	body, err := outbox.Tombstone(stone)
	if err != nil {
		return err
	}
	return f.answer(c, http.StatusGone, body, true)
}

// answer writes a document in the media type that was asked for, with an ETag
// of its bytes.
func (f *Face) answer(c *gin.Context, status int, body []byte, public bool) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := c.Writer.Header()
	open(c)
	h.Set("Vary", "Accept, Signature, Signature-Input")
	h.Set("Cache-Control", "private, no-store")
	if public && !f.AuthorizedFetch {
		h.Set("Cache-Control", "public, max-age=60")
	}
	h.Set("ETag", tag)
	if status == http.StatusOK && sameTag(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Data(status, wantedType(c.GetHeader("Accept")), body)
	return nil
}

// sameTag tells whether an If-None-Match header names the tag. It is compared
// weakly, since proxies that compress weaken our tags on the way (RFC 9110 §13.1.2).
func sameTag(header, tag string) bool {
	for _, one := range strings.Split(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}
