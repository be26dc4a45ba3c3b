// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"minga/coop"
)

func TestJobAdmitRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Job)
		field  string
	}{
		{"a job without a title is an ordinary post", func(j *coop.Job) { j.Title = " \x00 " }, "title"},
		{"a job without a description", func(j *coop.Job) { j.Description = "<p></p>" }, "description"},
		{"a job whose skills are all broken", func(j *coop.Job) { j.Skills = []coop.Skill{{}} }, "skills"},
		{"a job of nobody", func(j *coop.Job) { j.HiringOrganization = "" }, "hiring_organization"},
		{"a job without a reference", func(j *coop.Job) { j.Identifier = coop.Identifier{} }, "identifier.name"},
		{"a job nowhere", func(j *coop.Job) { j.Remote = false }, "place"},
		{"remote from countries that are none is not anywhere", func(j *coop.Job) { j.ApplicantsFrom = []string{"Atlantis"} }, "place.applicants_from"},
		{"a job that was never posted", func(j *coop.Job) { j.DatePosted = "yesterday" }, "date_posted"},
		{"a job of next year", func(j *coop.Job) { j.DatePosted = "2027-11-20" }, "date_posted"},
		{"a job without an end", func(j *coop.Job) { j.ValidThrough = time.Time{} }, "closes_at"},
		{"a job that ends before it begins", func(j *coop.Job) { j.ValidThrough = noon.AddDate(-1, 0, 0) }, "closes_at"},
		{"a job without hours", func(j *coop.Job) { j.HoursFrom, j.HoursTo = number("0"), number("0") }, "hours.min"},
		{"a job with hours upside down", func(j *coop.Job) { j.HoursFrom = number("40") }, "hours.max"},
		{"a job without an employment type", func(j *coop.Job) { j.EmploymentType = nil }, "employment_type"},
		{"a job without an engagement", func(j *coop.Job) { j.Engagement = "" }, "engagement"},
		{"a job for co-ops only that is none between co-ops", func(j *coop.Job) { j.MembershipTrack = "co-ops-only" }, "membership_track"},
		{"an expected membership without probation", func(j *coop.Job) { j.Probation = "" }, "probation"},
		{"a job whose only way to apply is broken", func(j *coop.Job) { j.ApplyEmail = "a%b@c.example" }, "apply"},
		{"a job without a state", func(j *coop.Job) { j.Status = "" }, "state"},
		{"somebody else's draft", func(j *coop.Job) { j.Status = coop.JobDraft }, "state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			tt.change(job)
			_, err := job.Admit(noon)
			if got, _, _ := strings.Cut(complaint(err), " "); got != tt.field {
				t.Errorf("broken: %q, want %q", got, tt.field)
			}
		})
	}
}

func TestJobAdmitDrops(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Job)
		note   string // field and code of the first note; empty: none
		ok     func(*coop.Job) bool
	}{
		{"a good job stays whole", func(j *coop.Job) {}, "", func(j *coop.Job) bool { return cmp.Equal(j, goodJob()) }},
		{"capitals are a matter of manners", func(j *coop.Job) { j.Title = "BACKEND DEVELOPER" }, "", func(j *coop.Job) bool { return j.Title != "" }},
		{"pay that is missing is not stated", func(j *coop.Job) { j.Pay = nil }, "", func(j *coop.Job) bool { return j.Pay == nil }},
		{"pay from above to is not stated", func(j *coop.Job) { j.Pay.Max = number("1") }, "pay.max order", func(j *coop.Job) bool { return j.Pay == nil }},
		{"pay that would fill the memory is not stated", func(j *coop.Job) { j.Pay.Max = decimal.New(1, math.MaxInt32) }, "pay.max range", func(j *coop.Job) bool { return j.Pay == nil }},
		{"pay of volunteers is dropped", func(j *coop.Job) { j.Engagement = "volunteer" }, "pay not_allowed", func(j *coop.Job) bool { return j.Pay == nil }},
		{"one broken skill is dropped alone", func(j *coop.Job) { j.Skills[0].URI = "x" }, "skills[0].uri format", func(j *coop.Job) bool { return len(j.Skills) == 1 && j.Skills[0].Name == "patience" }},
		{"the sixteenth skill is cut", func(j *coop.Job) {
			j.Skills = make([]coop.Skill, 40)
			for i := range j.Skills {
				j.Skills[i].Name = "x"
			}
		}, "skills too_many", func(j *coop.Job) bool { return len(j.Skills) == 15 }},
		{"one broken country is dropped alone", func(j *coop.Job) { j.ApplicantsFrom[0] = "ar" }, "place.applicants_from[0] unknown", func(j *coop.Job) bool { return cmp.Equal(j.ApplicantsFrom, []string{"UY"}) && !j.Anywhere }},
		{"remote without a list is anywhere", func(j *coop.Job) { j.ApplicantsFrom = nil }, "", func(j *coop.Job) bool { return j.Anywhere }},
		{"a country called anywhere is none", func(j *coop.Job) { j.ApplicantsFrom = []string{"Anywhere"} }, "", func(j *coop.Job) bool { return j.Anywhere && j.ApplicantsFrom == nil }},
		{"a title in no language is dropped alone", func(j *coop.Job) { j.TitleMap["spanish"] = "Desarrollo" }, "title_map.spanish unknown", func(j *coop.Job) bool { return len(j.TitleMap) == 2 }},
		{"office days without an office", func(j *coop.Job) { j.OfficeDays = 3 }, "place required", func(j *coop.Job) bool { return j.OfficeDays == 0 }},
		{"a window in no zone", func(j *coop.Job) { j.TimeOverlap.Zone = "x" }, "time_overlap.tz unknown", func(j *coop.Job) bool { return j.TimeOverlap == nil }},
		{"a start that is no date", func(j *coop.Job) { j.Start = "soon" }, "start format", func(j *coop.Job) bool { return j.Start == "" }},
		{"openings without number count as one", func(j *coop.Job) { j.Openings = -4 }, "openings range", func(j *coop.Job) bool { return j.Openings == 1 }},
		{"a pay ratio of 99", func(j *coop.Job) { *j.PayRatio = number("99") }, "deal.pay_ratio range", func(j *coop.Job) bool { return j.PayRatio == nil }},
		{"a share and probation without a track", func(j *coop.Job) { j.MembershipTrack = "none" }, "probation not_allowed", func(j *coop.Job) bool { return j.Probation == "" && j.MemberShare == nil }},
		{"a step that is too long is dropped alone", func(j *coop.Job) { j.HiringSteps[0] = strings.Repeat("x", 81) }, "hiring_steps[0] too_long", func(j *coop.Job) bool { return len(j.HiringSteps) == 1 }},
		{"a broken way to apply beside a good one", func(j *coop.Job) { j.ApplyURL = "javascript:alert(1)" }, "apply.url format", func(j *coop.Job) bool { return j.ApplyURL == "" }},
		{"a benefit text that is too long", func(j *coop.Job) { j.Benefits = strings.Repeat("x", 1001) }, "benefits too_long", func(j *coop.Job) bool { return j.Benefits == "" }},
		{"an end beyond the roof is cut to it", func(j *coop.Job) { j.ValidThrough = noon.AddDate(2, 0, 0) }, "", func(j *coop.Job) bool { return j.ValidThrough.Equal(time.Date(2027, 2, 18, 23, 59, 59, 0, time.UTC)) }},
		{"an end that has gone by stays", func(j *coop.Job) { j.DatePosted, j.ValidThrough = "2026-10-01", noon.AddDate(0, 0, -1) }, "", func(j *coop.Job) bool { return j.Expired(noon) }},
		{"a moment of posting is its day", func(j *coop.Job) { j.DatePosted = "2026-11-19T23:30:00-03:00" }, "", func(j *coop.Job) bool { return j.DatePosted == "2026-11-20" }},
		{"an unknown engagement is kept as text", func(j *coop.Job) { j.Engagement = "commons" }, "", func(j *coop.Job) bool { return j.Engagement == "" && j.Unknown["engagement"] == "commons" }},
		{"an unknown track is kept as text", func(j *coop.Job) { j.MembershipTrack = "slow" }, "", func(j *coop.Job) bool { return j.MembershipTrack == "" && j.Unknown["membershipTrack"] == "slow" }},
		{"an unknown employment type beside a known one", func(j *coop.Job) { j.EmploymentType = []string{"GIG", "PART_TIME"} }, "", func(j *coop.Job) bool {
			return cmp.Equal(j.EmploymentType, []string{"PART_TIME"}) && j.Unknown["employmentType"] == "GIG"
		}},
		{"an unknown employment type alone", func(j *coop.Job) { j.EmploymentType = []string{"GIG"} }, "", func(j *coop.Job) bool { return len(j.EmploymentType) == 0 }},
		{"an unknown state counts as paused", func(j *coop.Job) { j.Status = "frozen" }, "", func(j *coop.Job) bool {
			return j.Status == coop.JobPaused && j.Unknown["status"] == "frozen" && !j.Applicable(noon)
		}},
		{"an unknown level leaves the language", func(j *coop.Job) { j.Languages[0].Level = "native" }, "", func(j *coop.Job) bool { return j.Languages[0].Level == "" && j.Unknown["level"] == "es native" }},
		{"pay by an unknown unit is a text", func(j *coop.Job) { j.Pay.Unit = "FORTNIGHT" }, "", func(j *coop.Job) bool {
			return j.Pay == nil && j.Unknown["baseSalary"] == "1900000–2300000 ARS/FORTNIGHT"
		}},
		{"what a reader did not know is bounded", func(j *coop.Job) { j.Unknown = map[string]string{"x": strings.Repeat("y", 9999)} }, "", func(j *coop.Job) bool { return len(j.Unknown["x"]) == 200 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			tt.change(job)
			notes, err := job.Admit(noon)
			if err != nil {
				t.Fatal(err)
			}
			if got := complaint(notes.Or()); got != tt.note {
				t.Errorf("noted %q, want %q", got, tt.note)
			}
			if !tt.ok(job) {
				t.Errorf("became %+v", job)
			}
		})
	}
}

// anyJob draws jobs with good and hostile values in every field.
func anyJob() *rapid.Generator[*coop.Job] {
	return rapid.Custom(func(t *rapid.T) *coop.Job {
		j := goodJob()
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "AR", "es", "P6M", "membership", "none", "https://a.example/x", "mailto:a@b.example", "2026-11-01"}))
		texts := rapid.SliceOfN(text, 0, 20)
		money := rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64().Draw(t, "digits"), rapid.Int32().Draw(t, "exponent"))
		})
		for _, at := range []*string{
			&j.Title, &j.Description, &j.Industry, &j.EmploymentUnit, &j.Start, &j.Duration, &j.Probation, &j.DatePosted, &j.Engagement,
			&j.MembershipTrack, &j.PayModel, &j.ApplyURL, &j.ApplyEmail, (*string)(&j.Status), (*string)(&j.ApplyBy), &j.Identifier.Value,
		} {
			if rapid.IntRange(0, 24).Draw(t, "change") == 0 {
				*at = text.Draw(t, "text")
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "lists") == 0 {
			j.ApplicantsFrom, j.EmploymentType, j.HiringSteps = texts.Draw(t, "from"), texts.Draw(t, "types"), texts.Draw(t, "steps")
			for _, name := range texts.Draw(t, "skills") {
				j.Skills = append(j.Skills, coop.Skill{Term: coop.Term{Name: name, URI: text.Draw(t, "uri")}})
				j.Languages = append(j.Languages, coop.LanguageNeed{Tag: name, Level: text.Draw(t, "level")})
				j.Places = append(j.Places, coop.Place{Name: name, Country: text.Draw(t, "country")})
			}
			j.TitleMap = rapid.MapOfN(text, text, 0, 30).Draw(t, "titles")
		}
		if rapid.IntRange(0, 3).Draw(t, "money") == 0 {
			j.Pay = &coop.Pay{Currency: text.Draw(t, "currency"), Min: money.Draw(t, "min"), Max: money.Draw(t, "max"), Unit: text.Draw(t, "unit")}
			j.HoursTo = money.Draw(t, "hours")
		}
		if rapid.IntRange(0, 3).Draw(t, "numbers") == 0 {
			j.OfficeDays, j.Openings = rapid.Int().Draw(t, "office"), rapid.Int().Draw(t, "openings")
			j.ValidThrough = noon.Add(time.Duration(rapid.Int64().Draw(t, "through")))
		}
		return j
	})
}

func TestAdmittedOnceIsAdmittedForGood(t *testing.T) {
	admitted := 0
	rapid.Check(t, func(t *rapid.T) {
		job := anyJob().Draw(t, "job")
		_ = job.Validate(noon) // must not panic
		_, _, _ = job.PayPerYear()
		_, _, _ = job.IdentityKey("a"), job.ApplyKey(), job.SearchText()
		if _, err := job.Admit(noon); err != nil {
			return
		}
		admitted++
		before := *job
		notes, err := job.Admit(noon)
		if err != nil || notes != nil {
			t.Fatalf("the second time: %v, %v", notes, err)
		}
		if diff := cmp.Diff(&before, job); diff != "" {
			t.Fatal(diff)
		}
		if job.ValidThrough.After(job.Roof()) {
			t.Fatalf("%s is beyond the roof", job.ValidThrough)
		}
	})
	if admitted == 0 {
		t.Error("no drawn job was ever admitted: this tests nothing")
	}
}

func TestWhatIsValidHereIsAdmittedElsewhere(t *testing.T) {
	valid := 0
	rapid.Check(t, func(t *rapid.T) {
		job := anyJob().Draw(t, "job")
		job.Complete(noon, coop.JobDefaults{})
		if job.Validate(noon) != nil || !job.Status.OnWire() {
			return
		}
		valid++
		before := *job
		if notes, err := job.Admit(noon); err != nil || notes != nil {
			t.Fatalf("%v, %v", notes, err)
		}
		if diff := cmp.Diff(&before, job); diff != "" {
			t.Fatal(diff)
		}
	})
	if valid == 0 {
		t.Error("no drawn job was ever valid: this tests nothing")
	}
}
