// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"minga/storage"
)

// TestLobbyGivesTheDoorBack: who comes while the lobby is open is asked to come again;
// who comes when it has closed waits, and is served by whoever serves then.
func TestLobbyGivesTheDoorBack(t *testing.T) {
	door, err := listen(t.Context(), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	get := func() (int, string) {
		w, err := client.Get("http://" + door[0].Addr().String() + "/api/v1/instance")
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer func() { _ = w.Body.Close() }()
		text, _ := io.ReadAll(w.Body)
		return w.StatusCode, w.Header.Get("Retry-After") + string(text)
	}
	l := openLobby(door, plainly)
	if status, _ := get(); status != http.StatusServiceUnavailable {
		t.Errorf("the lobby answers %d", status)
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	house := newEntrance(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("served")) }), plainly)
	var waiting errgroup.Group
	waiting.Go(func() error {
		if status, text := get(); status != http.StatusOK || text != "served" {
			t.Errorf("who waited got %d %q", status, text)
		}
		return house.end()
	})
	for _, one := range door {
		waiting.Go(house.through(one))
	}
	if err := waiting.Wait(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
}

// TestLobbyIsOpenWhileTheSchemaChanges: it is opened for a database that lacks steps, and
// not for one that lacks none.
func TestLobbyIsOpenWhileTheSchemaChanges(t *testing.T) {
	path := "sqlite://" + filepath.Join(t.TempDir(), "minga.db")
	for turn, opened := range []int{1, 0} {
		store, err := storage.Open(t.Context(), storage.Options{URL: path, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		begun, ended := 0, 0
		i := &instance{store: store, now: time.Now, log: slog.New(slog.DiscardHandler), meanwhile: func() func() error {
			begun++
			return func() error { ended++; return nil }
		}}
		if err := i.migrate(t.Context()); err != nil {
			t.Error(err)
		}
		if begun != opened || ended != opened {
			t.Errorf("start %d: opened %d and closed %d times, want %d", turn, begun, ended, opened)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
