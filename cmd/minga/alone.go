// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"minga/web/admin"
)

// A database of SQLite is made for one server. A second one on the same file loses nothing,
// since the file itself keeps the two apart; but what is written through one does not arrive
// live at who listens to the other, what each keeps in memory grows old, and limits count
// twice. While one server ends and the next begins there may be two for a moment. So who
// serves holds a lock beside the file, and who came later holds a second one until it has
// the first: that the second is held means that there are two, and since when says whether it
// is still a handover. Locks end with their process, however that ends.

// The locks, by what they add to the name of the file.
const (
	servingLock = ".serving"
	servingToo  = ".serving-too"
)

// handoverLimit is how long two may serve: the old one drains within [drainTimeout] and has
// the rest to write down what it did. aloneEvery is how often they look.
const (
	handoverLimit = 3 * drainTimeout
	aloneEvery    = 2 * time.Second
)

// servers is one server's look at who else serves its database.
type servers struct {
	root *os.Root // the folder of the database
	name string   // its file
	now  func() time.Time
	log  *slog.Logger

	first, second *os.File  // the locks that we hold
	since         time.Time // since when there are two; zero: there are not
	told          bool      // that it takes too long
}

// openServers begins to look after a file of SQLite. Close it.
func openServers(path string, now func() time.Time, log *slog.Logger) (*servers, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("folder of the database: %w", err)
	}
	return &servers{root: root, name: filepath.Base(path), now: now, log: log}, nil
}

// close lets go of what is held.
func (s *servers) close() error {
	var errs []error
	for _, file := range []*os.File{s.first, s.second} {
		if file != nil {
			errs = append(errs, file.Close())
		}
	}
	return errors.Join(append(errs, s.root.Close())...)
}

// lock takes one of the locks and writes who has it; nil: somebody else has it.
func (s *servers) lock(end string) (*os.File, error) {
	file, err := s.root.OpenFile(s.name+end, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the server: %w", err)
	}
	if held, err := isHeld(file, syscall.LOCK_EX); err != nil || held {
		return nil, errors.Join(err, file.Close())
	}
	host, _ := os.Hostname()
	err = file.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintf(file, "%d@%.60s", os.Getpid(), host)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock of the server: %w", err), file.Close())
	}
	return file, nil
}

// isHeld takes a lock, or says that somebody has it.
func isHeld(file *os.File, how int) (bool, error) {
	err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB) //nolint:gosec // a file descriptor fits
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock of the server: %w", err)
	}
	return false, nil
}

// look takes what lock can be had, and says in the log what changed.
func (s *servers) look(ctx context.Context) (err error) {
	if s.first == nil {
		if s.first, err = s.lock(servingLock); err != nil {
			return err
		}
	}
	two := s.first == nil
	if two && s.second == nil {
		s.second, err = s.lock(servingToo)
	}
	if !two && s.second != nil {
		err = s.second.Close()
		s.second = nil
	}
	if err == nil && !two {
		two, err = held(s.root, s.name+servingToo)
	}
	if err == nil {
		s.say(ctx, two)
	}
	return err
}

// say tells the log when another server appears, stays too long, and is gone.
func (s *servers) say(ctx context.Context, two bool) {
	switch {
	case !two && s.told:
		s.log.InfoContext(ctx, "this server has its database for itself again")
		s.since, s.told = time.Time{}, false
	case !two:
		s.since = time.Time{}
	case s.since.IsZero():
		s.since = s.now()
		s.log.InfoContext(ctx, "another server serves the same database: it should end in a moment", "file", s.name)
	case !s.told && s.now().Sub(s.since) > handoverLimit:
		s.told = true
		s.log.WarnContext(ctx, "two servers serve the same database, which is made for one: end one of them; nothing is lost", "file", s.name, "since", stamp(s.since))
	}
}

// held tells whether somebody has a lock. To ask does not get in the way of others who ask.
func held(root *os.Root, name string) (bool, error) {
	file, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock of the server: %w", err)
	}
	is, err := isHeld(file, syscall.LOCK_SH)
	return is, errors.Join(err, file.Close())
}

// tendAlone looks as long as we serve. Where the disk knows no locks nobody can tell.
func (i *instance) tendAlone(ctx context.Context) error {
	path, lite := strings.CutPrefix(i.config.DatabaseURL, "sqlite://")
	if !lite {
		<-ctx.Done()
		return nil
	}
	s, err := openServers(path, i.now, i.log)
	if err != nil {
		return err
	}
	for err == nil {
		if err = s.look(ctx); err != nil {
			i.log.WarnContext(ctx, "whether another server serves the same database is not known", "err", err)
			<-ctx.Done()
			break
		}
		if !pause(ctx, aloneEvery) {
			break
		}
	}
	return s.close()
}

// sole looks whether two servers serve our database for longer than a handover takes.
func (l *lookout) sole(context.Context) []admin.Finding {
	path, lite := strings.CutPrefix(l.i.config.DatabaseURL, "sqlite://")
	if !lite {
		return nil
	}
	who, err := l.twoServers(path)
	switch {
	case err != nil:
		return one(unsure("alone", err))
	case who != "":
		return one(warned("alone", who))
	}
	return one(fine("alone", ""))
}

// twoServers says who serves, and since when; empty: one or none, or a handover.
func (l *lookout) twoServers(path string) (string, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("folder of the database: %w", err)
	}
	defer func() { _ = root.Close() }()
	name := filepath.Base(path)
	if is, err := held(root, name+servingToo); err != nil || !is {
		return "", err
	}
	info, err := root.Stat(name + servingToo)
	if err != nil || l.i.now().Sub(info.ModTime()) <= handoverLimit {
		return "", err
	}
	var who []string
	for _, end := range []string{servingLock, servingToo} {
		text, err := readShort(root, name+end)
		if err != nil {
			return "", err
		}
		who = append(who, text)
	}
	return strings.Join(append(who, stamp(info.ModTime())+" UTC"), ", "), nil
}

// readShort reads who holds a lock.
func readShort(root *os.Root, name string) (string, error) {
	file, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("lock of the server: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, 100))
	return string(text), errors.Join(err, file.Close())
}
