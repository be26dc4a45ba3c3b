// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"minga/coop"
	"minga/federation"
)

// mayReplace refuses what is not empty, unless --yes, and a server that runs.
func (x *restoring) mayReplace(ctx context.Context) error {
	entries, err := os.ReadDir(x.config.DataDir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if !x.Yes {
		return fmt.Errorf("the data folder %s is not empty; --yes sets aside what is there: %w", x.config.DataDir, coop.ErrState)
	}
	var exchange *federation.Error
	if _, err := askReady(ctx, x.config); err == nil || errors.As(err, &exchange) && exchange.Kind == federation.KindStatus {
		return fmt.Errorf("a server answers at %s: stop it first: %w", x.config.Listen, coop.ErrState)
	}
	return nil
}

// setAside renames the files of SQLite and the key that are there.
func (x *restoring) setAside() error {
	mark := ".before-" + x.t.now().UTC().Format("20060102T150405Z")
	var paths []string
	if path, lite := strings.CutPrefix(x.config.DatabaseURL, "sqlite://"); lite {
		paths = []string{path, path + "-wal", path + "-shm"}
	}
	if x.config.SecretKeys == "" {
		paths = append(paths, x.root.Name()+"/"+secretFile)
	}
	for _, path := range paths {
		err := os.Rename(path, path+mark)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("set aside: %w", err)
		}
		x.aside = append(x.aside, [2]string{path, path + mark})
	}
	return nil
}

// putBack gives what was set aside its place again, after a restore that failed; what it
// wrote itself goes.
func (x *restoring) putBack() error {
	var errs []error
	if path, lite := strings.CutPrefix(x.config.DatabaseURL, "sqlite://"); lite {
		for _, end := range []string{"", "-wal", "-shm"} {
			if err := os.Remove(path + end); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	if len(x.keys) > 0 && x.config.SecretKeys == "" {
		errs = append(errs, x.root.Remove(secretFile))
	}
	return errors.Join(append(errs, x.back())...)
}

// back renames what was set aside.
func (x *restoring) back() error {
	var errs []error
	for _, moved := range x.aside {
		errs = append(errs, os.Rename(moved[1], moved[0]))
	}
	return errors.Join(errs...)
}
