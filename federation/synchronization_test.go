// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"net/http"
	"strings"
	"testing"
)

// TestFollowersDigest is the example of FEP-8fcf.
func TestFollowersDigest(t *testing.T) {
	const want = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
	if got := FollowersDigest([]string{"https://testing.example.org/users/1", "https://testing.example.org/users/2"}); got != want {
		t.Errorf("got %s", got)
	}
	if got := FollowersDigest(nil); got != strings.Repeat("0", 64) {
		t.Errorf("of nobody: %s", got)
	}
}

func TestReadSynchronization(t *testing.T) {
	const followers = "https://a.example/users/1/followers"
	good := Synchronization{followers, "https://a.example/users/1/followers_synchronization", FollowersDigest([]string{"x"})}
	for _, tt := range []struct {
		name, header string
		want         bool
	}{
		{"ours", good.String(), true},
		{"as Mastodon writes it", `collectionId="` + followers + `", digest="` + good.Digest + `", url="` + good.URL + `"`, true},
		{"without spaces", strings.ReplaceAll(good.String(), " ", ""), true},
		{"more than we know", good.String() + `, version="2"`, true},
		{"nothing", "", false},
		{"another collection", strings.ReplaceAll(good.String(), "users/1/followers\"", "users/2/followers\""), false},
		{"another origin", strings.ReplaceAll(good.String(), `url="https://a.example`, `url="https://b.example`), false},
		{"another scheme", strings.ReplaceAll(good.String(), `url="https://`, `url="http://`), false},
		{"no digest", `collectionId="` + followers + `", url="` + good.URL + `"`, false},
		{"a digest of another length", strings.ReplaceAll(good.String(), good.Digest, "00ff"), false},
		{"no quotes", "collectionId=" + followers, false},
		{"twice the same", good.String() + `, url="` + good.URL + `"`, false},
		{"a quote in it", `collectionId="a\"b"`, false},
		{"too long", good.String() + `, x="` + strings.Repeat("a", 6<<10) + `"`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{}
			if tt.header != "" {
				h.Set(SynchronizationHeader, tt.header)
			}
			if got, ok := ReadSynchronization(h, followers); ok != tt.want || ok && got != good {
				t.Errorf("read %+v, %v", got, ok)
			}
		})
	}
	if _, ok := ReadSynchronization(http.Header{SynchronizationHeader: {good.String(), good.String()}}, followers); ok {
		t.Error("two headers were one")
	}
}
