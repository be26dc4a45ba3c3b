// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"minga/storage"
)

// What `minga config check` says of the data folder and the database. It makes neither:
// who judges a configuration as root must not leave files behind that the service could
// not open.

// lookAtFolder looks whether the data folder is there, and ours alone.
func lookAtFolder(_ context.Context, _ *terminal, c *Config) configFound {
	info, err := os.Stat(c.DataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return configFound{"data folder", "ok", c.DataDir + " is made at the first start"}
	case err != nil:
		return configFound{"data folder", "fail", err.Error()}
	case !info.IsDir():
		return configFound{"data folder", "fail", c.DataDir + " is no folder"}
	}
	if err := ownFolder(c.DataDir, info, os.Geteuid()); err != nil {
		return configFound{"data folder", "fail", err.Error()}
	}
	if info.Mode().Perm()&0o077 != 0 {
		return configFound{"data folder", "warn", fmt.Sprintf("%s can be read by others (mode %04o); the next start closes it", c.DataDir, info.Mode().Perm())}
	}
	return configFound{"data folder", "ok", c.DataDir}
}

// lookAtDatabase opens it without changing anything.
func lookAtDatabase(ctx context.Context, t *terminal, c *Config) configFound {
	if !c.hasDatabase() {
		return configFound{"database", "ok", databaseFile(c.DatabaseURL) + " is made at the first start"}
	}
	keys, err := c.lookForSecrets()
	if err != nil {
		return configFound{"database", "fail", err.Error()}
	}
	store, err := storage.Open(ctx, storage.Options{URL: c.DatabaseURL, Now: t.now, SecretKeys: keys})
	if err != nil {
		return configFound{"database", "fail", onOneLine(err)}
	}
	found := judgeDatabase(ctx, store, len(keys) > 0)
	if err := store.Close(); err != nil {
		return configFound{"database", "fail", err.Error()}
	}
	return found
}

// judgeDatabase looks at its schema, and whether the key fits.
func judgeDatabase(ctx context.Context, store *storage.Store, keyed bool) configFound {
	due, err := store.MigrationDue(ctx)
	if err != nil {
		return configFound{"database", "fail", onOneLine(err)}
	}
	if due {
		return configFound{"database", "ok", "it answers; its schema is made or changed at the next start"}
	}
	if full, err := store.Populated(ctx); err != nil || !full {
		return configFound{"database", "ok", "it answers, and is empty"}
	}
	if !keyed {
		return configFound{"database", "fail", secretFile + " is missing, with which this database is sealed: put it back, such as from a backup"}
	}
	if err := store.SecretKeyFits(ctx); err != nil {
		return configFound{"database", "fail", "the secret key is not the one of this database: put back the one that is, such as from a backup"}
	}
	return configFound{"database", "ok", "it answers"}
}

// lookForSecrets are the keys that there are; none is no failure.
func (c *Config) lookForSecrets() ([][]byte, error) {
	root, err := os.OpenRoot(c.DataDir)
	if errors.Is(err, fs.ErrNotExist) && c.SecretKeys == "" {
		return nil, nil
	}
	if err != nil && c.SecretKeys == "" {
		return nil, err
	}
	keys, err := c.keptSecrets(root)
	if root != nil {
		err = errors.Join(err, root.Close())
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return keys, err
}

// databaseFile is the file of an SQLite database, by its URL; of others it is empty.
func databaseFile(database string) string {
	rest, lite := strings.CutPrefix(database, "sqlite://")
	if !lite {
		return ""
	}
	path, _, _ := strings.Cut(rest, "?")
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// onOneLine is a failure with its advice, on one line.
func onOneLine(err error) string {
	text := oneEach(err.Error())
	if say := advice(err); say != "" {
		text += ". " + say
	}
	return strings.Join(strings.Fields(text), " ")
}
