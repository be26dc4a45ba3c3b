// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime/debug"
	"time"
)

// Limits of one connection.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 120 * time.Second
	headerBytes   = 64 << 10
	drainTimeout  = 8 * time.Second
)

// newServer is an HTTP server with every bound set.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes,
	}
}

// listen opens the public address. `localhost` means both loopback families, as
// far as the machine has them.
func listen(ctx context.Context, address string) ([]net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, usage("listen %q: an address looks like localhost:8080", address)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, usage("listen %q: a port is a number up to 65535", address)
	}
	var config net.ListenConfig
	if host != "localhost" {
		l, err := config.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
		return []net.Listener{l}, nil
	}
	four, err := config.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	_, port, _ = net.SplitHostPort(four.Addr().String())
	six, err := config.Listen(ctx, "tcp6", net.JoinHostPort("::1", port))
	if err != nil {
		return []net.Listener{four}, nil // a machine without IPv6
	}
	return []net.Listener{four, six}, nil
}

// run serves until ctx ends, then drains: no new connections, requests under way
// are answered, what is acknowledged is in the database. ready is called once
// /readyz answers 200.
func (i *instance) run(ctx context.Context, listeners []net.Listener, ready func()) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	loops := &runner{log: i.log}
	i.startLoops(work, loops)
	house := newEntrance(i.lastAnswers(i.handler), i.secure)
	house.server.BaseContext = func(net.Listener) context.Context { return work }
	failed := make(chan error, len(listeners)+len(i.plain)+1)
	aside := i.lead(work, loops, failed)
	for _, l := range listeners {
		serve := house.through(l)
		loops.wg.Go(func() { failed <- serve() })
	}
	admin, err := i.startAdmin(work, loops, failed)
	if err != nil {
		return errors.Join(err, i.drain(house, []*entrance{aside}, stop, loops))
	}
	ready()
	debug.FreeOSMemory() // what starting needed is not needed again
	i.service.ready()
	i.service.say("serving %s", i.config.BaseURL())
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	i.service.stopping()
	if cause == nil {
		i.leave()
	}
	return errors.Join(cause, i.drain(house, []*entrance{aside, admin}, stop, loops))
}

// drain ends everything within the ten seconds of the contract: who is inside is answered,
// and told that this was the last answer. Streams have no end, so they are ended.
func (i *instance) drain(house *entrance, aside []*entrance, stop func(), loops *runner) error {
	patience, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	i.leaving.Store(true)
	i.doors.EndStreams()
	err := house.close(patience)
	for _, one := range aside {
		err = errors.Join(err, one.end())
	}
	stop()
	return errors.Join(err, loops.wait())
}

// startLoops starts the rooms' own loops and the sign of life.
func (i *instance) startLoops(ctx context.Context, loops *runner) {
	loops.start(ctx, "store", i.store.Run)
	loops.start(ctx, "inbox", i.inbox.Run)
	loops.start(ctx, "outbox", i.outbox.Run)
	loops.start(ctx, "scheduled", i.outbox.RunScheduled)
	loops.start(ctx, "mail", i.outbox.RunMail)
	loops.start(ctx, "imports", i.outbox.RunImports)
	loops.start(ctx, "exports", func(ctx context.Context) error { return i.outbox.RunExports(ctx, i.media, "minga "+version) })
	loops.start(ctx, "searches", i.outbox.RunSearches)
	loops.start(ctx, "webhooks", i.outbox.RunHooks)
	loops.start(ctx, "push", i.push.Run)
	loops.start(ctx, "board", i.store.WarmBoard)
	loops.start(ctx, "expiry", i.everyMinute)
	loops.start(ctx, "media", i.tendMedia)
	loops.start(ctx, "alone", i.tendAlone)
	loops.start(ctx, "backups", i.runBackups)
	loops.start(ctx, "examinations", i.runExaminations)
	loops.start(ctx, "keys", i.tendKeys)
	loops.start(ctx, "lists", i.readLists)
	loops.start(ctx, "peer lists", i.tendLists)
	loops.start(ctx, "streams", i.doors.RunStreams)
	loops.start(ctx, "staff", i.watchStaff)
	if i.reread != nil {
		loops.start(ctx, "reload", i.heedReload)
	}
	if i.telemetry != nil {
		loops.start(ctx, "traces", i.telemetry.run)
	}
	loops.start(ctx, "pulse", func(ctx context.Context) error { return i.alive(ctx, loops) })
}

// alive beats while the database answers: a worker that cannot reach it is dead.
func (i *instance) alive(ctx context.Context, _ *runner) error {
	for {
		i.beat(ctx)
		if !pause(ctx, i.service.pace()) {
			return nil
		}
	}
}

// beat asks the database for a sign of life. Whoever watches the process gets one for a
// bad answer too: starting minga again would not bring a database back. None comes only
// where even the question hangs.
func (i *instance) beat(ctx context.Context) {
	question, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	err := i.store.Ping(question)
	i.service.alive()
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		i.service.say("waiting for the database")
		return
	}
	i.pulse.beat()
	i.service.say("serving %s", i.config.BaseURL())
}

// pause waits, and says false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// startAdmin serves metrics and, on loopback, pprof. A default address that is
// taken is only a warning; one that was asked for is an error.
func (i *instance) startAdmin(ctx context.Context, loops *runner, failed chan<- error) (*entrance, error) {
	if i.config.AdminListen == "" {
		return nil, nil
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", i.config.AdminListen)
	if err != nil && !i.config.AdminAsked {
		i.log.WarnContext(ctx, "metrics are off: the default address is taken", "address", i.config.AdminListen)
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("metrics on %s: %w", i.config.AdminListen, err)
	}
	i.metrics.watch(i)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", i.metrics.handler(i.config.MetricsToken))
	if loopback(i.config.AdminListen) {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	server := newEntrance(mux, plainly)
	serve := server.through(l)
	loops.wg.Go(func() { failed <- serve() })
	return server, nil
}

// announceReady prints the one line that programs wait for.
func announceReady(w io.Writer, url string, asJSON bool) {
	if asJSON {
		line, err := json.Marshal(map[string]string{"ready": url})
		if err == nil {
			fmt.Fprintf(w, "%s\n", line)
		}
		return
	}
	fmt.Fprintf(w, "ready %s\n", url)
}
