// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/outbox/translate/translatetest"
)

// open is a translator before a service of the test. What the shelf names is not for
// everybody.
func open(t *testing.T) (*Translator, *translatetest.Service, shelf, *hand) {
	t.Helper()
	service, hidden, clock := translatetest.Open(t), shelf{}, &hand{at: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)}
	u, err := url.Parse(service.URL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := federation.New(federation.Options{Dev: true, Now: time.Now, Trusted: []string{u.Host}, Hosts: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	tr, err := New(Options{Store: hidden, URL: service.URL, Key: service.Key, Client: client, Now: clock.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr, service, hidden, clock
}

// hand is a clock that is moved.
type hand struct {
	mu sync.Mutex
	at time.Time
}

func (h *hand) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hand) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// shelf has what not everybody may read.
type shelf map[coop.ID]bool

// Post is what the store answers to anybody.
func (s shelf) Post(_ context.Context, v coop.Viewer, id coop.ID) (*coop.Post, error) {
	if v != coop.Anonymous() || s[id] {
		return nil, coop.ErrNotFound
	}
	return &coop.Post{ID: id}, nil
}

// free admits everybody.
func free() error { return nil }

// bread is a post with everything.
func bread() *coop.Post {
	return &coop.Post{
		ID: 7, Kind: coop.KindQuestion, Visibility: coop.VisiblePublic, Language: "es-AR", Summary: "Comida <rica>",
		Content: `<p>Pan de <span class="h-card" translate="no"><a href="https://sur.example/@ana" class="u-url mention">@<span>ana</span></a></span>, <a href="https://pan.example/receta">la receta</a> en <a href="https://pan.example/largo">https://pan.example/largo</a> <a href="https://sur.example/tags/pan" class="mention hashtag" rel="tag">#<span>pan</span></a></p>`,
		Poll:    &coop.Poll{Options: []coop.PollOption{{Title: "Sí"}, {Title: "No"}}}, Attachments: []coop.Attachment{{Alt: "Un pan\nredondo"}, {Alt: ""}},
	}
}

func TestAPostIsTranslated(t *testing.T) {
	tr, service, _, _ := open(t)
	p := bread()
	done, err := tr.Post(t.Context(), p, Of(p), "en", free)
	if err != nil {
		t.Fatal(err)
	}
	if done.Source != "es" || done.Target != "en" || done.Provider != strings.TrimPrefix(service.URL, "http://") {
		t.Errorf("from %q into %q by %q", done.Source, done.Target, done.Provider)
	}
	if done.Summary != "en:COMIDA <RICA>" || strings.Join(done.Options, ",") != "en:SÍ,en:NO" || done.Alts[0] != "en:UN PAN\nen:REDONDO" || done.Alts[1] != "" {
		t.Errorf("plain text: %q %q %q", done.Summary, done.Options, done.Alts)
	}
	for _, want := range []string{
		"en:PAN DE ", `<a href="https://sur.example/@ana" class="u-url mention" rel="nofollow noopener ugc">@<span>ana</span></a>`,
		`<a href="https://pan.example/receta" rel="nofollow noopener ugc">en:LA RECETA</a>`,
		`<a href="https://pan.example/largo" rel="nofollow noopener ugc">https://pan.example/largo</a>`, `#<span>pan</span></a>`,
	} {
		if !strings.Contains(done.Parts[0], want) {
			t.Errorf("no %s in %s", want, done.Parts[0])
		}
	}
	asked := service.Asked()
	if len(asked) != 1 || asked[0].Source != "es" || asked[0].Target != "en" || asked[0].Key != "geheim" || len(asked[0].Texts) != 5 {
		t.Fatalf("asked %+v", asked)
	}
	for _, header := range []string{"Cookie", "Authorization", "X-Forwarded-For", "Referer", "Accept-Language"} {
		if asked[0].Header.Get(header) != "" {
			t.Errorf("%s leaves the house", header)
		}
	}
	for member := range strings.SplitSeq(`"id" "author" "uri" "url" "account"`, " ") {
		if strings.Contains(asked[0].Body, member) {
			t.Errorf("%s leaves the house: %s", member, asked[0].Body)
		}
	}
}

// TestWhatStaysInside: nothing that not everybody may read gets as far as a request, not
// even one for the languages.
func TestWhatStaysInside(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(p *coop.Post, hidden shelf)
	}{
		{"followers", func(p *coop.Post, _ shelf) { p.Visibility = coop.VisibleFollowers }},
		{"direct", func(p *coop.Post, _ shelf) { p.Visibility = coop.VisibleDirect }},
		{"members", func(p *coop.Post, _ shelf) { p.Visibility = coop.VisibleMembers }},
		{"local", func(p *coop.Post, _ shelf) { p.Visibility = coop.VisibleLocal }},
		{"no audience", func(p *coop.Post, _ shelf) { p.Visibility = "" }},
		{"withdrawn", func(p *coop.Post, _ shelf) { p.Deleted = time.Unix(1, 0) }},
		{"a draft, or frozen", func(p *coop.Post, hidden shelf) { hidden[p.ID] = true }},
		{"no reuse", func(p *coop.Post, _ shelf) { p.Article = &coop.Article{License: coop.NoReuse} }},
		{"licence not stated", func(p *coop.Post, _ shelf) { p.Article = &coop.Article{} }},
		{"no derivatives", func(p *coop.Post, _ shelf) {
			p.Article = &coop.Article{License: "https://creativecommons.org/licenses/by-nd/4.0/"}
		}},
		{"too long", func(p *coop.Post, _ shelf) { p.Content = strings.Repeat("a", mostSent+1) }},
		{"nothing to translate", func(p *coop.Post, _ shelf) { *p = coop.Post{ID: 7, Visibility: coop.VisiblePublic, Language: "es"} }},
		{"too many files", func(p *coop.Post, _ shelf) {
			p.Attachments = make([]coop.Attachment, mostTexts+1)
			for i := range p.Attachments {
				p.Attachments[i].Alt = "x"
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr, service, hidden, _ := open(t)
			p := bread()
			tt.change(p, hidden)
			if _, err := tr.Post(t.Context(), p, Of(p), "en", free); !errors.Is(err, coop.ErrUntranslatable) || !errors.Is(err, coop.ErrForbidden) {
				t.Errorf("says %v", err)
			}
			if n := service.Listed(); n != 0 || len(service.Asked()) != 0 {
				t.Error("the service was asked")
			}
		})
	}
	if _, err := (*Translator)(nil).Post(t.Context(), bread(), Words{}, "en", free); !errors.Is(err, coop.ErrUntranslatable) {
		t.Errorf("without a service: %v", err)
	}
}

func TestLanguages(t *testing.T) {
	pairs := Pairs{"es": {"en", "pt-BR"}, "en": {"es", "zh-Hans"}, "pt-BR": {"en"}}
	for _, tt := range []struct{ name, source, target, from, to string }{
		{"as they are", "es", "en", "es", "en"},
		{"a region that the service lacks", "es-AR", "en-GB", "es", "en"},
		{"a kind of it", "es", "pt", "es", "pt-BR"},
		{"from a kind of it", "pt", "en", "pt-BR", "en"},
		{"whatever the case", "EN", "zh-hans", "en", "zh-Hans"},
		{"unknown to us", "", "es", "auto", "es"},
		{"the same", "es", "es-MX", "", ""},
		{"unknown source", "fr", "en", "", ""},
		{"unknown target", "es", "fr", "", ""},
		{"no target", "es", "", "", ""},
		{"nothing known", "", "fr", "", ""},
	} {
		if from, to, ok := pairs.between(tt.source, tt.target); from != tt.from || to != tt.to || ok != (tt.to != "") {
			t.Errorf("%s: %q %q %v", tt.name, from, to, ok)
		}
	}
}

// TestTheSameWordsAreSentOnce: for a day, by whoever; a changed post again.
func TestTheSameWordsAreSentOnce(t *testing.T) {
	tr, service, hidden, _ := open(t)
	counted := 0
	count := func() error { counted++; return nil }
	p := bread()
	ask := func(target string) *Translation {
		t.Helper()
		done, err := tr.Post(t.Context(), p, Of(p), target, count)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	first := ask("en")
	if ask("en") != first || ask("en-GB") != first || len(service.Asked()) != 1 || counted != 1 {
		t.Errorf("counted %d", counted)
	}
	p.Poll.Options[1].Title = "Nunca"
	if done := ask("en"); done.Options[1] != "en:NUNCA" || first.Options[1] != "en:NO" {
		t.Errorf("a changed answer: %q, before %q", done.Options, first.Options)
	}
	p.Language = ""
	if done := ask("es"); done.Source != "es" || done.Target != "es" {
		t.Errorf("found out: %q", done.Source)
	}
	if counted != 3 || service.Listed() != 1 {
		t.Errorf("counted %d, languages asked for %d times", counted, service.Listed())
	}
	hidden[p.ID] = true
	if _, err := tr.Post(t.Context(), p, Of(p), "es", free); !errors.Is(err, coop.ErrUntranslatable) {
		t.Errorf("hidden since: %v", err)
	}
	over := &coop.BusyError{Limit: true}
	delete(hidden, p.ID)
	p.Content = "<p>Otra</p>"
	service.Asked()
	if _, err := tr.Post(t.Context(), p, Of(p), "en", func() error { return over }); !errors.Is(err, over) || len(service.Asked()) != 0 {
		t.Errorf("over the limit: %v", err)
	}
}

// TestManyReadersOneRequest: who asks for the same at the same time waits for the same.
func TestManyReadersOneRequest(t *testing.T) {
	tr, service, _, _ := open(t)
	p := bread()
	if _, err := tr.Languages(t.Context()); err != nil {
		t.Fatal(err)
	}
	hold := make(chan struct{})
	service.Behave(translatetest.Manner{Hold: hold})
	gone, leave := context.WithCancel(t.Context())
	var ready, all sync.WaitGroup
	for range 8 {
		ready.Add(1)
		all.Go(func() {
			if _, err := tr.Post(gone, p, Of(p), "en", func() error { ready.Done(); return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	ready.Wait()
	leave() // who asked first went away; the others get it all the same
	close(hold)
	all.Wait()
	if n := len(service.Asked()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestAForeignAnswer: what comes back is bounded and cleaned, and leads nowhere else.
func TestAForeignAnswer(t *testing.T) {
	twist := func(f func(string) string) translatetest.Manner { return translatetest.Manner{Twist: f} }
	always := func(text string) func(string) string { return func(string) string { return text } }
	for _, tt := range []struct {
		name    string
		manner  translatetest.Manner
		want    string // of the text; empty: no translation
		without string
	}{
		{"a script", twist(always(`<p onclick="x()">Bread<script>alert(1)</script><img src="https://spy.example/x.gif"></p>`)), "<p>Bread", "spy.example"},
		{"another target", twist(func(s string) string {
			return strings.ReplaceAll(s, "https://pan.example/receta", "https://evil.example/")
		}), "la receta", "evil.example"},
		{"a mention of somebody else", twist(func(s string) string { return strings.ReplaceAll(s, "<span>ana</span>", "<span>eva</span>") }), "@<span>ana</span>", "eva"},
		{"no links any more", twist(always("<p>Bread</p>")), `<a href="https://sur.example/@ana" class="u-url mention" rel="nofollow noopener ugc">@<span>ana</span></a> <a href="https://pan.example/receta"`, ""},
		{"the same link ten times", twist(always(strings.Repeat(`<a href="https://pan.example/receta">here</a> `, 10))), `here here here`, ""},
		{"empty", twist(always(" ")), "", ""},
		{"tags alone", twist(always("<p></p>")), "", ""},
		{"far too long", twist(always("<p>" + strings.Repeat("bread ", 5000) + "</p>")), "", ""},
		{"endless", translatetest.Manner{Body: `{"translatedText":["` + strings.Repeat("a", 2<<20) + `"]}`}, "", ""},
		{"fewer", translatetest.Manner{Number: func(s []string) []string { return s[:0] }}, "", ""},
		{"more", translatetest.Manner{Number: func(s []string) []string { return append(s, "x") }}, "", ""},
		{"no list", translatetest.Manner{Body: `{"translatedText":"bread"}`}, "", ""},
		{"no JSON", translatetest.Manner{Body: `<html>`}, "", ""},
		{"deep", translatetest.Manner{Body: strings.Repeat("[", 20_000)}, "", ""},
		{"a redirect", translatetest.Manner{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"/elsewhere"}}}, "", ""},
		{"broken", translatetest.Manner{Status: http.StatusInternalServerError}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr, service, _, _ := open(t)
			service.Behave(tt.manner)
			p := bread()
			done, err := tr.Post(t.Context(), p, Words{Parts: []string{p.Content}}, "en", free)
			if tt.want == "" {
				if !errors.Is(err, coop.ErrTranslator) || !errors.Is(err, coop.ErrUnavailable) {
					t.Errorf("says %v, %+v", err, done)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := done.Parts[0]
			if !strings.Contains(got, tt.want) || tt.without != "" && strings.Contains(got, tt.without) {
				t.Errorf("got %s", got)
			}
			if strings.Count(got, `href="https://pan.example/receta"`) > 1 || !strings.Contains(got, `href="https://sur.example/@ana"`) {
				t.Errorf("links: %s", got)
			}
		})
	}
}

// TestForeignLanguages: a list of languages is bounded and holds tags alone.
func TestForeignLanguages(t *testing.T) {
	tr, service, _, clock := open(t)
	service.Behave(translatetest.Manner{Languages: `[{"code":"es","targets":["en","<b>","es"]},{"code":"\"x","targets":["en"]},{"code":"it"}]`})
	pairs, err := tr.Languages(t.Context())
	if err != nil || len(pairs) != 2 || strings.Join(pairs["es"], " ") != "en" || strings.Join(pairs["it"], " ") != "es" {
		t.Errorf("%v %v", pairs, err)
	}
	service.Behave(translatetest.Manner{Languages: "[" + strings.Repeat(`{"code":"es"},`, mostLanguages) + `{"code":"en"}]`})
	clock.move(knownFor)
	if _, err := tr.Languages(t.Context()); !errors.Is(err, coop.ErrTranslator) {
		t.Errorf("too many: %v", err)
	}
}

// TestAServiceThatFailsIsLeftAlone: nobody waits for it in vain twice; a text that it
// refuses is no reason.
func TestAServiceThatFailsIsLeftAlone(t *testing.T) {
	tr, service, _, clock := open(t)
	p := bread()
	ask := func() error { _, err := tr.Post(t.Context(), p, Of(p), "en", free); return err }
	tr.service.most = 50 * time.Millisecond
	hold := make(chan struct{})
	service.Behave(translatetest.Manner{Hold: hold})
	began := time.Now()
	if err := ask(); !errors.Is(err, coop.ErrTranslator) || time.Since(began) > 5*time.Second {
		t.Errorf("silent for %s: %v", time.Since(began), err)
	}
	close(hold)
	tr.service.most = askTime
	service.Behave(translatetest.Manner{})
	service.Asked()
	if err := ask(); !errors.Is(err, coop.ErrTranslator) || len(service.Asked()) != 0 {
		t.Errorf("left alone: %v", err)
	}
	clock.move(leftAlone)
	if err := ask(); err != nil {
		t.Errorf("after a while: %v", err)
	}
	p.Content = "<p>Otra</p>"
	service.Asked()
	service.Behave(translatetest.Manner{Status: http.StatusBadRequest})
	_, again := ask(), service.Asked()
	if err := ask(); !errors.Is(err, coop.ErrTranslator) || len(service.Asked()) != 1 || len(again) != 1 {
		t.Errorf("a text that it refuses: %v", err)
	}
	service.Behave(translatetest.Manner{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"600"}}})
	_ = ask()
	clock.move(9 * time.Minute)
	service.Behave(translatetest.Manner{})
	if err := ask(); !errors.Is(err, coop.ErrTranslator) {
		t.Errorf("it said ten minutes: %v", err)
	}
	clock.move(time.Minute)
	if err := ask(); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}

func TestTry(t *testing.T) {
	tr, service, _, _ := open(t)
	if pairs, err := tr.Try(t.Context()); err != nil || pairs != 4 {
		t.Errorf("%d pairs, %v", pairs, err)
	}
	service.Key = "another"
	if _, err := tr.Try(t.Context()); err == nil || !strings.Contains(err.Error(), "403 Invalid API key") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("a wrong key: %v", err)
	}
}
