// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// newLogger writes to w in the configured format: text on a terminal, else JSON. What goes
// into systemd's journal has no time, which that keeps, and begins with its priority.
func (c *Config) newLogger(w io.Writer) *slog.Logger {
	c.level = new(slog.LevelVar)
	c.level.Set(c.LogLevel)
	text := c.LogFormat == "text"
	file, isFile := w.(*os.File)
	if isFile && c.LogFormat == "" {
		text = term.IsTerminal(int(file.Fd()))
	}
	options := &slog.HandlerOptions{Level: c.level}
	handler := func(w io.Writer) slog.Handler {
		if text {
			return slog.NewTextHandler(w, options)
		}
		return slog.NewJSONHandler(w, options)
	}
	if isFile && isJournal(file, c.Journal) {
		options.ReplaceAttr = withoutTime
		return slog.New(newJournal(w, handler))
	}
	return slog.New(handler(w))
}

// speakFor lets what libraries say, which know no other logger, go into the same log. Only
// the program itself does, whose output is a file.
func speakFor(log *slog.Logger, w io.Writer) {
	if _, ok := w.(*os.File); ok {
		slog.SetDefault(log)
	}
}

// isJournal tells whether a file is the stream to the journal that systemd speaks of in
// JOURNAL_STREAM (systemd.exec(5)), as device:inode: who starts another program inherits
// the variable, but may have led the output elsewhere.
func isJournal(file *os.File, stream string) bool {
	device, inode, ok := strings.Cut(stream, ":")
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && device == strconv.FormatUint(uint64(stat.Dev), 10) && inode == strconv.FormatUint(uint64(stat.Ino), 10) //nolint:unconvert // other systems have other types
}

// withoutTime leaves the time out of a line.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// journal writes each line with its priority, as sd-daemon(3) has it: <3> an error, <4> a
// warning, <6> information, <7> the rest.
type journal [4]slog.Handler

// newJournal makes it of a handler for each priority, which share the writer.
func newJournal(w io.Writer, handler func(io.Writer) slog.Handler) journal {
	var (
		j  journal
		mu sync.Mutex
	)
	for n, priority := range [...]string{"<3>", "<4>", "<6>", "<7>"} {
		j[n] = handler(&prefixed{w: w, mu: &mu, prefix: priority})
	}
	return j
}

// of is the handler for a level.
func (j journal) of(level slog.Level) slog.Handler {
	switch {
	case level >= slog.LevelError:
		return j[0]
	case level >= slog.LevelWarn:
		return j[1]
	case level >= slog.LevelInfo:
		return j[2]
	}
	return j[3]
}

// Enabled implements slog.Handler.
func (j journal) Enabled(ctx context.Context, level slog.Level) bool {
	return j.of(level).Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (j journal) Handle(ctx context.Context, r slog.Record) error {
	return j.of(r.Level).Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (j journal) WithAttrs(attrs []slog.Attr) slog.Handler {
	for n := range j {
		j[n] = j[n].WithAttrs(attrs)
	}
	return j
}

// WithGroup implements slog.Handler.
func (j journal) WithGroup(name string) slog.Handler {
	for n := range j {
		j[n] = j[n].WithGroup(name)
	}
	return j
}

// prefixed writes each line, which comes whole, behind a prefix.
type prefixed struct {
	w      io.Writer
	mu     *sync.Mutex
	prefix string
}

// Write implements io.Writer.
func (p *prefixed) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.w.Write(append([]byte(p.prefix), line...)); err != nil {
		return 0, err
	}
	return len(line), nil
}
