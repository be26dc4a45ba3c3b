// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"minga/coop"
	"minga/storage"
)

// ProofOptions are what Proofs are made of; all are required.
type ProofOptions struct {
	Store *storage.Store
	Gate  *Gate
	Now   func() time.Time
	Root  string // scheme and host[:port] of the instance, such as https://coop.example
	Host  string // host[:port]
	// Warn tells a person of something about their second factors, in a transaction.
	Warn func(ctx context.Context, tx *storage.Tx, a *coop.Account, what Warning) error
}

// Warning is something that a person should hear of, wherever they are.
type Warning string

// The warnings.
const (
	WarnFactors Warning = "factors" // a second factor came or went
	WarnCodes   Warning = "codes"   // many wrong codes: a pause began
	WarnCopy    Warning = "copy"    // a passkey exists twice
)

// Proofs checks what people show besides a password: codes, codes on paper, passkeys.
type Proofs struct {
	ProofOptions
	web *webauthn.WebAuthn // nil: a host that passkeys cannot be bound to
}

// NewProofs makes the one of a process.
func NewProofs(o ProofOptions) *Proofs { return &Proofs{o, relyingParty(o.Root, o.Host)} }

// A step of codes (RFC 6238 §4.1), and how many before and after the present one are
// taken.
const (
	codeStep  = 30
	codeDrift = 1
	codeSize  = 6
)

// seedBytes is the length of a seed (RFC 4226 §4, R6).
const seedBytes = 20

// codeOptions are those that every program for codes knows.
var codeOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// NewSeed keeps a new seed of a person, in place of one that was not confirmed. While
// one counts it is [coop.ErrConflict].
func (p *Proofs) NewSeed(ctx context.Context, account coop.ID) error {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: p.Host, AccountName: "minga", SecretSize: seedBytes})
	if err != nil {
		return fmt.Errorf("new seed: %w", err)
	}
	return p.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetCodeSeed(ctx, account, key.Secret()) })
}

// stepOf is the step whose code was typed, of those that may be now. All are looked
// at, whatever the first says.
func stepOf(seed, typed string, now time.Time) (step int64, err error) {
	typed = strings.Join(strings.Fields(typed), "")
	present := now.Unix() / codeStep
	for at := present - codeDrift; at <= present+codeDrift; at++ {
		code, err := hotp.GenerateCodeCustom(seed, uint64(at), codeOptions) //nolint:gosec // years after 1970
		if err != nil {
			return 0, fmt.Errorf("code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			step = at
		}
	}
	return step, nil
}

// ErrCode is said of a code that is not right, or was used already.
var ErrCode = fmt.Errorf("this code is not right: %w", coop.ErrForbidden)

// CheckCode takes a code that a person typed, of their program or from paper, and uses
// it up. A wrong one is [ErrCode]; after [coop.MostWrongCodes] the person is told, and
// until the pause is over each is a [coop.BusyError].
func (p *Proofs) CheckCode(ctx context.Context, a *coop.Account, typed string) error {
	return p.code(ctx, a, func(tx *storage.Tx) (bool, error) {
		if paper := tidyPaper(typed); len(paper) > codeSize {
			return tx.UseRecoveryCode(ctx, a.ID, HashOf(paper))
		}
		return p.takeStep(ctx, tx, a.ID, typed, false)
	}, nil)
}

// ConfirmSeed takes the first code of a new seed, which counts from then on, and does
// what follows from that.
func (p *Proofs) ConfirmSeed(ctx context.Context, a *coop.Account, typed string, then func(tx *storage.Tx) error) error {
	return p.code(ctx, a, func(tx *storage.Tx) (bool, error) { return p.takeStep(ctx, tx, a.ID, typed, true) }, then)
}

// takeStep uses up the step of a code.
func (p *Proofs) takeStep(ctx context.Context, tx *storage.Tx, account coop.ID, typed string, confirm bool) (bool, error) {
	seed, err := tx.CodeSeed(ctx, account)
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	step, err := stepOf(seed.Seed, typed, p.Now())
	if err != nil || step == 0 || seed.ConfirmedAt.IsZero() != confirm {
		return false, err
	}
	return tx.TakeStep(ctx, account, step, confirm)
}

// code counts what a check of a code says. That it was wrong is written down although
// nothing comes of it.
func (p *Proofs) code(ctx context.Context, a *coop.Account, check func(tx *storage.Tx) (bool, error), then func(tx *storage.Tx) error) error {
	var refusal error
	err := p.Store.Write(ctx, func(tx *storage.Tx) error {
		refusal = nil // a transaction may run twice
		until, err := tx.CodesPaused(ctx, a.ID)
		if err != nil {
			return err
		}
		if !until.IsZero() {
			refusal = &coop.BusyError{After: until.Sub(p.Now()), Limit: true, Reason: "too many wrong codes"}
			return nil
		}
		right, err := check(tx)
		if err != nil {
			return err
		}
		if !right {
			refusal = ErrCode
			return p.wrong(ctx, tx, a)
		}
		if err := tx.RightCode(ctx, a.ID); err != nil || then == nil {
			return err
		}
		return then(tx)
	})
	if err != nil {
		return err
	}
	return refusal
}

// wrong counts a wrong code, and warns when a pause begins.
func (p *Proofs) wrong(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	paused, err := tx.WrongCode(ctx, a.ID)
	if err != nil || !paused {
		return err
	}
	if err := tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "security.codes-paused", Target: string(a.IRI)}); err != nil {
		return err
	}
	return p.Warn(ctx, tx, a, WarnCodes)
}

// NewPaper makes the codes that a person keeps on paper: as they are shown, in groups,
// and the hashes to keep. Each has 130 bits.
func NewPaper() (shown []string, hashes [][]byte) {
	for range coop.RecoveryCodes {
		code := rand.Text()
		hashes = append(hashes, HashOf(tidyPaper(code)))
		var groups []string
		for ; len(code) > 7; code = code[5:] {
			groups = append(groups, code[:5])
		}
		shown = append(shown, strings.Join(append(groups, code), "-"))
	}
	return shown, hashes
}

// tidyPaper reads a code on paper as people type it: in any case, with or without the
// dashes, and with the digits that no code has read as the letters that they look like.
func tidyPaper(typed string) string {
	typed = strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == '-' || r <= ' ' || r == '–' }), "")
	return likeLetters.Replace(strings.ToUpper(coop.Truncate(typed, 100)))
}

// likeLetters are digits that base32 does not have (RFC 4648 §6).
var likeLetters = strings.NewReplacer("0", "O", "1", "I", "8", "B")

// SeedURI is what a program for codes reads a seed from, as a picture shows it. The
// host stands in it without its port, since a colon parts it from the name.
func SeedURI(host, name, seed string) string {
	issuer, _, _ := strings.Cut(host, ":")
	name = strings.TrimPrefix(name, "@")
	query := url.Values{"secret": {seed}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return "otpauth://totp/" + url.PathEscape(issuer) + ":" + url.PathEscape(name) + "?" + query.Encode()
}
