// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"minga/coop"
)

const (
	loom  = coop.IRI("https://b.example/coops/telar")
	node  = coop.IRI("https://c.example/coops/nodo")
	north = coop.IRI("https://a.example/federation")
)

// line pays payee an amount for hours that provider works.
func line(provider coop.IRI, hours int, payee coop.IRI, amount int64) coop.SplitLine {
	return coop.SplitLine{For: "Backend", Provider: provider, Hours: hours, Payee: payee, Amount: decimal.NewFromInt(amount)}
}

func TestValidateSplit(t *testing.T) {
	all := coop.SplitRules{NoMargin: true, Complete: true, Members: []coop.IRI{loom, node, north}, Agreed: map[coop.IRI]int{loom: 100, node: 20}}
	loose := coop.SplitRules{Members: all.Members}
	for _, tt := range []struct {
		name  string
		rules coop.SplitRules
		lines []coop.SplitLine
		field string // empty: the split is right
	}{
		{"each is paid for its own hours", all, []coop.SplitLine{line(loom, 100, loom, 800), line(node, 20, node, 200)}, ""},
		{"a line without hours pays for no work of others", all, []coop.SplitLine{line(loom, 100, loom, 800), line("", 0, north, 200)}, ""},
		{"one is paid for the hours of another", all, []coop.SplitLine{line(loom, 100, node, 1000)}, "lines.0.payee"},
		{"who takes a margin where nothing was promised", loose, []coop.SplitLine{line(loom, 100, node, 1000)}, ""},
		{"hours of another under one's own name", all, []coop.SplitLine{line(loom, 101, loom, 1000)}, "lines"},
		{"hours that nobody agreed to", all, []coop.SplitLine{line(north, 1, north, 1000)}, "lines"},
		{"less than the price", all, []coop.SplitLine{line(loom, 100, loom, 999)}, "lines"},
		{"more than the price", all, []coop.SplitLine{line(loom, 100, loom, 1001)}, "lines"},
		{"less than the price where nothing was promised", loose, []coop.SplitLine{line(loom, 100, loom, 1)}, ""},
		{"a stranger is paid", loose, []coop.SplitLine{line("", 0, "https://d.example/x", 1000)}, "lines.0.payee"},
		{"a stranger works", loose, []coop.SplitLine{line("https://d.example/x", 1, loom, 1000)}, "lines.0.provider"},
		{"hours without who works them", loose, []coop.SplitLine{line("", 5, loom, 1000)}, "lines.0.provider"},
		{"a debt", loose, []coop.SplitLine{line(loom, 1, loom, -5)}, "lines.0.amount"},
		{"nothing", loose, nil, "lines"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := coop.ValidateSplit(&coop.Split{Currency: "EUR", Price: decimal.NewFromInt(1000), Lines: tt.lines}, tt.rules)
			var invalid coop.Invalid
			if tt.field == "" && err != nil || tt.field != "" && !errors.As(err, &invalid) {
				t.Fatalf("complained %v", err)
			}
			if tt.field != "" && !slices.ContainsFunc(invalid, func(e *coop.InvalidError) bool { return e.Field == tt.field }) {
				t.Errorf("complained of %v, want %s", err, tt.field)
			}
		})
	}
}

func TestAgreedByAll(t *testing.T) {
	s := &coop.Split{Agreed: []coop.IRI{loom, node}}
	for _, tt := range []struct {
		name    string
		split   *coop.Split
		members []coop.IRI
		want    bool
	}{
		{"all have", s, []coop.IRI{node, loom}, true}, {"one has not", s, []coop.IRI{node, loom, north}, false}, {"there is no split", nil, nil, false},
	} {
		if got := tt.split.AgreedByAll(tt.members); got != tt.want {
			t.Errorf("%s: %t", tt.name, got)
		}
	}
}

func TestTeamName(t *testing.T) {
	for title, want := range map[string]string{
		"Clinics": "clinics", "Sitio de turnos para 14 centros": "sitio-de-turnos-para-14", "Año · Ñandú!": "ano-nandu", "  14 x 3 wheels": "x-3-wheels",
		"日本": "", "a": "", "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "aaaaaaaaaaaaaaaaaaaaaaaaaa",
	} {
		got := coop.TeamName(title)
		if got != want {
			t.Errorf("%q is %q, want %q", title, got, want)
		}
		if got != "" && coop.ValidateName(coop.Team, got) != nil {
			t.Errorf("%q is no name", got)
		}
	}
}

func TestValidatePlan(t *testing.T) {
	step := coop.PlanStep{Name: "Build", From: noon, To: noon.AddDate(0, 1, 0)}
	backwards := coop.PlanStep{Name: "Build", From: noon, To: noon.AddDate(0, -1, 0)}
	for _, tt := range []struct {
		name string
		plan coop.Plan
		ok   bool
	}{
		{"a name is enough", coop.Plan{Name: "Clinics"}, true},
		{"with steps", coop.Plan{Name: "Clinics", Steps: []coop.PlanStep{step}}, true},
		{"without a name", coop.Plan{Steps: []coop.PlanStep{step}}, false},
		{"a step that ends before it begins", coop.Plan{Name: "Clinics", Steps: []coop.PlanStep{backwards}}, false},
		{"a step without a name", coop.Plan{Name: "Clinics", Steps: []coop.PlanStep{{}}}, false},
		{"too many steps", coop.Plan{Name: "Clinics", Steps: slices.Repeat([]coop.PlanStep{step}, coop.MaxPlanSteps+1)}, false},
	} {
		if err := coop.ValidatePlan(&tt.plan); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
