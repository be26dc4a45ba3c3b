// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import "strings"

// blurDigits are the digits of a blurhash, in the order of their worth.
const blurDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"

// blurhash is a picture of few colours, if its length is the one that its first digit
// tells; else nothing, since clients fail on it.
func blurhash(s string) string {
	if len(s) < 6 || strings.Trim(s, blurDigits) != "" {
		return ""
	}
	if size := strings.IndexByte(blurDigits, s[0]); size > 80 || len(s) != 4+2*(size%9+1)*(size/9+1) {
		return ""
	}
	return s
}
