// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
	"minga/web/admin"
	"minga/web/pages"
)

// allReasons are all that a finding can give.
func allReasons() []string {
	list := slices.Concat(ownReasons, mailReasons, []string{otherReason})
	list = append(list, slices.Collect(maps.Values(wireReasons))...)
	list = append(list, slices.Collect(maps.Values(signatureReasons))...)
	list = append(list, slices.Collect(maps.Values(databaseReasons))...)
	for _, one := range systemReasons {
		list = append(list, one.key)
	}
	return list
}

// TestReasonsHaveWords: all that a finding can say has words, and the catalogues of all
// languages have the same keys.
func TestReasonsHaveWords(t *testing.T) {
	if problems, err := pages.CheckWords(); err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	english, err := pages.English()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range allReasons() {
		if word := english.T("admin_why_" + key); word == "admin_why_"+key {
			t.Errorf("%s has no words", word)
		}
	}
	for _, c := range append((&lookout{i: &instance{}}).checks(false), check{name: "database"}) {
		for _, state := range []admin.FindingState{admin.FindingOK, admin.FindingWarn, admin.FindingFail} {
			e := admin.Explain(english, admin.Finding{Name: c.name, State: state})
			if strings.HasPrefix(e.Name+e.Text+e.Do, "admin_") || (e.Do == "") != (state == admin.FindingOK) {
				t.Errorf("%s, %s: %+v", c.name, state, e)
			}
		}
	}
}

// TestMistakesAreListed: each reason that the source gives is one of the list.
func TestMistakesAreListed(t *testing.T) {
	given := regexp.MustCompile(`\b(?:mistake\(|mistaken\{storage\.Reason\{Key: )"(\w+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range given.FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	if got, want := slices.Sorted(maps.Keys(found)), slices.Sorted(slices.Values(ownReasons)); !slices.Equal(got, want) {
		t.Errorf("the source gives %v, the list has %v", got, want)
	}
}

func TestReasonOf(t *testing.T) {
	for _, tt := range []struct {
		err              error
		key, where, got  string
		said             bool // what the system said is shown too
		whatTheTextHolds string
	}{
		{errAnswer("/inbox", 413), "status", "/inbox", "413", false, "413"},
		{at("coop.example", at("nodeinfo", errType("text/html"))), "type", "coop.example: nodeinfo", "text/html", false, "text/html"},
		{&federation.Error{Kind: federation.KindStatus, Host: "coop.example", Status: 502}, "status", "coop.example", "502", false, "502"},
		{fmt.Errorf("ask: %w", &federation.Error{Kind: federation.KindTLS, Host: "coop.example", Err: errors.New("x509: expired")}), "tls", "coop.example", "", true, "x509"},
		{at("cavage", &signature.Error{Reason: signature.BadDigest}), "sig_body", "cavage", "", true, "digest"},
		{&net.DNSError{Err: "no such host", Name: "coop.example", IsNotFound: true}, "dns", "", "", true, "no such host"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "connect", "", "", true, "refused"},
		{context.DeadlineExceeded, "timeout", "", "", true, "deadline"},
		{&fs.PathError{Op: "open", Path: "/etc/key", Err: fs.ErrPermission}, "forbidden", "/etc/key", "", true, "permission"},
		{fmt.Errorf("knock: %w", &textproto.Error{Code: 535, Msg: "no"}), "mail_login", "", "535", true, "no"},
		{&textproto.Error{Code: 554, Msg: "no"}, "mail_refused", "", "554", true, "no"},
		{errors.New("the moon"), "other", "", "", true, "the moon"},
	} {
		r := reasonOf(tt.err)
		if r.Key != tt.key || r.Where != tt.where || r.Got != tt.got || (r.Raw != "") != tt.said || !strings.Contains(tt.err.Error(), tt.whatTheTextHolds) {
			t.Errorf("%v: %+v", tt.err, r)
		}
	}
}

// TestUnsureSaysThatNothingIsKnown: a check that could not be made does not say that what it
// looks for is there.
func TestUnsureSaysThatNothingIsKnown(t *testing.T) {
	english, err := pages.English()
	if err != nil {
		t.Fatal(err)
	}
	e := admin.Explain(english, unsure("factors", at("x", storage.ErrSecretKey)))
	if !strings.Contains(e.Text, "could not be checked: x: ") || strings.Contains(e.Do, "/settings") || e.Said == "" {
		t.Errorf("%+v", e)
	}
}
