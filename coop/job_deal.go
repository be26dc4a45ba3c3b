// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "fmt"

// maxLanguages is how many languages of the work a job names.
const maxLanguages = 8

// jobPayRules are money, and the languages that it is paid for.
func jobPayRules() []jobRule {
	return []jobRule{
		{(*Job).checkPay, func(j *Job) { j.Pay = nil }},
		{func(j *Job, c *complaints) { c.optional("pay.model", j.PayModel, PayModels()) }, func(j *Job) { j.PayModel = "" }},
		{(*Job).checkLanguages, func(j *Job) { j.Languages = nil }},
	}
}

// checkPay: needed but for volunteers, who get none, and boards, who may. A job
// from elsewhere without it is shown as "pay not stated".
func (j *Job) checkPay(c *complaints) {
	switch {
	case j.Pay != nil && j.Engagement == "volunteer":
		c.add("pay", CodeNotAllowed, "volunteers are not paid")
	case j.Pay != nil:
		j.Pay.check(c)
	case !c.wire && j.Engagement != "volunteer" && j.Engagement != "board":
		c.add("pay", CodeRequired, "say what it pays")
	}
}

// check: a currency, a range, a unit.
func (p *Pay) check(c *complaints) {
	before := len(c.list)
	c.currency("pay.currency", p.Currency)
	c.amount("pay.min", p.Min)
	c.amount("pay.max", p.Max)
	c.oneOf("pay.per", p.Unit, PayUnits())
	if len(c.list) > before {
		return
	}
	if p.Min.GreaterThan(p.Max) {
		c.add("pay.max", CodeOrder, "the upper end is below the lower")
	} else if !p.Max.IsPositive() {
		c.add("pay.max", CodeRange, "more than nothing")
	}
}

// checkLanguages: at most eight.
func (j *Job) checkLanguages(c *complaints) {
	c.count("languages", len(j.Languages), 0, maxLanguages)
	for i, need := range j.Languages {
		checkLanguageNeed(c, i, need)
	}
}

// checkLanguageNeed checks languages[i]; a level may be missing on the wire,
// where it was a word that we do not know.
func checkLanguageNeed(c *complaints, i int, need LanguageNeed) {
	field := fmt.Sprintf("languages[%d]", i)
	if !ValidLanguage(need.Tag) {
		c.add(field+".tag", CodeUnknown, "%.40q is no BCP 47 language", need.Tag)
	}
	if !c.wire || need.Level != "" {
		c.oneOf(field+".level", need.Level, LanguageLevels())
	}
}

// jobDealRules are the co-op deal: what becomes of who does this work.
func jobDealRules() []jobRule {
	return []jobRule{
		{(*Job).checkEngagement, nil},
		{func(j *Job, c *complaints) { j.checkNoTrack(c) }, func(j *Job) { j.Probation, j.MemberShare = "", nil }},
		{(*Job).checkProbation, nil},
		{(*Job).checkShare, func(j *Job) { j.MemberShare = nil }},
		{func(j *Job, c *complaints) {
			c.optional("deal.decision_method", j.DecisionMethod, DecisionMethods())
		}, func(j *Job) { j.DecisionMethod = "" }},
		{func(j *Job, c *complaints) {
			c.optional("deal.surplus_sharing", j.SurplusSharing, SurplusSharings())
		}, func(j *Job) { j.SurplusSharing = "" }},
		{func(j *Job, c *complaints) {
			if j.PayRatio != nil {
				c.decimalRange("deal.pay_ratio", *j.PayRatio, 1, 20)
			}
		}, func(j *Job) { j.PayRatio = nil }},
	}
}

// checkEngagement: both words are needed, though perhaps not known to us, and
// co-ops-only goes with inter-coop and with nothing else.
func (j *Job) checkEngagement(c *complaints) {
	if j.Engagement != "" || j.Unknown["engagement"] == "" {
		c.oneOf("engagement", j.Engagement, Engagements())
	}
	if j.MembershipTrack != "" || j.Unknown["membershipTrack"] == "" {
		c.oneOf("membership_track", j.MembershipTrack, MembershipTracks())
	}
	if j.Engagement == "" || j.MembershipTrack == "" {
		return
	}
	if (j.Engagement == "inter-coop") != (j.MembershipTrack == "co-ops-only") {
		c.add("membership_track", CodeNotAllowed, "co-ops-only goes with inter-coop, and only with it")
	}
}

// checkNoTrack: without a way to membership there is neither probation nor share.
func (j *Job) checkNoTrack(c *complaints) {
	if j.MembershipTrack != "none" {
		return
	}
	if j.Probation != "" {
		c.add("probation", CodeNotAllowed, "without a way to membership there is no probation")
	}
	if j.MemberShare != nil {
		c.add("deal.member_share", CodeNotAllowed, "without a way to membership there is no share")
	}
}

// checkProbation: at most three years; needed where membership is required or
// expected.
func (j *Job) checkProbation(c *complaints) {
	needed := j.MembershipTrack == "required" || j.MembershipTrack == "expected"
	if needed && j.Probation == "" {
		c.add("probation", CodeRequired, "say how long it is until membership")
	}
	if d, ok := checkDuration(c, "probation", j.Probation); ok && d.Compare(Duration{Years: 3}) > 0 {
		c.add("probation", CodeRange, "at most three years")
	}
}

// checkShare: money, perhaps in 1–60 instalments.
func (j *Job) checkShare(c *complaints) {
	s := j.MemberShare
	if s == nil {
		return
	}
	c.currency("deal.member_share.currency", s.Currency)
	c.amount("deal.member_share.value", s.Value)
	if s.Instalments != 0 {
		c.number("deal.member_share.instalments", s.Instalments, 1, 60)
	}
}
