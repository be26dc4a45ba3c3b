// SPDX-License-Identifier: AGPL-3.0-or-later

package storagetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/storage"
)

// PostgresURL makes an empty database and gives its URL; it is dropped at the end
// of the test. Without a server the test is skipped.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return databaseLike(t, "template1")
}

// MigratedURL is [PostgresURL] of a database that is migrated.
func MigratedURL(t testing.TB) string {
	t.Helper()
	return databaseLike(t, postgresTemplate(t))
}

// databaseLike copies a database of the server, for the time of the test.
func databaseLike(t testing.TB, template string) string {
	t.Helper()
	admin := server(t)
	name := "minga_test_" + random()
	run(t, admin, "CREATE DATABASE "+name+" TEMPLATE "+template)
	t.Cleanup(func() { run(t, admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return named(t, admin, name)
}

// server is the URL in MINGA_TEST_POSTGRES; without one the test is skipped.
func server(t testing.TB) string {
	t.Helper()
	admin := os.Getenv(PostgresEnv)
	if admin == "" {
		t.Skip(PostgresEnv + " is not set")
	}
	return admin
}

// named is the URL of another database of the same server.
func named(t testing.TB, admin, name string) string {
	t.Helper()
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("%s: %v", PostgresEnv, err)
	}
	u.Path = "/" + name
	return u.String()
}

// postgresTemplate is the database that holds the schema and nothing else, made by
// the first test on this server that wants it: migrating for each test would cost
// more than most tests do. It is named by what the migrations say, so that nobody
// meets the schema of another state of the tree. It stays on the server.
func postgresTemplate(t testing.TB) string {
	t.Helper()
	once.Lock()
	defer once.Unlock()
	if once.database != "" {
		return once.database
	}
	admin := server(t)
	name := "minga_template_" + schemaSum(t)
	release := lockServer(t, admin)
	defer release()
	if !exists(t, admin, name) {
		draft := "minga_test_" + random()
		run(t, admin, "CREATE DATABASE "+draft)
		migrate(t, named(t, admin, draft))
		// Under its name it is whole: whoever is killed before leaves only a draft.
		run(t, admin, "ALTER DATABASE "+draft+" RENAME TO "+name)
	}
	once.database = name
	return name
}

// migrate brings an empty database to the newest schema.
func migrate(t testing.TB, raw string) {
	t.Helper()
	ctx := context.Background()
	s, err := storage.Open(ctx, storage.Options{URL: raw, Now: time.Now})
	if err == nil {
		err = s.Migrate(ctx, nil)
	}
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatalf("template: %v", err)
	}
}

// schemaSum tells apart what different migrations make.
func schemaSum(t testing.TB) string {
	t.Helper()
	sum := sha256.New()
	files := storage.Migrations(storage.Postgres)
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	if err != nil {
		t.Fatalf("migrations: %v", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// lockServer lets one program after the other look for the template and make it.
func lockServer(t testing.TB, admin string) (release func()) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err == nil {
		_, err = conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('minga template'))`)
	}
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	return func() { _ = conn.Close(ctx) }
}

// exists says whether the server has a database.
func exists(t testing.TB, admin, name string) (has bool) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&has); err != nil {
		t.Fatalf("postgres: %v", err)
	}
	return has
}

func random() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// run executes one statement on a connection of its own.
func run(t testing.TB, raw, statement string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, raw)
	if err != nil {
		t.Fatalf("postgres: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement, args...); err != nil {
		t.Fatalf("postgres: %v", err)
	}
}
