// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

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
