// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"minga/coop"
)

// TestWhatIsAway: a database that cannot answer now is told apart from one that refuses
// what it was asked.
func TestWhatIsAway(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want error // nil: the error says something of what was asked
	}{
		{"a broken connection", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, coop.ErrUnavailable},
		{"a connection that ended in the middle", fmt.Errorf("receive message: %w", io.ErrUnexpectedEOF), coop.ErrUnavailable},
		{"one that we cut", net.ErrClosed, coop.ErrUnavailable},
		{"one that is no more", pgconn.ErrConnClosed, coop.ErrUnavailable},
		{"a transaction whose connection ended", pgx.ErrTxClosed, coop.ErrUnavailable},
		{"none is given out", errAway, coop.ErrUnavailable},
		{"no patience left", context.DeadlineExceeded, coop.ErrUnavailable},
		{"the administrator ended it", &pgconn.PgError{Code: "57P01"}, coop.ErrUnavailable},
		{"it starts", &pgconn.PgError{Code: "57P03"}, coop.ErrUnavailable},
		{"too many connections", &pgconn.PgError{Code: "53300"}, coop.ErrUnavailable},
		{"we stood still in a transaction", &pgconn.PgError{Code: "25P03"}, coop.ErrUnavailable},
		{"no room", &pgconn.PgError{Code: "53100"}, coop.ErrFull},
		{"a mistake of ours", &pgconn.PgError{Code: "42601"}, nil},
		{"a value of another kind", &pgconn.PgError{Code: "22P02"}, nil},
		{"nothing there", pgx.ErrNoRows, nil},
		{"a word of ours", coop.ErrNotFound, nil},
		{"a limit of ours", coop.ErrFull, nil},
	} {
		if got := Away(tt.err); got != (tt.want != nil) {
			t.Errorf("%s: away %v", tt.name, got)
		}
		if tt.want != nil && !errors.Is(Kind(tt.err), tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, Kind(tt.err), tt.want)
		}
	}
}
