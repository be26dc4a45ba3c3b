// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"minga/coop"
	"minga/outbox/push/pushtest"
	"minga/outbox/text"
	"minga/storage"
)

// written is a message as an app reads it.
func (h *house) written(m *storage.PushMessage) (p payload, size int) {
	h.t.Helper()
	raw, err := h.writeLong(m)
	h.must(err)
	h.must(json.Unmarshal(raw, &p))
	return p, len(raw)
}

func (h *house) writeLong(m *storage.PushMessage) ([]byte, error) {
	return h.Sender.write(h.t.Context(), m, lengths[0])
}

// TestEveryKindHasWords in every language, none like another's.
func TestEveryKindHasWords(t *testing.T) {
	one(t, func(h *house) {
		for _, kind := range coop.PushAlerts() {
			if kind == "admin.sign_up" {
				continue // nobody signs up by themselves
			}
			said := map[string]string{}
			for _, language := range text.Languages() {
				p, _ := h.written(&storage.PushMessage{
					Subscription: coop.PushSubscription{Alerts: coop.PushAlerts()}, Access: "t",
					Account:      &coop.Account{ID: 1, Language: language},
					Notification: coop.Notification{ID: 5, AccountID: 1, FromID: 2, PostID: 9, Kind: kind, From: &coop.Account{ID: 2, Name: "eva"}},
				})
				if p.Locale != language || p.Type != string(kind) || p.Title == "@eva" || p.Title == "" {
					h.t.Errorf("%s in %s: %+v", kind, language, p)
				}
				if other := said[p.Title]; other != "" {
					h.t.Errorf("%s: %s says %q like %s", kind, language, p.Title, other)
				}
				said[p.Title] = language
			}
		}
	})
}

func TestWhatIsShown(t *testing.T) {
	one(t, func(h *house) {
		base := func() *storage.PushMessage {
			return &storage.PushMessage{
				Subscription: coop.PushSubscription{Alerts: []coop.NotificationKind{coop.NotifyMention, coop.NotifyPoll, coop.NotifyFollow, coop.NotifyReport}}, Access: "t",
				Account:      &coop.Account{ID: 1, Language: "fi"},
				Notification: coop.Notification{ID: 5, AccountID: 1, FromID: 2, PostID: 9, Kind: coop.NotifyMention, From: &coop.Account{ID: 2, Name: "eva", DisplayName: "Eva\n\u202eava", Bio: "<p>I <i>am</i></p><p>eva</p>"}},
				Post:         &coop.Post{Content: "<p>One</p><p>two &lt;3</p><script>x</script>"},
			}
		}
		for _, tt := range []struct {
			name               string
			change             func(m *storage.PushMessage)
			kind, title, words string
		}{
			{"plain text of a post", func(*storage.PushMessage) {}, "mention", "Eva ava mentioned you", "One\ntwo <3"},
			{"a warning instead of the post", func(m *storage.PushMessage) { m.Post.Summary = "food" }, "mention", "Eva ava mentioned you", "food"},
			{"an article's summary is no warning", func(m *storage.PushMessage) { m.Post.Summary, m.Post.Article = "about", &coop.Article{} }, "mention", "Eva ava mentioned you", "One\ntwo <3"},
			{"one's own poll", func(m *storage.PushMessage) { m.Notification.Kind, m.Notification.FromID = coop.NotifyPoll, 1 }, "poll", "Your poll is over", "One\ntwo <3"},
			{"another's poll", func(m *storage.PushMessage) { m.Notification.Kind = coop.NotifyPoll }, "poll", "A poll in which you voted is over", "One\ntwo <3"},
			{"who follows", func(m *storage.PushMessage) { m.Notification.Kind, m.Post = coop.NotifyFollow, nil }, "follow", "Eva ava follows you", "I am\neva"},
			{"of a report nothing", func(m *storage.PushMessage) { m.Notification.Kind, m.Post = coop.NotifyReport, nil }, "admin.report", "There is a new report", ""},
			{"an answer to a job, to an app that knows no such thing", func(m *storage.PushMessage) { m.Notification.Kind = coop.NotifyInterest }, "mention", "Eva ava answered your job or request", "One\ntwo <3"},
		} {
			m := base()
			tt.change(m)
			p, _ := h.written(m)
			if p.Type != tt.kind || p.Title != tt.title || p.Body != tt.words || p.Locale != "en" || p.ID != 5 || p.Access != "t" {
				h.t.Errorf("%s: %+v", tt.name, p)
			}
		}
	})
}

// TestEveryMessageFits, whatever strangers write.
func TestEveryMessageFits(t *testing.T) {
	one(t, func(h *house) {
		for _, piece := range []string{"a", "ñ", "🥖", "\x01", `"`, "\\", "<", "\u2028", "👩‍👩‍👧 ", " "} {
			long := strings.Repeat(piece, 6000)
			h.o.Icon = func(*coop.Account) string { return "https://fed-sur.example/" + strings.Repeat("i", 3000) }
			p, size := h.written(&storage.PushMessage{
				Subscription: coop.PushSubscription{Alerts: coop.PushAlerts()}, Access: strings.Repeat("t", 512), Account: &coop.Account{ID: 1, Language: "ca"},
				Notification: coop.Notification{ID: 999_999_999_999_999, AccountID: 1, PostID: 9, Kind: coop.NotifyMention, From: &coop.Account{ID: 2, Name: "eva", DisplayName: long}},
				Post:         &coop.Post{Summary: long},
			})
			if size > maxMessage || !utf8.ValidString(p.Body) || len(p.Icon) > maxIcon {
				h.t.Errorf("%q: %d bytes", piece, size)
			}
			if strings.TrimSpace(piece) != "" && p.Body == "" {
				h.t.Errorf("%q: nothing is left", piece)
			}
		}
	})
}

// TestHostsAtRest: the memory of hosts has an end, and what failed together counts once.
func TestHostsAtRest(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	h := newHosts(2)
	for n := range mostHosts + 200 {
		h.fails(time.Duration(n).String(), 0, now)
		h.turn(time.Duration(n).String(), now)
	}
	if len(h.rests) != mostHosts || len(h.turns) > mostHosts {
		t.Errorf("%d and %d remembered", len(h.rests), len(h.turns))
	}
	h = newHosts(2)
	for range 5 {
		h.fails("a", 0, now)
	}
	if _, again := h.enter("a", "s", now); again.Sub(now) != pause(1) {
		t.Errorf("rests for %s", again.Sub(now))
	}
	later := now.Add(pause(1))
	one, _ := h.enter("a", "s", later)
	two, _ := h.enter("a", "t", later)
	if one == nil || two == nil {
		t.Fatal("no place after the rest")
	}
	last := later
	for range 20 {
		leave, again := h.enter("a", "u", later)
		if leave != nil || again.Sub(later) < busyPause || again.Before(last) {
			t.Fatalf("a third at once, or again after %s", again.Sub(later))
		}
		last = again
	}
	one()
	two()
	if len(h.busy) != 0 {
		t.Errorf("%v are busy", h.busy)
	}
	h.fails("s", 24*time.Hour, later)
	if leave, again := h.enter("a", "s", later); leave != nil || again.Sub(later) != 24*time.Hour {
		t.Error("a subscription at rest is sent to")
	}
	h.works("s")
	if leave, _ := h.enter("a", "s", later); leave == nil {
		t.Error("rests on")
	}
}

// TestPolicyAndAlerts is who is told of what.
func TestPolicyAndAlerts(t *testing.T) {
	each(t, func(h *house) {
		s := pushtest.NewService(h.t, nil)
		fan, idol := h.account("fan", "far.example", ""), h.account("idol", "far.example", "")
		h.follows(fan, h.ana)
		h.follows(h.ana, idol)
		apps := map[coop.PushPolicy]*app{}
		for _, policy := range []coop.PushPolicy{coop.PushAll, coop.PushFollowed, coop.PushFollower, coop.PushNone} {
			apps[policy] = h.subscribe(s, func(p *coop.PushSubscription) {
				p.Policy, p.Alerts = policy, []coop.NotificationKind{coop.NotifyMention, coop.NotifyPoll}
			})
		}
		for _, by := range []*coop.Account{h.eva, fan, idol} {
			h.post(by, func(p *coop.Post) { p.Mentions = []coop.Mention{{IRI: h.ana.IRI}} })
		}
		mine := h.post(h.ana)
		h.write(func(ctx context.Context, tx *storage.Tx) error {
			for _, n := range []coop.Notification{
				{Kind: coop.NotifyFavourite, FromID: h.eva.ID, PostID: mine.ID}, // no alert
				{Kind: coop.NotifyPoll, FromID: h.ana.ID, PostID: mine.ID},      // her own
				{Kind: coop.NotifyInterest, FromID: fan.ID, PostID: mine.ID},    // as a mention
				{Kind: coop.NotifyMembership, FromID: fan.ID},                   // has no post to show
				{Kind: coop.NotifyPoll, FromID: idol.ID, PostID: mine.ID, Filtered: true},
			} {
				n.AccountID = h.ana.ID
				if err := tx.Notify(ctx, n); err != nil {
					return err
				}
			}
			return nil
		})
		h.drain()
		h.pass(5 * time.Second) // what found its host busy
		for policy, want := range map[coop.PushPolicy]string{
			coop.PushAll: "mention Eva, mention Fan, mention Idol, mention Fan, poll", coop.PushFollowed: "mention Idol, poll", coop.PushFollower: "mention Fan, mention Fan, poll", coop.PushNone: "",
		} {
			got := map[string]int{}
			for _, p := range apps[policy].read() {
				word := p.Type
				if p.Type == "mention" {
					word += " " + strings.Fields(p.Title)[0]
				}
				got[word]++
			}
			for _, word := range strings.Split(want, ", ") {
				if word != "" {
					got[word]--
				}
			}
			for word, n := range got {
				if n != 0 {
					h.t.Errorf("%s: %+d of %s", policy, n, word)
				}
			}
		}
		if h.waiting() != 0 {
			h.t.Errorf("%d wait", h.waiting())
		}
	})
}

// follows makes a follow that holds.
func (h *house) follows(who, whom *coop.Account) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.PutFollow(ctx, &coop.Follow{IRI: who.IRI + "/follows/" + coop.IRI(whom.Name), Follower: who, Target: whom, State: coop.FollowAccepted})
	})
}
