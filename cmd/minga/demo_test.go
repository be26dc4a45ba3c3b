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
