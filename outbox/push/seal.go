// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"

	"minga/coop"
)

// Both ways of encryption are one: a key of P-256 that is used once, a secret shared
// with the app's, and AES-128-GCM with a key and a nonce drawn from both and a salt.
// They differ in what is drawn from what, and in where salt and key are written: before
// the text (RFC 8188 §2.1) or in headers (draft-ietf-webpush-encryption-04 §3). No
// padding is added: apps that read the draft take what follows the two bytes that count
// it for the message, and relays to phones have room for little more than the message.

// recordSize is what the header says of records (RFC 8188 §2.1); a message is one.
const recordSize = 4096

// saltSize is that of a salt, in bytes.
const saltSize = 16

// sealed is a message as it goes out.
type sealed struct {
	body   []byte
	header http.Header // of the encryption
}

// once are the numbers of one message.
type once struct {
	salt  []byte
	ours  *ecdh.PrivateKey
	their []byte // the app's public key
	auth  []byte
}

// newOnce draws them.
func newOnce(s *coop.PushSubscription) (once, error) {
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return once{}, err
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return once{salt, ours, s.Key, s.Auth}, nil
}

// seal encrypts a message for a subscription.
func seal(s *coop.PushSubscription, message []byte) (sealed, error) {
	o, err := newOnce(s)
	if err != nil {
		return sealed{}, fmt.Errorf("encrypt for subscription %s: %w", s.ID, err)
	}
	how := o.draft
	if s.Standard {
		how = o.standard
	}
	out, err := how(message)
	if err != nil {
		return sealed{}, fmt.Errorf("encrypt for subscription %s: %w", s.ID, err)
	}
	return out, nil
}

// standard is RFC 8291 §3.4.
func (o once) standard(message []byte) (sealed, error) {
	public := o.ours.PublicKey().Bytes()
	secret, err := o.secret("WebPush: info\x00" + string(o.their) + string(public))
	if err != nil {
		return sealed{}, err
	}
	// 2: the last record (RFC 8188 §2).
	text, err := o.encrypt(secret, append(slices.Clone(message), 2), "Content-Encoding: aes128gcm\x00", "Content-Encoding: nonce\x00")
	if err != nil {
		return sealed{}, err
	}
	head := binary.BigEndian.AppendUint32(slices.Clone(o.salt), recordSize)
	head = append(append(head, byte(len(public))), public...)
	return sealed{append(head, text...), http.Header{"Content-Encoding": {"aes128gcm"}}}, nil
}

// draft is draft-ietf-webpush-encryption-04 §4, of draft-ietf-httpbis-encryption-encoding-02.
func (o once) draft(message []byte) (sealed, error) {
	public := o.ours.PublicKey().Bytes()
	secret, err := o.secret("Content-Encoding: auth\x00")
	if err != nil {
		return sealed{}, err
	}
	keys := "P-256\x00" + counted(o.their) + counted(public)
	// 0, 0: so many bytes of padding follow.
	text, err := o.encrypt(secret, append([]byte{0, 0}, message...), "Content-Encoding: aesgcm\x00"+keys, "Content-Encoding: nonce\x00"+keys)
	if err != nil {
		return sealed{}, err
	}
	return sealed{text, http.Header{
		"Content-Encoding": {"aesgcm"}, "Encryption": {"salt=" + text64(o.salt)}, "Crypto-Key": {"dh=" + text64(public)},
	}}, nil
}

// counted is bytes after their number, in two bytes.
func counted(b []byte) string {
	return string(binary.BigEndian.AppendUint16(nil, uint16(len(b)))) + string(b)
}

// secret is what this message and the app share.
func (o once) secret(info string) ([]byte, error) {
	their, err := ecdh.P256().NewPublicKey(o.their)
	if err != nil {
		return nil, err
	}
	shared, err := o.ours.ECDH(their)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, shared, o.auth, info, 32)
}

// encrypt draws key and nonce and encrypts.
func (o once) encrypt(secret, text []byte, keyInfo, nonceInfo string) ([]byte, error) {
	contentKey, err := hkdf.Key(sha256.New, secret, o.salt, keyInfo, 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, secret, o.salt, nonceInfo, 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(contentKey)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nonce, text, nil), nil
}
