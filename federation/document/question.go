// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "time"

// Question is what minga uses of a poll (ActivityStreams §Question, FEP-9967).
type Question struct {
	Options  []Option // at most MaxOptions, each with a name
	Multiple bool     // they stood in anyOf
	// Ends is when it ends or ended; the zero time says that it is open for good.
	Ends time.Time
	// Closed is when it says to be closed already; zero where it does not.
	Closed time.Time
	Voters int64 // negative: not said
}

// Option is what may be chosen.
type Option struct {
	Name  string // at most MaxName characters
	Votes int64  // negative: not said
	Value string // minga's option: the fixed word behind the name
}

// Question sees the object as a poll; nil where nothing can be chosen. Pleroma sends
// both lists, one of them empty, and the end as closed, also while it lies ahead:
// now tells which it is. A poll that merely says to be closed has been so since now.
func (o *Object) Question(now time.Time) *Question {
	q := &Question{Voters: -1}
	for _, member := range []string{"oneOf", "anyOf"} {
		if q.options(o, member); len(q.Options) > 0 {
			q.Multiple = member == "anyOf"
			break
		}
	}
	if len(q.Options) == 0 {
		return nil
	}
	if n, ok := o.Int("votersCount"); ok {
		q.Voters = max(n, -1)
	}
	q.Ends, _ = o.Time("endTime")
	q.close(o, now)
	return q
}

// options reads one of the lists; an answer without a name is none, and of two that
// are called the same the first counts.
func (q *Question) options(o *Object, member string) {
	seen := map[string]bool{}
	o.each(member, MaxOptions, func(c *Object) {
		name := cut(c.Text("name").Value, MaxName)
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		q.Options = append(q.Options, Option{Name: name, Votes: c.votes(), Value: c.String("option")})
	})
}

// votes is how often an option was chosen: the number of its replies, elsewhere a
// word of Misskey's.
func (o *Object) votes() int64 {
	replies := o.Object("replies")
	if n, ok := replies.Int("totalItems"); ok && n >= 0 {
		return n
	}
	if n, ok := o.Int("_misskey_votes"); ok && n >= 0 {
		return n
	}
	return -1
}

// close reads closed: a time, a boolean, or an object that ended it.
func (q *Question) close(o *Object, now time.Time) {
	at, ok := o.Time("closed")
	switch is, said := o.Bool("closed"); {
	case ok && at.After(now):
		if q.Ends.IsZero() {
			q.Ends = at
		}
	case ok:
		q.Closed = at
	case said && is, !said && o.Object("closed") != nil:
		q.Closed = now
	}
}
