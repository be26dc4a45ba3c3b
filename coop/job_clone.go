// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"maps"
	"slices"
)

// Clone is a copy that shares nothing with the job.
func (j *Job) Clone() *Job {
	c := *j
	for _, texts := range []*map[string]string{&c.TitleMap, &c.DescriptionMap, &c.Markdown, &c.Unknown} {
		*texts = maps.Clone(*texts)
	}
	for _, words := range []*[]string{&c.ApplicantsFrom, &c.EmploymentType, &c.HiringSteps} {
		*words = slices.Clone(*words)
	}
	c.Skills, c.Languages, c.Places = slices.Clone(c.Skills), slices.Clone(c.Languages), slices.Clone(c.Places)
	for i := range c.Places {
		p := &c.Places[i]
		p.Latitude, p.Longitude = copyOf(p.Latitude), copyOf(p.Longitude)
	}
	c.Occupation, c.TimeOverlap, c.Pay, c.MemberShare = copyOf(c.Occupation), copyOf(c.TimeOverlap), copyOf(c.Pay), copyOf(c.MemberShare)
	c.Gross, c.OpenToNew, c.PayRatio = copyOf(c.Gross), copyOf(c.OpenToNew), copyOf(c.PayRatio)
	return &c
}

// copyOf is a pointer to a value of its own; nil stays nil.
func copyOf[T any](p *T) *T {
	if p == nil {
		return nil
	}
	value := *p
	return &value
}
