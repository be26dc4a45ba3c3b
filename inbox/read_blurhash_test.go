// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import "testing"

func TestBlurhash(t *testing.T) {
	for s, want := range map[string]bool{
		"LEHV6nWB2yk8pyo0adR*.7kCMdnj": true, "00OZZy": true, "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH": true,
		"": false, "L": false, "LEHV6nWB2yk8pyo0adR*.7kCMdn": false, "LEHV6nWB2yk8pyo0adR*.7kCMdñ": false, "~~~~~~": false,
	} {
		if (blurhash(s) == s && s != "") != want {
			t.Errorf("%q is %t", s, !want)
		}
	}
}
