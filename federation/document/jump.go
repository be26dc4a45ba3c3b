// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "bytes"

// jump is the end of the value at i in text that was already checked.
func jump(b []byte, i int) int {
	switch b[i] {
	case '"':
		return jumpText(b, i)
	case '{', '[':
		return jumpNested(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ' ', '\t', '\r', '\n':
			return i
		}
		i++
	}
	return i
}

// jumpNested is the end of the object or array at i.
func jumpNested(b []byte, i int) int {
	for depth := 0; i < len(b); {
		switch b[i] {
		case '"':
			i = jumpText(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return len(b)
}

// jumpText is the end of the string at i: behind the first quote that has an
// even number of backslashes before it.
func jumpText(b []byte, i int) int {
	for i++; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		slashes := 0
		for slashes < n && b[i+n-1-slashes] == '\\' {
			slashes++
		}
		i += n
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return len(b)
}
