// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"regexp"
	"slices"
	"strings"
)

// CrawlPart is a part of the pages for which it is said which programs may read it.
type CrawlPart string

// The parts.
const (
	CrawlJobs    CrawlPart = "jobs"
	CrawlLibrary CrawlPart = "library"
	CrawlPeople  CrawlPart = "people" // profiles and the directory
	CrawlTalk    CrawlPart = "talk"   // posts and discussions
)

// CrawlParts are all of them, in the order in which they are shown.
func CrawlParts() []CrawlPart { return []CrawlPart{CrawlJobs, CrawlLibrary, CrawlPeople, CrawlTalk} }

// CrawlPolicy says which programs may read what.
type CrawlPolicy struct {
	Search []CrawlPart `json:"search"` // open to search engines
	AI     []CrawlPart `json:"ai"`     // open to collectors of data for AI too
	Agents []string    `json:"agents"` // names of such collectors; empty: those that this program knows
}

// DefaultCrawlPolicy lets search engines find all but discussions, and collectors of data
// nothing.
func DefaultCrawlPolicy() CrawlPolicy {
	return CrawlPolicy{Search: []CrawlPart{CrawlJobs, CrawlLibrary, CrawlPeople}}
}

// Searches tells whether search engines may read a part.
func (p CrawlPolicy) Searches(part CrawlPart) bool { return slices.Contains(p.Search, part) }

// Collects tells whether collectors of data for AI may.
func (p CrawlPolicy) Collects(part CrawlPart) bool { return slices.Contains(p.AI, part) }

// Bounds of the names of programs.
const (
	MaxCrawlAgents = 100
	maxCrawlAgent  = 60
)

// crawlAgent is a product token (RFC 9309 §2.2.1), with what is met beside.
var crawlAgent = regexp.MustCompile(`^[A-Za-z0-9_. -]+$`)

// Validate complains about a policy as an [Invalid]: fields search, ai, agents.
func (p CrawlPolicy) Validate() error {
	c := &complaints{}
	for field, parts := range map[string][]CrawlPart{"search": p.Search, "ai": p.AI} {
		for _, part := range parts {
			if !slices.Contains(CrawlParts(), part) {
				c.add(field, CodeUnknown, "there is no part %q", Truncate(string(part), 40))
			}
		}
	}
	if len(p.Agents) > MaxCrawlAgents {
		c.add("agents", CodeTooMany, "at most %d names", MaxCrawlAgents)
	}
	for _, agent := range p.Agents {
		if len(agent) > maxCrawlAgent || strings.TrimSpace(agent) != agent || !crawlAgent.MatchString(agent) {
			c.add("agents", CodeUnknown, "%q is no name of a program", Truncate(agent, 80))
		}
	}
	return c.list.Or()
}
