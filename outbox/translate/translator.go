// SPDX-License-Identifier: AGPL-3.0-or-later

package translate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
)

const (
	keptFor   = 24 * time.Hour
	mostKept  = 16 << 20 // bytes of translations
	knownFor  = time.Hour
	leftAlone = 30 * time.Second // after a failure, where nothing else was said
	mostAtOne = 4                // requests at once on this node
)

// reader is the little of the store that is needed to know what everybody may read.
type reader interface {
	Post(ctx context.Context, v coop.Viewer, id coop.ID) (*coop.Post, error)
}

// Options are what a Translator is made of. All but Key are required.
type Options struct {
	Store  reader
	URL    string // of the service, without a slash at its end
	Key    string // api_key; empty: none
	Client *federation.Client
	Now    func() time.Time
	Log    *slog.Logger
}

// Translator has posts translated. A nil one translates nothing. It is safe for
// concurrent use.
type Translator struct {
	store    reader
	service  *service
	provider string
	now      func() time.Time
	log      *slog.Logger
	kept     *otter.Cache[[sha256.Size]byte, *Translation]
	atOnce   chan struct{}

	mu     sync.Mutex
	pairs  Pairs     // nil: not known
	knew   time.Time // when they were asked for
	closed time.Time // until when the service is left alone
}

// Translation is what came of it.
type Translation struct {
	Words
	Source, Target string // BCP 47; Source as the post or else the service says it, may be empty
	Provider       string // host of the service
}

// New makes a translator. Close it.
func New(o Options) (*Translator, error) {
	host, err := origin.Host(o.URL)
	if err != nil {
		return nil, fmt.Errorf("translation service %s: %w", o.URL, err)
	}
	kept, err := otter.New(&otter.Options[[sha256.Size]byte, *Translation]{
		MaximumWeight:    mostKept,
		Weigher:          func(_ [sha256.Size]byte, t *Translation) uint32 { return uint32(min(t.size()+500, mostKept)) }, //nolint:gosec // bounded
		ExpiryCalculator: otter.ExpiryWriting[[sha256.Size]byte, *Translation](keptFor),
	})
	if err != nil {
		return nil, fmt.Errorf("translations: %w", err)
	}
	return &Translator{
		store: o.Store, service: &service{client: o.Client.ForLibrary(), base: o.URL, key: o.Key, most: askTime}, provider: host,
		now: o.Now, log: o.Log, kept: kept, atOnce: make(chan struct{}, mostAtOne),
	}, nil
}

// Close ends what tidies its memory.
func (t *Translator) Close() {
	if t != nil {
		t.kept.StopAllGoroutines()
	}
}

// Provider is the host of the service.
func (t *Translator) Provider() string { return t.provider }

// May tells, without asking anybody, whether a post is likely to be translated into a
// language: whether it may be, is in another, and the service is not known to lack them.
func (t *Translator) May(p *coop.Post, target string) bool {
	if t == nil || !coop.Translatable(p) || p.Language == "" || primary(p.Language) == primary(target) {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pairs == nil {
		return true
	}
	_, _, ok := t.pairs.between(p.Language, target)
	return ok
}

// Languages are the pairs that the service translates between; they are asked for again
// after an hour. Errors: [coop.ErrTranslator].
func (t *Translator) Languages(ctx context.Context) (Pairs, error) {
	t.mu.Lock()
	pairs, fresh := t.pairs, t.now().Sub(t.knew).Abs() < knownFor
	t.mu.Unlock()
	if pairs != nil && fresh {
		return pairs, nil
	}
	err := t.exchange(ctx, func(ctx context.Context) (err error) {
		pairs, err = t.service.languages(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pairs, t.knew = pairs, t.now()
	return pairs, nil
}

// Post has words of a post translated into a language. What is asked outside counts
// first: admit may refuse it, with an error that is handed on. Errors:
// [coop.ErrUntranslatable] for a post that must not leave this server, that is too long,
// or in languages that the service lacks; [coop.ErrTranslator] where it gave no
// translation.
func (t *Translator) Post(ctx context.Context, p *coop.Post, w Words, target string, admit func() error) (*Translation, error) {
	if err := t.judge(ctx, p); err != nil {
		return nil, err
	}
	if texts := w.slots(); len(texts) == 0 || len(texts) > mostTexts || w.size() > mostSent {
		return nil, fmt.Errorf("post %s of %d texts, %d bytes: %w", p.ID, len(texts), w.size(), coop.ErrUntranslatable)
	}
	pairs, err := t.Languages(ctx)
	if err != nil {
		return nil, err
	}
	from, to, ok := pairs.between(p.Language, target)
	if !ok {
		return nil, fmt.Errorf("post %s from %q into %q: %w", p.ID, p.Language, target, coop.ErrUntranslatable)
	}
	key := w.key(from, to)
	if done, ok := t.kept.GetIfPresent(key); ok {
		return done, nil
	}
	if err := admit(); err != nil {
		return nil, err
	}
	// Who asked may go away: others may wait for the same words.
	return t.kept.Get(context.WithoutCancel(ctx), key, otter.LoaderFunc[[sha256.Size]byte, *Translation](
		func(ctx context.Context, _ [sha256.Size]byte) (*Translation, error) {
			return t.translate(ctx, w, from, to)
		},
	))
}

// judge refuses what not everybody may read: a draft that its author sees is one, and what
// moderators froze.
func (t *Translator) judge(ctx context.Context, p *coop.Post) error {
	if t == nil || !coop.Translatable(p) {
		return fmt.Errorf("post %s: %w", p.ID, coop.ErrUntranslatable)
	}
	_, err := t.store.Post(ctx, coop.Anonymous(), p.ID)
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return fmt.Errorf("post %s is not for everybody: %w", p.ID, coop.ErrUntranslatable)
	}
	return err
}

// translate asks the service.
func (t *Translator) translate(ctx context.Context, w Words, from, to string) (*Translation, error) {
	done := &Translation{Words: w.clone(), Source: from, Target: to, Provider: t.provider}
	slots := done.slots()
	texts := make([]string, len(slots))
	for i, s := range slots {
		texts[i] = s.outgoing()
	}
	err := t.exchange(ctx, func(ctx context.Context) error {
		got, detected, err := t.service.translate(ctx, from, to, texts)
		if err != nil {
			return err
		}
		if from == auto {
			done.Source = detected
		}
		for i, s := range slots {
			if err := s.takeIn(got[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// exchange asks the service something, unless it is left alone or too much is asked of it
// already. What goes wrong is logged here: the reader is told only that it did.
func (t *Translator) exchange(ctx context.Context, ask func(context.Context) error) error {
	t.mu.Lock()
	alone := t.now().Before(t.closed)
	t.mu.Unlock()
	if alone {
		return fmt.Errorf("%s is left alone: %w", t.provider, coop.ErrTranslator)
	}
	select {
	case t.atOnce <- struct{}{}:
		defer func() { <-t.atOnce }()
	default:
		return fmt.Errorf("%s is busy: %w", t.provider, coop.ErrTranslator)
	}
	err := ask(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	t.rest(err)
	t.log.WarnContext(ctx, "translation failed", "host", t.provider, "err", err)
	return fmt.Errorf("%s: %w", t.provider, coop.ErrTranslator)
}

// Try asks the service for its languages and to translate a word, now, and says how many
// pairs it has: for who looks whether it works. An error says what the service said.
func (t *Translator) Try(ctx context.Context) (pairs int, err error) {
	known, err := t.service.languages(ctx)
	if err != nil {
		return 0, err
	}
	from, to := "", ""
	for one, targets := range known {
		pairs += len(targets)
		if len(targets) > 0 && (from == "" || one < from) {
			from, to = one, targets[0]
		}
	}
	if pairs == 0 {
		return 0, errors.New("no languages")
	}
	_, _, err = t.service.translate(ctx, from, to, []string{"minga"})
	return pairs, err
}

// rest leaves the service alone after a failure, unless that was about one text only.
func (t *Translator) rest(err error) {
	after := leftAlone
	var said *refusal
	switch {
	case errors.Is(err, errAnswer), errors.As(err, &said) && said.status == 400:
		return
	case said != nil && said.after > 0:
		after = said.after
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.now().Add(after)
}
