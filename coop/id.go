// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID names a record of this instance: 48 bits of Unix milliseconds, then 16 bits
// of a counter, so that the order of ids is the order of time. Outside the
// program it is a decimal string; clients parse nothing but digits. Zero is no id.
type ID int64

// idCounterBits is the part of an ID below its milliseconds.
const idCounterBits = 16

// NewID puts an id together from the time it stands for and a counter, of which
// only the lowest 16 bits count.
func NewID(at time.Time, counter int64) ID {
	return ID(at.UnixMilli()<<idCounterBits | counter&(1<<idCounterBits-1))
}

// ParseID reads the decimal form that [ID.String] writes. It returns
// [ErrNotFound] for anything else: an id that cannot exist names nothing.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || len(s) > 19 || s[0] == '+' || s[0] == '0' {
		return 0, fmt.Errorf("id %.40q: %w", s, ErrNotFound)
	}
	return ID(n), nil
}

// String is the decimal form used by every API.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// Time is the moment that the id stands for, to the millisecond, in UTC.
func (id ID) Time() time.Time { return time.UnixMilli(int64(id) >> idCounterBits).UTC() }

// MarshalText writes the id as a decimal string, in JSON too.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the decimal form.
func (id *ID) UnmarshalText(b []byte) error {
	parsed, err := ParseID(string(b))
	*id = parsed
	return err
}

// IRI is a name on the network: an absolute http or https address, as the
// server that owns it wrote it. It is compared byte for byte.
type IRI string

// String is the address as text.
func (i IRI) String() string { return string(i) }

// Host is the host of the address with its port where one is written, lower-case;
// empty when the IRI is not an http(s) address.
func (i IRI) Host() string {
	s := string(i)
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return ""
		}
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest)
}

// Public is the collection of everybody (ActivityPub §5.6).
const Public IRI = "https://www.w3.org/ns/activitystreams#Public"

// Handle is how people write an account: name@host.
type Handle struct {
	Name string
	Host string // the account domain; never empty in a whole handle
}

// String is name@host, or the name alone where the host is not known.
func (h Handle) String() string {
	if h.Host == "" {
		return h.Name
	}
	return h.Name + "@" + h.Host
}

// errHandle says what a handle looks like.
var errHandle = errors.New("a handle looks like name@host")

// ParseHandle reads name@host, @name@host or acct:name@host. The host is made
// lower-case; whether it exists is not asked.
func ParseHandle(s string) (Handle, error) {
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(s), "acct:"), "@")
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" || host == "" || len(s) > 320 || strings.ContainsAny(s, " \t\r\n/?#\\<>\"'") || strings.Contains(host, "@") {
		return Handle{}, &InvalidError{Field: "handle", Problem: errHandle.Error()}
	}
	return Handle{Name: name, Host: strings.ToLower(host)}, nil
}
