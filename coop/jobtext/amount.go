// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// number finds amounts: with marks or spaces between thousands, or with decimals, or
// in thousands, such as 35k.
var number = regexp.MustCompile(`\d{1,3}(?:[.,'’\x{00a0}\x{202f} ]\d{3})+(?:[.,]\d{1,2})?(?:\b|$)|\d+(?:[.,]\d{1,2})?(?:\s?[kK]\b)?`)

// mostDigits is more than any pay has.
const mostDigits = 15

// amounts takes the numbers out of a line; what is left has a space in their place.
// ok is false where one is too long to be an amount.
func amounts(value string) (list []decimal.Decimal, rest string, ok bool) {
	ok = true
	rest = number.ReplaceAllStringFunc(value, func(s string) string {
		d, good := amount(s)
		ok = ok && good
		list = append(list, d)
		return " "
	})
	return list, rest, ok
}

// amount reads one number: the last mark is a decimal one when one or two digits
// follow it, any other parts thousands.
func amount(s string) (decimal.Decimal, bool) {
	digits, thousand := strings.CutSuffix(strings.ToLower(s), "k")
	digits = strings.TrimSpace(digits)
	fraction := ""
	if i := strings.LastIndexAny(digits, ".,"); i >= 0 && len(digits)-i-1 < 3 {
		digits, fraction = digits[:i], digits[i+1:]
	}
	digits = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, digits)
	if digits == "" || len(digits) > mostDigits {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(digits + "." + fraction + "0")
	if thousand {
		d = d.Shift(3)
	}
	return d, err == nil
}

// span is one number or two: the two ends.
func span(list []decimal.Decimal) (low, high decimal.Decimal, ok bool) {
	switch len(list) {
	case 1:
		return list[0], list[0], true
	case 2:
		return list[0], list[1], true
	}
	return low, high, false
}

// hours reads hours a week: "30", "20-30", "30 h/semana".
func (p *parser) hours(value string) {
	list, rest, ok := amounts(value)
	low, high, one := span(list)
	if !ok || !one {
		p.complain(Hours, CodeAmount, "")
		return
	}
	for _, word := range strings.FieldsFunc(coop.Fold(rest), notLetter) {
		switch m := unitOf()[word]; {
		case small[word] || m.key == "HOUR" || m.key == "WEEK" || word == "hrs":
		case m.key != "":
			p.complain(Hours, CodeWeek, word)
			return
		default:
			p.complain(Hours, CodeWord, word)
			return
		}
	}
	p.HoursFrom, p.HoursTo = low, high
}

// notLetter parts words.
func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }

// signs are currencies by their signs, those of several letters first; a bare dollar
// is that of a dozen countries.
var signs = []struct{ sign, code string }{
	{"US$", "USD"},
	{"U$S", "USD"},
	{"AR$", "ARS"},
	{"R$", "BRL"},
	{"MX$", "MXN"},
	{"UY$", "UYU"},
	{"$U", "UYU"},
	{"C$", "CAD"},
	{"CLP$", "CLP"},
	{"COP$", "COP"},
	{"€", "EUR"},
	{"£", "GBP"},
	{"₲", "PYG"},
	{"S/", "PEN"},
}

// moneyWords are currencies that only one name has.
var moneyWords = map[string]string{
	"euro": "EUR", "euros": "EUR", "pounds": "GBP", "libras": "GBP", "sterline": "GBP", "reais": "BRL", "reales": "BRL", "reals": "BRL", "guaranies": "PYG", "soles": "PEN", "bolivianos": "BOB",
}

// pay reads "1900000-2300000 ARS al mes", "€ 2.100/mes", "2.100–2.400 EUR brutos".
func (p *parser) pay(value string) {
	if _, none := noPayOf()[plainKey(value)]; none {
		if p.Engagement != "volunteer" && p.Engagement != "board" {
			p.complain(Pay, coop.CodeRequired, "")
		}
		return
	}
	code, left := sign(value)
	list, rest, ok := amounts(left)
	low, high, one := span(list)
	if !ok || !one {
		p.complain(Pay, CodeAmount, "")
		return
	}
	if thousand := decimal.NewFromInt(1000); len(list) == 2 && low.LessThan(thousand) && !high.LessThan(thousand) && inThousands.MatchString(left) {
		low = low.Shift(3) // 35-40k
	}
	m := &money{code: code}
	m.words(rest)
	switch {
	case m.unknown != "":
		p.complain(Pay, CodeWord, m.unknown)
	case m.code == "" || m.several:
		p.complain(Pay, CodeCurrency, "")
	default:
		p.Pay, p.Gross = &coop.Pay{Currency: m.code, Min: low, Max: high, Unit: m.unit}, m.gross
		if m.unit == "" {
			p.Pay.Unit = "MONTH"
		}
	}
}

// inThousands finds a k after the last number.
var inThousands = regexp.MustCompile(`\d\s?[kK]\b\D*$`)

// sign takes the sign of a currency out of a line.
func sign(value string) (code, rest string) {
	for _, s := range signs {
		if i := strings.Index(strings.ToUpper(value), s.sign); i >= 0 && i+len(s.sign) <= len(value) {
			return s.code, value[:i] + " " + value[i+len(s.sign):]
		}
	}
	return "", value
}

// money is what the words beside the numbers say.
type money struct {
	code, unit string
	several    bool // currencies
	gross      *bool
	unknown    string
}

// words reads them: phrases of up to three words first.
func (m *money) words(rest string) {
	words := strings.FieldsFunc(strings.ReplaceAll(rest, "$", " "), notLetter)
	for i := 0; i < len(words) && m.unknown == ""; {
		n := m.take(words[i:])
		if n == 0 {
			m.unknown, n = words[i], 1
		}
		i += n
	}
}

// take reads the first words and says how many; 0: they mean nothing.
func (m *money) take(words []string) int {
	for n := min(3, len(words)); n > 0; n-- {
		phrase := plainKey(strings.Join(words[:n], " "))
		if tax, ok := taxOf()[phrase]; ok {
			gross := tax.key == "gross"
			m.gross = &gross
			return n
		}
	}
	word := plainKey(words[0])
	unit, isUnit := unitOf()[word]
	switch code := strings.ToUpper(words[0]); {
	case moneyWords[word] != "":
		m.currency(moneyWords[word])
	case isUnit:
		m.unit = unit.key
	case coop.ValidCurrency(code) && (code == words[0] || !small[word]):
		m.currency(code)
	case !small[word]:
		return 0
	}
	return 1
}

// currency notes a currency; two are one too many.
func (m *money) currency(code string) {
	m.several = m.several || m.code != "" && m.code != code
	m.code = code
}
