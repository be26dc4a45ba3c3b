// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
)

// configCommand is `minga config`.
type configCommand struct {
	Show    configShow    `cmd:"" help:"Print every setting with its origin, secrets masked."`
	Check   configCheck   `cmd:"" help:"Judge the configuration without starting: names, ports, certificates, database, mail."`
	Explain configExplain `cmd:"" help:"Say what a setting does, its value, where that comes from, and its default."`
	Reload  configReload  `cmd:"" help:"Let the running server read its configuration again, as SIGHUP does."`
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
	rows := config.counting(t.ctx, t)
	return t.print(rows, func(w io.Writer) {
		for _, row := range rows {
			fmt.Fprintf(w, "%-20s %-40s %s\n", row.Key, row.Value, row.Origin)
		}
	})
}

// secretSettings are masked wherever settings are shown.
var secretSettings = []string{"secret_key", "metrics_token", "database_url", "smtp_password", "smtp_url", "otel_endpoint", "s3_secret", "oidc_client_secret", "translate_key"}

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

// configExplain is `minga config explain`.
type configExplain struct {
	Key string `arg:"" help:"A setting, as it stands in the file: database_url."`
}

// explained is all that there is to say of a setting.
type explained struct {
	settingRow
	Default     string `json:"default"`
	Help        string `json:"help"`
	Flag        string `json:"flag"`
	Environment string `json:"environment"`
	Page        bool   `json:"page"`   // may be chosen on a page where nothing above it sets it
	Reload      bool   `json:"reload"` // counts without a restart
}

// Run explains one; an unknown one is a wrong usage that names the nearest.
func (a configExplain) Run(t *terminal) error {
	key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(a.Key, "--"), "MINGA_"), "-", "_"))
	if known := settingKeys(); !slices.Contains(known, key) {
		return usage("unknown setting %q; did you mean %q?", printable(a.Key), nearest(key, known))
	}
	config, err := t.config()
	if err != nil {
		return err
	}
	x := config.explain(t.ctx, t, key)
	return t.print(x, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n\n  %s\n\n", x.Key, x.Help)
		value := x.Value
		if value == "" {
			value = "(not set)"
		}
		after := "after a restart"
		if x.Reload {
			after = "after `minga config reload`, without a restart"
		}
		for _, line := range [][2]string{{"value", value}, {"from", x.Origin}, {"default", x.Default}, {"flag", x.Flag}, {"environment", x.Environment}, {"counts", after}} {
			if line[1] != "" {
				fmt.Fprintf(w, "  %-12s %s\n", line[0], line[1])
			}
		}
		if x.Page {
			fmt.Fprintf(w, "  %-12s at /admin/settings, where nothing above sets it\n", "page")
		}
	})
}

// explain says all of a known setting.
func (c *Config) explain(ctx context.Context, t *terminal, key string) explained {
	_, page := c.pageSetting(key)
	x := explained{Default: settingDefaults()[key], Page: page, Reload: reloads(key), Environment: "MINGA_" + strings.ToUpper(key), Flag: "--" + strings.ReplaceAll(key, "_", "-")}
	for _, row := range c.counting(ctx, t) {
		if row.Key == key {
			x.settingRow = row
		}
	}
	for f := range reflect.TypeFor[settingFlags]().Fields() {
		if settingKey(f) == key {
			x.Help = f.Tag.Get("help")
		}
	}
	return x
}
