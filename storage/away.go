// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// pgDiskFull is PostgreSQL's code for a disk without room.
const pgDiskFull = "53100"

// Away says whether an error is that the database does not answer, or has no room, at
// the moment: it says nothing of what was to be done, which may be tried again.
func Away(err error) bool { return isAway(err) || isFull(err) }

// isFull says whether the disk of the database has no room left.
func isFull(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code == pgDiskFull
	}
	var l *sqlite.Error
	return errors.As(err, &l) && l.Code()&0xff == liteFull
}

// isAway says whether the database cannot answer at the moment.
func isAway(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		// 08 connection, 25P03 waited too long in a transaction, 53 out of means, 57P shut down.
		return strings.HasPrefix(p.Code, "08") || p.Code == "25P03" || strings.HasPrefix(p.Code, "53") || strings.HasPrefix(p.Code, "57P")
	}
	return isCutOff(err) || breaksTransaction(err)
}

// isCutOff says whether a connection to PostgreSQL could not be made or broke. What it
// was doing may have been done or not: who asked is told to ask again.
func isCutOff(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network), pgconn.SafeToRetry(err), pgconn.Timeout(err):
		return true
	}
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed, pgx.ErrTxClosed, errAway} {
		if errors.Is(err, broken) {
			return true
		}
	}
	return false
}
