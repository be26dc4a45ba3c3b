// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
)

// openClient makes the one client for what goes out. It signs reads as the
// instance actor.
func (i *instance) openClient(context.Context) error {
	if i.config.CAFile != "" {
		text, err := os.ReadFile(i.config.CAFile)
		if err != nil {
			return usage("MINGA_TLS_CA_FILE: %v", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return usage("MINGA_TLS_CA_FILE %s holds no certificate", i.config.CAFile)
		}
		i.extraCA = text
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")",
		OwnHosts:  i.config.hosts(),
		Dev:       i.config.Dev, AllowNets: i.config.AllowNets, ExtraCA: i.extraCA,
		Blocked: i.judged, Shut: i.store.Rehearsing, Sign: i.signRead, SignAgain: i.signReadAgain, Now: i.now,
	})
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	i.client = client
	return nil
}

// signRead signs a GET as the instance actor, with the form that every server
// verifies.
func (i *instance) signRead(r *http.Request) error { return i.signAs(r, signature.Cavage) }

// signReadAgain is for servers that refuse that form: Fedify leaves the query out of
// what it verifies there, so that no page of its collections could be read.
func (i *instance) signReadAgain(r *http.Request) error { return i.signAs(r, signature.RFC9421RSA) }

// signAs signs a GET with the instance actor's RSA key.
func (i *instance) signAs(r *http.Request, form signature.Form) error {
	key, err := i.outbox.InstanceKey(r.Context())
	if err != nil {
		return err
	}
	return signature.Sign(r, nil, key, form, i.now())
}

// judged tells whether nothing may be asked of a server. An error is the store's: what
// cannot be decided is not done, and not given up either.
func (i *instance) judged(ctx context.Context, host string) (bool, error) {
	peer, err := i.store.Peer(ctx, host)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return true, fmt.Errorf("policy towards %s: %w", host, err)
	}
	return coop.Decide(i.mode(ctx), peer, i.now()) == coop.Refuse, nil
}

// blocked is judged for what is shown: nothing, while nobody knows.
func (i *instance) blocked(ctx context.Context, host string) bool {
	refuse, err := i.judged(ctx, host)
	return refuse || err != nil
}
