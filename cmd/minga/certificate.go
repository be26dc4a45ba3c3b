// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// secure tells whether minga speaks TLS itself.
func (c *Config) secure() bool { return c.CertFile != "" || c.ACME != nil }

// secure lets a server speak TLS, with certificates from files or from an authority.
// Without either nothing changes.
func (i *instance) secure(server *http.Server) {
	switch {
	case i.config.CertFile != "":
		server.TLSConfig = i.certificates()
	case i.config.ACME != nil:
		manager := i.acme
		if manager == nil { // too early to ask the authority: what was kept must do
			manager = i.keptCertificates()
		}
		server.TLSConfig = manager.TLSConfig()
		server.TLSConfig.MinVersion = tls.VersionTLS12
	}
}

// lead opens the plain doors, which lead to the secure ones and answer the authority's
// questions (RFC 8555 §8.3).
func (i *instance) lead(ctx context.Context, loops *runner, failed chan<- error) *entrance {
	plain := leadToSecure(i.config)
	if i.acme != nil {
		plain = i.acme.HTTPHandler(plain)
		loops.start(ctx, "certificate", i.tendCertificate)
	}
	aside := newEntrance(plain, plainly)
	for _, l := range i.plain {
		serve := aside.through(l)
		loops.wg.Go(func() { failed <- serve() })
	}
	return aside
}

// certificates serves with the configured files and reads them again when they
// change, so that a renewal needs no restart.
func (i *instance) certificates() *tls.Config {
	files := &keyPairFiles{cert: i.config.CertFile, key: i.config.KeyFile}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get, NextProtos: []string{"h2", "http/1.1"}}
}

// keyPairFiles is a certificate on disk.
type keyPairFiles struct {
	cert, key string

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time
}

// get is the certificate as it lies on disk now. While a renewal is half
// written, the old one serves.
func (f *keyPairFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.cert)
	if err == nil && f.loaded != nil && info.ModTime().Equal(f.changed) {
		return f.loaded, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(f.cert, f.key); err == nil {
			f.loaded, f.changed = &pair, info.ModTime()
		}
	}
	if f.loaded == nil {
		return nil, fmt.Errorf("certificate %s: %w", f.cert, err)
	}
	return f.loaded, nil
}
