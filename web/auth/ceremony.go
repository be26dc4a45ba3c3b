// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// A proof that takes two requests leaves its first half in the database, so that any
// node may take the second: for minutes, once, and for the browser alone that began.

// The kinds of halves.
const (
	CeremonyPasskey    = "passkey"     // a challenge that some passkey signs
	CeremonyNewPasskey = "passkey-new" // a challenge for a new passkey of a person
	CeremonySecond     = "second"      // a password was right; the second factor is missing
	CeremonyProvider   = "provider"    // the browser is at another provider
	CeremonyJoin       = "join"        // another provider vouches for somebody new
)

// How long first halves wait.
const (
	ceremonyLife = 5 * time.Minute
	signInLife   = 10 * time.Minute
)

// browserOf is what a half is bound to: the secret that this browser keeps in its
// cookie, which is set here if there is none.
func browserOf(c *gin.Context) []byte { return HashOf("browser " + FormToken(c)) }

// Begin keeps the first half of a proof with a state, as JSON, and gives the secret by
// which this browser, and no other, gets it back.
func (g *Gate) Begin(c *gin.Context, kind string, account coop.ID, state any, life time.Duration) (string, error) {
	secret, hash := NewSecret()
	return secret, g.begin(c, kind, hash, account, state, life, nil)
}

// begin keeps a half under a hash.
func (g *Gate) begin(c *gin.Context, kind string, hash []byte, account coop.ID, state any, life time.Duration, still Still) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("begin %s: %w", kind, err)
	}
	half := &coop.Ceremony{Hash: hash, Kind: kind, Browser: browserOf(c), AccountID: account, State: string(text), EndsAt: g.Now().Add(life)}
	ctx := c.Request.Context()
	if err := g.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := atTheDoor(ctx, tx, account, still); err != nil {
			return err
		}
		return tx.AddCeremony(ctx, half)
	}); err != nil {
		return fmt.Errorf("begin %s: %w", kind, err)
	}
	return nil
}

// Finish takes the first half of a proof away and reads its state. What was not begun
// by this browser, has ended or was taken already gives [coop.ErrNotFound].
func (p *Proofs) Finish(c *gin.Context, kind, secret string, state any) (*coop.Ceremony, error) {
	if len(secret) > longestToken {
		return nil, fmt.Errorf("ceremony: %w", coop.ErrNotFound)
	}
	ctx := c.Request.Context()
	half, err := p.Store.CeremonyByHash(ctx, kind, HashOf(secret), browserOf(c))
	if err != nil {
		return nil, err
	}
	if err := p.Store.Write(ctx, func(tx *storage.Tx) error { return tx.UseCeremony(ctx, half.Hash) }); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(half.State), state); err != nil {
		return nil, fmt.Errorf("finish %s: %w", kind, err)
	}
	return half, nil
}

// own is the hash of the one half of a kind that a browser can have: its cookie alone
// leads there, no address and no form.
func own(c *gin.Context, kind string) []byte { return HashOf(kind + " of " + FormToken(c)) }

// Keep keeps the one half of a kind of this browser, in place of one before, if the proof
// that it is still stands; nil: it cannot be taken back.
func (g *Gate) Keep(c *gin.Context, kind string, account coop.ID, state any, still Still) error {
	return g.begin(c, kind, own(c, kind), account, state, signInLife, still)
}

// Kept is what [Gate.Keep] kept, still there, or [coop.ErrNotFound].
func (p *Proofs) Kept(c *gin.Context, kind string, state any) (*coop.Ceremony, error) {
	half, err := p.Store.CeremonyByHash(c.Request.Context(), kind, own(c, kind), browserOf(c))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(half.State), state); err != nil {
		return nil, fmt.Errorf("kept %s: %w", kind, err)
	}
	return half, nil
}

// Taken is the [Still] of who comes in by what [Gate.Keep] kept: it takes it away, and gives
// [coop.ErrNotFound] where it is gone.
func (p *Proofs) Taken(c *gin.Context, kind string) Still {
	return func(ctx context.Context, tx *storage.Tx) error { return tx.UseCeremony(ctx, own(c, kind)) }
}
