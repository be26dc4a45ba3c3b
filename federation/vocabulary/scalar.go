// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxWhole is the greatest whole number that a binary fraction of 64 bits keeps.
const maxWhole = 1 << 53

// scalar writes a boolean or number.
func (w *writer) scalar(value any) {
	switch v := value.(type) {
	case bool:
		w.buf = strconv.AppendBool(w.buf, v)
	case int:
		w.whole(int64(v))
	case int64:
		w.whole(v)
	case json.Number:
		w.number(string(v))
	}
}

func (w *writer) whole(n int64) {
	if n > maxWhole || n < -maxWhole {
		w.fail(ErrNumber, "%d", n)
	}
	w.buf = strconv.AppendInt(w.buf, n, 10)
}

// number writes a decimal text. A number that another reader would round is
// refused: canonical JSON (RFC 8785) would give it other bytes there.
func (w *writer) number(s string) {
	if !json.Valid([]byte(s)) || !strings.ContainsAny(s[:1], "-0123456789") || !keepsDigits(s) {
		w.fail(ErrNumber, "%q", s)
		return
	}
	w.buf = append(w.buf, s...)
}

// keepsDigits tells whether a decimal text survives as a binary fraction: whole
// numbers to 2^53, others with up to 15 digits.
func keepsDigits(s string) bool {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > maxWhole {
		return false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n <= maxWhole && n >= -maxWhole
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(mantissa), "0")
	return len(digits) <= 15 && (f != 0 || strings.Trim(digits, "0") == "")
}

// text writes a string with only the escapes that JSON demands: no \u003c, so
// that HTML stays readable and bytes stay few.
func (w *writer) text(s string) {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		w.fail(ErrValue, "text that is not UTF-8 or holds NUL")
		return
	}
	w.buf = append(w.buf, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		if ch := s[i]; ch < 0x20 || ch == '"' || ch == '\\' {
			w.buf = append(w.buf, s[start:i]...)
			w.buf = appendEscape(w.buf, ch)
			start = i + 1
		}
	}
	w.buf = append(w.buf, s[start:]...)
	w.buf = append(w.buf, '"')
}

func appendEscape(dst []byte, ch byte) []byte {
	const hex = "0123456789abcdef"
	switch ch {
	case '"', '\\':
		return append(dst, '\\', ch)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[ch>>4], hex[ch&15])
}
