// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"strings"

	"github.com/dunglas/httpsfv"
)

// AcceptSignature is the field that asks a peer to sign with Ed25519 from now on
// (RFC 9421 §5.1): the value of the header Accept-Signature.
func AcceptSignature() string {
	return `minga=("@method" "@target-uri" "content-digest");created;keyid;alg="ed25519"`
}

// ReadAcceptSignature says which form the values of Accept-Signature ask for that we
// can serve: RFC9421Ed25519, RFC9421RSA, or "" for none. Ed25519 is only ever used
// where alg names it.
func ReadAcceptSignature(values []string) Form {
	joined := strings.Join(values, ", ")
	if joined == "" || len(joined) > MaxHeader {
		return ""
	}
	dict, err := parseDictionary(joined)
	if err != nil {
		return ""
	}
	best := Form("")
	for _, name := range dict.Names() {
		member, _ := dict.Get(name)
		if form := asks(member); form == RFC9421Ed25519 || best == "" {
			best = form
		}
	}
	return best
}

// asks is the form that one member asks for. Components that we do not sign make no
// difference: the peer speaks RFC 9421, and a second knock is there for the rest.
func asks(member httpsfv.Member) Form {
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return ""
	}
	switch alg, _ := list.Params.Get("alg"); alg {
	case "ed25519":
		return RFC9421Ed25519
	case "rsa-v1_5-sha256", nil:
		return RFC9421RSA
	}
	return ""
}
