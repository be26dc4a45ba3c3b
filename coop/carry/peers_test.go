// SPDX-License-Identifier: AGPL-3.0-or-later

package carry_test

import (
	"strings"
	"testing"

	"minga/coop"
	"minga/coop/carry"
)

// TestReadPeersFlags: what would cut off half a country, everybody or ourselves is no row.
func TestReadPeersFlags(t *testing.T) {
	own := func(host string) bool { return host == "coop.example" }
	same := func(host string) (string, error) { return host, nil }
	for name, want := range map[string]carry.Problem{
		"spam.example": "", "*.spam.example": "", "lent.github.io": "", "github.io": "", "127.0.0.1": "", "shop.com.ar": "",
		"org": carry.BadSuffix, "*.org": carry.BadSuffix, "com.ar": carry.BadSuffix, "co.uk": carry.BadSuffix, "*.coop": carry.BadSuffix, "barcelona": carry.BadSuffix,
		"*": carry.BadHost, "sp*m.example": carry.BadHost, "coop.example": carry.BadOwn,
	} {
		file, err := carry.ReadPeers([]byte("other.example\n"+name+"\n"), coop.PolicyBlock, same, own)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kept := len(file.Rows) == 2 && file.Rows[1].Host == strings.TrimPrefix(name, "*.")
		if kept != (want == "") || want != "" && (len(file.Wrong) != 1 || file.Wrong[0].Problem != want) {
			t.Errorf("%s: rows %+v, wrong %+v, want %q", name, file.Rows, file.Wrong, want)
		}
	}
}
