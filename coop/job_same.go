// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strings"
	"time"
)

// One job reaches a reader over several paths and is listed once. After the object's own id, three keys find copies: the first two merge,
// the third only asks a moderator. An empty key finds nothing.

// keyPart separates the parts of a key; no part can hold a line end.
const keyPart = "\n"

// IdentityKey is the same for jobs of the same co-op with the same reference.
func (j *Job) IdentityKey(author IRI) string {
	name, value := strings.ToLower(tidyLine(j.Identifier.Name)), tidyLine(j.Identifier.Value)
	if author == "" || value == "" {
		return ""
	}
	return strings.Join([]string{string(author), name, value}, keyPart)
}

// ApplyKey is the same for jobs that send applicants to the same page: the apply
// URL in its usual form without fragment and without what only tracks where a
// click came from. Mail addresses give none: a co-op has one for all its jobs.
func (j *Job) ApplyKey() string {
	if !ValidLink(j.ApplyURL) {
		return ""
	}
	u, err := url.Parse(j.ApplyURL)
	if err != nil {
		return ""
	}
	query := u.Query()
	for name := range query {
		if tracks(strings.ToLower(name)) {
			query.Del(name)
		}
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":443")
	key := host + strings.TrimRight(u.EscapedPath(), "/")
	if len(query) > 0 {
		key += "?" + query.Encode()
	}
	return key
}

// tracks tells parameters that say where a click came from.
func tracks(name string) bool {
	return strings.HasPrefix(name, "utm_") || in([]string{"fbclid", "gclid", "ref"}, name)
}

// LikenessKey is the same for jobs of one co-op whose titles and places read
// alike. Such jobs are shown to a moderator as possibly the same, see [Job.Alike].
func (j *Job) LikenessKey(author IRI) string {
	title := strings.Join(Words(j.Title), " ")
	if author == "" || title == "" {
		return ""
	}
	return strings.Join([]string{string(author), title, j.placeKey()}, keyPart)
}

// placeKey is where a job is, folded.
func (j *Job) placeKey() string {
	var parts []string
	if j.Remote {
		parts = append(parts, "remote")
	}
	for _, p := range j.Places {
		town := p.Locality
		if town == "" {
			town = p.Name
		}
		parts = append(parts, strings.Join(Words(town+" "+p.Country), " "))
	}
	return strings.Join(parts, ";")
}

// likenessDays is how far apart two postings of the same job are at most.
const likenessDays = 45

// Alike tells whether two jobs of the same author are possibly the same: alike
// in title and place, and posted within 45 days.
func (j *Job) Alike(other *Job, author IRI) bool {
	a, okA := ParseDate(j.DatePosted)
	b, okB := ParseDate(other.DatePosted)
	key := j.LikenessKey(author)
	return okA && okB && key != "" && key == other.LikenessKey(author) &&
		a.Sub(b).Abs() <= likenessDays*24*time.Hour
}

// CopyRank says which of several copies of a job is shown: the lowest.
type CopyRank int

// The ranks of copies, best first.
const (
	CopyOfCoop       CopyRank = iota // from the co-op's own host
	CopyOfFederation                 // from a federation or a board
	CopyOfImport                     // from anything else
)

// RankOfCopy ranks a copy by its author and the host of its post.
func RankOfCopy(j *Job, post IRI, author *Account) CopyRank {
	if author == nil {
		return CopyOfImport
	}
	sameHost := post.Host() != "" && post.Host() == j.HiringOrganization.Host()
	switch {
	case sameHost && (author.Kind == Coop || author.Kind == Person || author.IRI == j.HiringOrganization):
		return CopyOfCoop
	case author.Kind == Federation, author.Kind == Board:
		return CopyOfFederation
	}
	return CopyOfImport
}

// SearchText is what a search reads of a job: the folded [Words] of its titles,
// texts, skills, sector, occupation and places, in every language, at most
// 100,000 characters.
func (j *Job) SearchText() string {
	var words []string
	add := func(texts ...string) {
		for _, text := range texts {
			words = append(words, Words(text)...)
		}
	}
	add(j.Title)
	add(inOrder(j.TitleMap)...)
	for _, skill := range j.Skills {
		add(skill.Name)
	}
	if j.Occupation != nil {
		add(j.Occupation.Name)
	}
	add(j.Industry, j.EmploymentUnit, j.WorkHours)
	for _, p := range j.Places {
		add(p.Name, p.Locality, p.Region)
	}
	for _, html := range append(append([]string{j.Description}, inOrder(j.DescriptionMap)...), j.Responsibilities, j.Qualifications) {
		add(VisibleText(html))
	}
	return Truncate(strings.Join(words, " "), 100_000)
}

// inOrder are the values of a map in the order of its keys.
func inOrder(m map[string]string) []string {
	values := make([]string, 0, len(m))
	for _, key := range sortedKeys(m) {
		values = append(values, m[key])
	}
	return values
}
