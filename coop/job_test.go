// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// noon is the present in these tests.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// number reads a decimal.
func number(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// goodJob is a job with every kind of field that is right in all of them.
func goodJob() *coop.Job {
	ratio := number("1.6")
	return &coop.Job{
		Title:              "Backend developer, future member",
		TitleMap:           map[string]string{"en": "Backend developer, future member", "es": "Desarrollo backend"},
		Description:        "<p>You look after the services behind three public booking sites, with two colleagues.</p>",
		Skills:             []coop.Skill{{Term: coop.Term{URI: "http://data.europa.eu/esco/skill/x", Name: "Python"}, Required: true}, {Term: coop.Term{Name: "patience"}}},
		Occupation:         &coop.Term{Name: "software developer"},
		HiringOrganization: "https://fed-sur.example/coops/telar",
		Identifier:         coop.Identifier{Name: "telar.coop.example", Value: "2026-014"},
		Remote:             true, ApplicantsFrom: []string{"AR", "UY"},
		TimeOverlap: &coop.TimeOverlap{Zone: "America/Argentina/Buenos_Aires", From: "22:00", Until: "03:00"},
		DatePosted:  "2026-11-20", ValidThrough: time.Date(2026, 12, 20, 23, 59, 59, 0, time.UTC),
		Start: "2027-01-15", Duration: "P1Y", EmploymentType: []string{"PART_TIME"},
		HoursFrom: number("30"), HoursTo: number("37.5"), Openings: 1,
		Pay:        &coop.Pay{Currency: "ARS", Min: number("1900000"), Max: number("2300000"), Unit: "MONTH"},
		Languages:  []coop.LanguageNeed{{Tag: "es", Level: "C1", Required: true}},
		Engagement: "membership", MembershipTrack: "expected", Probation: "P6M",
		MemberShare:    &coop.Share{Currency: "ARS", Value: number("100000"), Instalments: 10},
		DecisionMethod: "consent", SurplusSharing: "by-hours", PayModel: "banded", PayRatio: &ratio,
		HiringSteps: []string{"letter", "pair session"}, AnswerWithin: 14,
		ApplyEmail: "sumate@telar.coop.example", Status: coop.JobOpen,
	}
}

// complaint is the first field and code of an error; empty for none.
func complaint(err error) string {
	var invalid *coop.InvalidError
	if !errors.As(err, &invalid) {
		return ""
	}
	return invalid.Field + " " + invalid.Code
}

func TestJobValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Job)
		want   string // field and code; empty: the job is valid
	}{
		{"a full job is valid", func(j *coop.Job) {}, ""},
		{"a title is needed", func(j *coop.Job) { j.Title = "" }, "title required"},
		{"two letters are no title", func(j *coop.Job) { j.Title = "QA" }, "title too_short"},
		{"a hundred letters are a title", func(j *coop.Job) { j.Title = strings.Repeat("ñ", 100) }, ""},
		{"a hundred and one are not", func(j *coop.Job) { j.Title = strings.Repeat("ñ", 101) }, "title too_long"},
		{"a title is plain text", func(j *coop.Job) { j.Title = "<b>Developer</b>" }, "title html"},
		{"a title may have a sign that is no mark-up", func(j *coop.Job) { j.Title = "Developer, age < 100" }, ""},
		{"a title does not shout", func(j *coop.Job) { j.Title = "BACKEND DEVELOPER" }, "title capitals"},
		{"an abbreviation does not shout", func(j *coop.Job) { j.Title = "CTO" }, ""},
		{"a script without cases does not shout", func(j *coop.Job) { j.Title = "バックエンド開発者" }, ""},
		{"a title in an unknown language", func(j *coop.Job) { j.TitleMap["xx"] = "Developer" }, "title_map.xx unknown"},
		{"a title in another language has the same rules", func(j *coop.Job) { j.TitleMap["es"] = "" }, "title_map.es required"},
		{"a description is needed", func(j *coop.Job) { j.Description = "" }, "description required"},
		{"a description is measured as seen", func(j *coop.Job) { j.Description = "<p>" + strings.Repeat("<em></em>", 50) + "short</p>" }, "description too_short"},
		{"a description of Markdown alone counts", func(j *coop.Job) {
			j.Description, j.Markdown = "", map[string]string{"en": strings.Repeat("word ", 12)}
		}, ""},
		{"20,001 characters are too many", func(j *coop.Job) { j.Description = strings.Repeat("a", 20001) }, "description too_long"},
		{"mark-up without end is too much", func(j *coop.Job) { j.Description = strings.Repeat("<b>", 70000) }, "description too_long"},
		{"Markdown without end is too much", func(j *coop.Job) { j.Markdown = map[string]string{"es": strings.Repeat("*", 100001)} }, "markdown.es too_long"},
		{"responsibilities are at most 5,000", func(j *coop.Job) { j.Responsibilities = strings.Repeat("a", 5001) }, "responsibilities too_long"},
		{"a skill is needed", func(j *coop.Job) { j.Skills = nil }, "skills required"},
		{"sixteen skills are too many", func(j *coop.Job) {
			j.Skills = make([]coop.Skill, 16)
			for i := range j.Skills {
				j.Skills[i].Name = fmt.Sprint(i)
			}
		}, "skills too_many"},
		{"a skill from a list has an address", func(j *coop.Job) { j.Skills[1].URI = "esco:python" }, "skills[1].uri format"},
		{"a skill has a name", func(j *coop.Job) { j.Skills[0].Name = "" }, "skills[0].name required"},
		{"an occupation has a name", func(j *coop.Job) { j.Occupation.Name = "" }, "occupation.name required"},
		{"somebody hires", func(j *coop.Job) { j.HiringOrganization = "" }, "hiring_organization required"},
		{"the one who hires has an address", func(j *coop.Job) { j.HiringOrganization = "telar" }, "hiring_organization format"},
		{"a reference is needed", func(j *coop.Job) { j.Identifier.Value = "" }, "identifier.value required"},
		{"neither remote nor a place", func(j *coop.Job) { j.Remote, j.ApplicantsFrom = false, nil }, "place required"},
		{"remote without a country", func(j *coop.Job) { j.ApplicantsFrom = nil }, "place.applicants_from required"},
		{"remote from anywhere, said on purpose", func(j *coop.Job) { j.ApplicantsFrom, j.Anywhere = nil, true }, ""},
		{"anywhere and a country contradict", func(j *coop.Job) { j.Anywhere = true }, "place.applicants_from not_allowed"},
		{"countries without remote work", func(j *coop.Job) { j.Remote, j.Places = false, []coop.Place{{Name: "Rosario"}} }, "place.applicants_from not_allowed"},
		{"a country that is none", func(j *coop.Job) { j.ApplicantsFrom[1] = "UK" }, "place.applicants_from[1] unknown"},
		{"61 countries are too many", func(j *coop.Job) {
			j.ApplicantsFrom = strings.Fields(strings.Repeat("AR ", 61))
		}, "place.applicants_from too_many"},
		{"a place needs a name", func(j *coop.Job) { j.Places = []coop.Place{{Street: "Mitre 1"}} }, "place.name required"},
		{"the second place in an unknown country", func(j *coop.Job) {
			j.Places = []coop.Place{{Name: "Rosario", Country: "AR"}, {Name: "Atlantis", Country: "ZZ"}}
		}, "places[1].country unknown"},
		{"a place off the Earth", func(j *coop.Job) {
			lat, lon := 91.0, 0.0
			j.Places = []coop.Place{{Name: "x", Latitude: &lat, Longitude: &lon}}
		}, "place.point range"},
		{"a place at no number", func(j *coop.Job) {
			lat, lon := math.NaN(), 0.0
			j.Places = []coop.Place{{Name: "x", Latitude: &lat, Longitude: &lon}}
		}, "place.point range"},
		{"six places are too many", func(j *coop.Job) {
			p := coop.Place{Name: "Rosario"}
			j.Places = []coop.Place{p, p, p, p, p, p}
		}, "places too_many"},
		{"hybrid work has a place", func(j *coop.Job) { j.OfficeDays = 2 }, "place required"},
		{"hybrid work with a place", func(j *coop.Job) { j.OfficeDays, j.Places = 2, []coop.Place{{Name: "Rosario"}} }, ""},
		{"six office days are too many", func(j *coop.Job) { j.OfficeDays, j.Places = 6, []coop.Place{{Name: "Rosario"}} }, "place.office_days range"},
		{"an unknown zone", func(j *coop.Job) { j.TimeOverlap.Zone = "Mars/Base" }, "time_overlap.tz unknown"},
		{"an hour that is none", func(j *coop.Job) { j.TimeOverlap.From = "24:00" }, "time_overlap.from format"},
		{"an empty window", func(j *coop.Job) { j.TimeOverlap.Until = "22:00" }, "time_overlap.until format"},
		{"posted on a day that is none", func(j *coop.Job) { j.DatePosted = "2026-02-30" }, "date_posted format"},
		{"posted next week", func(j *coop.Job) { j.DatePosted = "2026-11-27" }, "date_posted too_late"},
		{"without an end", func(j *coop.Job) { j.ValidThrough = time.Time{} }, "closes_at required"},
		{"closed a second ago", func(j *coop.Job) { j.ValidThrough = noon }, "closes_at past"},
		{"the end of day 90 is the last moment", func(j *coop.Job) { j.ValidThrough = time.Date(2027, 2, 18, 23, 59, 59, 0, time.UTC) }, ""},
		{"a second later is too late", func(j *coop.Job) { j.ValidThrough = time.Date(2027, 2, 19, 0, 0, 0, 0, time.UTC) }, "closes_at too_late"},
		{"a job that has ended may lie in the past", func(j *coop.Job) { j.Status, j.ValidThrough = coop.JobFilled, noon }, ""},
		{"a job that ends before it begins", func(j *coop.Job) { j.ValidThrough = noon.AddDate(0, 0, -2) }, "closes_at order"},
		{"a start that is no date", func(j *coop.Job) { j.Start = "soon" }, "start format"},
		{"a duration in words", func(j *coop.Job) { j.Duration = "a year" }, "duration format"},
		{"an employment type is needed", func(j *coop.Job) { j.EmploymentType = nil }, "employment_type required"},
		{"an employment type is one of the list", func(j *coop.Job) { j.EmploymentType = []string{"part-time"} }, "employment_type unknown"},
		{"hours are needed", func(j *coop.Job) { j.HoursFrom, j.HoursTo = number("0"), number("0") }, "hours.min required"},
		{"61 hours are too many", func(j *coop.Job) { j.HoursTo = number("61") }, "hours.max range"},
		{"half an hour is too little", func(j *coop.Job) { j.HoursFrom = number("0.5") }, "hours.min range"},
		{"hours from above to", func(j *coop.Job) { j.HoursFrom = number("40") }, "hours.max order"},
		{"hours that would fill the memory", func(j *coop.Job) { j.HoursFrom = decimal.New(1, math.MaxInt32) }, "hours.min range"},
		{"a hundred openings are too many", func(j *coop.Job) { j.Openings = 100 }, "openings range"},
		{"pay is needed", func(j *coop.Job) { j.Pay = nil }, "pay required"},
		{"a board may be unpaid", func(j *coop.Job) { j.Pay, j.Engagement = nil, "board" }, ""},
		{"volunteers need no pay", func(j *coop.Job) { j.Pay, j.Engagement = nil, "volunteer" }, ""},
		{"volunteers are not paid", func(j *coop.Job) { j.Engagement = "volunteer" }, "pay not_allowed"},
		{"pay in an unknown currency", func(j *coop.Job) { j.Pay.Currency = "ABC" }, "pay.currency unknown"},
		{"pay below nothing", func(j *coop.Job) { j.Pay.Min = number("-1") }, "pay.min range"},
		{"pay from above to", func(j *coop.Job) { j.Pay.Min = number("3000000") }, "pay.max order"},
		{"pay of nothing", func(j *coop.Job) { j.Pay.Min, j.Pay.Max = number("0"), number("0") }, "pay.max range"},
		{"pay that would fill the memory", func(j *coop.Job) { j.Pay.Max = decimal.New(1, math.MaxInt32) }, "pay.max range"},
		{"pay by an unknown unit", func(j *coop.Job) { j.Pay.Unit = "FORTNIGHT" }, "pay.per unknown"},
		{"a pay model that is none", func(j *coop.Job) { j.PayModel = "fair" }, "pay.model unknown"},
		{"nine languages are too many", func(j *coop.Job) {
			l := j.Languages[0]
			j.Languages = []coop.LanguageNeed{l, l, l, l, l, l, l, l, l}
		}, "languages too_many"},
		{"a language that is none", func(j *coop.Job) { j.Languages[0].Tag = "spanish" }, "languages[0].tag unknown"},
		{"a level that is none", func(j *coop.Job) { j.Languages[0].Level = "native" }, "languages[0].level unknown"},
		{"an engagement is needed", func(j *coop.Job) { j.Engagement = "" }, "engagement required"},
		{"an engagement is one of the list", func(j *coop.Job) { j.Engagement = "gig" }, "engagement unknown"},
		{"a membership track is needed", func(j *coop.Job) { j.MembershipTrack = "" }, "membership_track required"},
		{"inter-coop is for co-ops only", func(j *coop.Job) { j.Engagement = "inter-coop" }, "membership_track not_allowed"},
		{"co-ops-only is inter-coop only", func(j *coop.Job) { j.MembershipTrack = "co-ops-only" }, "membership_track not_allowed"},
		{"inter-coop and co-ops-only go together", func(j *coop.Job) { j.Engagement, j.MembershipTrack = "inter-coop", "co-ops-only" }, ""},
		{"a required track names the probation", func(j *coop.Job) { j.MembershipTrack, j.Probation = "required", "" }, "probation required"},
		{"a possible track need not", func(j *coop.Job) { j.MembershipTrack, j.Probation = "possible", "" }, ""},
		{"three years of probation are allowed", func(j *coop.Job) { j.Probation = "P36M" }, ""},
		{"a day more is not", func(j *coop.Job) { j.Probation = "P3Y1D" }, "probation range"},
		{"probation in words", func(j *coop.Job) { j.Probation = "six months" }, "probation format"},
		{"no track, no probation", func(j *coop.Job) { j.MembershipTrack, j.MemberShare = "none", nil }, "probation not_allowed"},
		{"no track, no share", func(j *coop.Job) { j.MembershipTrack, j.Probation = "none", "" }, "deal.member_share not_allowed"},
		{"61 instalments are too many", func(j *coop.Job) { j.MemberShare.Instalments = 61 }, "deal.member_share.instalments range"},
		{"a share below nothing", func(j *coop.Job) { j.MemberShare.Value = number("-1") }, "deal.member_share.value range"},
		{"an unknown way of deciding", func(j *coop.Job) { j.DecisionMethod = "lottery" }, "deal.decision_method unknown"},
		{"an unknown way of sharing", func(j *coop.Job) { j.SurplusSharing = "lottery" }, "deal.surplus_sharing unknown"},
		{"a pay ratio below one", func(j *coop.Job) { *j.PayRatio = number("0.9") }, "deal.pay_ratio range"},
		{"nine steps are too many", func(j *coop.Job) { j.HiringSteps = strings.Fields("a b c d e f g h i") }, "hiring_steps too_many"},
		{"a step of 81 characters", func(j *coop.Job) { j.HiringSteps[1] = strings.Repeat("a", 81) }, "hiring_steps[1] too_long"},
		{"an answer within 61 days", func(j *coop.Job) { j.AnswerWithin = 61 }, "answer_within range"},
		{"no way to apply", func(j *coop.Job) { j.ApplyEmail = "" }, "apply required"},
		{"messages are a way", func(j *coop.Job) { j.ApplyEmail, j.ApplyBy = "", "https://fed-sur.example/coops/telar" }, ""},
		{"the form is a way", func(j *coop.Job) { j.ApplyEmail, j.DirectApply = "", true }, ""},
		{"a link is a way", func(j *coop.Job) { j.ApplyEmail, j.ApplyURL = "", "https://telar.coop.example/jobs" }, ""},
		{"a link without TLS is none", func(j *coop.Job) { j.ApplyURL = "http://telar.coop.example/jobs" }, "apply.url format"},
		{"a script is no link", func(j *coop.Job) { j.ApplyURL = "javascript:alert(1)" }, "apply.url format"},
		{"a mail address with two at signs", func(j *coop.Job) { j.ApplyEmail = "a@b@c.example" }, "apply.mail format"},
		{"messages to something that is no actor", func(j *coop.Job) { j.ApplyBy = "mailto:a@b.example" }, "apply.message format"},
		{"a state that is none", func(j *coop.Job) { j.Status = "gone" }, "state unknown"},
		{"a repost of something that is no address", func(j *coop.Job) { j.RepostOf = "old" }, "repost_of format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			job := goodJob()
			tt.change(job)
			if got := complaint(job.Validate(noon)); got != tt.want {
				t.Errorf("complained about %q, want %q", got, tt.want)
			}
		})
	}
}

func TestJobValidateSaysEverything(t *testing.T) {
	job := goodJob()
	job.Title, job.Pay.Max, job.ApplyEmail = "", number("1"), ""
	var all coop.Invalid
	errors.As(job.Validate(noon), &all)
	var fields []string
	for _, one := range all {
		fields = append(fields, one.Field)
		if one.Problem == "" || one.Code == "" {
			t.Errorf("%+v says too little", one)
		}
	}
	if diff := cmp.Diff([]string{"title", "pay.max", "apply"}, fields); diff != "" {
		t.Error(diff)
	}
}

func TestJobValidateDraft(t *testing.T) {
	draft := &coop.Job{}
	if err := draft.ValidateDraft(noon); err != nil {
		t.Errorf("a draft may lack everything: %v", err)
	}
	draft.Engagement = "gig"
	if got := complaint(draft.ValidateDraft(noon)); got != "engagement unknown" {
		t.Errorf("what is there must be right, got %q", got)
	}
}

func TestJobComplete(t *testing.T) {
	job := &coop.Job{Title: "  Backend\tdeveloper ", ApplyURL: "mailto:a@b.example"}
	job.Complete(noon, coop.JobDefaults{Organization: "https://a.example/c", Domain: "c.example", Reference: "7"})
	want := &coop.Job{
		Title: "Backend developer", ApplyEmail: "a@b.example", DatePosted: "2026-11-20",
		ValidThrough: time.Date(2027, 1, 4, 23, 59, 59, 0, time.UTC), Openings: 1, Status: coop.JobDraft,
		HiringOrganization: "https://a.example/c", Identifier: coop.Identifier{Name: "c.example", Value: "7"},
	}
	if diff := cmp.Diff(want, job); diff != "" {
		t.Error(diff)
	}
	again := *job
	again.Complete(noon.AddDate(0, 1, 0), coop.JobDefaults{Organization: "https://other.example/", Reference: "8"})
	if diff := cmp.Diff(job, &again); diff != "" {
		t.Errorf("what is there must stay: %s", diff)
	}
	tricky := &coop.Job{ApplyURL: "mailto:a@b.example?bcc=c@d.example"}
	if tricky.Complete(noon, coop.JobDefaults{}); tricky.ApplyEmail != "" {
		t.Errorf("a mailto link with more than an address became %q", tricky.ApplyEmail)
	}
}
