// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

func TestAnywhereIsSaidOnPurpose(t *testing.T) {
	for _, tt := range []struct {
		name string
		from []string
		want string
	}{
		{"the word alone", []string{"anywhere"}, ""},
		{"in any letters", []string{" ANYWHERE"}, ""},
		{"beside a country", []string{"anywhere", "AR"}, "place.applicants_from not_allowed"},
		{"an empty list was forgotten", []string{}, "place.applicants_from required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			job.ApplicantsFrom = tt.from
			job.Complete(noon, coop.JobDefaults{})
			if got := complaint(job.Validate(noon)); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
}

func TestJobClone(t *testing.T) {
	job := goodJob()
	lat, lon, gross := 1.0, 2.0, true
	job.Places = []coop.Place{{Name: "Rosario", Latitude: &lat, Longitude: &lon}}
	job.Gross, job.OpenToNew, job.Unknown = &gross, &gross, map[string]string{"x": "y"}
	job.DescriptionMap, job.Markdown = map[string]string{"en": "x"}, map[string]string{"en": "x"}
	whole := job.Clone()
	if diff := cmp.Diff(job, whole); diff != "" {
		t.Fatal(diff)
	}
	before := job.Clone()
	whole.TitleMap["en"], whole.DescriptionMap["en"], whole.Markdown["en"], whole.Unknown["x"] = "changed", "changed", "changed", "changed"
	whole.Skills[0].Name, whole.Occupation.Name, whole.ApplicantsFrom[0], whole.Places[0].Name = "changed", "changed", "changed", "changed"
	whole.EmploymentType[0], whole.HiringSteps[0], whole.Languages[0].Tag, whole.TimeOverlap.Zone = "changed", "changed", "changed", "changed"
	whole.Pay.Currency, whole.MemberShare.Currency = "changed", "changed"
	*whole.PayRatio, *whole.Gross, *whole.Places[0].Latitude = number("9"), false, 9
	if diff := cmp.Diff(before, job); diff != "" {
		t.Errorf("the original changed with its copy: %s", diff)
	}
}
