// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// pushToken makes a token that may be pushed to.
func (w *world) pushToken(a *coop.Account, n byte) *coop.Token {
	w.Helper()
	t := &coop.Token{Hash: hashOf(n), AccountID: a.ID, PersonID: a.ID, App: "test", Scopes: []string{"push"}}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, t) })
	return t
}

// pushTo is a subscription that is not stored yet.
func pushTo(t *coop.Token, endpoint string) *coop.PushSubscription {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &coop.PushSubscription{
		TokenID: t.ID, AccountID: t.AccountID, Endpoint: endpoint, Key: key.PublicKey().Bytes(), Auth: bytes.Repeat([]byte{1}, 16), Standard: true,
		Alerts: []coop.NotificationKind{coop.NotifyMention}, Policy: coop.PushAll,
	}
}

// subscribe stores a subscription.
func (w *world) subscribe(s *coop.PushSubscription, access string) *coop.PushSubscription {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutPush(ctx, s, access) })
	return s
}

func TestATokenHasOneSubscription(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		token, other := w.pushToken(ana, 1), w.pushToken(ana, 2)
		first := w.subscribe(pushTo(token, "https://push.example/1"), "one")
		second := w.subscribe(pushTo(token, "https://push.example/2"), "one")
		third := w.subscribe(pushTo(other, "https://push.example/2"), "two")
		if first.ID <= 0 || second.ID <= first.ID || third.ID <= second.ID || third.ID > 1<<31-1 {
			w.Errorf("ids %d, %d, %d", first.ID, second.ID, third.ID)
		}
		got, err := w.s.PushOf(w.Context(), token.ID)
		if diff := cmp.Diff(second, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		kinds := []coop.NotificationKind{coop.NotifyPoll, coop.NotifyInterest}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetPushChoice(ctx, token.ID, kinds, coop.PushFollower)
		})
		got, err = w.s.PushOf(w.Context(), token.ID)
		if must(w, got, err); got.Policy != coop.PushFollower || !cmp.Equal(got.Alerts, kinds) || got.ID != second.ID {
			w.Errorf("after a change: %+v", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DropPushOf(ctx, token.ID) })
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DropPushOf(ctx, token.ID) })
		_, err = w.s.PushOf(w.Context(), token.ID)
		w.wants(err, coop.ErrNotFound)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetPushChoice(ctx, token.ID, kinds, coop.PushAll)
		}), coop.ErrNotFound)
		others := pushTo(other, "https://push.example/3")
		others.AccountID = w.account("bob", "", coop.Person).ID
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.PutPush(ctx, others, "two") }), coop.ErrForbidden)
		if n, err := w.s.CountPush(w.Context()); must(w, n, err) != 1 {
			w.Errorf("%d subscriptions", n)
		}
	})
}

// TestASubscriptionEndsWithItsToken, by whatever way the token ends.
func TestASubscriptionEndsWithItsToken(t *testing.T) {
	eachWorld(t, func(w *world) {
		for n, end := range []func(ctx context.Context, tx *storage.Tx, t *coop.Token) error{
			func(ctx context.Context, tx *storage.Tx, t *coop.Token) error {
				return tx.RevokeToken(ctx, t.ID, w.clock.Now())
			},
			func(ctx context.Context, tx *storage.Tx, t *coop.Token) error {
				return tx.RevokeTokenOf(ctx, t.PersonID, t.ID, w.clock.Now())
			},
			func(ctx context.Context, tx *storage.Tx, t *coop.Token) error {
				return tx.RevokeTokensOf(ctx, t.PersonID, w.clock.Now())
			},
			func(ctx context.Context, tx *storage.Tx, t *coop.Token) error {
				return tx.DeleteAccount(ctx, t.AccountID, w.clock.Now())
			},
		} {
			a := w.account("ana"+string(rune('a'+n)), "", coop.Person)
			token := w.pushToken(a, byte(10+n))
			w.subscribe(pushTo(token, "https://push.example/1"), "one")
			w.write(func(ctx context.Context, tx *storage.Tx) error { return end(ctx, tx, token) })
			if _, err := w.s.PushOf(w.Context(), token.ID); !errors.Is(err, coop.ErrNotFound) {
				w.Errorf("way %d: %v", n, err)
			}
			w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
				return tx.PutPush(ctx, pushTo(token, "https://push.example/1"), "one")
			}), coop.ErrUnauthorized)
		}
		if n, err := w.s.CountPush(w.Context()); must(w, n, err) != 0 {
			w.Errorf("%d subscriptions are left", n)
		}
	})
}

// TestTheTokenOfASubscriptionIsSealed, and opens in its own row alone.
func TestTheTokenOfASubscriptionIsSealed(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		s := w.subscribe(pushTo(w.pushToken(ana, 1), "https://push.example/1"), "the text of the token")
		w.post(eva, naming(ana))
		list := w.find(storage.NotificationQuery{Account: ana.ID}, coop.Page{})
		m, err := w.s.PushMessage(w.Context(), s.ID, list[0].ID)
		if must(w, m, err); m.Access != "the text of the token" || m.Post == nil || m.Account.ID != ana.ID || m.Notification.From.ID != eva.ID {
			w.Errorf("%+v", m)
		}
		_, err = w.s.PushMessage(w.Context(), s.ID+1, list[0].ID)
		w.wants(err, coop.ErrNotFound)
		_, err = w.s.PushMessage(w.Context(), s.ID, list[0].ID+1)
		w.wants(err, coop.ErrNotFound)
	})
}

// TestWhoSpeaksForACoopHearsWhatTheirRolesShow: direct posts for a co-op reach those
// alone who may read them, and nobody whose last role is gone.
func TestWhoSpeaksForACoopHearsWhatTheirRolesShow(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, eva := w.account("telar", "", coop.Coop), w.account("eva", "far.example", coop.Person)
		hears := map[coop.Role]*coop.PushSubscription{}
		people := map[coop.Role]*coop.Account{}
		for n, role := range []coop.Role{coop.Steward, coop.Publisher, coop.Observer} {
			person := w.account(string(role), "", coop.Person)
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.GiveRole(ctx, telar.ID, person.ID, role, 0)
				return err
			})
			token := &coop.Token{Hash: hashOf(byte(n + 1)), AccountID: telar.ID, PersonID: person.ID, Scopes: []string{"push"}}
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
			hears[role], people[role] = w.subscribe(pushTo(token, "https://push.example/"+string(role)), "x"), person
		}
		w.post(eva, naming(telar))
		w.post(eva, naming(telar), func(p *coop.Post) { p.Visibility, p.To = coop.VisibleDirect, []coop.IRI{telar.IRI} })
		list := w.find(storage.NotificationQuery{Account: telar.ID}, coop.Page{})
		if len(list) != 2 {
			w.Fatalf("%d notifications", len(list))
		}
		told := func(role coop.Role, n coop.Notification) bool {
			_, err := w.s.PushMessage(w.Context(), hears[role].ID, n.ID)
			if err != nil {
				w.wants(err, coop.ErrNotFound)
			}
			return err == nil
		}
		for role := range hears {
			if may := coop.RolesMay([]coop.Role{role}, coop.ActMessages); told(role, list[0]) != may || !told(role, list[1]) {
				w.Errorf("%s may read messages: %t; told of the direct post: %t, of the public one: %t", role, may, told(role, list[0]), told(role, list[1]))
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.TakeRole(ctx, telar.ID, people[coop.Publisher].ID, coop.Publisher, 0)
			return err
		})
		if told(coop.Publisher, list[1]) {
			w.Error("told after the last role is gone")
		}
	})
}

func TestKeysOfASubscriptionAreKeys(t *testing.T) {
	good := pushTo(&coop.Token{ID: 1, AccountID: 2}, "https://push.example/1")
	for name, change := range map[string]func(s *coop.PushSubscription){
		"good":                     func(*coop.PushSubscription) {},
		"no key":                   func(s *coop.PushSubscription) { s.Key = nil },
		"a short key":              func(s *coop.PushSubscription) { s.Key = s.Key[:64] },
		"a compressed key":         func(s *coop.PushSubscription) { s.Key = append([]byte{2}, s.Key[1:33]...) },
		"a point off the curve":    func(s *coop.PushSubscription) { s.Key = append(bytes.Clone(s.Key[:64]), s.Key[64]^1) },
		"the point at infinity":    func(s *coop.PushSubscription) { s.Key = make([]byte, 65) },
		"no auth":                  func(s *coop.PushSubscription) { s.Auth = nil },
		"a long auth":              func(s *coop.PushSubscription) { s.Auth = make([]byte, 17) },
		"no endpoint":              func(s *coop.PushSubscription) { s.Endpoint = "" },
		"an endpoint without end":  func(s *coop.PushSubscription) { s.Endpoint = "https://" + string(bytes.Repeat([]byte("a"), 2048)) },
		"a key of another meaning": func(s *coop.PushSubscription) { s.Key = append([]byte{6}, s.Key[1:]...) },
	} {
		s := *good
		change(&s)
		var invalid *coop.InvalidError
		if err := s.ValidatePush(); (err == nil) != (name == "good") || err != nil && !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPushIsQueuedWithWhatItTells: no notification without its task, no task without it,
// one task for each pair.
func TestPushIsQueuedWithWhatItTells(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		w.subscribe(pushTo(w.pushToken(ana, 1), "https://push.example/1"), "one")
		w.subscribe(pushTo(w.pushToken(ana, 2), "https://push.example/2"), "two")
		claim := func() (keys int) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				list, err := tx.ClaimTasks(ctx, []string{storage.TaskPush}, 100, 1)
				keys = len(list)
				for _, t := range list {
					if err := tx.FinishTask(ctx, t.ID, t.Fence); err != nil {
						return err
					}
				}
				return err
			})
			return keys
		}
		p := w.post(eva, naming(ana))
		if n := claim(); n != 2 {
			w.Errorf("%d tasks for two subscriptions", n)
		}
		told := coop.Notification{AccountID: ana.ID, Kind: coop.NotifyMention, FromID: eva.ID, PostID: p.ID}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.Notify(ctx, told) })
		if n := claim(); n != 0 {
			w.Errorf("%d tasks for what was told before", n)
		}
		fails := errors.New("no")
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.Notify(ctx, coop.Notification{AccountID: ana.ID, Kind: coop.NotifyMention, FromID: ana.ID, PostID: p.ID}); err != nil {
				return err
			}
			return fails
		}), fails)
		if n := claim(); n != 0 {
			w.Errorf("%d tasks for what did not happen", n)
		}
		w.like(eva, w.post(ana), storage.Like)
		if n := claim(); n != 0 {
			w.Errorf("%d tasks without an alert", n)
		}
	})
}
