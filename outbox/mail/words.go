// SPDX-License-Identifier: AGPL-3.0-or-later

package mail

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"minga/coop"
	"minga/outbox/text"
)

//go:embed *.toml
var files embed.FS

// Kind is what a mail is for.
type Kind string

// The kinds, and what their texts are filled in with besides Federation and Host.
const (
	Reset   Kind = "reset"   // Name, Link
	Changed Kind = "changed" // Name, Link: a new password was set
	Factors Kind = "factors" // Name, Link: a second factor came or went
	Codes   Kind = "codes"   // Name, Link: many wrong codes
	Copy    Kind = "copy"    // Name, Link: a passkey exists twice
	Keys    Kind = "keys"    // Name, Link: all keys of the server were changed, everybody was signed out
	Confirm Kind = "confirm" // Name, Link: is this the address of this account?
	Moved   Kind = "moved"   // Name, Link: the account has another address of mail now
	Invite  Kind = "invite"  // Link
	Test    Kind = "test"    // nothing
	// Of who asked for an account by themselves: Name, Link.
	SignUp   Kind = "signup"   // is the address right?
	Known    Kind = "known"    // the address has an account already
	Approved Kind = "approved" // the account is there
	// Of who goes: Name, Link, and all but Returned Day.
	Closed   Kind = "closed"   // the account waits for its deletion
	Leaving  Kind = "leaving"  // it is deleted in three days
	Returned Kind = "returned" // its person signed in and keeps it
	Departed Kind = "departed" // it was deleted
	// Of who asked for an archive: Name, Link, Day (until when it lies ready).
	Exported Kind = "exported"
	// Of a saved search.
	AlertConfirm Kind = "alert_confirm" // Name, Link: does this address want to hear of it?
	Alert        Kind = "alert"         // What, Link, Change, and a list of what it found
	// Of who applied for a job by the form: Name, Link, Job, Coop, Day (until when it is
	// kept at the latest).
	Applied      Kind = "applied"
	JobFilled    Kind = "job_filled"
	JobWithdrawn Kind = "job_withdrawn"
	JobClosed    Kind = "job_closed"
	JobExpired   Kind = "job_expired"
	// Of a co-op's people: Link, Job, Coop, Day (until when the job is open).
	Applications Kind = "applications" // there are some
	StillOpen    Kind = "still_open"
	// Of who votes for a co-op: Link, Title, Coop, By (who opened it), Day (until when).
	Decision Kind = "decision" // one began, changed, ends soon or ended
	// Of a federation's coordinators: Link, Waiting (how many).
	ClientRequest Kind = "client_request" // a client has sent a request by the form
	// Of either side of an offer: Link, Title, Slot, Hours, Other (the other side).
	// Of owners and admins: Link.
	AlarmBackup      Kind = "alarm_backup"      // Day: of the last good one
	AlarmDisk        Kind = "alarm_disk"        // Waiting: percent that are free
	AlarmCertificate Kind = "alarm_certificate" // Day: its end
	AlarmReady       Kind = "alarm_ready"       // Other: what is not ready
	AlarmDoctor      Kind = "alarm_doctor"      // Waiting: checks that failed twice in a row
	Weekly           Kind = "weekly"            // Waiting: decisions
	// Of either side.
	Offer Kind = "offer" // something happened to an offer for a slot of a request
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Reset, Changed, Factors, Codes, Copy, Keys, Confirm, Moved, Invite, SignUp, Known, Approved, Closed, Leaving, Returned, Departed, Exported, AlertConfirm, Alert, Applied, JobFilled, JobWithdrawn, JobClosed, JobExpired, Applications, StillOpen, Decision, ClientRequest, AlarmBackup, AlarmDisk, AlarmCertificate, AlarmReady, AlarmDoctor, Weekly, Offer, Test}
}

// OfAccount tells whether a mail is about somebody's own account, or to who runs the server
// about what is broken: in a rehearsal those alone are sent, and a test.
func (k Kind) OfAccount() bool {
	switch k {
	case Reset, Changed, Factors, Codes, Copy, Keys, Confirm, Moved, Invite, SignUp, Known, Approved, Closed, Leaving, Returned, Departed, Exported,
		AlarmBackup, AlarmDisk, AlarmCertificate, AlarmReady, AlarmDoctor, Test:
		return true
	}
	return false
}

// Words are the texts of all mails. They are safe for concurrent use.
type Words struct{ tongues map[string]*text.Book }

// Load are the texts, which are part of the program; an error is a language that is
// missing in it. Texts are read when a language is first written.
func Load() (*Words, error) {
	w := &Words{tongues: map[string]*text.Book{}}
	for _, lang := range text.Languages() {
		if _, err := fs.Stat(files, lang+".toml"); err != nil {
			return nil, fmt.Errorf("mails in %s: %w", lang, err)
		}
		w.tongues[lang] = text.NewBook(files, lang, lang+".toml")
	}
	return w, nil
}

// WriteList is [Words.Write] for a mail with a list in it: lines of text, each of which
// stays one line, in the place of List.
func (w *Words) WriteList(kind Kind, lang, to string, data map[string]string, lines []string) (Message, error) {
	clean := make([]string, len(lines))
	for i, line := range lines {
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		clean[i] = indent + coop.CleanLine(line, 2000)
	}
	return w.write(kind, lang, to, data, strings.Trim(strings.Join(clean, "\n"), "\n"))
}

// Write is a mail of a kind in a language (BCP 47), with its data filled in. A
// language that minga does not speak is English.
func (w *Words) Write(kind Kind, lang, to string, data map[string]string) (Message, error) {
	return w.write(kind, lang, to, data, "")
}

// write fills in data, each in one line, and a list.
func (w *Words) write(kind Kind, lang, to string, data map[string]string, list string) (Message, error) {
	lang, _, _ = strings.Cut(strings.ToLower(lang), "-")
	if w.tongues[lang] == nil {
		lang = "en"
	}
	clean := map[string]string{}
	for key, value := range data {
		clean[key] = coop.CleanLine(value, 2000)
	}
	clean["List"] = list
	m := Message{To: to, Language: lang}
	for part, place := range map[string]*string{"subject": &m.Subject, "body": &m.Body, "end": &m.End} {
		id := string(kind) + "_" + part
		if part == "end" {
			id = part
		}
		said, err := w.tongues[lang].Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: clean})
		if err != nil {
			return Message{}, fmt.Errorf("mail %s in %s: %w", kind, lang, err)
		}
		*place = strings.TrimSpace(said)
	}
	return m, nil
}
