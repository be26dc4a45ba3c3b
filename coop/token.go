// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Token is a bearer token as the store keeps it: by its hash alone.
type Token struct {
	ID        ID
	Hash      []byte // SHA-256 of the token
	AccountID ID     // whom it acts as; may be a co-op or the federation; zero: the app alone
	PersonID  ID     // who acts, for the audit log; zero: the command line, or the app alone
	AppID     ID     // the registered app; zero: made on the command line
	App       string // its name
	Website   string // of the app; read only
	Scopes    []string
	CreatedAt time.Time
	LastUsed  time.Time
	RevokedAt time.Time
}

// AuditEntry is one act that somebody answers for.
type AuditEntry struct {
	ID       ID
	At       time.Time
	Who      string // handle of the person, or "command line"
	OnBehalf ID     // the co-op or federation in whose name; zero: own
	Act      string // constant word such as "job.publish"
	Target   string // an id or IRI
	Why      string
	From     string // network address, or empty
}
