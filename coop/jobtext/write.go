// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// Write is the text of a job that [Parse] reads: what was typed where nobody typed
// anything. handle is that of the account that takes messages; the zero handle where
// applying by message goes without saying. It has the fields that a text has, and
// nothing of the others.
func Write(lang string, j *coop.Job, hashtags []string, message coop.Handle) string {
	lang = Closest(lang)
	var out []string
	add := func(f Field, value string) {
		if value = coop.CleanLine(value, 4000); value != "" {
			out = append(out, Label(lang, f)+": "+value)
		}
	}
	if state := StateWord(lang, j.Status); state != "" {
		out = append(out, state)
	}
	title := j.Title
	if title == "" {
		title = "…"
	}
	add(Title, title)
	add(Where, writeWhere(lang, j))
	add(Hours, writeSpan(j.HoursFrom, j.HoursTo))
	add(Pay, writePay(lang, j))
	if !j.ValidThrough.IsZero() {
		add(ApplyBy, j.ValidThrough.UTC().Format(time.DateOnly))
	}
	add(ApplyAt, writeApply(j, message))
	if j.Engagement != "" && j.Engagement != "employment" {
		add(Kind, kinds.first(j.Engagement, lang))
	}
	text := strings.Join(out, "\n")
	if about := writeText(lang, j); about != "" {
		text += "\n\n" + about
	}
	if tags := writeTags(hashtags); tags != "" {
		text += "\n\n" + tags
	}
	return text
}

// StateWord is what the first line says of a job that is not open; empty for one that is.
func StateWord(lang string, s coop.JobStatus) string {
	if s == coop.JobOpen || !s.OnWire() {
		return ""
	}
	return states.first(string(s), Closest(lang))
}

// Restate is a text that was typed, with the line before it that says what became of
// the job now, in place of one that was there.
func Restate(lang, text string, s coop.JobStatus) string {
	lines := strings.Split(clean(text), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.TrimSpace(line) != "" })
	if at >= 0 {
		if _, ok := stateLine(lines[at]); ok {
			lines = lines[at+1:]
		} else if before, after, ok := cutLabel(lines[at]); ok {
			if _, state := stateOf()[plainKey(before)]; state {
				lines[at] = after
			}
		}
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	if word := StateWord(lang, s); word != "" {
		return strings.TrimSpace(word + "\n" + text)
	}
	return text
}

// writeWhere is the place as [Parse] reads it.
func writeWhere(lang string, j *coop.Job) string {
	mode := func(key string) string { return strings.ToLower(modes.first(key, lang)) }
	places := writePlaces(j.Places)
	from := ""
	switch {
	case !j.Remote:
		return places
	case j.Anywhere:
		from = ", " + mode("anywhere")
	case len(j.ApplicantsFrom) > 0:
		from = " (" + strings.Join(j.ApplicantsFrom, ", ") + ")"
	}
	if places == "" {
		return mode("remote") + from
	}
	if j.OfficeDays == 0 {
		return mode("remote") + from + " / " + places
	}
	return mode("hybrid") + from + ", " + strconv.Itoa(j.OfficeDays) + " " + dayWord(lang) + ", " + places
}

// dayWord is the word for days.
func dayWord(lang string) string {
	return map[string]string{"es": "días", "en": "days", "ca": "dies", "it": "giorni", "pt": "dias"}[lang]
}

// writePlaces are towns with their countries.
func writePlaces(list []coop.Place) string {
	var places []string
	for _, p := range list {
		town := p.Locality
		if town == "" {
			town = p.Name
		}
		var parts []string
		for _, part := range []string{town, p.Region, p.Country} {
			if part = strings.TrimSpace(strings.NewReplacer(";", " ", "/", " ", "|", " ").Replace(part)); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			places = append(places, strings.Join(parts, ", "))
		}
	}
	return strings.Join(places, " / ")
}

// writeSpan is one number or two.
func writeSpan(low, high decimal.Decimal) string {
	switch {
	case high.IsZero():
		return ""
	case low.Equal(high) || low.IsZero():
		return high.String()
	}
	return low.String() + "-" + high.String()
}

// writePay is money as [Parse] reads it, in any language.
func writePay(lang string, j *coop.Job) string {
	p := j.Pay
	if p == nil {
		if j.Engagement == "volunteer" {
			return unpaid.first("unpaid", lang)
		}
		return ""
	}
	text := writeSpan(p.Min, p.Max) + " " + p.Currency + " / " + units.first(p.Unit, lang)
	if j.Gross != nil {
		text += " " + taxes.first(map[bool]string{true: "gross", false: "net"}[*j.Gross], lang)
	}
	return text
}

// writeApply is the first way to apply that a line can say.
func writeApply(j *coop.Job, message coop.Handle) string {
	switch {
	case j.ApplyURL != "":
		return j.ApplyURL
	case j.ApplyEmail != "":
		return j.ApplyEmail
	case message.Name != "" && message.Host != "":
		return "@" + message.String()
	case message.Name != "":
		return "@" + message.Name
	}
	return ""
}

// writeText is the description.
func writeText(lang string, j *coop.Job) string {
	if text := j.Markdown[lang]; text != "" {
		return clean(text)
	}
	for tag, text := range j.Markdown {
		if Closest(tag) == lang || len(j.Markdown) == 1 {
			return clean(text)
		}
	}
	return clean(coop.VisibleText(j.Description))
}

// writeTags are hashtags but the one that every job has.
func writeTags(hashtags []string) string {
	var tags []string
	for _, tag := range hashtags {
		if _, ok := hashtag("#" + tag); ok && !strings.EqualFold(tag, "coopjobs") {
			tags = append(tags, "#"+tag)
		}
	}
	return strings.Join(tags, " ")
}
