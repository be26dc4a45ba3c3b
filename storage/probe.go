// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"minga/coop"
)

// Probe is a request that this instance sends to itself, to see what arrives of it: who
// knows its secret may ask what the server saw.
type Probe struct {
	Until time.Time `json:"until"` // from then on nobody knows it
	Heard bool      `json:"heard"` // the first event of its stream arrived
}

// mostProbes is how many there may be at once.
const mostProbes = 8

// probesSetting is where they are kept, by the hash of their secrets.
const probesSetting = "probes"

// probeHash is how a secret is kept.
func probeHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// probes are those that are not over.
func (r reader) probes(ctx context.Context) (map[string]Probe, error) {
	list := map[string]Probe{}
	text, err := r.Setting(ctx, probesSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return list, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &list)
	}
	if err != nil {
		return nil, fmt.Errorf("probes: %w", err)
	}
	maps.DeleteFunc(list, func(_ string, p Probe) bool { return !r.e.now().Before(p.Until) })
	return list, nil
}

// Probe is that of a secret, or [coop.ErrNotFound].
func (r reader) Probe(ctx context.Context, secret string) (Probe, error) {
	list, err := r.probes(ctx)
	if err != nil {
		return Probe{}, err
	}
	p, ok := list[probeHash(secret)]
	if !ok {
		return p, fmt.Errorf("probe: %w", coop.ErrNotFound)
	}
	return p, nil
}

// AddProbe keeps one until a moment. More than a few at once are [coop.ErrConflict].
func (tx *Tx) AddProbe(ctx context.Context, secret string, until time.Time) error {
	return tx.changeProbes(ctx, func(list map[string]Probe) error {
		if len(list) >= mostProbes {
			return fmt.Errorf("%d probes at once: %w", len(list), coop.ErrConflict)
		}
		list[probeHash(secret)] = Probe{Until: until.UTC()}
		return nil
	})
}

// HearProbe notes that the first event of its stream arrived.
func (tx *Tx) HearProbe(ctx context.Context, secret string) error {
	return tx.changeProbes(ctx, func(list map[string]Probe) error {
		p, ok := list[probeHash(secret)]
		if !ok {
			return fmt.Errorf("probe: %w", coop.ErrNotFound)
		}
		p.Heard = true
		list[probeHash(secret)] = p
		return nil
	})
}

// RemoveProbe forgets one.
func (tx *Tx) RemoveProbe(ctx context.Context, secret string) error {
	return tx.changeProbes(ctx, func(list map[string]Probe) error {
		delete(list, probeHash(secret))
		return nil
	})
}

// changeProbes changes them; two that do wait for each other.
func (tx *Tx) changeProbes(ctx context.Context, change func(map[string]Probe) error) error {
	if err := tx.alone(ctx, probesSetting); err != nil {
		return err
	}
	list, err := tx.probes(ctx)
	if err != nil {
		return err
	}
	if err := change(list); err != nil {
		return err
	}
	text, err := jsonText(list)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, probesSetting, text)
}
