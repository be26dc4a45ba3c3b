// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	flag.Parse()
	goleak.VerifyTestMain(m)
}

// What is different in every run: keys, proofs, ids, and the peer's port.
var (
	longNumber = regexp.MustCompile(`[0-9]{15,20}`)
	peerHost   = regexp.MustCompile(`127\.0\.0\.1:[0-9]+`)
	secrets    = regexp.MustCompile(`"(publicKeyPem|publicKeyMultibase|proofValue)": "[^"]*"`)
)

// golden compares what we emit with testdata/golden/name.json.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", " "); err != nil {
		t.Fatalf("%s: %v in %s", name, err, body)
	}
	got := longNumber.ReplaceAll(out.Bytes(), []byte("1"))
	got = peerHost.ReplaceAll(got, []byte("peer.example"))
	got = append(secrets.ReplaceAll(got, []byte(`"$1": "…"`)), '\n')
	file := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what it was:\n%s", name, diff)
	}
}
