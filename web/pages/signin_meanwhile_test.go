// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/pquerna/otp/totp"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// sessions is how many browsers of a person are signed in.
func (w *world) sessions(a *coop.Account) int {
	w.t.Helper()
	list, err := w.Store.Sessions(w.t.Context(), a.ID)
	w.must(err)
	return len(list)
}

// TestWhatChangedMeanwhileLetsNobodyIn: a password takes a while to look at. One that was
// changed by then, or stands no longer alone, opens nothing.
func TestWhatChangedMeanwhileLetsNobodyIn(t *testing.T) {
	for _, tt := range []struct {
		name      string
		factor    bool // there is a second one before
		meanwhile func(ctx context.Context, tx *storage.Tx, a *coop.Account) error
		opens     bool
	}{
		{"nothing", false, func(context.Context, *storage.Tx, *coop.Account) error { return nil }, true},
		{"a new password", false, func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			return tx.ChangePassword(ctx, a.ID, "$argon2id$of another password", 0)
		}, false},
		{"no password", false, func(ctx context.Context, tx *storage.Tx, a *coop.Account) error { return tx.SetPassword(ctx, a.ID, "") }, false},
		{"a new password beside a second factor", true, func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			return tx.ChangePassword(ctx, a.ID, "$argon2id$of another password", 0)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.ana()
			if tt.factor {
				w.withCodes(a)
			}
			seen, err := w.Store.PasswordHash(t.Context(), a.ID)
			w.must(err)
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tt.meanwhile(ctx, tx, a) })
			w.draw("en", func(c *gin.Context) error {
				err = w.byPassword(c, a, seen, "")
				return nil
			})
			if tt.opens && (err != nil || w.sessions(a) != 1) {
				t.Errorf("a password that stands gave %v", err)
			}
			if !tt.opens && (!errors.Is(err, coop.ErrConflict) || w.sessions(a) != 0) {
				t.Errorf("got %v, and %d sessions", err, w.sessions(a))
			}
		})
	}
}

// withCodes gives a person a second factor.
func (w *world) withCodes(a *coop.Account) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.SetCodeSeed(ctx, a.ID, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"); err != nil {
			return err
		}
		_, err := tx.TakeStep(ctx, a.ID, 1, true)
		return err
	})
}

// TestAFirstSecondFactorThatCameMeanwhile: who looked before it came must show it too.
func TestAFirstSecondFactorThatCameMeanwhile(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	w.draw("en", func(c *gin.Context) error {
		still := func(context.Context, *storage.Tx) error { return nil }
		w.withCodes(a)
		if err := w.letIn(c, a, false, "", still); !errors.Is(err, coop.ErrConflict) || w.sessions(a) != 0 {
			t.Errorf("got %v, and %d sessions", err, w.sessions(a))
		}
		if err := w.letIn(c, a, true, "", still); err != nil || w.sessions(a) != 1 {
			t.Errorf("both factors gave %v", err)
		}
		return nil
	})
}

// TestASessionThatIsOverSetsUpNoSecondFactor: who was put out while the first code was on
// its way locks nobody out by it.
func TestASessionThatIsOverSetsUpNoSecondFactor(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	w.draw("en", func(c *gin.Context) error {
		w.must(w.Gate.SignIn(c, a, false, nil))
		w.must(w.Proofs.NewSeed(t.Context(), a.ID))
		seed, err := w.Store.CodeSeed(t.Context(), a.ID)
		w.must(err)
		code, err := totp.GenerateCode(seed.Seed, w.clock.Now())
		w.must(err)
		c.Request = httptest.NewRequest("POST", "https://"+host+factorsPath, strings.NewReader(url.Values{"code": {code}}.Encode()))
		c.Request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndOthers(ctx, a.ID, 0) })
		var signIn *auth.SignInError
		if err := w.confirmCodes(c, factorsView{}); !errors.As(err, &signIn) {
			t.Errorf("got %v", err)
		}
		if factors, err := w.Store.Factors(t.Context(), a.ID); err != nil || factors.Any() {
			t.Errorf("the factors are %+v, %v", factors, err)
		}
		return nil
	})
}

// TestTwoChangesOfOnePassword: of two that know the old one at the same moment one counts.
func TestTwoChangesOfOnePassword(t *testing.T) {
	w := newWorld(t)
	w.ana()
	wishes := []string{"four loose words here", "five loose words over there"}
	answers := make([]*httptest.ResponseRecorder, len(wishes))
	var both sync.WaitGroup
	for i, wish := range wishes {
		b := w.browser()
		b.signIn("ana", password, "")
		form := hidden(t, b.do(securityPath, nil).Body.String(), "current")
		form.Set("current", password)
		form.Set("password", wish)
		both.Add(1)
		go func() {
			defer both.Done()
			answers[i] = b.do(securityPath, form)
		}()
	}
	both.Wait()
	changed := 0
	for i, wish := range wishes {
		done := answers[i].Header().Get("Location") == securityPath+"?done=password"
		if works := w.browser().signIn("ana", wish, "").Code == 303; works != done {
			t.Errorf("%q: said done: %v, lets in: %v", wish, done, works)
		}
		if done {
			changed++
		}
	}
	if changed != 1 {
		t.Errorf("%d changes of one password were done", changed)
	}
}

// TestWhatASessionGrantsEndsWithIt: what is granted in a session that ended a moment ago
// is not granted.
func TestWhatASessionGrantsEndsWithIt(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	w.draw("en", func(c *gin.Context) error {
		w.must(w.Gate.SignIn(c, a, false, nil))
		stays := func() error {
			return w.Store.Write(t.Context(), func(tx *storage.Tx) error { return auth.Stays(c)(t.Context(), tx) })
		}
		w.must(stays())
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndOthers(ctx, a.ID, 0) })
		var signIn *auth.SignInError
		if err := stays(); !errors.As(err, &signIn) {
			t.Errorf("got %v", err)
		}
		return nil
	})
}
