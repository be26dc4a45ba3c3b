// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
	"golang.org/x/sync/errgroup"

	"minga/coop"
	"minga/federation"
)

// acmeConfig says who gives this server its certificates (RFC 8555).
type acmeConfig struct {
	Email     string // whom the authority writes to
	Directory string // its address
}

// readACME reads it; nil: certificates are files, or a proxy's affair.
func (c *Config) readACME(r *configReader) {
	email, directory := r.text("acme_email", ""), r.text("acme_directory", autocert.DefaultACMEDirectory)
	if email == "" {
		if r.text("acme_directory", "") != "" {
			r.fail("acme_directory", "needs acme_email: the authority wants to know whom to write to")
		}
		return
	}
	if !coop.ValidMail(email) {
		r.fail("acme_email", "is no mail address")
	}
	if u, err := url.Parse(directory); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		r.fail("acme_directory", "is an https address")
	}
	if c.CertFile != "" || c.KeyFile != "" {
		r.fail("acme_email", "goes without tls_cert_file and tls_key_file: certificates are files or fetched")
	}
	if _, set := r.values["listen"]; !set {
		c.Listen = fmt.Sprintf(":%d", securePort)
	}
	c.ACME = &acmeConfig{Email: email, Directory: directory}
}

// certificateNames are the hosts that this server shows certificates for.
func (c *Config) certificateNames() []string {
	var names []string
	for _, host := range c.hosts() {
		if name := hostName(host); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// hostName is a host without its port.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// openCertificates makes the one who fetches certificates, each anew a month before its
// end. It asks the one authority that the configuration names, through the gate that all
// requests go through.
func (i *instance) openCertificates(context.Context) error {
	if i.config.ACME == nil {
		return nil
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")", OwnHosts: i.config.certificateNames(), Dev: i.config.Dev,
		AllowNets: i.config.AllowNets, ExtraCA: i.extraCA, Now: i.now, Trusted: []string{dialled(i.config.ACME.Directory)}, Hosts: 4,
	})
	if err != nil {
		return fmt.Errorf("client of the certificate authority: %w", err)
	}
	i.acmeClient, i.acme = client, i.keptCertificates()
	i.acme.Prompt, i.acme.Email = autocert.AcceptTOS, i.config.ACME.Email
	i.acme.HostPolicy = autocert.HostWhitelist(i.config.certificateNames()...)
	i.acme.Client = &acme.Client{DirectoryURL: i.config.ACME.Directory, HTTPClient: client.ForLibrary(), UserAgent: "minga/" + version}
	return nil
}

// keptCertificates are those in the data folder. Nobody is asked for others.
func (i *instance) keptCertificates() *autocert.Manager {
	return &autocert.Manager{
		Cache:      autocert.DirCache(filepath.Join(i.config.DataDir, "certificates")),
		HostPolicy: func(context.Context, string) error { return errors.New("no certificate yet") },
	}
}

// The time between two looks whether there is a certificate, and after a failure:
// authorities allow five failures an hour.
const (
	certificateLook  = 12 * time.Hour
	certificateAgain = 20 * time.Minute
)

// tendCertificate fetches the certificate before the first visitor needs it, and says in
// the log why there is none.
func (i *instance) tendCertificate(ctx context.Context) error {
	hosts := []string{i.config.Host}
	if i.config.Media.URL != "" {
		hosts = append(hosts, mediaHost(i.config.Media.URL))
	}
	for {
		wait := certificateLook
		for _, host := range hosts {
			if until, err := i.fetchCertificate(ctx, hostName(host)); err != nil && ctx.Err() == nil {
				i.log.ErrorContext(ctx, "certificate not to be had", "host", host, "err", err)
				wait = certificateAgain
			} else if err == nil {
				i.log.InfoContext(ctx, "certificate is there", "host", host, "until", until)
			}
		}
		if !pause(ctx, wait) {
			return nil
		}
	}
}

// fetchCertificate asks for it, as a browser would that knows keys of elliptic curves.
// The library cannot be called back: at the end of the program it is left behind.
func (i *instance) fetchCertificate(ctx context.Context, name string) (time.Time, error) {
	type answer struct {
		until time.Time
		err   error
	}
	hello := &tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
	done := make(chan answer, 1)
	var aside errgroup.Group
	aside.Go(func() error {
		var one answer
		got, err := i.acme.GetCertificate(hello)
		if one.err = err; err == nil && got.Leaf != nil {
			one.until = got.Leaf.NotAfter
		}
		done <- one
		return nil
	})
	select {
	case one := <-done:
		return one.until, one.err
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// leadToSecure answers the plain port: with the same address in https, and nothing else.
// Under names that are not ours there is no such address.
func leadToSecure(c *Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range c.certificateNames() {
			if hostName(r.Host) == name {
				target := c.Host
				if name != hostName(c.Host) {
					target = name
				}
				w.Header().Set("Connection", "close")
				// Put together from parts: no odd request line leads to another host.
				same := url.URL{Scheme: "https", Host: target, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
				http.Redirect(w, r, same.String(), http.StatusPermanentRedirect)
				return
			}
		}
		http.Error(w, "no such host here", http.StatusMisdirectedRequest)
	})
}
