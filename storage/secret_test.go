// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

func key(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

// withKeys opens the same file with other keys.
func withKeys(t *testing.T, url string, keys ...[]byte) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: storagetest.NewClock().Now, SecretKeys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedIsBoundToItsPlace(t *testing.T) {
	s := storagetest.Open(t)
	plain := []byte("a private key")
	sealed, err := s.Seal(t.Context(), "account:17:rsa", plain)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Error("it lies there readable")
	}
	if again, _ := s.Seal(t.Context(), "account:17:rsa", plain); bytes.Equal(again, sealed) {
		t.Error("the same nonce twice")
	}
	if got, err := s.Unseal("account:17:rsa", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := s.Unseal("account:18:rsa", sealed); !errors.Is(err, storage.ErrSecretKey) {
		t.Errorf("in another row: %v", err)
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := s.Unseal("account:17:rsa", broken); !errors.Is(err, storage.ErrSecretKey) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := s.Unseal("account:17:rsa", sealed[:i]); !errors.Is(err, storage.ErrSecretKey) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if _, err := s.Seal(t.Context(), "x", make([]byte, 1<<20)); !errors.Is(err, coop.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	url := "sqlite://" + t.TempDir() + "/minga.db"
	old := withKeys(t, url, key(1))
	put := func(s *storage.Store, name string) {
		t.Helper()
		if err := s.Write(t.Context(), func(tx *storage.Tx) error { return tx.PutSecret(t.Context(), name, []byte(name)) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.SecretKeyFits(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(old, "a")
	both := withKeys(t, url, key(2), key(1))
	if err := both.SecretKeyFits(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(both, "b")
	if got, err := both.Secret(t.Context(), "a"); err != nil || string(got) != "a" {
		t.Errorf("sealed by the old key: %s, %v", got, err)
	}
	if _, err := old.Secret(t.Context(), "b"); !errors.Is(err, storage.ErrSecretKey) {
		t.Errorf("the old key opens what the new one sealed: %v", err)
	}
	if done, err := both.Reseal(t.Context(), nil); err != nil || done.Done != 1 {
		t.Errorf("sealed anew: %+v, %v", done, err)
	}
	after := withKeys(t, url, key(2))
	for _, name := range []string{"a", "b"} {
		if got, err := after.Secret(t.Context(), name); err != nil || string(got) != name {
			t.Errorf("with the new key alone: %s, %v", got, err)
		}
	}
	if err := after.SecretKeyFits(t.Context()); err != nil {
		t.Errorf("the new key alone: %v", err)
	}
}

func TestALostKeyIsNoticed(t *testing.T) {
	url := "sqlite://" + t.TempDir() + "/minga.db"
	if err := withKeys(t, url, key(1)).SecretKeyFits(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][][]byte{"another key": {key(3)}, "no key": nil} {
		if err := withKeys(t, url, keys...).SecretKeyFits(t.Context()); !errors.Is(err, storage.ErrSecretKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretsAndSettings(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		ctx := t.Context()
		if _, err := s.Secret(ctx, "a"); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("missing secret: %v", err)
		}
		if _, err := s.Setting(ctx, "a"); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("missing setting: %v", err)
		}
		write := func(fn func(ctx context.Context, tx *storage.Tx) error) {
			t.Helper()
			if err := s.Write(ctx, func(tx *storage.Tx) error { return fn(ctx, tx) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, value := range []string{"one", "two"} {
			write(func(ctx context.Context, tx *storage.Tx) error {
				return errors.Join(tx.PutSecret(ctx, "a", []byte(value)), tx.SetSetting(ctx, "a", value), tx.SetSetting(ctx, "b", value))
			})
		}
		if got, err := s.Secret(ctx, "a"); err != nil || string(got) != "two" {
			t.Errorf("secret %s, %v", got, err)
		}
		if got, err := s.Setting(ctx, "a"); err != nil || got != "two" {
			t.Errorf("setting %s, %v", got, err)
		}
		write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.DeleteSecret(ctx, "a"), tx.DeleteSecret(ctx, "none"), tx.DeleteSetting(ctx, "a"), tx.DeleteSetting(ctx, "none"), tx.SetSetting(ctx, "c", "three"))
		})
		write(func(ctx context.Context, tx *storage.Tx) error {
			got, err := tx.TakeSetting(ctx, "c")
			if got != "three" || err != nil {
				t.Errorf("taken: %s, %v", got, err)
			}
			if _, err := tx.TakeSetting(ctx, "c"); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("taken twice: %v", err)
			}
			return nil
		})
		all, err := s.Settings(ctx)
		if diff := cmp.Diff(map[string]string{"b": "two"}, all); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if _, err := s.Secret(ctx, "a"); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("deleted secret: %v", err)
		}
	})
}
