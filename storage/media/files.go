// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"time"

	"minga/coop"
)

// The areas in which files lie.
const (
	areaOwn   = "own"   // uploads of this instance
	areaCache = "cache" // pictures of other servers
	// areaSealed are files that lie encrypted and are handed to few: nobody reads one by
	// its address, and a bucket that everybody may read tells nothing of them.
	areaSealed = "sealed"
	// areaExports are archives of what people have, encrypted too, for a week.
	areaExports = "exports"
)

// Files keeps bytes under keys such as own/3f/3fa9….jpg. A key of another shape is
// [coop.ErrNotFound].
type Files interface {
	// Put keeps size bytes of body; only when it returns nil is there a file, whole.
	// [coop.ErrFull] says that there is no room.
	Put(ctx context.Context, key string, body io.Reader, size int64, mediaType string) error
	// Open gives a file, or [coop.ErrNotFound]. Whoever opens it closes it.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Remove takes a file away; a missing one is no error.
	Remove(ctx context.Context, key string) error
}

// lister is a store that can tell what it has.
type lister interface {
	// Each calls do for every file of an area until it returns an error.
	Each(ctx context.Context, area string, do func(key string, size int64, written time.Time) error) error
}

// keyShape is every key there is: nothing else reaches a disk or a bucket.
var keyShape = regexp.MustCompile(`^(own|cache|sealed|exports)/[0-9a-f]{2}/[0-9a-f]{32}\.[0-9a-z]{2,4}$`)

// nameShape is a name in an address.
var nameShape = regexp.MustCompile(`^[0-9a-f]{32}\.[0-9a-z]{2,4}$`)

// newName is a name that nobody can guess, with the ending of a type.
func newName(ending string) (string, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("name of a file: %w", err)
	}
	return hex.EncodeToString(b) + "." + ending, nil
}

// keyOf is where a name lies: spread over 256 folders, since some file systems and
// all people dislike one with a million files.
func keyOf(area, name string) (string, error) {
	if !nameShape.MatchString(name) {
		return "", fmt.Errorf("file %.60q: %w", name, coop.ErrNotFound)
	}
	return area + "/" + name[:2] + "/" + name, nil
}

// checkKey refuses keys of another shape.
func checkKey(key string) error {
	if !keyShape.MatchString(key) {
		return fmt.Errorf("file %.60q: %w", key, coop.ErrNotFound)
	}
	return nil
}
