// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "strings"

// wikidataCurrencies are the currencies that proposals name by their entry in Wikidata
// (FEP-0837), as ISO 4217 code and number.
const wikidataCurrencies = `EUR 4916 USD 4917 GBP 25224 CHF 25344 ARS 199578 BRL 173117 MXN 4730 COP 244819 CLP 200050
	UYU 209272 PEN 204656 CAD 1104069 AUD 259502 SEK 122922 NOK 132643 DKK 25417 PLN 123213 CZK 131016 HUF 47190
	RON 131645 JPY 8146 CNY 39099 INR 80524 KRW 202040 ZAR 181907 TRY 172872`

// wikidata is where its entries are.
const wikidata = "https://www.wikidata.org/wiki/Q"

// CurrencyIRI is a currency as proposals name it; empty for one that has no name there
// that we know: then the amount stands in the payload alone.
func CurrencyIRI(code string) string {
	words := strings.Fields(wikidataCurrencies)
	for i := 0; i+1 < len(words); i += 2 {
		if words[i] == code {
			return wikidata + words[i+1]
		}
	}
	return ""
}

// CurrencyOf is the ISO 4217 code of a currency that a proposal names; empty for one
// that we do not know.
func CurrencyOf(iri string) string {
	_, number, ok := strings.Cut(strings.Replace(iri, "/entity/", "/wiki/", 1), "wikidata.org/wiki/Q")
	words := strings.Fields(wikidataCurrencies)
	for i := 0; ok && i+1 < len(words); i += 2 {
		if words[i+1] == number {
			return words[i]
		}
	}
	return ""
}
