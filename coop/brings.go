// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "slices"

// Bounds of what somebody may not bring.
const (
	MaxBarredTopics = 50
	maxBarredTopic  = 200 // characters
)

// bringKinds are the kinds of posts that may be left out of what somebody brings here, in
// the order in which they are offered; other is all that is none of the first.
var bringKinds = []string{"job", "article", "request", "other"}

// BringKinds are the words for kinds of posts that may be left out of what somebody brings.
func BringKinds() []string { return slices.Clone(bringKinds) }

// Brings is what an account that is followed here may bring to the public lists:
// everything but this.
type Brings struct {
	NotKinds  []string // of [BringKinds]
	NotTopics []string // topics of articles and hashtags, as they were typed or folded
}

// All tells that everything may be brought.
func (b Brings) All() bool { return len(b.NotKinds)+len(b.NotTopics) == 0 }

// Validate complains as an [Invalid]: fields kinds, topics.
func (b *Brings) Validate() error {
	c := &complaints{}
	for _, kind := range b.NotKinds {
		if !in(bringKinds, kind) {
			c.add("kinds", CodeUnknown, "%.40q is no kind of posts", kind)
		}
	}
	c.count("topics", len(b.NotTopics), 0, MaxBarredTopics)
	for _, topic := range b.NotTopics {
		c.text("topics", topic, 1, maxBarredTopic)
	}
	return c.list.Or()
}
