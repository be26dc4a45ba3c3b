// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// FollowState says how far a follow has come.
type FollowState string

// A follow is asked until its Accept; a refused or ended one is removed.
const (
	FollowAsked    FollowState = "asked"
	FollowAccepted FollowState = "accepted"
)

// Follow is one account following another; one of them is of this instance.
type Follow struct {
	ID       ID
	IRI      IRI // id of the Follow activity
	Follower *Account
	Target   *Account
	State    FollowState
	// Note is what the answer said in its content, such as a filter.
	Note      string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// FollowOptions is what a follower wants of a follow; the other side never hears.
type FollowOptions struct {
	Boosts    bool     // what the other boosts, too
	Bell      bool     // a notification at each post
	Languages []string // BCP 47; empty: posts in all of them
}

// MaxFollowLanguages is how many languages a follow may name.
const MaxFollowLanguages = 20

// ValidateFollowOptions complains about the options of a follow as an [Invalid]:
// field languages.
func ValidateFollowOptions(o FollowOptions) error {
	c := &complaints{}
	c.count("languages", len(o.Languages), 0, MaxFollowLanguages)
	for _, tag := range o.Languages[:min(len(o.Languages), MaxFollowLanguages)] {
		if !ValidLanguage(tag) {
			c.add("languages", CodeUnknown, "%.40q is no BCP 47 language", tag)
		}
	}
	return c.list.Or()
}
