// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
)

// asked publishes a poll of a co-op and lets people vote: each has the options that
// one of the others chose.
func (w *world) asked(author *coop.Account, poll *coop.Poll, votes ...[]int) *coop.Post {
	w.t.Helper()
	p := &coop.Post{Source: "¿Cuándo?", Poll: poll}
	w.must(w.Outbox.PublishNote(w.t.Context(), author, p))
	for n, choices := range votes {
		voter, err := w.Outbox.NewAccount(w.t.Context(), outbox.Registration{Kind: coop.Person, Name: "voter" + strconv.FormatInt(int64(p.ID)+int64(n), 10)[8:]})
		w.must(err)
		w.must(w.Outbox.Vote(w.t.Context(), voter, p.ID, choices))
	}
	return p
}

func TestPoll(t *testing.T) {
	w := newWorld(t)
	author, now := w.member("telar"), w.clock.Now()
	days := []string{"jueves", "<b>viernes</b>"}
	several := w.asked(author, coop.NewPoll(days, time.Hour, true, false, now), []int{0, 1}, []int{1})
	hidden := w.asked(author, coop.NewPoll(days, 2*time.Hour, false, true, now), []int{0})
	for _, tt := range []struct {
		name  string
		post  *coop.Post
		wants []string
		lacks []string
	}{
		{
			"several answers", several,
			[]string{"jueves", "&lt;b&gt;viernes", `<meter min="0" max="2" value="1"`, `<meter min="0" max="2" value="2"`, "1 voto", "100", "votaron 2 personas", "termina el", "Se vota en tu aplicación"},
			[]string{"terminó el", "se muestran cuando termina"},
		},
		{
			"counts kept until the end", hidden,
			[]string{"jueves", "1 voto", "se muestran cuando termina"},
			[]string{"<meter", "se pueden elegir varias"},
		},
	} {
		page := w.get(w.pathOf(tt.post), "es").Body.String()
		for _, want := range tt.wants {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q", tt.name, want)
			}
		}
		for _, lack := range tt.lacks {
			if strings.Contains(page, lack) {
				t.Errorf("%s: the page has %q", tt.name, lack)
			}
		}
	}
	w.clock.Advance(3 * time.Hour)
	if page := w.get(w.pathOf(hidden), "en").Body.String(); !strings.Contains(page, "ended on") || !strings.Contains(page, `max="1" value="1"`) || strings.Contains(page, "You vote in") {
		t.Error("the page of a poll that is over does not say how it ended")
	}
	if profile := w.get("/@telar", "es").Body.String(); strings.Count(profile, "<meter") != 4 || strings.Contains(profile, "Se vota en") {
		t.Error("polls in a list do not show their bars, or say how to vote")
	}
}

// TestEdited: who reads an edited post sees that it was, and what it said.
func TestEdited(t *testing.T) {
	w := newWorld(t)
	author := w.member("telar")
	p := &coop.Post{Source: "Abrimos a las nueve", Language: "es"}
	w.must(w.Outbox.PublishNote(t.Context(), author, p))
	if page := w.get(w.pathOf(p), "es").Body.String(); strings.Contains(page, "editada el") || strings.Contains(page, "Versiones anteriores") {
		t.Error("a post that was never edited says that it was")
	}
	w.clock.Advance(time.Hour)
	w.must(w.Outbox.EditNote(t.Context(), &coop.Post{ID: p.ID, Source: "Abrimos a las diez"}))
	page := w.get(w.pathOf(p), "es").Body.String()
	now, before, ok := strings.Cut(page, "Versiones anteriores")
	if !ok || !strings.Contains(now, "Abrimos a las diez") || !strings.Contains(now, "editada el") {
		t.Error("the page does not say that the post was edited")
	}
	if !strings.Contains(before, "Abrimos a las nueve") || strings.Contains(before, "Abrimos a las diez") {
		t.Error("the page does not show what the post said before")
	}
	if profile := w.get("/@telar", "es").Body.String(); !strings.Contains(profile, "editada el") {
		t.Error("the list does not say that the post was edited")
	}
}
