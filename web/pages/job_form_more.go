// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
)

// moreFields are what a job may say besides, as it was typed.
type moreFields struct {
	Steps, Answer, Openings, Start           string
	Rhythm, Benefits, Industry               string
	Decision, Surplus, Model, Ratio          string
	Share, Instalments                       string
	Zone, ZoneFrom, ZoneUntil                string
	New                                      bool
	Work                                     []workLanguage
	Decisions, Surpluses, Models, WorkLevels []choice // lists to choose from, with what was chosen
}

// workLanguage is a language of the work, with the lists to choose it from.
type workLanguage struct {
	N             int
	Tag, Level    string
	Tags, Choices []choice
}

// The rows for languages of the work: one more than there are, between these.
const (
	leastWork = 3
	mostWork  = 8
)

// moreOf are those of a job that is there.
func moreOf(j *coop.Job) moreFields {
	m := moreFields{
		Steps: strings.Join(j.HiringSteps, "\n"), Answer: count(j.AnswerWithin), Openings: count(j.Openings), Start: j.Start, Rhythm: j.WorkHours, Benefits: j.Benefits, Industry: j.Industry,
		Decision: j.DecisionMethod, Surplus: j.SurplusSharing, Model: j.PayModel, New: j.OpenToNew != nil && *j.OpenToNew,
	}
	if j.PayRatio != nil {
		m.Ratio = j.PayRatio.String()
	}
	if s := j.MemberShare; s != nil {
		m.Share, m.Instalments = amountOf(s.Value), count(s.Instalments)
	}
	if o := j.TimeOverlap; o != nil {
		m.Zone, m.ZoneFrom, m.ZoneUntil = o.Zone, o.From, o.Until
	}
	for _, l := range j.Languages {
		m.Work = append(m.Work, workLanguage{Tag: l.Tag, Level: l.Level})
	}
	return m
}

// typedMore reads them from the form.
func typedMore(c *gin.Context) moreFields {
	text := func(name string) string { return coop.CleanLine(coop.Truncate(c.PostForm(name), 4000), 2000) }
	m := moreFields{
		Steps: coop.CleanText(c.PostForm("steps"), 4000), Answer: text("answer"), Openings: text("openings"), Start: text("start"),
		Rhythm: text("rhythm"), Benefits: coop.CleanText(c.PostForm("benefits"), 4000), Industry: text("industry"),
		Decision: text("decision"), Surplus: text("surplus"), Model: text("model"), Ratio: text("ratio"), Share: text("share"), Instalments: text("instalments"),
		Zone: text("zone"), ZoneFrom: text("zone_from"), ZoneUntil: text("zone_until"), New: c.PostForm("new") != "",
	}
	for n := range mostWork {
		if tag := text("work_" + strconv.Itoa(n+1)); tag != "" {
			m.Work = append(m.Work, workLanguage{Tag: tag, Level: text("level_" + strconv.Itoa(n+1))})
		}
	}
	return m
}

// Any tells whether something of it is filled in: then it is shown open.
func (m moreFields) Any() bool {
	for _, s := range []string{m.Steps, m.Answer, m.Start, m.Rhythm, m.Benefits, m.Industry, m.Decision, m.Surplus, m.Model, m.Ratio, m.Share, m.Zone} {
		if s != "" {
			return true
		}
	}
	return m.New || len(m.Work) > 0 && m.Work[0].Tag != "" || m.Openings != "" && m.Openings != "1"
}

// listMore makes the lists to choose from.
func (v *jobFormView) listMore() {
	m := &v.Given.moreFields
	pick := func(prefix string, values []string, chosen string) []choice {
		return v.choices(prefix, values, []string{chosen})
	}
	m.Decisions, m.Surpluses, m.Models = pick("decision_", coop.DecisionMethods(), m.Decision), pick("surplus_", coop.SurplusSharings(), m.Surplus), pick("model_", coop.PayModels(), m.Model)
	var rows []workLanguage
	for _, l := range m.Work {
		if l.Tag != "" {
			rows = append(rows, l)
		}
	}
	for len(rows) < min(max(len(rows)+1, leastWork), mostWork) {
		rows = append(rows, workLanguage{Level: "B2"})
		if len(rows) >= leastWork {
			break
		}
	}
	for i := range rows {
		rows[i].N, rows[i].Tags = i+1, v.languageChoices([]string{rows[i].Tag})
		if rows[i].Tag == "" {
			rows[i].Tags = v.languageChoices(nil)
		}
		rows[i].Choices = nil
		for _, level := range coop.LanguageLevels() {
			rows[i].Choices = append(rows[i].Choices, choice{level, level, level == rows[i].Level})
		}
	}
	m.Work = rows
}

// writeMore writes them into a job.
func (r *formReader) writeMore(j *coop.Job) {
	j.HiringSteps = nil
	for line := range strings.SplitSeq(r.Steps, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			j.HiringSteps = append(j.HiringSteps, line)
		}
	}
	j.AnswerWithin, j.Openings = r.whole("answer_within", r.Answer), max(r.whole("openings", r.Openings), 1)
	j.Start, j.WorkHours, j.Benefits, j.Industry = r.Start, r.Rhythm, r.Benefits, r.Industry
	j.DecisionMethod, j.SurplusSharing, j.PayModel, j.PayRatio = r.Decision, r.Surplus, r.Model, nil
	if r.Ratio != "" {
		ratio := r.decimal("deal.pay_ratio", r.Ratio)
		j.PayRatio = &ratio
	}
	r.writeShare(j)
	r.writeOverlap(j)
	if r.New || j.OpenToNew != nil {
		open := r.New
		j.OpenToNew = &open
	}
	r.writeWork(j)
}

// writeShare writes what a member pays in, in the currency of the pay unless the job says
// another.
func (r *formReader) writeShare(j *coop.Job) {
	currency := strings.ToUpper(strings.TrimSpace(r.Currency))
	if j.MemberShare != nil {
		currency = j.MemberShare.Currency
	}
	j.MemberShare = nil
	if r.Share != "" && j.MembershipTrack != "none" {
		j.MemberShare = &coop.Share{Currency: currency, Value: r.decimal("deal.member_share", r.Share), Instalments: r.whole("deal.member_share.instalments", r.Instalments)}
	}
}

// writeOverlap writes the hours at which people work together.
func (r *formReader) writeOverlap(j *coop.Job) {
	j.TimeOverlap = nil
	if r.Zone != "" || r.ZoneFrom != "" || r.ZoneUntil != "" {
		j.TimeOverlap = &coop.TimeOverlap{Zone: r.Zone, From: r.ZoneFrom, Until: r.ZoneUntil}
	}
}

// writeWork writes the languages of the work; one that was only welcome stays so.
func (r *formReader) writeWork(j *coop.Job) {
	before := j.Languages
	j.Languages = nil
	for _, l := range r.Work {
		if l.Tag == "" {
			continue
		}
		need := coop.LanguageNeed{Tag: l.Tag, Level: l.Level, Required: true}
		for _, old := range before {
			if old.Tag == l.Tag {
				need.Required = old.Required
			}
		}
		j.Languages = append(j.Languages, need)
	}
}

// shortField is a field of one word or number on the form.
type shortField struct {
	complaint
	Label, Value, Mode, Example string
	Choices                     []choice
}

// Short is such a field, for the part "short-field"; how is the keyboard that it wants, or
// an example of what is typed.
func (v jobFormView) Short(field, value, how string) shortField {
	s := shortField{complaint: v.Wrong(field), Label: v.labelOf(field), Value: value}
	if how == "numeric" || how == "decimal" {
		s.Mode = how
	} else {
		s.Example = how
	}
	return s
}

// Pick is a list to choose from, for the part "choice-field".
func (v jobFormView) Pick(field string, list []choice) shortField {
	return shortField{complaint: v.Wrong(field), Label: v.labelOf(field), Choices: list}
}

// labelOf names a field.
func (v jobFormView) labelOf(field string) string {
	if key := labels[field]; key != "" {
		return v.T(key)
	}
	return v.T("job_form_" + field)
}
