// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"minga/coop"
	"minga/storage"
)

// handleBytes is the length of a user handle (WebAuthn §5.4.3): random, since nothing
// about the person may stand in it.
const handleBytes = 32

// longestAnswer is how long the answer of a browser may be, in bytes of JSON.
const longestAnswer = 12 << 10

// relyingParty binds keys to this instance's name and origin (WebAuthn §4); nil for a
// host that is an address, which keys cannot be bound to.
func relyingParty(root, host string) *webauthn.WebAuthn {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return nil
	}
	required := true
	web, err := webauthn.New(&webauthn.Config{
		RPID: name, RPDisplayName: host, RPOrigins: []string{root}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil
	}
	return web
}

// TakesPasskeys tells whether passkeys can be bound to this instance's host.
func (p *Proofs) TakesPasskeys() bool { return p.web != nil }

// Challenge is what the script on a page asks a browser's keys with.
type Challenge struct {
	Ceremony string `json:"ceremony"`  // comes back with the answer
	Options  any    `json:"publicKey"` // WebAuthn §5.4 or §5.5, bytes as base64url
}

// holder is a person with their keys as the library wants them.
type holder struct {
	account *coop.Account
	handle  []byte
	keys    []webauthn.Credential
}

// WebAuthnID is the user handle.
func (h *holder) WebAuthnID() []byte { return h.handle }

// WebAuthnName is what a device shows to tell keys apart.
func (h *holder) WebAuthnName() string { return h.account.Name }

// WebAuthnDisplayName is how the person calls themselves.
func (h *holder) WebAuthnDisplayName() string {
	if h.account.DisplayName != "" {
		return h.account.DisplayName
	}
	return h.account.Name
}

// WebAuthnCredentials are the keys.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// newPasskey is the state of a ceremony for a new key.
type newPasskey struct {
	Session webauthn.SessionData `json:"session"`
	Handle  []byte               `json:"handle"`
}

// errNoPasskeys is said where the host is an address.
var errNoPasskeys = fmt.Errorf("passkeys need a host with a name: %w", coop.ErrNotFound)

// errPasskey is said of answers of browsers that prove nothing.
func errPasskey(err error) error {
	return &coop.InvalidError{Field: "credential", Code: coop.CodeFormat, Problem: "this is no good answer of a passkey: " + coop.CleanLine(err.Error(), 200)}
}

// AskNewPasskey begins a new passkey of a person.
func (p *Proofs) AskNewPasskey(c *gin.Context, a *coop.Account) (*Challenge, error) {
	if p.web == nil {
		return nil, errNoPasskeys
	}
	who, err := p.holder(c, a)
	if err != nil {
		return nil, err
	}
	var known []protocol.CredentialDescriptor
	for _, key := range who.keys {
		known = append(known, key.Descriptor())
	}
	options, session, err := p.web.BeginRegistration(who, webauthn.WithExclusions(known))
	if err != nil {
		return nil, fmt.Errorf("begin a passkey: %w", err)
	}
	secret, err := p.Gate.Begin(c, CeremonyNewPasskey, a.ID, newPasskey{*session, who.handle}, ceremonyLife)
	return &Challenge{secret, options.Response}, err
}

// holder reads the keys of a person, whose handle is that of the first, or a new one.
func (p *Proofs) holder(c *gin.Context, a *coop.Account) (*holder, error) {
	keys, err := p.Store.Passkeys(c.Request.Context(), a.ID)
	if err != nil {
		return nil, err
	}
	who := &holder{account: a}
	for _, key := range keys {
		credential, err := credentialOf(&key)
		if err != nil {
			return nil, err
		}
		who.keys, who.handle = append(who.keys, *credential), key.Handle
	}
	if who.handle == nil {
		who.handle = make([]byte, handleBytes)
		_, _ = rand.Read(who.handle) // never fails (crypto/rand)
	}
	return who, nil
}

// credentialOf is a key as the library wants it, with the count that the store keeps.
func credentialOf(p *coop.Passkey) (*webauthn.Credential, error) {
	var credential webauthn.Credential
	if err := json.Unmarshal([]byte(p.Record), &credential); err != nil {
		return nil, fmt.Errorf("record of passkey %s: %w", p.ID, err)
	}
	credential.ID, credential.Authenticator.SignCount = p.Credential, p.Signs
	return &credential, nil
}

// recordOf is what is kept of a key. What its maker says of it is not: nobody asks.
func recordOf(credential *webauthn.Credential) (string, error) {
	kept := *credential
	kept.Attestation = webauthn.CredentialAttestation{}
	text, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("record of a passkey: %w", err)
	}
	return string(text), nil
}

// NewPasskey reads a browser's answer to [Proofs.AskNewPasskey], and gives the passkey
// to store. What proves nothing is a *coop.InvalidError, what was not asked here and
// now [coop.ErrNotFound].
func (p *Proofs) NewPasskey(c *gin.Context, a *coop.Account, ceremony, answer, name string) (*coop.Passkey, error) {
	if p.web == nil {
		return nil, errNoPasskeys
	}
	var state newPasskey
	half, err := p.Finish(c, CeremonyNewPasskey, ceremony, &state)
	if err != nil {
		return nil, err
	}
	if half.AccountID != a.ID {
		return nil, fmt.Errorf("passkey of somebody else: %w", coop.ErrNotFound)
	}
	if len(answer) > longestAnswer {
		return nil, errPasskey(coop.ErrTooLarge)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return nil, errPasskey(err)
	}
	credential, err := p.web.CreateCredential(&holder{account: a, handle: state.Handle}, state.Session, parsed)
	if err != nil {
		return nil, errPasskey(err)
	}
	record, err := recordOf(credential)
	return &coop.Passkey{
		AccountID: a.ID, Credential: credential.ID, Handle: state.Handle, Record: record, Name: name, Signs: credential.Authenticator.SignCount,
	}, err
}

// AskPasskey begins a proof by whatever passkey of this instance the browser has.
func (p *Proofs) AskPasskey(c *gin.Context) (*Challenge, error) {
	if p.web == nil {
		return nil, errNoPasskeys
	}
	options, session, err := p.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	secret, err := p.Gate.Begin(c, CeremonyPasskey, 0, session, ceremonyLife)
	return &Challenge{secret, options.Response}, err
}

// ErrCopied is said of a passkey that exists twice: it lets nobody in any more.
var ErrCopied = fmt.Errorf("this passkey was copied: %w", coop.ErrForbidden)

// CheckPasskey reads a browser's answer to [Proofs.AskPasskey] and says whose passkey
// signed it, and how to tell that it is still there. With the verification of its user,
// which is demanded, that is both factors. What proves nothing is a *coop.InvalidError, what was not asked here and now
// [coop.ErrNotFound], a key that was copied [ErrCopied].
func (p *Proofs) CheckPasskey(c *gin.Context, ceremony, answer string) (*coop.Account, Still, error) {
	if p.web == nil {
		return nil, nil, errNoPasskeys
	}
	var session webauthn.SessionData
	if _, err := p.Finish(c, CeremonyPasskey, ceremony, &session); err != nil {
		return nil, nil, err
	}
	if len(answer) > longestAnswer {
		return nil, nil, errPasskey(coop.ErrTooLarge)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return nil, nil, errPasskey(err)
	}
	var key *coop.Passkey
	var broken error
	user, credential, err := p.web.ValidatePasskeyLogin(func(id, _ []byte) (webauthn.User, error) {
		var who *holder
		if key, who, broken = p.byCredential(c, id); broken != nil {
			return nil, broken
		}
		return who, nil
	}, session, parsed)
	if broken != nil && !errors.Is(broken, coop.ErrNotFound) {
		return nil, nil, broken
	}
	if err != nil {
		return nil, nil, errPasskey(err)
	}
	account := user.(*holder).account
	still := func(ctx context.Context, tx *storage.Tx) error {
		if now, err := tx.PasskeyByCredential(ctx, key.Credential); err != nil || now.CopiedAt.IsZero() {
			return err
		}
		return ErrCopied
	}
	return account, still, p.used(c, account, key, credential)
}

// byCredential finds the key that a browser names, and its person. The library compares
// the user handle.
func (p *Proofs) byCredential(c *gin.Context, id []byte) (*coop.Passkey, *holder, error) {
	ctx := c.Request.Context()
	key, err := p.Store.PasskeyByCredential(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	account, err := p.Store.Account(ctx, key.AccountID)
	if err != nil {
		return nil, nil, err
	}
	if !account.MaySignIn() {
		return nil, nil, coop.ErrNotFound
	}
	credential, err := credentialOf(key)
	if err != nil {
		return nil, nil, err
	}
	return key, &holder{account, key.Handle, []webauthn.Credential{*credential}}, nil
}

// used notes the signature. A count that does not go on means that there are two of
// the key: the person is told.
func (p *Proofs) used(c *gin.Context, a *coop.Account, key *coop.Passkey, credential *webauthn.Credential) error {
	signs := credential.Authenticator.SignCount
	credential.Authenticator.CloneWarning = false
	record, err := recordOf(credential)
	if err != nil {
		return err
	}
	ctx, good := c.Request.Context(), false
	err = p.Store.Write(ctx, func(tx *storage.Tx) error {
		if good, err = tx.UsePasskey(ctx, key, signs, record); err != nil || good || !key.CopiedAt.IsZero() {
			return err
		}
		if err := tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "security.passkey-copied", Target: string(a.IRI), Why: key.Name}); err != nil {
			return err
		}
		return p.Warn(ctx, tx, a, WarnCopy)
	})
	if err == nil && !good {
		err = ErrCopied
	}
	return err
}
