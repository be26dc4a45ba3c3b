// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/outbox/translate/translatetest"
	"minga/web/admin"
)

// TestTranslationService: its address and key are read, its inside address is asked, and
// the doctor says what it says.
func TestTranslationService(t *testing.T) {
	for _, tt := range []struct{ name, address, key, wrong string }{
		{"inside", "http://127.0.0.1:5000", "", ""},
		{"a container", "http://libretranslate:5000/", "x", ""},
		{"outside", "https://translate.example.org", "x", ""},
		{"open on the way", "http://translate.coop.org", "", "is https for a public name"},
		{"with a password", "https://a:b@translate.example.org", "", "is an address such as"},
		{"no address", "translate", "", "is an address such as"},
		{"a key for nobody", "", "x", "needs translate_url"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set := map[string]string{"MINGA_TRANSLATE_URL": tt.address, "MINGA_TRANSLATE_KEY": tt.key, "MINGA_DATA_DIR": t.TempDir()}
			config, err := loadConfig(&settingFlags{}, "", lookups{env: func(key string) (string, bool) { v := set[key]; return v, v != "" }, read: os.ReadFile})
			switch {
			case tt.wrong == "" && (err != nil || config.Translation == nil || config.Translation.URL != strings.TrimSuffix(tt.address, "/")):
				t.Errorf("%+v, %v", config, err)
			case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("says %v, want %s", err, tt.wrong)
			}
		})
	}
	service := translatetest.Open(t)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := openClinic(t, map[string]string{"MINGA_TRANSLATE_URL": service.URL, "MINGA_TRANSLATE_KEY_FILE": file, "MINGA_ALLOW_NETS": "127.0.0.0/8"})
	if got := c.one(t, "translation"); got.State != admin.FindingOK || !strings.HasSuffix(got.Fact, ": 4") {
		t.Errorf("a good service: %+v", got)
	}
	service.Key = "another"
	if got := c.one(t, "translation"); got.State != admin.FindingFail || !strings.Contains(got.Fact, "Invalid API key") {
		t.Errorf("another key: %+v", got)
	}
	for _, row := range c.config.rows() {
		if row.Key == "translate_key" && row.Value != "(set)" {
			t.Errorf("the key is shown: %+v", row)
		}
	}
}
