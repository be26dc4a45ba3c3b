// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/coreos/go-systemd/v22/activation"
)

// The ports of the web. Who asks at the first is led to the second.
const (
	plainPort  = 80
	securePort = 443
)

// entrances are the listeners of the public side: doors where minga is served, and plain
// ones that only lead to the secure address. There are plain ones only where minga
// speaks TLS itself.
type entrances struct{ doors, plain []net.Listener }

// openEntrances takes the listeners that systemd opened for us (socket activation,
// sd_listen_fds(3)), who keeps them while one minga ends and the next begins, so that
// nobody is turned away meanwhile; without such it opens the configured address.
func openEntrances(ctx context.Context, config *Config, log *slog.Logger) (*entrances, error) {
	given, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("listeners of socket activation: %w", err)
	}
	e := sortEntrances(given, config.secure())
	if len(e.doors) > 0 {
		log.InfoContext(ctx, "listening on what was handed over", "listeners", len(given))
		return e.toProxies(config), nil
	}
	if err := e.close(); err != nil {
		return nil, err
	}
	doors, err := listen(ctx, config.Listen)
	if err != nil {
		return nil, err
	}
	e = &entrances{doors: doors}
	if config.secure() && portOf(doors[0]) == securePort {
		e.plain = openPlain(ctx, config.Listen, log)
	}
	return e.toProxies(config), nil
}

// toProxies lets proxies say for whom they come, where the configuration names such.
func (e *entrances) toProxies(config *Config) *entrances {
	return &entrances{openToProxies(config.Introducers, introduction, e.doors), openToProxies(config.Introducers, introduction, e.plain)}
}

// sortEntrances tells the doors from the plain ones. Descriptors that are no listeners
// come as nil.
func sortEntrances(given []net.Listener, secure bool) *entrances {
	e := &entrances{}
	for _, l := range given {
		switch {
		case l == nil:
		case secure && portOf(l) == plainPort:
			e.plain = append(e.plain, l)
		default:
			e.doors = append(e.doors, l)
		}
	}
	return e
}

// portOf is the TCP port of a listener; 0 for what has none.
func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// openPlain listens on port 80 beside 443. Who cannot is served all the same: only
// addresses typed without https find nothing.
func openPlain(ctx context.Context, address string, log *slog.Logger) []net.Listener {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	listeners, err := listen(ctx, net.JoinHostPort(host, fmt.Sprint(plainPort)))
	if err != nil {
		log.WarnContext(ctx, "nobody is led from http to https: port 80 cannot be opened", "err", err)
	}
	return listeners
}

// close gives up all listeners.
func (e *entrances) close() error {
	var errs []error
	for _, l := range append(e.doors, e.plain...) {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
