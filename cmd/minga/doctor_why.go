// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"

	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
)

// Why something is amiss is read by people in five languages, and an error speaks none of
// them but English. So each error becomes a reason: a word of the lists below, of which the
// catalogues have the text, and what is filled in there. What the system or another program
// said stays beside it as it is, since that is what people search for.

// mistaken is an error of which we know the reason ourselves.
type mistaken struct {
	reason storage.Reason
	text   string
}

// Error implements error.
func (m *mistaken) Error() string { return m.text }

// mistake is an error with the reason key, of which got is filled in, and its text in English.
func mistake(key, got, format string, values ...any) error {
	return &mistaken{storage.Reason{Key: key, Got: got}, fmt.Sprintf(format, values...)}
}

// placed is an error that says where it was met: a host, a path, a form of signatures.
type placed struct {
	where string
	err   error
}

// Error implements error.
func (p *placed) Error() string { return p.where + ": " + p.err.Error() }

// Unwrap gives what was met there.
func (p *placed) Unwrap() error { return p.err }

// at says where an error was met; nil stays nil.
func at(where string, err error) error {
	if err == nil {
		return nil
	}
	return &placed{where, err}
}

// ownReasons are those that the checks give themselves, by mistake.
var ownReasons = []string{
	"status", "documents", "type", "asked", "body", "subject", "link", "software", "key_other", "cut", "stream_shut", "stream_late", "stream_broken",
	"cert_none", "cert_ended", "damaged", "mail_starttls",
}

// wireReasons are the kinds of exchanges that gave nothing.
var wireReasons = map[federation.Kind]string{
	federation.KindDNS: "dns", federation.KindConnect: "connect", federation.KindTLS: "tls", federation.KindTimeout: "timeout", federation.KindCanceled: "timeout",
	federation.KindStatus: "status", federation.KindRedirect: "redirect", federation.KindType: "body", federation.KindSize: "body", federation.KindID: "body",
	federation.KindBody: "body", federation.KindAddress: "inside", federation.KindBusy: "busy", federation.KindURL: "refused", federation.KindOwn: "refused",
	federation.KindBlocked: "refused", federation.KindSign: "sig_key",
}

// signatureReasons are what is wrong with a signature as it arrived.
var signatureReasons = map[signature.Reason]string{
	signature.Missing: "sig_header", signature.Malformed: "sig_header", signature.Repeated: "sig_header", signature.TwoKeys: "sig_header", signature.Uncovered: "sig_header",
	signature.BadDigest: "sig_body", signature.BadTime: "sig_time", signature.WrongHost: "sig_host", signature.BadKeyID: "sig_key", signature.BadAlgorithm: "sig_key",
	signature.BadKey: "sig_key", signature.BadSignature: "sig_bad",
}

// databaseReasons are what is the matter with the database.
var databaseReasons = map[storage.Trouble]string{
	storage.Unreachable: "db_unreachable", storage.Refused: "db_refused", storage.Missing: "db_missing", storage.NotAllowed: "db_not_allowed",
	storage.Crowded: "db_crowded", storage.ReadOnly: "db_read_only", storage.NoRoom: "db_no_room", storage.Damaged: "db_damaged",
}

// systemReasons are what the system and the network say, the first that fits.
var systemReasons = []struct {
	key string
	is  func(err error) bool
}{
	{"forbidden", func(err error) bool { return errors.Is(err, fs.ErrPermission) }},
	{"missing", func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
	{"timeout", func(err error) bool {
		var wait net.Error
		return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &wait) && wait.Timeout()
	}},
	{"dns", isA[*net.DNSError]},
	{"tls", func(err error) bool {
		return isA[*tls.CertificateVerificationError](err) || isA[tls.RecordHeaderError](err) || isA[tls.AlertError](err)
	}},
	{"connect", func(err error) bool {
		return isA[*net.OpError](err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	}},
}

// isA tells whether an error is one of a type.
func isA[E error](err error) bool {
	var one E
	return errors.As(err, &one)
}

// otherReason is what is said of an error that no list knows.
const otherReason = "other"

// reasonOf is why an error came about, for words in every language.
func reasonOf(err error) storage.Reason {
	var own *mistaken
	var wire *federation.Error
	var sign *signature.Error
	var mail *textproto.Error
	r := storage.Reason{Key: otherReason, Raw: err.Error()}
	switch {
	case errors.As(err, &own):
		r = own.reason
	case errors.As(err, &wire):
		r.Key, r.Where = cmp.Or(wireReasons[wire.Kind], otherReason), wire.Host
		if wire.Status != 0 && wire.Kind == federation.KindStatus {
			r.Got, r.Raw = strconv.Itoa(wire.Status), ""
		}
	case errors.As(err, &sign):
		r.Key = cmp.Or(signatureReasons[sign.Reason], otherReason)
	case storage.TroubleOf(err) != storage.NoTrouble:
		r.Key = cmp.Or(databaseReasons[storage.TroubleOf(err)], otherReason)
	case errors.As(err, &mail):
		r.Key, r.Got = mailReason(mail.Code), strconv.Itoa(mail.Code)
	default:
		for _, one := range systemReasons {
			if one.is(err) {
				r.Key = one.key
				break
			}
		}
	}
	r.Where = whereOf(err, r.Where)
	return r
}

// mailReason tells a mail server that does not know us from one that wants nothing from us
// (RFC 4954 §6).
func mailReason(code int) string {
	switch code {
	case 454, 530, 534, 535, 538:
		return "mail_login"
	}
	return "mail_refused"
}

// mailReasons are what a mail server says.
var mailReasons = []string{"mail_login", "mail_refused"}

// whereOf are the places that an error names, the outermost first, and the file that it is
// about, and the host.
func whereOf(err error, host string) string {
	var places []string
	for {
		var p *placed
		if !errors.As(err, &p) {
			break
		}
		places, err = append(places, p.where), p.err
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		places = append(places, file.Path)
	}
	if host != "" && !slices.Contains(places, host) {
		places = append(places, host)
	}
	return strings.Join(places, ": ")
}
