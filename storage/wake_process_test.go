// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"minga/storage"
	"minga/storage/storagetest"
)

// TestAnotherProcessIsHeard: what a command line adds beside the server wakes its
// workers, as soon as it is there.
func TestAnotherProcessIsHeard(t *testing.T) {
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "minga.db") },
		"postgres": func(t *testing.T) string { return storagetest.PostgresURL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			raw := url(t)
			open := func() *storage.Store {
				s, err := storage.Open(t.Context(), storage.Options{URL: raw, Now: time.Now, SecretKeys: storagetest.Keys()})
				if err == nil {
					err = s.Migrate(t.Context(), nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			server, command := open(), open()
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			woken := server.Listen(ctx, storage.TopicTasks)
			go func() { ended <- server.Run(ctx) }()
			deadline := time.After(10 * time.Second)
			for heard := false; !heard; {
				err := command.Write(ctx, func(tx *storage.Tx) error { return tx.AddTask(ctx, storage.Task{Kind: "mail", Key: "1"}) })
				if err == nil {
					err = command.Nudge(ctx)
				}
				if err != nil {
					t.Fatal(err)
				}
				select {
				case <-woken:
					heard = true
				case <-time.After(time.Second): // it may not have listened yet
				case <-deadline:
					t.Fatal("nobody heard it")
				}
			}
			stop()
			for _, err := range []error{<-ended, command.Close(), server.Close()} {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}
