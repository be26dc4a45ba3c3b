// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"testing"

	"minga/storage"
	"minga/storage/storagetest"
)

func TestTheKeyIsMadeOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		keys := make(chan string, 4)
		for range 4 {
			go func() {
				k, err := loadKey(t.Context(), s)
				if err != nil {
					t.Error(err)
					keys <- ""
					return
				}
				keys <- k.public
			}()
		}
		first := <-keys
		for range 3 {
			if k := <-keys; k != first {
				t.Errorf("%s and %s", first, k)
			}
		}
		if b := raw64(t, first); len(b) != 65 || b[0] != 4 {
			t.Errorf("%x is no point", b)
		}
	})
}

func TestAKeyOfAnotherKindIsRefused(t *testing.T) {
	for _, raw := range [][]byte{nil, []byte("key"), make([]byte, 200)} {
		if _, err := parseKey(raw); err == nil {
			t.Errorf("%x was taken", raw)
		}
	}
}
