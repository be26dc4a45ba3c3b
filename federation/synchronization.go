// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"

	"minga/federation/origin"
)

// SynchronizationHeader says how a server sees who of another follows an actor of its own
// (FEP-8fcf).
const SynchronizationHeader = "Collection-Synchronization"

// Synchronization is that header: the followers collection of the sender, the part of it
// that is the receiver's, and the digest of that part.
type Synchronization struct {
	Collection string
	URL        string
	Digest     string // hexadecimal, in lower case
}

// String is the value of the header.
func (s Synchronization) String() string {
	return fmt.Sprintf(`collectionId="%s", url="%s", digest="%s"`, s.Collection, s.URL, s.Digest)
}

// maxSynchronization is how long a header may be, in bytes.
const maxSynchronization = 5 << 10

// parameter is one of the header's; values have no quotes in them.
var parameter = regexp.MustCompile(`^\s*([A-Za-z]{1,40})="([^"\\]*)"\s*(,|$)`)

// ReadSynchronization reads the header of a delivery by an actor whose followers collection
// that is. False: there is none, it is unreadable, of another collection, or leads to
// another origin; then it counts for nothing.
func ReadSynchronization(h http.Header, followers string) (Synchronization, bool) {
	values := h.Values(SynchronizationHeader)
	if len(values) != 1 || len(values[0]) > maxSynchronization || followers == "" {
		return Synchronization{}, false
	}
	found := map[string]string{}
	for rest := values[0]; rest != ""; {
		m := parameter.FindStringSubmatch(rest)
		if m == nil {
			return Synchronization{}, false
		}
		if _, twice := found[m[1]]; twice {
			return Synchronization{}, false
		}
		found[m[1]], rest = m[2], rest[len(m[0]):]
	}
	s := Synchronization{found["collectionId"], found["url"], found["digest"]}
	sum, err := hex.DecodeString(s.Digest)
	good := err == nil && len(sum) == sha256.Size && s.Collection == followers && origin.Same(s.URL, followers)
	return s, good
}

// FollowersDigest is the digest of a part of a followers collection: the SHA-256 of each id,
// XORed, in hexadecimal. Of nobody it is zeros.
func FollowersDigest(ids []string) string {
	var sum [sha256.Size]byte
	for _, id := range ids {
		for i, b := range sha256.Sum256([]byte(id)) {
			sum[i] ^= b
		}
	}
	return hex.EncodeToString(sum[:])
}
