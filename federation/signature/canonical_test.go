// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/gowebpki/jcs"
)

// FuzzCanonical: what proofs are made of (RFC 8785) does not change when it is made
// canonical again, and is the JSON that it was made of.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, `{"b":1,"a":[true,null,"\u00e9\ud83d\ude00"]}`, `{"n":1e21,"m":0.1,"o":-0}`, `{"\u0000":"<>&\u2028"}`, `{"a":{"a":{"a":[]}}}`, `{"x":123456789012345678901}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) > 1<<16 || !json.Valid(doc) {
			return // proofs are of documents that were read
		}
		once, err := jcs.Transform(doc)
		if err != nil {
			return
		}
		twice, err := jcs.Transform(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%q is %q, and that is %q, %v", doc, once, twice, err)
		}
	})
}
