// SPDX-License-Identifier: AGPL-3.0-or-later

package signature

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"minga/federation/origin"

	"github.com/mr-tron/base58"
)

const (
	minRSABits = 2048
	maxRSABits = 8192
	maxKeyText = 16 << 10 // an RSA key of 8192 bits is 1.5 kB of PEM
)

// multicodec is the prefix of an Ed25519 public key in a Multikey (FEP-521a).
var multicodec = [2]byte{0xed, 0x01}

// PublicKey is the key of an actor elsewhere.
type PublicKey struct {
	ID    string           // as the owner's document lists it, with its fragment
	Owner string           // id of the actor that lists it; of the same origin as ID
	Key   crypto.PublicKey // *rsa.PublicKey or ed25519.PublicKey
}

// PrivateKey is a key of ours.
type PrivateKey struct {
	ID     string        // as our actor's document lists it
	Signer crypto.Signer // *rsa.PrivateKey or ed25519.PrivateKey
}

// ParsePublicPEM reads a public key as it stands in publicKey.publicKeyPem: PKIX or
// PKCS #1, RSA of 2048 to 8192 bits with a sane exponent, or Ed25519. Certificates
// and everything else are refused with Reason BadKey.
func ParsePublicPEM(text string) (crypto.PublicKey, error) {
	if len(text) > maxKeyText {
		return nil, refuse(BadKey, "too long")
	}
	block, rest := pem.Decode([]byte(text))
	if block == nil || strings.TrimSpace(string(rest)) != "" {
		return nil, refuse(BadKey, "not one PEM block")
	}
	key, err := parseDER(block.Type, block.Bytes)
	if err != nil {
		return nil, err
	}
	return key, checkKey(key)
}

// parseDER reads the inside of a PEM block. Some servers label PKCS #1 as PKIX and
// the other way round, so the label only chooses what is tried first.
func parseDER(label string, der []byte) (crypto.PublicKey, error) {
	if label != "PUBLIC KEY" && label != "RSA PUBLIC KEY" {
		return nil, refuse(BadKey, "not a public key")
	}
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, refuse(BadKey, "unreadable")
	}
	return key, nil
}

// checkKey is asked of every key before it verifies anything. An even or tiny
// exponent verifies what nobody signed; a huge modulus or exponent takes minutes.
func checkKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case ed25519.PublicKey:
		if len(k) != ed25519.PublicKeySize {
			return refuse(BadKey, "length")
		}
	case *rsa.PublicKey:
		if k == nil || k.N == nil || k.N.BitLen() < minRSABits || k.N.BitLen() > maxRSABits {
			return refuse(BadKey, "size")
		}
		if k.N.Sign() <= 0 || k.N.Bit(0) == 0 || k.E < 3 || k.E&1 == 0 || k.E > 1<<31-1 {
			return refuse(BadKey, "modulus or exponent")
		}
	default:
		return refuse(BadKey, "kind")
	}
	return nil
}

// check judges a key that a resolver found: its owner lives where it does.
func (k PublicKey) check() error {
	if k.Owner == "" || !origin.Same(k.ID, k.Owner) {
		return refuse(BadKey, "owner is elsewhere")
	}
	return checkKey(k.Key)
}

// EncodePublicPEM writes a public key as PKIX PEM, the form every server reads.
func EncodePublicPEM(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// ParseMultikey reads publicKeyMultibase of a Multikey (FEP-521a): "z", then
// base58-btc of 0xed01 and the 32 bytes of an Ed25519 key. Anything else is refused
// with Reason BadKey.
func ParseMultikey(text string) (ed25519.PublicKey, error) {
	if len(text) > 64 || !strings.HasPrefix(text, "z") {
		return nil, refuse(BadKey, "not base58-btc of an Ed25519 key")
	}
	raw, err := base58.Decode(text[1:])
	if err != nil || len(raw) != 2+ed25519.PublicKeySize || [2]byte(raw) != multicodec {
		return nil, refuse(BadKey, "not an Ed25519 Multikey")
	}
	return ed25519.PublicKey(raw[2:]), nil
}

// EncodeMultikey writes an Ed25519 public key as publicKeyMultibase.
func EncodeMultikey(key ed25519.PublicKey) string {
	return "z" + base58.Encode(append(multicodec[:], key...))
}

// GenerateRSA makes a key of 2048 bits, the size every server of the fediverse takes.
func GenerateRSA() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, minRSABits)
	if err != nil {
		return nil, fmt.Errorf("generate RSA key: %w", err)
	}
	return key, nil
}

// GenerateEd25519 makes a key for RFC 9421 and for proofs.
func GenerateEd25519() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate Ed25519 key: %w", err)
	}
	return key, nil
}

// EncodePrivate writes a private key as PKCS #8 DER, to be encrypted at rest.
func EncodePrivate(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode private key: %w", err)
	}
	return der, nil
}

// ParsePrivate reads what EncodePrivate wrote: *rsa.PrivateKey or ed25519.PrivateKey.
func ParsePrivate(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("parse private key: not a signing key")
	}
	return signer, checkKey(signer.Public())
}
