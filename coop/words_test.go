// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
)

func TestIDsKeepTimeAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMilli(rapid.Int64Range(1, 1<<46).Draw(t, "at")).UTC()
		a := coop.NewID(at, rapid.Int64Range(0, 1<<16-1).Draw(t, "n"))
		if !a.Time().Equal(at) || coop.NewID(at.Add(time.Millisecond), 0) <= a {
			t.Fatalf("%s stands for %s, not %s", a, a.Time(), at)
		}
		var read coop.ID
		text, _ := json.Marshal(a)
		if err := json.Unmarshal(text, &read); err != nil || read != a || text[0] != '"' {
			t.Fatalf("%s became %s, %v", text, read, err)
		}
	})
}

func TestParseID(t *testing.T) {
	ask(t, func(s string) bool { _, err := coop.ParseID(s); return err == nil }, []yesNo{
		{"digits", "115000000000000001", true},
		{"the highest", "9223372036854775807", true},
		{"one above it", "9223372036854775808", false},
		{"nothing", "", false},
		{"zero", "0", false},
		{"a sign", "+1", false},
		{"below zero", "-1", false},
		{"a leading zero", "01", false},
		{"a word", "me", false},
		{"white space", " 1", false},
	})
	if _, err := coop.ParseID("x"); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("an id that cannot exist: %v", err)
	}
}

func TestParseHandle(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"name and host", "telar@fed-sur.example", "telar@fed-sur.example"},
		{"with a sign before it", " @Telar@Fed-Sur.example ", "Telar@fed-sur.example"},
		{"as WebFinger asks", "acct:telar@fed-sur.example", "telar@fed-sur.example"},
		{"without a host", "telar", ""},
		{"with two", "a@b@c", ""},
		{"with a path", "a@b.example/x", ""},
		{"with a line end inside", "a@b\n.example", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := coop.ParseHandle(tt.in)
			if h.String() != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q, %v; want %q", h, err, tt.want)
			}
		})
	}
}

func TestIRIHost(t *testing.T) {
	for in, want := range map[coop.IRI]string{
		"https://A.example:8443/x?y#z": "a.example:8443", "http://a.example": "a.example", "https://a.example?x": "a.example",
		"mailto:a@b.example": "", "": "", "//a.example/": "",
	} {
		if got := in.Host(); got != want {
			t.Errorf("%q is at %q, want %q", in, got, want)
		}
	}
}

func TestDecide(t *testing.T) {
	now := noon
	for _, tt := range []struct {
		name string
		mode coop.FederationMode
		peer *coop.Peer
		want coop.Verdict
	}{
		{"open: who is new comes in", coop.ModeOpen, nil, coop.Admit},
		{"open: who is blocked does not", coop.ModeOpen, &coop.Peer{Policy: coop.PolicyBlock}, coop.Refuse},
		{"open: a block that is over is none", coop.ModeOpen, &coop.Peer{Policy: coop.PolicyBlock, ExpiresAt: now}, coop.Admit},
		{"open: who is limited comes in", coop.ModeOpen, &coop.Peer{Policy: coop.PolicyLimit}, coop.Admit},
		{"ask: who is new waits", coop.ModeAsk, nil, coop.Hold},
		{"ask: who is allowed comes in", coop.ModeAsk, &coop.Peer{Policy: coop.PolicyAllow}, coop.Admit},
		{"ask: an allowance that is over is none", coop.ModeAsk, &coop.Peer{Policy: coop.PolicyAllow, ExpiresAt: now.Add(-time.Hour)}, coop.Hold},
		{"allowlist: who is new is refused", coop.ModeAllowlist, nil, coop.Refuse},
		{"allowlist: who is limited only is refused", coop.ModeAllowlist, &coop.Peer{Policy: coop.PolicyLimit}, coop.Refuse},
		{"allowlist: who is allowed comes in", coop.ModeAllowlist, &coop.Peer{Policy: coop.PolicyAllow, ExpiresAt: now.Add(time.Hour)}, coop.Admit},
		{"closed: nobody comes in", coop.ModeClosed, &coop.Peer{Policy: coop.PolicyAllow}, coop.Refuse},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := coop.Decide(tt.mode, tt.peer, now); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	list := coop.Invalid{{Field: "title", Problem: "is needed"}, {Field: "pay.max", Problem: "is low"}}
	wrapped := fmt.Errorf("publish: %w", list.Or())
	var first *coop.InvalidError
	var all coop.Invalid
	if !errors.As(wrapped, &first) || first.Field != "title" || !errors.As(wrapped, &all) || len(all) != 2 {
		t.Errorf("%v lost its complaints", wrapped)
	}
	if wrapped.Error() != "publish: title: is needed; pay.max: is low" {
		t.Errorf("reads %q", wrapped)
	}
	if coop.Invalid(nil).Or() != nil {
		t.Error("no complaint is no error")
	}
	if busy := error(&coop.BusyError{Reason: "later"}); !errors.Is(busy, coop.ErrUnavailable) || busy.Error() != "later" {
		t.Errorf("%v", busy)
	}
}

func TestSmallWords(t *testing.T) {
	if got := (coop.Page{Limit: 1e9}).Clamp(20, 40).Limit; got != 40 {
		t.Errorf("a page of %d", got)
	}
	if got := (coop.Page{Limit: -1}).Clamp(20, 40).Limit; got != 20 {
		t.Errorf("a page of %d", got)
	}
	local := &coop.Account{Name: "telar"}
	if got := local.Handle("fed-sur.example").String(); got != "telar@fed-sur.example" {
		t.Errorf("handle %q", got)
	}
	if local.Gone() || !(&coop.Account{SuspendedAt: noon}).Gone() || !(&coop.Account{DeletedAt: noon}).Gone() {
		t.Error("who is gone is told wrongly")
	}
	half := &coop.Membership{State: coop.MembershipMember, MemberSays: true}
	whole := &coop.Membership{State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}
	over := &coop.Membership{State: coop.MembershipLeft, MemberSays: true, OrganizationSays: true}
	if half.Verified() || !whole.Verified() || over.Verified() {
		t.Error("a membership holds when both sides say so, now")
	}
	if !coop.SameName("Telar", "telar") || (&coop.Post{Visibility: coop.VisibleUnlisted}).Listed() {
		t.Error("names have no case; unlisted posts are in no list")
	}
}
