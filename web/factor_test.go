// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

func TestAPasskeyAloneIsBothFactors(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		elsewhere := h.fresh()
		elsewhere.signIn("ana", "/sign-in")
		account, _ := h.store.AccountByHandle(h.Context(), "ana", "")
		token := h.token(account, "read")

		ch := ana.begin(factors, factors+"/passkey")
		if p := ch.PublicKey; p.RP.ID != "coop.example" || p.Selection.Verification != "required" || p.Selection.Resident != "required" {
			h.Errorf("a new passkey is asked for with %+v", p)
		}
		key, second := newKey(h.T), newKey(h.T)
		before := ana.cookies["__Host-minga-session"]
		w := ana.addKey(key, "phone <b>")
		if w.Code != http.StatusOK || strings.Count(w.Body.String(), "<li><code>") != coop.RecoveryCodes {
			h.Fatalf("the first passkey answers %d: %s", w.Code, w.Body)
		}
		if ana.cookies["__Host-minga-session"] == before {
			h.Error("the session goes on under the cookie of before")
		}
		if elsewhere.in() || h.ask("GET", "/api/v1/minga/follows", token, "").Code != http.StatusUnauthorized {
			h.Error("what was let in before is in still")
		}
		if w := ana.addKey(second, "work"); w.Code != http.StatusSeeOther {
			h.Errorf("a second passkey answers %d", w.Code)
		}
		page := ana.open(factors, nil).Body.String()
		if !strings.Contains(page, "phone &lt;b&gt;") || !strings.Contains(page, ">work<") {
			h.Error("the names are not shown")
		}

		other := h.fresh()
		if p := other.begin("/sign-in", "/sign-in/passkey/begin").PublicKey; p.RPID != "coop.example" || p.Verification != "required" || len(p.Allow) != 0 {
			h.Errorf("keys are asked with %+v", p)
		}
		for _, k := range []*softKey{key, second} {
			who := h.fresh()
			if w := who.byKey(k, "/about"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/about" || !who.in() {
				h.Errorf("a passkey answers %d %s", w.Code, w.Header().Get("Location"))
			}
			if who.open(factors, nil).Code != http.StatusOK {
				h.Error("the session of a passkey is not fresh and strong")
			}
		}

		if w := ana.send(factors, factors, "act", "passkey-end", "id", ana.found(passkeyRow, page)); w.Code != http.StatusSeeOther {
			h.Errorf("removing answers %d: %s", w.Code, w.Body)
		}
		if h.fresh().byKey(key, "").Code != http.StatusUnprocessableEntity || h.fresh().byKey(second, "").Code != http.StatusSeeOther {
			h.Error("the wrong passkey is gone")
		}
	})
}

func TestPasskeysThatProveNothing(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana, bob := h.surfer("ana"), h.surfer("bob")
		ana.signIn("ana", "/sign-in")
		bob.signIn("bob", "/sign-in")
		for _, tt := range []struct {
			name  string
			spoil func(k *softKey)
		}{
			{"of another origin", func(k *softKey) { k.origin = "https://evil.example" }},
			{"of another port", func(k *softKey) { k.origin = "https://coop.example:8443" }},
			{"of another name", func(k *softKey) { k.rp = "evil.example" }},
			{"without verification of the user", func(k *softKey) { k.flags = userPresent }},
			{"without a user", func(k *softKey) { k.flags = userVerified }},
		} {
			key := newKey(h.T)
			tt.spoil(key)
			if w := ana.addKey(key, tt.name); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("a new passkey %s answers %d", tt.name, w.Code)
			}
		}
		key := newKey(h.T)
		if ana.addKey(key, "good").Code != http.StatusOK {
			h.Fatal("the good one was refused")
		}
		stolen := *key
		if w := bob.addKey(&stolen, "the same"); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("somebody else's passkey answers %d", w.Code)
		}
		for _, tt := range []struct {
			name  string
			spoil func(k *softKey)
		}{
			{"of another origin", func(k *softKey) { k.origin = "https://evil.example" }},
			{"of another name", func(k *softKey) { k.rp = "evil.example" }},
			{"without verification of the user", func(k *softKey) { k.flags = userPresent }},
			{"by another key", func(k *softKey) { k.key = newKey(h.T).key }},
			{"of nobody", func(k *softKey) { k.id = []byte("nobody has this") }},
			{"with another's handle", func(k *softKey) { k.handle = []byte("another handle of 32 bytes......") }},
			{"without a handle", func(k *softKey) { k.handle = nil }},
		} {
			spoilt, who := *key, h.fresh()
			tt.spoil(&spoilt)
			if w := who.byKey(&spoilt, ""); w.Code != http.StatusUnprocessableEntity || who.in() {
				h.Errorf("a passkey %s answers %d", tt.name, w.Code)
			}
		}
		who := h.fresh()
		ch := who.begin("/sign-in", "/sign-in/passkey/begin")
		answer := key.sign(ch)
		for _, bad := range []string{"", "{", "[]", `{"id":1}`, strings.Repeat("x", 13000), answer[:len(answer)-5], strings.Replace(answer, "signature", "sign", 1)} {
			one := h.fresh().begin("/sign-in", "/sign-in/passkey/begin")
			if w := who.send("/sign-in", "/sign-in/passkey", "ceremony", one.Ceremony, "credential", bad); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("%.20q answers %d", bad, w.Code)
			}
			own := who.begin("/sign-in", "/sign-in/passkey/begin")
			if w := who.send("/sign-in", "/sign-in/passkey", "ceremony", own.Ceremony, "credential", bad); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("%.20q answers %d", bad, w.Code)
			}
		}
		thief := h.fresh()
		if w := thief.send("/sign-in", "/sign-in/passkey", "ceremony", ch.Ceremony, "credential", answer); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("another browser's challenge answers %d", w.Code)
		}
		if w := who.send("/sign-in", "/sign-in/passkey", "ceremony", ch.Ceremony, "credential", answer); w.Code != http.StatusSeeOther {
			h.Errorf("the right one answers %d", w.Code)
		}
		who.send("/settings/security", "/sign-out")
		if w := who.send("/sign-in", "/sign-in/passkey", "ceremony", ch.Ceremony, "credential", answer); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("the same again answers %d", w.Code)
		}
	})
}

func TestACopiedPasskeyLetsNobodyIn(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		key := newKey(h.T)
		ana.addKey(key, "phone")
		h.fresh().byKey(key, "")
		copied := *key
		h.fresh().byKey(key, "")
		if w := h.fresh().byKey(&copied, ""); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "copied") {
			h.Errorf("the copy answers %d", w.Code)
		}
		if w := h.fresh().byKey(key, ""); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("the other answers %d after that", w.Code)
		}
		if !strings.Contains(ana.open(factors, nil).Body.String(), "seems to have been copied") {
			h.Error("the person does not see it")
		}
	})
}

func TestCodesAreTheSecondStep(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		ana.send(factors, factors, "act", "codes-begin")
		if w := ana.send(factors, factors, "act", "codes", "code", "000000"); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("a wrong first code answers %d", w.Code)
		}
		one := h.fresh()
		if w := one.signIn("ana", "/sign-in"); w.Header().Get("Location") == "/sign-in/second" {
			h.Error("a seed that is not confirmed counts")
		}
		seed, _ := ana.setUpCodes(clock)
		if one.in() {
			h.Error("another browser is in still")
		}
		app := h.app(back, "read write")
		who := h.fresh()
		to := who.open(authorizeAt(app, back), nil).Header().Get("Location")
		if w := who.signIn("ana", to); w.Header().Get("Location") != "/sign-in/second" {
			h.Fatalf("a password alone leads to %d %s", w.Code, w.Header().Get("Location"))
		}
		if who.in() {
			h.Fatal("a password alone is in")
		}
		page := who.open("/sign-in/second", nil)
		if !strings.Contains(page.Header().Get("Content-Security-Policy"), "form-action 'self' https://elk.example") {
			h.Error("the form may not lead on to the app")
		}
		now := clock.Now()
		for _, bad := range []string{"", "000000", "12345", "abcdef", codeAt(h.T, seed, now.Add(-time.Minute)), codeAt(h.T, seed, now.Add(time.Minute)), strings.Repeat("9", 60)} {
			if w := who.send("/sign-in/second", "/sign-in/second", "code", bad); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("%q answers %d", bad, w.Code)
			}
		}
		code := codeAt(h.T, seed, now.Add(30*time.Second))
		in := who.send("/sign-in/second", "/sign-in/second", "code", code[:3]+" "+code[3:])
		if !strings.HasPrefix(in.Header().Get("Location"), "/oauth/authorize?") {
			h.Fatalf("the code leads to %d %s", in.Code, in.Header().Get("Location"))
		}
		h.codeOf(who.decide(in.Header().Get("Location"), "allow"), back)
		again := h.fresh()
		again.signIn("ana", "/sign-in")
		for _, old := range []string{code, codeAt(h.T, seed, now), codeAt(h.T, seed, now.Add(-30*time.Second))} {
			if w := again.send("/sign-in/second", "/sign-in/second", "code", old); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("a code that was used, or one before it, answers %d", w.Code)
			}
		}
		if w := h.fresh().open("/sign-in/second", nil); w.Header().Get("Location") != "/sign-in" {
			h.Errorf("without a password: %d", w.Code)
		}
		clock.Advance(10 * time.Minute)
		if w := again.open("/sign-in/second", nil); w.Header().Get("Location") != "/sign-in" {
			h.Errorf("after ten minutes: %d", w.Code)
		}
	})
}

func TestACodeOnTwoNodesAtOnce(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		seed, paper := ana.setUpCodes(clock)
		nodes := []*house{h, newHouseOn(h.T, h.store, func(o *Options) { o.RateLimit, o.Now = false, clock.Now })}
		for _, code := range []string{codeAt(h.T, seed, clock.Now()), paper[0]} {
			var forms []func() *httptest.ResponseRecorder
			for i := range 6 {
				who := nodes[i%2].fresh()
				who.signIn("ana", "/sign-in")
				token := who.found(formToken, nodes[(i+1)%2].asking(who, "/sign-in/second"))
				forms = append(forms, func() *httptest.ResponseRecorder {
					return who.open("/sign-in/second", url.Values{auth.FormField: {token}, "code": {code}})
				})
			}
			answers := make([]int, len(forms))
			var all sync.WaitGroup
			for i, send := range forms {
				all.Go(func() { answers[i] = send().Code })
			}
			all.Wait()
			in := 0
			for _, status := range answers {
				if status == http.StatusSeeOther {
					in++
				} else if status != http.StatusUnprocessableEntity && status != http.StatusTooManyRequests {
					h.Errorf("answered %d", status)
				}
			}
			if in != 1 {
				h.Errorf("%d got in by one code: %v", in, answers)
			}
		}
	})
}

// asking is a page of this node for a browser that began at another.
func (h *house) asking(s *surfer, path string) string {
	there := &surfer{h, s.cookies}
	return there.open(path, nil).Body.String()
}

func TestManyWrongCodesPause(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		seed, paper := ana.setUpCodes(clock)
		ana.addKey(newKey(h.T), "phone")
		try := func(code string) int {
			who := h.fresh()
			who.signIn("ana", "/sign-in")
			return who.send("/sign-in/second", "/sign-in/second", "code", code).Code
		}
		for i := range coop.MostWrongCodes {
			if status := try("000000"); status != http.StatusUnprocessableEntity {
				h.Errorf("wrong code %d answers %d", i+1, status)
			}
		}
		if status := try(codeAt(h.T, seed, clock.Now())); status != http.StatusTooManyRequests {
			h.Errorf("in the pause the right code answers %d", status)
		}
		if status := try(paper[0]); status != http.StatusTooManyRequests {
			h.Errorf("in the pause a code on paper answers %d", status)
		}
		clock.Advance(coop.CodePause(0))
		if status := try(codeAt(h.T, seed, clock.Now())); status != http.StatusSeeOther {
			h.Errorf("after the pause the right code answers %d", status)
		}
	})
}

func TestCodesOnPaper(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		_, paper := ana.setUpCodes(clock)
		who := h.fresh()
		who.signIn("ana", "/sign-in")
		if w := who.send("/sign-in/second", "/sign-in/second", "code", strings.ToLower(strings.ReplaceAll(paper[0], "-", " "))); w.Code != http.StatusSeeOther || !who.in() {
			h.Errorf("a code on paper answers %d", w.Code)
		}
		again := h.fresh()
		again.signIn("ana", "/sign-in")
		if w := again.send("/sign-in/second", "/sign-in/second", "code", paper[0]); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("the same again answers %d", w.Code)
		}
		if page := who.open(factors, nil).Body.String(); !strings.Contains(page, "Codes left: 9.") || strings.Contains(page, paper[1]) {
			h.Error("what is left is not told, or codes are shown again")
		}
		w := who.send(factors, factors, "act", "paper")
		if w.Code != http.StatusOK || len(shownPaper.FindAllString(w.Body.String(), -1)) != coop.RecoveryCodes {
			h.Errorf("new codes answer %d", w.Code)
		}
		if w := again.signIn("ana", "/sign-in"); w.Header().Get("Location") != "/sign-in/second" {
			h.Fatalf("signing in leads to %s", w.Header().Get("Location"))
		}
		if w := again.send("/sign-in/second", "/sign-in/second", "code", paper[1]); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("a code of before answers %d", w.Code)
		}
		if w := who.send(factors, factors, "act", "codes-end"); w.Code != http.StatusSeeOther {
			h.Errorf("switching off answers %d", w.Code)
		}
		if w := again.signIn("ana", "/sign-in"); w.Header().Get("Location") == "/sign-in/second" || !again.in() {
			h.Error("a second factor is asked for that is none")
		}
	})
}

func TestTheSecretOfCodesLiesSealed(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana, bob := h.surfer("ana"), h.person("bob")
		ana.signIn("ana", "/sign-in")
		seed, _ := ana.setUpCodes(clock)
		account, _ := h.store.AccountByHandle(h.Context(), "ana", "")
		kept, err := h.store.CodeSeed(h.Context(), account.ID)
		if err != nil || kept.Seed != seed {
			h.Fatalf("%v", err)
		}
		sealed, err := h.store.Seal(t.Context(), "code_seeds:"+account.ID.String(), []byte(seed))
		if err != nil || strings.Contains(string(sealed), seed) {
			h.Fatal("a seed can be read")
		}
		if _, err := h.store.Unseal("code_seeds:"+bob.ID.String(), sealed); err == nil {
			h.Error("a seed opens in somebody else's row")
		}
	})
}

func TestTheStaffNeedsASecondFactor(t *testing.T) {
	eachHouseAt(t, func(o *Options) { o.StaffFactors = true }, func(h *house, clock *storagetest.Clock) {
		ana, bob := h.surfer("ana"), h.surfer("bob")
		for _, rank := range []coop.Rank{coop.RankModerator, coop.RankAdmin, coop.RankOwner} {
			account, _ := h.store.AccountByHandle(h.Context(), "ana", "")
			account.Rank = rank
			if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(h.Context(), account) }); err != nil {
				h.Fatal(err)
			}
			ana.signIn("ana", "/sign-in")
			app := h.app(back, "read")
			for _, path := range []string{"/settings/security", authorizeAt(app, back)} {
				if w := ana.open(path, nil); !strings.HasPrefix(w.Header().Get("Location"), factors+"?next=") {
					h.Errorf("%s: %s answers %d %s", rank, path, w.Code, w.Header().Get("Location"))
				}
			}
		}
		bob.signIn("bob", "/sign-in")
		if !bob.in() {
			h.Error("a member is asked for a second factor")
		}
		page := ana.open(factors+"?next=%2Fabout", nil)
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "before you go on") {
			h.Fatalf("the page answers %d", page.Code)
		}
		seed, _ := ana.setUpCodes(clock)
		if !ana.in() {
			h.Error("with a second factor they are not in")
		}
		who := h.fresh()
		who.signIn("ana", "/sign-in")
		who.send("/sign-in/second", "/sign-in/second", "code", codeAt(h.T, seed, clock.Now()))
		if !who.in() {
			h.Error("with a code they are not in")
		}
		who.send(factors, factors, "act", "codes-end")
		if who.in() {
			h.Error("without the last factor they are in")
		}
	})
}

func TestConfirmingByACode(t *testing.T) {
	eachHouseAt(t, nil, func(h *house, clock *storagetest.Clock) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		seed, _ := ana.setUpCodes(clock)
		key, other := newKey(h.T), newKey(h.T)
		ana.addKey(key, "phone")
		bob := h.surfer("bob")
		bob.signIn("bob", "/sign-in")
		bob.addKey(other, "his")
		prove := func(pairs ...string) (int, string) {
			w := ana.send("/settings/confirm?next="+url.QueryEscape(factors), "/settings/confirm", append([]string{"next", factors}, pairs...)...)
			return w.Code, w.Header().Get("Location")
		}
		clock.Advance(coop.ProofLife)
		if w := ana.open(factors, nil); w.Header().Get("Location") != "/settings/confirm?next="+url.QueryEscape(factors) {
			h.Fatalf("without a fresh proof: %d %s", w.Code, w.Header().Get("Location"))
		}
		code := codeAt(h.T, seed, clock.Now())
		if status, to := prove("code", code); status != http.StatusSeeOther || to != factors {
			h.Errorf("a code leads to %d %s", status, to)
		}
		if status, _ := prove("code", code); status != http.StatusUnprocessableEntity {
			h.Errorf("the same again answers %d", status)
		}
		for k, want := range map[*softKey]int{key: http.StatusSeeOther, other: http.StatusUnprocessableEntity} {
			ch := ana.begin("/settings/confirm", "/sign-in/passkey/begin")
			if status, _ := prove("ceremony", ch.Ceremony, "credential", k.sign(ch)); status != want {
				h.Errorf("a passkey answers %d, want %d", status, want)
			}
		}
		clock.Advance(coop.ProofLife)
		if w := ana.open(factors, nil); w.Code != http.StatusSeeOther {
			h.Errorf("a quarter of an hour later: %d", w.Code)
		}
	})
}
