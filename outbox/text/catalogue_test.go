// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

func load(t testing.TB) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestComplete compares every language with English: the same keys, and in each
// message the same things filled in.
func TestComplete(t *testing.T) {
	want := flat(t, "en")
	for _, lang := range Languages() {
		got := flat(t, lang)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s has other keys: %s", lang, diff)
		}
		for key := range want {
			if diff := cmp.Diff(holes(want[key]), holes(got[key])); diff != "" {
				t.Errorf("%s %s fills in other things: %s", lang, key, diff)
			}
			if strings.TrimSpace(got[key]) == "" {
				t.Errorf("%s %s is empty", lang, key)
			}
		}
	}
}

// TestEveryWordIsThere asks for a message of each value of each closed list.
func TestEveryWordIsThere(t *testing.T) {
	c := load(t)
	var keys []string
	for _, s := range coop.JobStatuses() {
		keys = append(keys, "line_"+string(s))
		if s != coop.JobOpen {
			keys = append(keys, "state_"+string(s))
		}
	}
	for _, e := range coop.Engagements()[1:] {
		keys = append(keys, "engagement_"+e)
	}
	for _, m := range coop.MembershipTracks()[:4] {
		keys = append(keys, "track_"+m)
	}
	for _, d := range coop.DecisionMethods() {
		keys = append(keys, "by_"+d)
	}
	for _, u := range coop.PayUnits() {
		keys = append(keys, "per_"+strings.ToLower(u))
	}
	for _, lang := range Languages() {
		for _, key := range keys {
			if c.Say(lang, key, map[string]string{}) == "" {
				t.Errorf("%s does not say %s", lang, key)
			}
		}
	}
}

func flat(t *testing.T, lang string) map[string]string {
	t.Helper()
	var raw map[string]any
	if _, err := toml.DecodeFS(files, lang+".toml", &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			out[key] = v
		case map[string]any:
			out[key+".one"], _ = v["one"].(string)
			out[key+".other"], _ = v["other"].(string)
			if many, ok := v["many"].(string); ok && many != out[key+".other"] {
				t.Errorf("%s %s: many and other differ", lang, key)
			}
		}
	}
	return out
}

func holes(s string) []string {
	found := regexp.MustCompile(`{{\.\w+}}`).FindAllString(s, -1)
	slices.Sort(found)
	return found
}

// telar is the job of wire example 03.
func telar() *coop.Job {
	return &coop.Job{
		Title:    "Backend developer, future member (remote, 30 h)",
		TitleMap: map[string]string{"es": "Desarrollo backend, con camino a ser parte (remoto, 30 h)"},
		Remote:   true, ApplicantsFrom: []string{"AR", "UY", "CL"},
		HoursFrom: decimal.NewFromInt(30), HoursTo: decimal.NewFromInt(30),
		Pay:        &coop.Pay{Currency: "ARS", Min: decimal.NewFromInt(1900000), Max: decimal.NewFromInt(2300000), Unit: "MONTH"},
		Engagement: "membership", MembershipTrack: "expected", Probation: "P6M", DecisionMethod: "consent", Status: coop.JobOpen,
		ValidThrough: time.Date(2026, 12, 20, 23, 59, 59, 0, time.UTC),
		Closed:       time.Date(2026, 12, 4, 10, 0, 0, 0, time.UTC),
	}
}

func TestFactsAsInTheExample(t *testing.T) {
	c, j := load(t), telar()
	for lang, want := range map[string][3]string{
		"en": {"Cooperativa Telar · remote from AR, UY, CL · 30 h a week · ARS 1,900,000–2,300,000 a month · 6 months of probation, then membership by consent of the assembly", "Apply until 20 December 2026:", "Filled on 4 December 2026. Thank you for sharing it."},
		"es": {"Cooperativa Telar · remoto desde AR, UY, CL · 30 h semanales · ARS 1.900.000–2.300.000 por mes · 6 meses de prueba y después ingreso por consentimiento de la asamblea", "Hasta el 20 de diciembre de 2026:", "Cubierta el 4 de diciembre de 2026. Gracias por difundirla."},
		"ca": {"Cooperativa Telar · en remot des de AR, UY, CL · 30 h setmanals · ARS 1.900.000–2.300.000 al mes · 6 mesos de prova i després ingrés per consentiment de l’assemblea", "Data límit, 20 de desembre del 2026:", "Coberta: 4 de desembre del 2026. Gràcies per fer-ne difusió."},
		"it": {"Cooperativa Telar · da remoto da AR, UY, CL · 30 ore a settimana · ARS 1.900.000–2.300.000 al mese · 6 mesi di prova, poi ingresso come soci per consenso informato dell’assemblea", "Scadenza 20 dicembre 2026:", "Coperta: 4 dicembre 2026. Grazie per averla condivisa."},
		"pt": {"Cooperativa Telar · remoto a partir de AR, UY, CL · 30 h por semana · ARS 1.900.000–2.300.000 por mês · 6 meses de experiência e depois ingresso por consentimento da assembleia", "Até 20 de dezembro de 2026:", "Preenchida em 4 de dezembro de 2026. Obrigado por divulgar."},
	} {
		j.Status = coop.JobOpen
		got := [3]string{strings.Join(c.Facts(lang, "Cooperativa Telar", j), " · "), c.Deadline(lang, j), ""}
		j.Status = coop.JobFilled
		got[2] = c.Deadline(lang, j)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
	if got, want := c.Title("es", j), "Cubierta: Desarrollo backend, con camino a ser parte (remoto, 30 h)"; got != want {
		t.Errorf("title %q", got)
	}
}

func TestFactsOfOtherJobs(t *testing.T) {
	c, no := load(t), false
	place := []coop.Place{{Locality: "Rosario", Country: "AR"}}
	for _, tt := range []struct {
		name string
		job  coop.Job
		want string
	}{
		{"volunteers are unpaid", coop.Job{Engagement: "volunteer", Places: place}, "X · Rosario, AR · unpaid"},
		{"hybrid", coop.Job{Engagement: "membership", MembershipTrack: "possible", Remote: true, Places: place, OfficeDays: 2}, "X · Rosario, AR, partly remote · membership possible"},
		{"net pay by the hour", coop.Job{Engagement: "freelance", MembershipTrack: "none", Remote: true, Gross: &no, Pay: &coop.Pay{Currency: "EUR", Min: decimal.RequireFromString("27.5"), Max: decimal.RequireFromString("27.5"), Unit: "HOUR"}}, "X · remote from anywhere · EUR 27.5 an hour after tax · freelance · without membership"},
		{"hours as a range", coop.Job{HoursFrom: decimal.NewFromInt(20), HoursTo: decimal.RequireFromString("37.5")}, "X · 20–37.5 h a week"},
		{"for co-ops", coop.Job{Engagement: "inter-coop", MembershipTrack: "co-ops-only"}, "X · for co-ops"},
		{"one year", coop.Job{MembershipTrack: "required", Probation: "P1Y"}, "X · 1 year of probation, then membership"},
	} {
		if got := strings.Join(c.Facts("en", "X", &tt.job), " · "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
