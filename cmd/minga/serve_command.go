// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"minga/storage"
)

// serveCommand is `minga serve`.
type serveCommand struct {
	NoBackup bool `help:"Make no backup before a new version changes the database: there is one already."`
}

// Run serves until a signal comes.
func (a serveCommand) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	if config.Dev {
		t.talk("development mode: plain http and loopback peers are allowed; do not use it for real data")
	}
	for _, wide := range config.wideNets() {
		t.talk("MINGA_ALLOW_NETS opens the whole network %s to outgoing requests; list single addresses where you can", wide)
	}
	if strange := lookAtStrangers(t.ctx, t, config); strange.Text != "" {
		t.talk("%s", strange.Text)
	}
	easeCollector()
	log := config.newLogger(t.err)
	speakFor(log, t.err)
	public, err := openEntrances(t.ctx, config, log)
	if err != nil {
		return err
	}
	i := unopened(config, log, t.now, t.from.newRSA)
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	i.reread, i.hangUp = t.config, hangUp
	i.service, i.plain, i.noBackup = newService(), public.plain, a.NoBackup
	i.meanwhile = func() func() error { return openLobby(public.doors, i.secure).close }
	if err := i.service.patiently(t.ctx, i.open); err != nil {
		return errors.Join(err, public.close())
	}
	if err := errors.Join(i.rehearse(t.ctx), i.noteProgram(t.ctx)); err != nil {
		return errors.Join(err, i.close(), public.close())
	}
	err = i.run(t.ctx, public.doors, func() {
		announceReady(t.err, config.BaseURL(), t.json)
		i.announceSetup(t.ctx, t)
	})
	return errors.Join(err, i.close())
}

// easeCollector lets the heap grow to three times what lives before it is searched:
// what lives of an instance is small, and half the work of the collector is saved.
// From easeUntil bytes on it works as hard as it must to stay there. Who set GOGC or
// GOMEMLIMIT is obeyed.
func easeCollector() {
	const usual, eased, easeUntil = 100, 200, 512 << 20
	if set := debug.SetGCPercent(eased); set != usual {
		debug.SetGCPercent(set)
		return
	}
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(easeUntil)
	}
}

// wideNets are the opened networks that are more than one address.
func (c *Config) wideNets() []string {
	var wide []string
	for _, net := range c.AllowNets {
		if net.Bits() < net.Addr().BitLen() {
			wide = append(wide, net.String())
		}
	}
	return wide
}

// migrate brings the schema up to date, with a line for each step. Meanwhile somebody
// answers at the door, if there is one.
func (i *instance) migrate(ctx context.Context) (err error) {
	due, err := i.store.MigrationDue(ctx)
	if err != nil {
		return err
	}
	if !due { // but a program may have been killed behind the last step
		return errors.Join(i.store.Migrate(ctx, func(storage.Migration) {}), i.upgraded(ctx))
	}
	if i.meanwhile != nil {
		end := i.meanwhile()
		defer func() { err = errors.Join(err, end()) }()
	}
	was, err := i.store.Schema(ctx)
	if err != nil {
		return err
	}
	i.service.say("changing the database")
	begun, level := i.now(), slog.LevelInfo
	if was == 0 {
		level = slog.LevelDebug // of a new database one line is enough
	}
	err = i.store.MigrateAfter(ctx, i.backUpFirst, func(m storage.Migration) {
		i.service.say("changing the database: %s took %s", m.Name, m.Took.Round(time.Millisecond))
		i.log.Log(ctx, level, "schema changed", "migration", m.Name, "took", m.Took)
	})
	if err == nil && was == 0 {
		i.log.InfoContext(ctx, "database made", "took", i.now().Sub(begun))
	}
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return i.upgraded(ctx)
}

// healthCommand is `minga healthcheck`, for containers.
type healthCommand struct{}

// Run asks the running instance.
func (healthCommand) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	status, err := askReady(t.ctx, config)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("not ready: %s answered %d", config.Listen, status)
	}
	if t.json {
		return t.print(map[string]any{"ready": true, "url": config.BaseURL()}, nil)
	}
	t.talk("ready")
	return nil
}
