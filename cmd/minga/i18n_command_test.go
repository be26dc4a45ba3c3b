// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestI18nCheck needs no configuration, and prints nothing where all is complete.
func TestI18nCheck(t *testing.T) {
	var out, talk bytes.Buffer
	if code := execute(t.Context(), []string{"i18n", "check"}, strings.NewReader(""), &out, &talk, systemLookups()); code != exitDone || out.Len() > 0 || !strings.Contains(talk.String(), "complete") {
		t.Errorf("%d %s %s", code, &out, &talk)
	}
	out.Reset()
	if code := execute(t.Context(), []string{"i18n", "check", "--json"}, strings.NewReader(""), &out, &talk, systemLookups()); code != exitDone || strings.TrimSpace(out.String()) != "[]" {
		t.Errorf("%d %s", code, &out)
	}
}
