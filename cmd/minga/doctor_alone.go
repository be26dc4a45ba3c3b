// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"minga/web/admin"
)

// modes looks whether others on this machine can read what is ours.
func (l *lookout) modes(context.Context) []admin.Finding {
	c := l.i.config
	paths := []string{c.DataDir, filepath.Join(c.DataDir, secretFile), c.KeyFile}
	if path, lite := strings.CutPrefix(c.DatabaseURL, "sqlite://"); lite && !strings.HasPrefix(path, c.DataDir+string(filepath.Separator)) {
		paths = append(paths, path)
	}
	var open []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if path == "" || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return one(unsure("modes", err))
		}
		// The key of a certificate may belong to a group that reads it.
		forbidden := os.FileMode(0o077)
		if path == c.KeyFile {
			forbidden = 0o007
		}
		if mode := info.Mode().Perm(); mode&forbidden != 0 {
			open = append(open, fmt.Sprintf("%s (%04o)", path, mode))
		}
	}
	if len(open) > 0 {
		return one(broken("modes", strings.Join(open, ", ")))
	}
	return one(fine("modes", ""))
}

// factors counts people of the staff who have nothing but a password. For trying things
// out none is asked of them.
func (l *lookout) factors(ctx context.Context) []admin.Finding {
	if l.i.config.Dev {
		return nil
	}
	n, err := l.i.store.StaffWithoutFactors(ctx)
	switch {
	case err != nil:
		return one(unsure("factors", err))
	case n > 0:
		return one(warned("factors", strconv.FormatInt(n, 10)))
	}
	return one(fine("factors", ""))
}

// versionAge is how old a version may be before somebody should look for a newer one.
// Nobody is asked: what is known of a version stands in the list of changes of newer ones.
const versionAge = 180 * 24 * time.Hour

// version looks how old this one is.
func (l *lookout) version(context.Context) []admin.Finding {
	at, err := time.Parse(time.RFC3339, released)
	if err != nil { // built by hand
		return one(fine("version", version))
	}
	fact := version + ", " + at.Format(time.DateOnly)
	if l.i.now().Sub(at) > versionAge {
		return one(warned("version", fact))
	}
	return one(fine("version", fact))
}

// damage reads all of the database.
func (l *lookout) damage(ctx context.Context) []admin.Finding {
	found, err := l.i.store.Check(ctx)
	switch {
	case err != nil:
		return one(unsure("damage", err))
	case len(found) > 0:
		f := failed("damage", mistake("damaged", strconv.Itoa(len(found)), "%s (%d in all)", found[0], len(found)))
		f.Why.Raw = found[0]
		return one(f)
	}
	return one(fine("damage", ""))
}
