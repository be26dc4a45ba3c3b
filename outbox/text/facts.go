// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"
	"time"

	"minga/coop"

	"github.com/shopspring/decimal"
)

// maxCountries is how many countries the text names; the payload has them all.
const maxCountries = 8

// Title is the first line of a job: its title in that language, led by the state
// word once the job is not open any more.
func (c *Catalogue) Title(lang string, j *coop.Job) string {
	title := j.Title
	if t := j.TitleMap[lang]; t != "" {
		title = t
	}
	if said := c.Say(lang, "state_"+string(j.Status), map[string]string{"Title": title}); said != "" {
		return said
	}
	return title
}

// Facts are what decides about a job, in order: who, where, hours, pay, membership.
// What is not stated is left out.
func (c *Catalogue) Facts(lang, who string, j *coop.Job) []string {
	return stated(who, c.where(lang, j), c.hours(lang, j), c.pay(lang, j), c.engagement(lang, j), c.track(lang, j))
}

// Card are the facts for the preview of a link: place, hours, pay and the deadline.
func (c *Catalogue) Card(lang string, j *coop.Job) []string {
	until := ""
	if !j.ValidThrough.IsZero() || j.Ended() {
		until = strings.TrimRight(c.Deadline(lang, j), ":.")
	}
	return stated(c.where(lang, j), c.hours(lang, j), c.pay(lang, j), until)
}

// stated leaves out what is not said.
func stated(facts ...string) []string {
	var said []string
	for _, f := range facts {
		if f != "" {
			said = append(said, f)
		}
	}
	return said
}

// Deadline is the line before the link: until when, or since when no more.
func (c *Catalogue) Deadline(lang string, j *coop.Job) string {
	at, status := j.ValidThrough, j.Status
	switch status {
	case coop.JobPaused:
	case coop.JobFilled, coop.JobWithdrawn, coop.JobClosed, coop.JobExpired:
		at = j.Closed
	default:
		status = coop.JobOpen
	}
	return c.Say(lang, "line_"+string(status), map[string]string{"Date": c.day(lang, at)})
}

func (c *Catalogue) day(lang string, at time.Time) string { return c.Date(lang, at) }

func (c *Catalogue) where(lang string, j *coop.Job) string {
	place := places(j.Places)
	switch {
	case j.Remote && place != "" && j.OfficeDays > 0:
		return c.Say(lang, "hybrid_place", map[string]string{"Place": place})
	case j.Remote && place != "":
		return c.Say(lang, "or_remote", map[string]string{"Place": place})
	case j.Remote && len(j.ApplicantsFrom) > 0:
		return c.Say(lang, "remote_from", map[string]string{"Countries": few(j.ApplicantsFrom)})
	case j.Remote:
		return c.Say(lang, "remote_anywhere", nil)
	}
	return place
}

// few joins the first countries.
func few(list []string) string {
	if len(list) > maxCountries {
		return strings.Join(list[:maxCountries], ", ") + "…"
	}
	return strings.Join(list, ", ")
}

// places names where the work is, each by its own name or town and country.
func places(list []coop.Place) string {
	var names []string
	for _, p := range list {
		name := p.Name
		if name == "" {
			name = strings.Trim(p.Locality+", "+p.Country, ", ")
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " / ")
}

func (c *Catalogue) hours(lang string, j *coop.Job) string {
	if j.HoursTo.IsZero() {
		return ""
	}
	return c.Say(lang, "hours", map[string]string{"Hours": c.span(lang, j.HoursFrom, j.HoursTo)})
}

func (c *Catalogue) pay(lang string, j *coop.Job) string {
	if j.Pay == nil {
		if j.Engagement == "volunteer" {
			return c.Say(lang, "unpaid", nil)
		}
		return ""
	}
	said := c.Say(lang, "pay", map[string]string{
		"Currency": j.Pay.Currency,
		"Amount":   c.span(lang, j.Pay.Min, j.Pay.Max),
		"Per":      c.Say(lang, "per_"+strings.ToLower(j.Pay.Unit), nil),
	})
	if j.Gross != nil {
		key := map[bool]string{true: "gross", false: "net"}[*j.Gross]
		said += " " + c.Say(lang, key, nil)
	}
	return strings.TrimSpace(said)
}

// engagement says what kind of work it is; membership is said by the track.
func (c *Catalogue) engagement(lang string, j *coop.Job) string {
	if j.Engagement == "" || j.Engagement == "membership" || j.Engagement == "volunteer" && j.Pay == nil {
		return ""
	}
	return c.Say(lang, "engagement_"+j.Engagement, nil)
}

// track says whether and how the work leads to membership.
func (c *Catalogue) track(lang string, j *coop.Job) string {
	if j.MembershipTrack == "" || j.MembershipTrack == "co-ops-only" {
		return ""
	}
	data := map[string]string{"How": ""}
	if j.DecisionMethod != "" {
		data["How"] = c.Say(lang, "by_"+j.DecisionMethod, nil)
	}
	leads := j.MembershipTrack == "required" || j.MembershipTrack == "expected"
	if data["Time"] = c.Duration(lang, j.Probation); leads && data["Time"] != "" {
		return c.Say(lang, "probation_then", data)
	}
	return c.Say(lang, "track_"+j.MembershipTrack, data)
}

// Duration is an ISO 8601 duration in words, down to days; empty for none.
func (c *Catalogue) Duration(lang, iso string) string {
	d, err := coop.ParseDuration(iso)
	if err != nil {
		return ""
	}
	t := c.in(lang)
	var parts []string
	for _, p := range []struct {
		key string
		n   int
	}{{"years", d.Years}, {"months", d.Months}, {"weeks", d.Weeks}, {"days", d.Days}} {
		if p.n > 0 {
			parts = append(parts, t.count(p.key, p.n))
		}
	}
	return strings.Join(parts, ", ")
}

// span is one number, or two with a dash between.
func (c *Catalogue) span(lang string, from, to decimal.Decimal) string {
	if from.Equal(to) || from.IsZero() {
		return c.Number(lang, to)
	}
	return c.Number(lang, from) + "–" + c.Number(lang, to)
}

// Number is a decimal as people write it: thousands apart, two decimals where
// there are any.
func (c *Catalogue) Number(lang string, d decimal.Decimal) string {
	whole, fraction, _ := strings.Cut(d.Abs().String(), ".")
	if len(fraction) == 1 && len(whole) > 2 {
		fraction += "0"
	}
	var out strings.Builder
	if d.IsNegative() {
		out.WriteByte('-')
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteString(c.Say(lang, "group", nil))
		}
		out.WriteRune(digit)
	}
	if fraction != "" {
		out.WriteString(c.Say(lang, "decimal", nil) + fraction)
	}
	return out.String()
}

// Option is the word of an option of a decision in a language; the options of advice are
// words already.
func (c *Catalogue) Option(lang string, method coop.DecisionMethod, key string) string {
	if method == coop.MethodAdvice {
		return key
	}
	return c.Say(lang, "option_"+strings.ReplaceAll(key, " ", "-"), nil)
}
