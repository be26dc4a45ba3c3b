// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/dunglas/httpsfv"
)

// checkDigest holds the Digest header of RFC 3230 against the body. Other algorithms
// beside SHA-256 are ignored; two SHA-256 are refused even where one is right, because
// nobody honest sends them.
func checkDigest(header string, body []byte) error {
	var found string
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(name, "sha-256") {
			continue
		}
		if found != "" && found != value {
			return refuse(Repeated, "two SHA-256 digests")
		}
		found = value
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(found)
	if err != nil {
		return refuse(BadDigest, "not base64")
	}
	return compareDigest(sum, body)
}

// checkContentDigest holds the Content-Digest header of RFC 9530 against the body.
func checkContentDigest(header string, body []byte) error {
	dict, err := parseDictionary(header)
	if err != nil {
		return err
	}
	member, ok := dict.Get("sha-256")
	if !ok {
		return refuse(BadDigest, "no sha-256")
	}
	item, ok := member.(httpsfv.Item)
	if !ok {
		return refuse(BadDigest, "not bytes")
	}
	sum, ok := item.Value.([]byte)
	if !ok {
		return refuse(BadDigest, "not bytes")
	}
	return compareDigest(sum, body)
}

func compareDigest(sum, body []byte) error {
	want := sha256.Sum256(body)
	if subtle.ConstantTimeCompare(sum, want[:]) != 1 {
		return refuse(BadDigest, "not of this body")
	}
	return nil
}

func digestHeader(body []byte) string {
	sum := sha256.Sum256(body)
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

func contentDigestHeader(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// parseDictionary reads a structured field and refuses what the library, as RFC 9651
// wants, lets the last one win in: a repeated key or parameter.
func parseDictionary(header string) (*httpsfv.Dictionary, error) {
	dict, err := httpsfv.UnmarshalDictionary([]string{header})
	if err != nil {
		return nil, refuse(Malformed, "not a structured field")
	}
	members, params := 0, 0
	for _, name := range dict.Names() {
		member, _ := dict.Get(name)
		members++
		params += countParams(member)
	}
	if members != 0 && members != 1+countOutside(header, ',') || params != countOutside(header, ';') {
		return nil, refuse(Repeated, "key or parameter")
	}
	return dict, nil
}

// countParams counts all parameters of a member and of what is inside it.
func countParams(m httpsfv.Member) int {
	switch m := m.(type) {
	case httpsfv.Item:
		return len(m.Params.Names())
	case httpsfv.InnerList:
		n := len(m.Params.Names())
		for _, item := range m.Items {
			n += len(item.Params.Names())
		}
		return n
	}
	return 0
}

// countOutside counts a sign that is not inside a quoted string.
func countOutside(s string, sign byte) int {
	n, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sign && !quoted:
			n++
		}
	}
	return n
}
