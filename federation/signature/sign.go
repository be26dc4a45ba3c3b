// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"net/http"
	"time"
)

// Sign signs a request that is about to be sent (federation.md 4.2). It sets the
// headers that it covers: Date and Digest, or Content-Digest, and the signature's own;
// what stood there before is replaced, so one request may be signed anew. Content-Type
// must have been set when there is a body; body is nil for a GET. form is Cavage
// (RSA), RFC9421RSA or RFC9421Ed25519, and must fit the type of the key.
func Sign(r *http.Request, body []byte, key PrivateKey, form Form, now time.Time) error {
	return errNotBuilt
}

// AcceptSignature is the field that asks a peer to sign with Ed25519 from now on
// (RFC 9421 §5.1): the value of the header Accept-Signature.
func AcceptSignature() string {
	return `minga=("@method" "@target-uri" "content-digest");created;keyid;alg="ed25519"`
}

// ReadAcceptSignature says which form the values of Accept-Signature ask for that we
// can serve: RFC9421Ed25519, RFC9421RSA, or "" for none.
func ReadAcceptSignature(values []string) Form { return "" }
