// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/coop/jobtext"
)

var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// shown is what a reading says, in one line for each field.
func shown(r *jobtext.Reading) string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	add("%s %s %s", r.Language, r.State, r.Title)
	add("%s", place(r))
	add("%s-%s h, %s, %s", r.HoursFrom, r.HoursTo, r.Engagement, r.EmploymentType())
	add("%s", pay(r))
	if !r.Until.IsZero() {
		add("%s", r.Until.Format(time.RFC3339))
	}
	add("%s%s%s", r.ApplyMail, r.ApplyURL, strings.Trim(r.ApplyTo.String(), "@"))
	add("%s", strings.Join(r.Hashtags, " "))
	for _, p := range r.Problems {
		add("! %d %s %s %s", p.Line, p.Field, p.Code, p.Word)
	}
	return strings.Join(out, "\n")
}

func place(r *jobtext.Reading) string {
	var out []string
	if r.Remote {
		out = append(out, "remote")
	}
	if r.Anywhere {
		out = append(out, "anywhere")
	}
	out = append(out, r.ApplicantsFrom...)
	for _, p := range r.Places {
		out = append(out, strings.Trim(p.Locality+"/"+p.Region+"/"+p.Country, "/"))
	}
	if r.OfficeDays > 0 {
		out = append(out, fmt.Sprint(r.OfficeDays, "d"))
	}
	return strings.Join(out, " ")
}

func pay(r *jobtext.Reading) string {
	if r.Pay == nil {
		return "unpaid"
	}
	s := fmt.Sprintf("%s-%s %s %s", r.Pay.Min, r.Pay.Max, r.Pay.Currency, r.Pay.Unit)
	if r.Gross != nil {
		s += fmt.Sprintf(" gross=%v", *r.Gross)
	}
	return s
}

// examples are one posting in each language.
var examples = map[string]string{
	"en": "Job: Backend developer\nWhere: remote (AR, UY)\nHours: 20-30\nPay: 1,900,000-2,300,000 ARS a month\nApply by: 20 December 2026\n\nYou look after the services behind three booking sites, with two colleagues.\n\n#python #backend",
	"es": "Empleo: Panadera\nDónde: Barcelona, España\nHoras: 30 h/semana\nPaga: € 2.100/mes brutos\nHasta: 20 de diciembre de 2026\nVínculo: socia\n\nCuidás el horno y la masa madre con otras tres personas, cuatro días por semana.\n#pan",
	"ca": "Feina: Fornera\nOn: híbrid, 2 dies a la setmana, Girona, Espanya\nHores: 20 a 30\nSou: 2.100–2.400 EUR\nFins a: 20 de desembre de 2026\nEnvia a: feina@forn.example\n\nT'ocuparàs del forn i de la massa mare amb tres persones més, quatre dies cada setmana.\n#pa",
	"it": "Lavoro: Fornaia\nDove: da remoto, da ovunque\nOre: 37,5 ore settimanali\nCompenso: 14,50 € all'ora lordi\nEntro: 20/12/2026\nRapporto: partita IVA\nCandidature a: https://forno.example/lavoro\n\nTi occupi del forno e del lievito madre con altre tre persone, quattro giorni alla settimana.\n#pane",
	"pt": "Vaga: Padeira\nOnde: São Paulo, Brasil / Montevidéu, Uruguai\nHoras: 40\nRemuneração: R$ 5.000,50 por mês\nAté: 20 dez. 2026\nVínculo: CLT\nCandidaturas: @forno@coop.example\n\nVocê cuida do forno e do fermento natural com outras três pessoas, quatro dias por semana.\n#pao",
}

func TestParseInFiveLanguages(t *testing.T) {
	for lang, want := range map[string]string{
		"en": "en open Backend developer\nremote AR UY\n20-30 h, employment, PART_TIME\n1900000-2300000 ARS MONTH\n2026-12-20T23:59:59Z\n\npython backend",
		"es": "es open Panadera\nBarcelona//ES\n30-30 h, membership, PART_TIME\n2100-2100 EUR MONTH gross=true\n2026-12-20T23:59:59Z\n\npan",
		"ca": "ca open Fornera\nremote ES Girona//ES 2d\n20-30 h, employment, PART_TIME\n2100-2400 EUR MONTH\n2026-12-20T23:59:59Z\nfeina@forn.example\npa",
		"it": "it open Fornaia\nremote anywhere\n37.5-37.5 h, freelance, CONTRACTOR\n14.5-14.5 EUR HOUR gross=true\n2026-12-20T23:59:59Z\nhttps://forno.example/lavoro\npane",
		"pt": "pt open Padeira\nSão Paulo//BR Montevidéu//UY\n40-40 h, employment, FULL_TIME\n5000.5-5000.5 BRL MONTH\n2026-12-20T23:59:59Z\nforno@coop.example\npao",
	} {
		t.Run(lang, func(t *testing.T) {
			if diff := cmp.Diff(want, shown(jobtext.Parse(examples[lang], now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// with is the English example with one line in place of another.
func with(label, line string) string {
	lines := strings.Split(examples["en"], "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, label+":") {
			lines[i] = line
		}
	}
	return strings.Join(lines, "\n")
}

// problems are the complaints about a reading.
func problems(r *jobtext.Reading) string {
	var out []string
	for _, p := range r.Problems {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", p.Line, p.Field, p.Code, p.Word)))
	}
	return strings.Join(out, ", ")
}

func TestWhere(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"remote", "remote anywhere"},
		{"Remote, anywhere", "remote anywhere"},
		{"anywhere", "remote anywhere"},
		{"remote (AR, UY)", "remote AR UY"},
		{"remote (ar,uy)", "remote AR UY"},
		{"remote from Argentina and Uruguay", "remote AR UY"},
		{"remoto desde Argentina, Uruguay y Chile", "remote AR UY CL"},
		{"en remot (Espanya)", "remote ES"},
		{"da remoto, dall'Italia", "remote IT"},
		{"remoto (Brasil e Portugal)", "remote BR PT"},
		{"remote from Trinidad and Tobago", "remote TT"},
		{"teletrabajo desde cualquier lugar", "remote anywhere"},
		{"Remote - UK", "remote GB"},
		{"Barcelona, ES", "Barcelona//ES"},
		{"Barcelona", "Barcelona"},
		{"in Barcelona", "Barcelona"},
		{"Barcelona (España)", "Barcelona//ES"},
		{"Rosario, Santa Fe, Argentina", "Rosario/Santa Fe/AR"},
		{"Panamá, PA", "Panamá//PA"},
		{"La Paz, Bolivia", "La Paz//BO"},
		{"A Coruña, España", "A Coruña//ES"},
		{"presencial en Rosario, AR", "Rosario//AR"},
		{"Argentina", "AR"},
		{"Barcelona, ES / Madrid, ES", "Barcelona//ES Madrid//ES"},
		{"hybrid, Barcelona, ES", "remote ES Barcelona//ES"},
		{"hybrid in Barcelona, Spain, 2 days a week", "remote ES Barcelona//ES 2d"},
		{"Barcelona, ES, 3 días", "remote ES Barcelona//ES 3d"},
		{"híbrido Rosario (Argentina)", "remote AR Rosario//AR"},
		{"remote or Lisboa, Portugal", "remote anywhere Lisboa//PT"},
		{"Milano, Italia o da remoto (IT)", "remote IT Milano//IT"},
		{"remote (Patagonia)", "! 2 where country Patagonia"},
		{"hybrid", "! 2 where place"},
		{"hybrid, Barcelona", "! 2 where country"},
		{"on site", "! 2 where place"},
		{"remote (AR), anywhere", "! 2 where not_allowed"},
		{"", "! 2 where required"},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			r := jobtext.Parse(with("Where", "Where: "+tt.typed), now)
			got := place(r)
			if p := problems(r); p != "" {
				got = "! " + p
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPay(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"1900000-2300000 ARS al mes", "1900000-2300000 ARS MONTH"},
		{"€ 2.100/mes", "2100-2100 EUR MONTH"},
		{"2.100–2.400 EUR", "2100-2400 EUR MONTH"},
		{"2,100 to 2,400 euros per month", "2100-2400 EUR MONTH"},
		{"2100 a 2400 euros al mes", "2100-2400 EUR MONTH"},
		{"da 2.100 a 2.400 € al mese", "2100-2400 EUR MONTH"},
		{"de R$ 5.000 a 6.000 por mês", "5000-6000 BRL MONTH"},
		{"entre 2.100 i 2.400 € al mes bruts", "2100-2400 EUR MONTH gross=true"},
		{"25 €/h", "25-25 EUR HOUR"},
		{"12.50 GBP an hour", "12.5-12.5 GBP HOUR"},
		{"£30k a year", "30000-30000 GBP YEAR"},
		{"35-40k EUR/year gross", "35000-40000 EUR YEAR gross=true"},
		{"30 000 EUR / any", "30000-30000 EUR YEAR"},
		{"30.000 euros anuales netos", "30000-30000 EUR YEAR gross=false"},
		{"US$ 150 per day", "150-150 USD DAY"},
		{"1'500 CHF monthly", "1500-1500 CHF MONTH"},
		{"600 eur weekly before tax", "600-600 EUR WEEK gross=true"},
		{"2.100,50 EUR", "2100.5-2100.5 EUR MONTH"},
		{"$ 2000 al mes", "! 4 pay currency"},
		{"2000 al mes", "! 4 pay currency"},
		{"2000 EUR USD", "! 4 pay currency"},
		{"mucho", "! 4 pay amount"},
		{"1 2 3 EUR", "! 4 pay amount"},
		{"99999999999999999999 EUR", "! 4 pay amount"},
		{"2000 EUR plus bonus", "! 4 pay word plus"},
		{"unpaid", "! 4 pay required"},
		{"", "! 4 pay required"},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			r := jobtext.Parse(with("Pay", "Pay: "+tt.typed), now)
			got := pay(r)
			if p := problems(r); p != "" {
				got = "! " + p
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestHoursAndDates(t *testing.T) {
	for _, tt := range []struct{ label, typed, want string }{
		{"Hours", "30", "30-30"},
		{"Hours", "20-30", "20-30"},
		{"Hours", "20 – 30 h", "20-30"},
		{"Hours", "30 h/semana", "30-30"},
		{"Hours", "de 20 a 30 horas por semana", "20-30"},
		{"Hours", "37,5 hores setmanals", "37.5-37.5"},
		{"Hours", "fino a 20 ore alla settimana", "! 3 hours word fino"},
		{"Hours", "8 al día", "! 3 hours week dia"},
		{"Hours", "full time", "! 3 hours amount"},
		{"Hours", "10 20 30", "! 3 hours amount"},
		{"Apply by", "2026-12-20", "2026-12-20"},
		{"Apply by", "20/12/2026", "2026-12-20"},
		{"Apply by", "12/20/2026", "2026-12-20"},
		{"Apply by", "5/4/2027", "2027-04-05"},
		{"Apply by", "20.12.26", "2026-12-20"},
		{"Apply by", "Sunday, 20th December 2026", "2026-12-20"},
		{"Apply by", "December 20, 2026", "2026-12-20"},
		{"Apply by", "20 de diciembre de 2026", "2026-12-20"},
		{"Apply by", "el 1º de marzo de 2027", "2027-03-01"},
		{"Apply by", "1r d'abril de 2027", "! 5 until format 1r d'abril de 2027"},
		{"Apply by", "20 dicembre", "2026-12-20"},
		{"Apply by", "15 janeiro", "2027-01-15"},
		{"Apply by", "20 nov", "2026-11-20"},
		{"Apply by", "20 març", "2027-03-20"},
		{"Apply by", "31 February 2027", "! 5 until format 31 February 2027"},
		{"Apply by", "soon", "! 5 until format soon"},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			r := jobtext.Parse(with(tt.label, tt.label+": "+tt.typed), now)
			got := r.HoursFrom.String() + "-" + r.HoursTo.String()
			if tt.label == "Apply by" {
				got = r.Until.Format(time.DateOnly)
			}
			if p := problems(r); p != "" {
				got = "! " + p
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestWordsOfEveryLanguage(t *testing.T) {
	for lang, words := range map[string]string{
		"en": "Job Where Hours Pay|Apply by|Apply at|Kind", "es": "Empleo Dónde Horas Paga|Hasta|Postular en|Vínculo", "ca": "Feina On Hores Sou|Fins a|Envia a|Vincle",
		"it": "Lavoro Dove Ore Paga|Entro|Candidature a|Rapporto", "pt": "Vaga Onde Horas Remuneração|Até|Candidaturas|Vínculo",
	} {
		words = strings.Replace(words, " ", "|", 3)
		for i, word := range strings.Split(words, "|") {
			if got := jobtext.Label(lang, jobtext.Fields()[i]); got != word {
				t.Errorf("%s: %q, want %q", lang, got, word)
			}
		}
	}
	mixed := "TRABAJO: Baker\nfins a: 2026-12-20\n**Where:** Rosario, AR\n📍 ORE：20\n- remuneracao: 20 EUR/h\nApply at: ana@mill.example\nVINCULO: voluntariat\n" + strings.Repeat("words ", 20)
	r := jobtext.Parse(mixed, now)
	if problems(r) != "" || r.Title != "Baker" || r.Engagement != "volunteer" || r.HoursTo.String() != "20" {
		t.Errorf("a mixture of words: %s", shown(r))
	}
}

func TestStates(t *testing.T) {
	for word, want := range map[string]coop.JobStatus{
		"Filled": coop.JobFilled, "FILLED!": coop.JobFilled, "Cubierto": coop.JobFilled, "Coberta": coop.JobFilled, "Coperto.": coop.JobFilled, "Preenchida": coop.JobFilled,
		"Withdrawn": coop.JobWithdrawn, "Retirada": coop.JobWithdrawn, "Ritirato": coop.JobWithdrawn, "Closed": coop.JobClosed, "Tancat": coop.JobClosed, "Encerrada": coop.JobClosed,
		"Paused": coop.JobPaused, "En pausa": coop.JobPaused, "Em pausa": coop.JobPaused, "Open again": coop.JobOpen, "Di nuovo aperto": coop.JobOpen, "Reoberta": coop.JobOpen,
	} {
		for _, text := range []string{word + "\n" + examples["en"], "\n" + word + "\n\n" + examples["it"], word} {
			if got, ok := jobtext.States(text); !ok || got != want {
				t.Errorf("%q is %q (%v), want %s", text, got, ok, want)
			}
		}
		if r := jobtext.Parse(word+"\n"+examples["en"], now); r.State != want || problems(r) != "" {
			t.Errorf("%s: %s", word, shown(r))
		}
	}
	if r := jobtext.Parse("Filled: "+examples["en"], now); r.State != coop.JobFilled || r.Title != "Backend developer" {
		t.Errorf("a word before the first: %s", shown(r))
	}
	for _, text := range []string{"Filled with joy", "We are open", "", "Job: Filled", "Hola\nFilled"} {
		if state, ok := jobtext.States(text); ok {
			t.Errorf("%q says %s", text, state)
		}
	}
}

func TestBegins(t *testing.T) {
	for text, want := range map[string]bool{
		"Job: Baker": true, "\n\n  job : Baker": true, "Filled\nJob: Baker": true, "Vaga: x": true, "*Feina:* x": true, "Job:": true,
		"Baker wanted": false, "A job: baker": false, "Good news\nJob: Baker": false, "": false, "Where: here": false, "Jobs: many": false, ":": false, "https://x.example": false,
	} {
		if got := jobtext.Begins(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestEachLineThatFailsIsNamed(t *testing.T) {
	typed := "Job:\nWhere: remote (Atlantis)\nHours: many\nPay: 10 EUR\nPay: 20 EUR\nApply by: tomorrow\nApply at: nowhere\nKind: odd\nshort"
	want := "1 job required, 2 where country Atlantis, 3 hours amount, 5 pay twice, 6 until format tomorrow, 7 apply format nowhere, 8 kind word odd, 0 text too_short"
	if got := problems(jobtext.Parse(typed, now)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	want = "0 where required, 0 hours required, 0 pay required, 0 until required, 0 text too_short"
	if got := problems(jobtext.Parse("Job: Baker", now)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestDescription(t *testing.T) {
	r := jobtext.Parse(examples["en"]+"\nA second line with #Go-like things.\n- one\n- two\n1. three\n\n#a_b #coopjobs\n#python", now)
	want := "You look after the services behind three booking sites, with two colleagues.\n\nA second line with #Go-like things.\n\n- one\n- two\n1. three"
	if diff := cmp.Diff(want, r.Description); diff != "" {
		t.Error(diff)
	}
	if got := strings.Join(r.Hashtags, " "); got != "python backend a_b coopjobs" {
		t.Errorf("hashtags %s", got)
	}
}
