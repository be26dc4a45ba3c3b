// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Token is a bearer token as the store keeps it: by its hash alone.
type Token struct {
	ID        ID
	Hash      []byte // SHA-256 of the token
	AccountID ID     // whom it acts as; may be a co-op or the federation; zero: the app alone
	PersonID  ID     // who acts, for the audit log; zero: the command line, or the app alone
	Person    string // the name of PersonID; read only
	Roles     []Role // of PersonID in AccountID now, where that is another; read only
	AppID     ID     // the registered app; zero: made on the command line
	App       string // its name
	Website   string // of the app; read only
	Scopes    []string
	CreatedAt time.Time
	LastUsed  time.Time
	RevokedAt time.Time
}

// Speaks tells whether a person acts as another account with the token: then their
// roles there say what it may.
func (t *Token) Speaks() bool {
	return t.PersonID != 0 && t.AccountID != 0 && t.PersonID != t.AccountID
}

// May tells whether the token's person may do an act in the name of its account, of a
// kind. A token that acts for nobody else may what its scopes allow.
func (t *Token) May(act RoleAct, kind AccountKind) bool {
	return !t.Speaks() || RolesMay(t.Roles, act.In(kind))
}

// Viewer is who reads with the token.
func (t *Token) Viewer() Viewer {
	switch {
	case t.AccountID == 0:
		return Anonymous()
	case t.Speaks():
		return ViewerFor(t.AccountID, t.Roles)
	}
	return As(t.AccountID)
}

// What stands as the target of an entry of the audit log in place of the address of a
// post that not every steward may see.
const (
	TargetDirect = "direct message"
	TargetDraft  = "draft"
)

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
