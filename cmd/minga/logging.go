// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// newLogger writes to w in the configured format: text on a terminal, else JSON.
func (c *Config) newLogger(w io.Writer) *slog.Logger {
	c.level = new(slog.LevelVar)
	c.level.Set(c.LogLevel)
	options := &slog.HandlerOptions{Level: c.level}
	text := c.LogFormat == "text"
	if file, ok := w.(*os.File); ok && c.LogFormat == "" {
		text = term.IsTerminal(int(file.Fd()))
	}
	if text {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
