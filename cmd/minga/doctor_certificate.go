// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"minga/web/admin"
)

// renewal is how long a certificate of an authority is good at least while its renewal
// works: a new one is fetched a month before the end of the old one.
const renewal = 21 * 24 * time.Hour

// certificateEnd is when the certificate that we show ourselves ends, of the configured files
// or fetched from an authority; zero: there is none, since a proxy has it.
func (i *instance) certificateEnd(ctx context.Context) (time.Time, error) {
	if i.config.ACME != nil {
		return i.fetchedEnd(ctx)
	}
	if i.config.CertFile == "" {
		return time.Time{}, nil
	}
	pair, err := tls.LoadX509KeyPair(i.config.CertFile, i.config.KeyFile)
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate %s: %w", i.config.CertFile, err)
	}
	return pair.Leaf.NotAfter, nil
}

// errNoCertificate is said where the authority has not given one yet.
var errNoCertificate = mistake("cert_none", "", "the authority has given none yet: the log says why")

// fetchedEnd is the end of the one that was fetched last.
func (i *instance) fetchedEnd(ctx context.Context) (time.Time, error) {
	text, err := i.keptCertificates().Cache.Get(ctx, i.config.certificateNames()[0])
	if errors.Is(err, autocert.ErrCacheMiss) {
		return time.Time{}, errNoCertificate
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("certificate: %w", err)
	}
	return pair.Leaf.NotAfter, nil
}

// checkCertificate looks how long the certificate is good that we show ourselves; nothing
// where something before us has it.
func (i *instance) checkCertificate(ctx context.Context) []admin.Finding {
	warning := certificateWarning
	if i.config.ACME != nil {
		warning = renewal
	}
	ends, err := i.certificateEnd(ctx)
	switch {
	case err != nil:
		return one(failed("certificate", err))
	case ends.IsZero():
		return nil
	case ends.Before(i.now()):
		return one(failed("certificate", mistake("cert_ended", stamp(ends), "it ended on %s", stamp(ends))))
	case ends.Sub(i.now()) < warning:
		return one(warned("certificate", stamp(ends)))
	}
	return one(fine("certificate", stamp(ends)))
}
