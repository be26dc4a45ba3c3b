// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"minga/storage"
)

// serveCommand is `minga serve`.
type serveCommand struct{}

// Run serves until a signal comes.
func (serveCommand) Run(t *terminal) error {
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
	easeCollector()
	log := config.newLogger(t.err)
	public, err := openEntrances(t.ctx, config, log)
	if err != nil {
		return err
	}
	i := unopened(config, log, t.now, t.from.newRSA)
	i.service, i.plain = newService(), public.plain
	i.meanwhile = func() func() error { return openLobby(public.doors, i.secure).close }
	if err := i.service.patiently(t.ctx, i.open); err != nil {
		return errors.Join(err, public.close())
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
	if err != nil || !due {
		return err
	}
	if i.meanwhile != nil {
		end := i.meanwhile()
		defer func() { err = errors.Join(err, end()) }()
	}
	i.service.say("changing the database")
	err = i.store.Migrate(ctx, func(m storage.Migration) {
		i.service.say("changing the database: %s took %s", m.Name, m.Took.Round(time.Millisecond))
		i.log.InfoContext(ctx, "schema changed", "migration", m.Name, "took", m.Took)
	})
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// configCommand is `minga config`.
type configCommand struct {
	Show  configShow  `cmd:"" help:"Print every setting with its origin, secrets masked."`
	Check configCheck `cmd:"" help:"Judge the configuration without starting."`
}

// configShow is `minga config show`.
type configShow struct{}

// settingRow is one setting as it is shown.
type settingRow struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Run prints all settings.
func (configShow) Run(t *terminal) error {
	config, err := t.config()
	if err != nil {
		return err
	}
	rows := config.rows()
	return t.print(rows, func(w io.Writer) {
		for _, row := range rows {
			fmt.Fprintf(w, "%-20s %-40s %s\n", row.Key, row.Value, row.Origin)
		}
	})
}

// secretSettings are masked wherever settings are shown.
var secretSettings = []string{"secret_key", "metrics_token", "database_url", "smtp_password", "s3_secret", "oidc_client_secret"}

// rows lists the settings; what nobody set has the origin "default".
func (c *Config) rows() []settingRow {
	var rows []settingRow
	for _, key := range settingKeys() {
		row := settingRow{key, "", "default"}
		if v, ok := c.values[key]; ok {
			row.Value, row.Origin = v.text, string(v.origin)
			if slices.Contains(secretSettings, key) && v.text != "" {
				row.Value = "(set)"
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// configCheck is `minga config check`.
type configCheck struct{}

// Run reads the configuration and opens the database.
func (configCheck) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		t.talk("the configuration is good and the database answers")
		return nil
	})
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
	t.talk("ready")
	return nil
}
