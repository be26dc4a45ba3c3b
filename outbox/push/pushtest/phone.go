// SPDX-License-Identifier: AGPL-3.0-or-later

// Package pushtest plays both ends of web push in tests: the push service, and the app
// with its keys, which reads messages by code of its own that owes nothing to the
// sender's. It is no part of the program.
package pushtest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Phone is an app with keys of its own.
type Phone struct {
	Private *ecdh.PrivateKey
	Secret  []byte // auth, 16 bytes
}

// NewPhone makes one.
func NewPhone(t testing.TB) *Phone {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	_, _ = rand.Read(auth)
	return &Phone{private, auth}
}

// mac is HMAC-SHA-256.
func mac(key []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// derive is HKDF for at most 32 bytes (RFC 5869 §2), written out.
func derive(salt, secret, info []byte, n int) []byte {
	return mac(mac(salt, secret), info, []byte{1})[:n]
}

// Open reads a message in either encoding.
func (p *Phone) Open(header http.Header, body []byte) ([]byte, error) {
	switch kind := header.Get("Content-Encoding"); kind {
	case "aes128gcm":
		return p.openStandard(body)
	case "aesgcm":
		return p.openDraft(header, body)
	default:
		return nil, fmt.Errorf("encoding %q", kind)
	}
}

// Key is the public key, base64url.
func (p *Phone) Key() string { return text64(p.Private.PublicKey().Bytes()) }

// Auth is the secret of both ends, base64url.
func (p *Phone) Auth() string { return text64(p.Secret) }

// text64 is base64url without padding.
func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// openStandard is RFC 8291 §3.3 and RFC 8188 §2, read from the end of the app.
func (p *Phone) openStandard(body []byte) ([]byte, error) {
	if len(body) < 86 || body[20] != 65 || int(binary.BigEndian.Uint32(body[16:20])) < len(body)-86 {
		return nil, errors.New("no head of one record")
	}
	salt, sender, text := body[:16], body[21:86], body[86:]
	shared, err := p.shared(sender)
	if err != nil {
		return nil, err
	}
	info := bytes.Join([][]byte{[]byte("WebPush: info"), {0}, p.Private.PublicKey().Bytes(), sender}, nil)
	secret := derive(p.Secret, shared, info, 32)
	plain, err := decrypt(derive(salt, secret, []byte("Content-Encoding: aes128gcm\x00"), 16), derive(salt, secret, []byte("Content-Encoding: nonce\x00"), 12), text)
	if err != nil {
		return nil, err
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("not the last record")
	}
	return plain[:len(plain)-1], nil
}

// openDraft is draft-ietf-webpush-encryption-04, read from the end of the app.
func (p *Phone) openDraft(header http.Header, body []byte) ([]byte, error) {
	salt, err := parameter(header.Get("Encryption"), "salt")
	if err != nil {
		return nil, err
	}
	sender, err := parameter(header.Get("Crypto-Key"), "dh")
	if err != nil {
		return nil, err
	}
	shared, err := p.shared(sender)
	if err != nil {
		return nil, err
	}
	secret := derive(p.Secret, shared, []byte("Content-Encoding: auth\x00"), 32)
	keys := bytes.Join([][]byte{[]byte("P-256"), {0}, {0, 65}, p.Private.PublicKey().Bytes(), {0, 65}, sender}, nil)
	info := func(name string) []byte { return append([]byte("Content-Encoding: "+name+"\x00"), keys...) }
	plain, err := decrypt(derive(salt, secret, info("aesgcm"), 16), derive(salt, secret, info("nonce"), 12), body)
	if err != nil {
		return nil, err
	}
	padding := int(binary.BigEndian.Uint16(plain))
	return plain[2+padding:], nil
}

// shared is the secret of both.
func (p *Phone) shared(sender []byte) ([]byte, error) {
	key, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	return p.Private.ECDH(key)
}

func decrypt(key, nonce, text []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return aead.Open(nil, nonce, text, nil)
}

// parameter is name=base64url in a header of the drafts.
func parameter(header, name string) ([]byte, error) {
	for part := range strings.FieldsFuncSeq(header, func(r rune) bool { return r == ';' || r == ',' }) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), name+"="); ok {
			return base64.RawURLEncoding.DecodeString(value)
		}
	}
	return nil, fmt.Errorf("no %s in %q", name, header)
}
