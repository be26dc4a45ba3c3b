// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"strings"
)

// maxHiringSteps is how many steps the way to a job has.
const maxHiringSteps = 8

// jobApplyRules are how one applies, and where the opening stands.
func jobApplyRules() []jobRule {
	return []jobRule{
		{(*Job).checkHiringSteps, func(j *Job) { j.HiringSteps = nil }},
		{func(j *Job, c *complaints) {
			if j.AnswerWithin != 0 {
				c.number("answer_within", j.AnswerWithin, 1, 60)
			}
		}, func(j *Job) { j.AnswerWithin = 0 }},
		{(*Job).checkApplyMail, func(j *Job) { j.ApplyEmail = "" }},
		{(*Job).checkApplyURL, func(j *Job) { j.ApplyURL = "" }},
		{func(j *Job, c *complaints) { c.iri("apply.message", j.ApplyBy) }, func(j *Job) { j.ApplyBy = "" }},
		{(*Job).checkApply, nil},
		{(*Job).checkStatus, nil},
		{func(j *Job, c *complaints) { c.iri("repost_of", j.RepostOf) }, func(j *Job) { j.RepostOf = "" }},
	}
}

// checkHiringSteps: at most eight.
func (j *Job) checkHiringSteps(c *complaints) {
	c.count("hiring_steps", len(j.HiringSteps), 0, maxHiringSteps)
	for i, step := range j.HiringSteps {
		checkHiringStep(c, i, step)
	}
}

// checkHiringStep checks hiring_steps[i].
func checkHiringStep(c *complaints, i int, step string) {
	c.text(fmt.Sprintf("hiring_steps[%d]", i), step, 1, 80)
}

// checkApplyMail: one plain address.
func (j *Job) checkApplyMail(c *complaints) {
	if j.ApplyEmail != "" && !ValidMail(j.ApplyEmail) {
		c.add("apply.mail", CodeFormat, "%.80q is no mail address", j.ApplyEmail)
	}
}

// checkApplyURL: https, nothing else; [Job.Complete] and [Job.Admit] have made a
// mail address of mailto.
func (j *Job) checkApplyURL(c *complaints) {
	if j.ApplyURL != "" && !ValidLink(j.ApplyURL) {
		c.add("apply.url", CodeFormat, "an https address is needed")
	}
}

// checkApply: at least one way.
func (j *Job) checkApply(c *complaints) {
	if j.ApplyEmail == "" && j.ApplyURL == "" && j.ApplyBy == "" && !j.DirectApply {
		c.add("apply", CodeRequired, "a mail address, a link, messages or the form: one way is needed")
	}
}

// checkStatus: drafts and reviews do not cross the wire.
func (j *Job) checkStatus(c *complaints) {
	known := JobStatuses()
	if !c.wire {
		known = append(known, JobDraft, JobReview)
	}
	if j.Status == "" {
		c.add("state", CodeRequired, "this is needed")
	} else if !in(known, j.Status) {
		c.add("state", CodeUnknown, "%.40q is not a state that it may be in", string(j.Status))
	}
}

// mailOnly is the address of a mailto link that holds one address and nothing
// else: further recipients, subjects and texts would be somebody else's mail.
func mailOnly(link string) (string, bool) {
	if len(link) < 7 || !strings.EqualFold(link[:7], "mailto:") {
		return "", false
	}
	return link[7:], ValidMail(link[7:])
}
