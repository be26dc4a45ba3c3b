// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// SkillTerms are what a skill that somebody asked for stands for, by the list of
// skills: addresses.
type SkillTerms struct {
	Exact   []string // the skill itself: several where a word has several meanings
	Broader []string // all that is broader
}

// SkillFound is a skill of the list, to choose from.
type SkillFound struct {
	URI     string
	Name    string // in the language that was asked for where there is such a name
	Matched string // the name by which it was found, if another
}

// SkillEntry is a skill of a list that is read in.
type SkillEntry struct {
	URI     string
	Broader []string // addresses
	Labels  []Label
}

// Label is what something is called in a language.
type Label struct {
	Language  string // BCP 47, in small letters; of towns it may be empty
	Text      string
	Preferred bool // the main name, not one that is used besides
}

// needsOne tells whether a job wants a skill or one that is narrower; held are the
// addresses and folded names that the store keeps of its skills, what is broader among
// them.
func (q *JobQuery) needsOne(j *Job, asked string, held []string) bool {
	for _, address := range q.Terms[asked].Exact {
		if in(held, address) {
			return true
		}
	}
	return j.needs(asked)
}
