// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"image/png"
	"io"
	"strings"
	"testing"
)

func TestDrawing(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"cloth", "rack", "ana", "maeve", "pau", "telar", "candil", "jangada", "brisa", "keelson", "vincle", "ondalunga"} {
		first, again := drawn(t, name), drawn(t, name)
		if !bytes.Equal(first, again) {
			t.Errorf("%s is drawn in two ways", name)
		}
		if _, err := png.Decode(bytes.NewReader(first)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if other := seen[string(first)]; other != "" {
			t.Errorf("%s and %s look the same", name, other)
		}
		seen[string(first)] = name
	}
}

// drawn is a drawing whole.
func drawn(t *testing.T, name string) []byte {
	t.Helper()
	picture, err := drawing(name)
	if err != nil {
		t.Fatal(err)
	}
	file, err := io.ReadAll(picture)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSeedTalk holds what people say against who is there.
func TestSeedTalk(t *testing.T) {
	s, err := loadSeed()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, one := range s.Instance {
		for _, c := range one.Coops {
			there[c.Name+"@"+one.Host] = true
		}
		for _, p := range one.People {
			there[p.Name+"@"+one.Host] = true
		}
	}
	said := map[string]bool{"": true}
	for _, talk := range s.Talk {
		who := append([]string{talk.By}, append(talk.LikedBy, talk.BoostedBy...)...)
		for by := range talk.Votes {
			who = append(who, by)
		}
		for _, by := range who {
			if !there[by] {
				t.Errorf("%q is nobody of the demonstration", by)
			}
		}
		if !said[talk.Answers] {
			t.Errorf("%q answers what nobody said before", talk.Answers)
		}
		if (talk.Picture == "") != (talk.Alt == "") {
			t.Errorf("%.30q: a picture and its description go together", talk.Text)
		}
		if talk.Language == "" || strings.TrimSpace(talk.Text) == "" {
			t.Errorf("%.30q has no text or language", talk.Text)
		}
		said[talk.Name] = true
	}
	if len(s.Talk) < 5 {
		t.Errorf("they say %d things", len(s.Talk))
	}
}

// TestSeedStory holds requests and petitions against who is there.
func TestSeedStory(t *testing.T) {
	s, err := loadSeed()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, one := range s.Instance {
		there[one.Handle+"@"+one.Host] = true
		for _, c := range one.Coops {
			there[c.Name+"@"+one.Host] = true
		}
	}
	known := func(by string) {
		if !there[by] {
			t.Errorf("%q is nobody of the demonstration", by)
		}
	}
	for _, j := range s.Joining {
		known(j.Coop)
		for by := range j.Ballots {
			known(by)
		}
	}
	for _, r := range s.Request {
		hours := map[string]int{}
		for _, slot := range r.Slots {
			hours[slot.Key] = slot.Hours
		}
		for _, offer := range r.Offers {
			known(offer.By)
			if hours[offer.Slot] < offer.Hours {
				t.Errorf("%s offers %d hours for %q, which has %d", offer.By, offer.Hours, offer.Slot, hours[offer.Slot])
			}
			if offer.Answer == "accept" {
				hours[offer.Slot] -= offer.Hours
			}
		}
		for _, said := range r.Said {
			known(said.By)
		}
	}
	if len(s.Joining) == 0 || len(s.Request) < 2 {
		t.Error("nobody joins, or there are no requests")
	}
}
