// SPDX-License-Identifier: AGPL-3.0-or-later

package pushtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
)

// Claims are what a proof says of who sends (RFC 8292 §2).
type Claims struct {
	Audience string `json:"aud"`
	Expires  int64  `json:"exp"`
	Subject  string `json:"sub"`
}

// Verified reads and checks the proof of a request as a push service does: the token,
// its key, and that it is for this service.
func Verified(header http.Header, endpoint string) (c Claims, err error) {
	token, key, err := shown(header)
	if err != nil {
		return c, err
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, fmt.Errorf("token %q", token)
	}
	var raw [3][]byte
	for i, part := range parts {
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return c, err
		}
	}
	var head struct{ Typ, Alg string }
	if err := json.Unmarshal(raw[0], &head); err != nil || head.Typ != "JWT" || head.Alg != "ES256" {
		return c, fmt.Errorf("head %s", raw[0])
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	if err != nil {
		return c, err
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return c, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if len(raw[2]) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return c, errors.New("the signature does not hold")
	}
	if err := json.Unmarshal(raw[1], &c); err != nil {
		return c, err
	}
	u, err := url.Parse(endpoint)
	if err == nil && c.Audience != u.Scheme+"://"+u.Host {
		err = fmt.Errorf("for %s", c.Audience)
	}
	return c, err
}

// shown are the token and the key of a request, in either form.
func shown(header http.Header) (token, key string, err error) {
	scheme, rest, _ := strings.Cut(header.Get("Authorization"), " ")
	switch scheme {
	case "vapid":
		for part := range strings.SplitSeq(rest, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "t":
				token = value
			case "k":
				key = value
			}
		}
		return token, key, nil
	case "WebPush":
		raw, err := parameter(header.Get("Crypto-Key"), "p256ecdsa")
		return rest, text64(raw), err
	}
	return "", "", fmt.Errorf("authorization %q", scheme)
}
