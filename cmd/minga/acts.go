// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
	"minga/web/auth"
)

// timeLayout is how commands write times, in UTC.
const timeLayout = "2006-01-02 15:04:05"

// zeroTime is no time.
var zeroTime time.Time

// localAccount finds an account of this instance by its name or its handle.
func (i *instance) localAccount(ctx context.Context, name string) (*coop.Account, error) {
	name = strings.TrimPrefix(name, "@")
	if handle, err := coop.ParseHandle(name); err == nil {
		if handle.Host != i.config.AccountDomain && handle.Host != i.config.Host {
			return nil, fmt.Errorf("account %s is not of this instance: %w", handle, coop.ErrNotFound)
		}
		name = handle.Name
	}
	account, err := i.store.AccountByHandle(ctx, name, "")
	if errors.Is(err, coop.ErrNotFound) {
		return nil, fmt.Errorf("account %s: %w", printable(name), coop.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", name, err)
	}
	if !account.DeletedAt.IsZero() {
		return nil, fmt.Errorf("account %s: %w", name, coop.ErrGone)
	}
	return account, nil
}

// byCommand is who did it, in the audit log, of what was done here.
const byCommand = "command line"

// audit notes an act done from the command line.
func (i *instance) audit(ctx context.Context, act, target, why string) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: byCommand, Act: act, Target: target, Why: why})
	})
}

// setPassword keeps the hash of a password; an empty one sets none.
func (i *instance) setPassword(ctx context.Context, account *coop.Account, password string) error {
	if password == "" {
		return nil
	}
	hash, err := auth.NewPasswords().Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash: %w", err)
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.SetPassword(ctx, account.ID, hash) })
}

// askReady asks the running instance on the address that it listens on: under its own
// name where it speaks TLS itself, since the certificate bears that.
func askReady(ctx context.Context, config *Config) (int, error) {
	host, port, err := net.SplitHostPort(config.Listen)
	if err != nil {
		return 0, usage("listen %q: an address looks like localhost:8080", config.Listen)
	}
	if host == "" || host == "localhost" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	options := federation.Options{UserAgent: "minga/" + version, Now: time.Now, Dev: true, Trusted: []string{net.JoinHostPort(host, port)}}
	target := "http://" + options.Trusted[0]
	if config.secure() {
		options.Trusted[0] = net.JoinHostPort(config.certificateNames()[0], port)
		options.Resolver, target = always{host}, "https://"+options.Trusted[0]
		if config.CAFile != "" {
			if options.ExtraCA, err = os.ReadFile(config.CAFile); err != nil {
				return 0, fmt.Errorf("MINGA_TLS_CA_FILE: %w", err)
			}
		}
	}
	client, err := federation.New(options)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	if _, err = client.Get(ctx, target+"/readyz", "application/json", 1<<16); err != nil {
		return 0, fmt.Errorf("ask %s: %w", config.Listen, err)
	}
	return http.StatusOK, nil
}

// always resolves every name to one address.
type always struct{ address string }

// LookupNetIP implements [federation.Resolver].
func (a always) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	addr, err := netip.ParseAddr(a.address)
	return []netip.Addr{addr}, err
}
