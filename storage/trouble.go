// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Trouble is what is the matter with a database, where whoever runs it can mend it. It is
// for words alone: what may be tried again is asked of [Away].
type Trouble string

// What may be the matter.
const (
	NoTrouble   Trouble = ""            // nothing that this list knows
	Unreachable Trouble = "unreachable" // nothing answers at its address
	Refused     Trouble = "refused"     // the server does not let this user in
	Missing     Trouble = "missing"     // the server has no database of this name
	NotAllowed  Trouble = "not allowed" // the user may not do what was tried
	Crowded     Trouble = "crowded"     // the server has no connection left
	ReadOnly    Trouble = "read only"   // the file, or its folder, cannot be opened or written
	NoRoom      Trouble = "no room"     // the disk is full
	Damaged     Trouble = "damaged"     // the file is damaged, or is no database
)

// Codes of the engines that tell a trouble. PostgreSQL's are of its appendix A.
var (
	pgTroubles = map[string]Trouble{
		"28000": Refused, "28P01": Refused, "3D000": Missing, "42501": NotAllowed, "25006": ReadOnly,
		"53300": Crowded, pgDiskFull: NoRoom, "57P03": Unreachable,
	}
	liteTroubles = map[int]Trouble{
		liteReadOnly: ReadOnly, liteCannotOpen: ReadOnly, liteFull: NoRoom, liteCorrupt: Damaged, liteNotADB: Damaged,
	}
)

// liteReadOnly and liteCannotOpen are SQLite's codes for a file that cannot be written or
// opened.
const liteReadOnly, liteCannotOpen = 8, 14

// TroubleOf says what is the matter with the database, by an error of this package.
func TroubleOf(err error) Trouble {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return pgTroubles[p.Code]
	}
	var l *sqlite.Error
	if errors.As(err, &l) {
		return liteTroubles[l.Code()&0xff]
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.Is(err, errAway) {
		return Unreachable
	}
	return NoTrouble
}
