// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"minga/coop"
)

// viewers are one of each class.
func viewers() map[string]coop.Viewer {
	return map[string]coop.Viewer{
		"anonymous": coop.Anonymous(), "account": coop.As(1), "remote": coop.Signed(2, "a.example"),
		"host": coop.SignedHost("a.example"), "system": coop.System(),
	}
}

// relations are all 256 of them.
func relations() []coop.Relation {
	var all []coop.Relation
	for bits := range 256 {
		bit := func(n int) bool { return bits>>n&1 == 1 }
		all = append(all, coop.Relation{
			Author: bit(0), Named: bit(1), Follows: bit(2), Member: bit(3),
			Blocked: bit(4), AuthorGone: bit(5), Withdrawn: bit(6), DraftOrFrozen: bit(7),
		})
	}
	return all
}

// opens says by which ties an audience opens to whom, as security 4.6 tells it,
// when nothing takes it away.
func opens(class string, audience coop.Visibility, r coop.Relation) bool {
	somebody := map[string]bool{"account": true, "remote": true, "host": true}[class]
	return map[coop.Visibility]bool{
		"public":    true,
		"unlisted":  true,
		"followers": somebody && (r.Follows || r.Named),
		"direct":    somebody && r.Named,
		"members":   somebody && r.Member,
		"local":     class == "account",
	}[audience]
}

// TestMaySeeMatrix walks every cell: viewers × audiences × relations.
func TestMaySeeMatrix(t *testing.T) {
	cells, seen := 0, 0
	for class, viewer := range viewers() {
		for _, audience := range append(coop.Visibilities(), "", "everybody") {
			for _, r := range relations() {
				gone := r.Withdrawn || r.AuthorGone
				own := r.Author && class != "anonymous"
				want := class == "system" || !gone && (own || !r.DraftOrFrozen && !r.Blocked && opens(class, audience, r))
				got := coop.MaySee(viewer, audience, r)
				if got != want {
					t.Errorf("%s, %q, %+v: %v, want %v", class, audience, r, got, want)
				}
				cells++
				if got {
					seen++
				}
			}
		}
	}
	if cells != 5*8*256 || seen == 0 || seen == cells {
		t.Errorf("%d of %d cells are seen", seen, cells)
	}
}

// TestMaySeeTakesAway: whatever takes away can only take away, and a tie that is
// added can only open; the author's own tie is the one that outweighs a block.
func TestMaySeeTakesAway(t *testing.T) {
	for class, viewer := range viewers() {
		for _, audience := range coop.Visibilities() {
			for _, r := range relations() {
				if !coop.MaySee(viewer, audience, r) {
					continue
				}
				for _, better := range []coop.Relation{with(r, "blocked", false), with(r, "draft", false), with(r, "named", true), with(r, "follows", true), with(r, "member", true)} {
					if !coop.MaySee(viewer, audience, better) {
						t.Errorf("%s, %s: %+v opens, %+v does not", class, audience, r, better)
					}
				}
			}
		}
	}
}

// with is a relation with one part changed.
func with(r coop.Relation, part string, value bool) coop.Relation {
	switch part {
	case "blocked":
		r.Blocked = value
	case "draft":
		r.DraftOrFrozen = value
	case "named":
		r.Named = value
	case "follows":
		r.Follows = value
	case "member":
		r.Member = value
	}
	return r
}

// TestMaySeeByPeople is the matrix of security 4.6 in its own words; the letters
// stand for public, unlisted, followers, direct, members, local.
func TestMaySeeByPeople(t *testing.T) {
	letters := map[rune]coop.Visibility{'p': "public", 'u': "unlisted", 'f': "followers", 'd': "direct", 'm': "members", 'l': "local"}
	account, remote := coop.As(1), coop.Signed(2, "a.example")
	for _, tt := range []struct {
		name string
		who  coop.Viewer
		tie  coop.Relation
		sees string
	}{
		{"anonymous", coop.Anonymous(), coop.Relation{}, "pu"},
		{"a stranger who is signed in", account, coop.Relation{}, "pul"},
		{"a pending follower is a stranger", account, coop.Relation{Follows: false}, "pul"},
		{"a follower", account, coop.Relation{Follows: true}, "pufl"},
		{"who is named", account, coop.Relation{Named: true}, "pufdl"},
		{"a member", account, coop.Relation{Member: true}, "puml"},
		{"a former member is a stranger", account, coop.Relation{Member: false}, "pul"},
		{"who is blocked", account, coop.Relation{Blocked: true, Follows: true, Named: true, Member: true}, ""},
		{"the author", account, coop.Relation{Author: true}, "pufdml"},
		{"the author of a draft", account, coop.Relation{Author: true, DraftOrFrozen: true}, "pufdml"},
		{"a reader of a draft", account, coop.Relation{DraftOrFrozen: true, Follows: true, Named: true, Member: true}, ""},
		{"anybody, of a suspended author", account, coop.Relation{AuthorGone: true, Follows: true, Named: true, Member: true}, ""},
		{"the author of a tombstone", account, coop.Relation{Author: true, Withdrawn: true}, ""},
		{"a remote stranger", remote, coop.Relation{}, "pu"},
		{"a remote follower", remote, coop.Relation{Follows: true}, "puf"},
		{"a remote member", remote, coop.Relation{Member: true}, "pum"},
		{"a blocked domain", remote, coop.Relation{Blocked: true, Follows: true, Member: true}, ""},
		{"a server that has a follower", coop.SignedHost("a.example"), coop.Relation{Follows: true}, "puf"},
		{"a server without ties", coop.SignedHost("a.example"), coop.Relation{}, "pu"},
		{"anonymous, whatever ties are claimed", coop.Anonymous(), coop.Relation{Author: true, Follows: true, Named: true, Member: true}, "pu"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, letter := range "pufdml" {
				if coop.MaySee(tt.who, letters[letter], tt.tie) {
					got += string(letter)
				}
			}
			if got != tt.sees {
				t.Errorf("sees %q, want %q", got, tt.sees)
			}
		})
	}
}
