// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/storage"
)

// secretName is under what the store keeps the key, sealed.
const secretName = "push/vapid"

// proofLife is how long a proof holds: push services take none of more than a day
// (RFC 8292 §2).
const proofLife = 12 * time.Hour

// key is the one key with which this instance proves who sends (RFC 8292 §2).
// Subscriptions are bound to it: when it is changed they end, and apps subscribe anew
// ([Sender.RotateKey]).
type key struct {
	private *ecdsa.PrivateKey
	public  string // base64url
}

// loadKey reads the key from the store, and makes it at the first start. Of two nodes
// that start at once the one that comes second takes the other's.
func loadKey(ctx context.Context, store *storage.Store) (*key, error) {
	var raw []byte
	err := store.Write(ctx, func(tx *storage.Tx) (err error) {
		if raw, err = tx.Secret(ctx, secretName); !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		fresh, err := newKey()
		if err != nil {
			return err
		}
		if err := tx.AddSecret(ctx, secretName, fresh); err != nil {
			return err
		}
		raw, err = tx.Secret(ctx, secretName)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("key for web push: %w", err)
	}
	return parseKey(raw)
}

// newKey makes a key, PKCS #8.
func newKey() ([]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(private)
}

// parseKey reads a key.
func parseKey(raw []byte) (*key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("key for web push: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("key for web push: no key of P-256")
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("key for web push: %w", err)
	}
	return &key{private, text64(point)}, nil
}

// text64 is base64url without padding, as all of web push writes bytes.
func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// claims are what a proof says (RFC 8292 §2).
type claims struct {
	Audience string `json:"aud"` // the origin of the push service
	Expires  int64  `json:"exp"` // Unix seconds
	Subject  string `json:"sub"` // whom the push service may write to
}

// proof is a signed token for one push service (RFC 7519, RFC 7518 §3.4).
func (k *key) proof(c claims) (string, error) {
	said, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	text := text64([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + text64(said)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", fmt.Errorf("proof for %s: %w", c.Audience, err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + text64(signature), nil
}
