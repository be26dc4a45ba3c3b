// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"minga/storage"
)

// An admin meets most failures once, at a start, and reads what the system says of them:
// "bind: permission denied". What it means, what is safe and what to do is said below it.

// advised is one kind of failure with its advice.
type advised struct {
	is  func(err error) bool
	say string
}

// hasTrouble is a failure of the database.
func hasTrouble(t storage.Trouble) func(error) bool {
	return func(err error) bool { return storage.TroubleOf(err) == t }
}

// isError is a failure of the system; inside tells what was tried, and may be empty.
func isError(inside string, kinds ...error) func(error) bool {
	return func(err error) bool {
		for _, kind := range kinds {
			if errors.Is(err, kind) && strings.Contains(err.Error(), inside) {
				return true
			}
		}
		return false
	}
}

// advices are looked through in their order: the first that fits is said.
var advices = []advised{
	{hasTrouble(storage.Unreachable), "Nothing answers at the address in database_url; nothing was changed. Start the database server\n(systemctl status postgresql) or mend the address; `minga config check` tries it. As a service minga tries again by itself."},
	{hasTrouble(storage.Refused), "The database server answers, and refuses the name or the password in database_url; nothing was changed.\nMend the password, or let the user in (pg_hba.conf); `minga config check` tries it."},
	{hasTrouble(storage.Missing), "The database server answers, and has no database of this name. Make one:\nsudo -u postgres createdb --owner USER NAME; minga fills it at its next start."},
	{hasTrouble(storage.NotAllowed), "The user in database_url may not do this in the database: it has to own it. ALTER DATABASE NAME OWNER TO USER.\nNothing of this step was kept."},
	{hasTrouble(storage.Crowded), "The database server takes no more connections; nothing was lost. Each node takes ten or more:\nend what else connects, or raise max_connections. As a service minga tries again by itself."},
	{hasTrouble(storage.Damaged), "The file is damaged, or is no database of SQLite; minga leaves it as it is. Keep a copy of it, then restore the\nlast good backup: `minga backup restore FILE --yes` sets aside what is there (docs/backup.md)."},
	{hasTrouble(storage.ReadOnly), "The file of the database, or its folder, cannot be opened or written; nothing was changed. It has to belong to the\nuser who runs minga (ls -l), on a disk that is not mounted read-only."},
	{hasTrouble(storage.NoRoom), "The disk of the database is full. What was acknowledged is kept; make room (df -h; `minga media prune`\nfrees what can be fetched again) and start again."},
	{isError("", syscall.ENOSPC), "The disk is full. What was acknowledged is kept; make room (df -h; `minga media prune` frees what can be\nfetched again) and do it again."},
	{isError("", context.Canceled), "Stopped before the end. What it had finished is kept, what it was in the middle of is not; the same command goes on or\nbegins again."},
	{isError("listen", syscall.EADDRINUSE), "Another program listens there, perhaps this server itself: `systemctl status minga`, `ss -ltnp`. Nothing was changed.\nEnd it, or choose another address (listen, admin_listen)."},
	{isError("listen", syscall.EACCES), "Ports below 1024 are not for every user. Let systemd open them (minga.socket), or listen on a higher port behind a\nproxy: docs/installing.md. Nothing was changed."},
	{isError("listen", syscall.EADDRNOTAVAIL), "This machine has no such address: `ip address` lists those it has. listen = \":8080\" takes all of them. Nothing was changed."},
	{isError("", syscall.EROFS), "The disk is mounted read-only, or the service may not write there: as a service minga writes in its own folder alone\n(ReadWritePaths= in `systemctl edit minga` opens another). Nothing was changed."},
	{isError("data folder", fs.ErrPermission), "The data folder (data_dir) has to belong to the user who runs minga, and all folders above it have to let\nthat user through. Nothing was changed."},
	{isError("data folder", fs.ErrNotExist, syscall.ENOTDIR), "No folder can be made there: data_dir names it. Nothing was changed."},
	{isError("folder of the database", fs.ErrNotExist, fs.ErrPermission), "The folder in database_url has to be there and belong to the user who runs minga; only the file in it is made.\nNothing was changed."},
	{isError("configuration", fs.ErrPermission), "The file is there, and the user who runs this may not read it: it may belong to the service (sudo -u minga minga …)."},
}

// advice is what to say below a failure; of most there is nothing to say.
func advice(err error) string {
	for _, one := range advices {
		if err != nil && one.is(err) {
			return one.say
		}
	}
	return ""
}

// oneEach leaves out lines that say the same as the one before: a database server is tried
// with and without TLS, and fails twice in the same words.
func oneEach(text string) string {
	var lines []string
	for line := range strings.Lines(text + "\n") {
		if line = strings.TrimRight(line, "\n"); len(lines) == 0 || lines[len(lines)-1] != line {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
