// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"strings"
	"time"
)

// Cadence is how often the matches of a saved search are mailed.
type Cadence string

// The cadences; empty: no mail.
const (
	MailNever  Cadence = ""
	MailDaily  Cadence = "daily"
	MailWeekly Cadence = "weekly"
)

// Bounds of saved searches.
const (
	MaxSearches     = 20                  // saved by one account, or asked for by one address of mail
	MaxAnnounces    = 20                  // by one search in an hour
	SearchAlone     = 90 * 24 * time.Hour // without followers, then its actor goes
	AlertLife       = 48 * time.Hour      // to confirm an address
	MaxSearchName   = 100                 // characters
	MaxSearchListed = 20                  // matches that the outbox of a search shows
)

// SavedSearch is a question to the job board that somebody wants to hear of again: an
// account of this instance, or a visitor by mail alone.
type SavedSearch struct {
	ID        ID
	QueryID   ID     // the same for who asks the same
	AccountID ID     // zero: a visitor
	Email     string // of a visitor
	Language  string // of the mails, BCP 47
	Name      string
	Query     string  // as it was asked, in the form of a query string
	Site      bool    // notifications here
	Mail      Cadence // digests
	Hook      string  // address that is told of matches by a POST; empty: none
	Feed      bool    // there is a feed with a secret address
	// ConfirmedAt is when the address of a visitor was; zero: it waits.
	ConfirmedAt time.Time
	CreatedAt   time.Time
	Mark        time.Time // up to when matches were mailed
	DueAt       time.Time // of the next mail; zero: never
	HookFailed  time.Time // since when the hook has not answered; zero: it does
	HitAt       time.Time // last match; zero: none yet
	Actor       ID        // the account that announces what the question finds; zero: none
}

// SearchQuery is one question with its actor, whoever asks it.
type SearchQuery struct {
	ID        ID
	Query     string // [JobQuery.Key]
	Account   ID     // zero: nobody made an actor of it
	CreatedAt time.Time
	LookedAt  time.Time // when all jobs were compared with it
	AloneAt   time.Time // since when nobody follows the actor; zero: somebody does
}

// Asked is the question itself.
func (s SearchQuery) Asked() JobQuery { return askedBy(s.Query) }

// Asked is the question itself.
func (s *SavedSearch) Asked() JobQuery { return askedBy(s.Query) }

// askedBy reads a stored query string; one that cannot be read finds nothing.
func askedBy(text string) JobQuery {
	values, err := url.ParseQuery(text)
	if err != nil {
		return JobQuery{Nothing: true}
	}
	return ParseJobQuery(values)
}

// SearchOf reads the question of a search that is to be saved or followed. What ended
// is no part of it, nor is its order of the question. A question about everything, or
// one that can find nothing, is an [InvalidError] of field query.
func SearchOf(values url.Values) (JobQuery, error) {
	q := ParseJobQuery(values)
	q.Archive, q.Order = false, OrderBest
	switch {
	case q.Nothing || len(q.Problems) > 0:
		return q, &InvalidError{Field: "query", Code: CodeFormat, Problem: "this search can find nothing"}
	case q.Key() == "":
		return q, &InvalidError{Field: "query", Code: CodeRequired, Problem: "say what to look for"}
	}
	return q, nil
}

// NextDigest is when the next mail is due: at six in the morning (UTC), weekly ones on
// Monday; zero where none is wanted.
func NextDigest(every Cadence, now time.Time) time.Time {
	now = now.UTC()
	next := time.Date(now.Year(), now.Month(), now.Day(), 6, 0, 0, 0, time.UTC)
	switch every {
	case MailDaily:
		for !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
	case MailWeekly:
		for !next.After(now) || next.Weekday() != time.Monday {
			next = next.AddDate(0, 0, 1)
		}
	default:
		return time.Time{}
	}
	return next
}

// Validate complains about what a person said of a search, as an [Invalid]: fields
// name, mail, webhook, email. Whether the webhook can be asked is for the network to
// judge.
func (s *SavedSearch) Validate() error {
	c := &complaints{}
	c.text("name", s.Name, 1, MaxSearchName)
	if s.Mail != MailNever && s.Mail != MailDaily && s.Mail != MailWeekly {
		c.add("mail", CodeUnknown, "is daily, weekly or empty")
	}
	if s.Hook != "" && (len(s.Hook) > 2048 || !strings.HasPrefix(s.Hook, "https://") && !strings.HasPrefix(s.Hook, "http://")) {
		c.add("webhook", CodeFormat, "is an https address")
	}
	if s.AccountID == 0 && (!ValidMail(s.Email) || len(s.Email) > 254) {
		c.add("email", CodeFormat, "this is no plain mail address")
	}
	return c.list.Or()
}

// SearchHandle is the name of the actor of a question: words of it behind `jobs-`, of
// small letters of ASCII, 30 at most. n above 1 is for one whose name is taken.
func SearchHandle(q *JobQuery, n int) string {
	var words []string
	for _, list := range [][]string{q.Skill, strings.Fields(q.Text.String())} {
		for _, word := range list {
			words = append(words, lastPart(word))
		}
	}
	words = append(words, restWords(q.Values())...)
	name := strings.Trim(plainWords(strings.Join(words, " ")), "-")
	if name == "" {
		name = "search"
	}
	end := ""
	if n > 1 {
		end = "-" + ID(n).String()
	}
	name = "jobs-" + name
	return strings.TrimRight(name[:min(len(name), maxName-len(end))], "-") + end
}

// restWords are the words of what else is asked, in a fixed order.
func restWords(v url.Values) []string {
	var words []string
	for _, name := range []string{"place", "engagement", "track", "remote", "country", "lang", "sector", "coop", "federation", "source"} {
		for _, value := range v[name] {
			value, _, _ = strings.Cut(value, "@")
			switch {
			case name == "remote" && value == "1":
				value = "remote"
			case name == "remote":
				value = "onsite"
			}
			words = append(words, value)
		}
	}
	for _, name := range []string{"hours_min", "hours_max", "pay_min", "new", "closing"} {
		words = append(words, v[name]...)
	}
	return words
}

// lastPart is the end of an address, or a word as it is.
func lastPart(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	s = strings.TrimRight(s, "/")
	s = s[strings.LastIndexByte(s, '/')+1:]
	return s[:min(len(s), 8)]
}

// plainWords writes a text in small letters and digits of ASCII, words parted by
// hyphens.
func plainWords(s string) string {
	var out strings.Builder
	for _, r := range Fold(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	return out.String()
}
