// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// files is a store with two people who own files.
type files struct {
	*testing.T
	ctx      context.Context //nolint:containedctx // lives as long as one test
	store    *storage.Store
	ana, eva *coop.Account
	made     int
}

// eachFiles runs a test on every engine.
func eachFiles(t *testing.T, test func(f *files, clock *storagetest.Clock)) {
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		f := &files{T: t, ctx: t.Context(), store: s}
		f.ana, f.eva = f.person("ana"), f.person("eva")
		test(f, clock)
	})
}

func (f *files) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *files) write(do func(tx *storage.Tx) error) error { return f.store.Write(f.ctx, do) }

func (f *files) person(name string) *coop.Account {
	f.Helper()
	a := &coop.Account{IRI: coop.IRI("https://coop.example/people/" + name), Kind: coop.Person, ActorType: "Person", Name: name, Local: true}
	f.must(f.write(func(tx *storage.Tx) error { return tx.AddAccount(f.ctx, a, nil) }))
	return a
}

// file adds a file of 100 bytes with a small picture of 10.
func (f *files) file(owner *coop.Account, class coop.MediaClass) *coop.Media {
	f.Helper()
	f.made++
	name := fmt.Sprintf("%032x.jpg", f.made)
	m := &coop.Media{
		OwnerID: owner.ID, Class: class, Kind: coop.MediaImage, MediaType: "image/jpeg", Name: name, Bytes: 100, Width: 30, Height: 20,
		URL: "https://coop.example/media/" + name, Preview: "f" + name[1:], PreviewBytes: 10, PreviewWidth: 3, PreviewHeight: 2,
		PreviewURL: "https://coop.example/media/f" + name[1:], Blurhash: "L00000", Alt: "Una foto", Focus: coop.Focus{X: 0.25, Y: -1},
	}
	f.must(f.write(func(tx *storage.Tx) error { return tx.AddMedia(f.ctx, m, storage.MediaQuota{}) }))
	return m
}

// post adds a post of an account.
func (f *files) post(author *coop.Account, v coop.Visibility) *coop.Post {
	f.Helper()
	f.made++
	p := &coop.Post{IRI: coop.IRI(fmt.Sprintf("%s/notes/%d", author.IRI, f.made)), AuthorID: author.ID, Kind: coop.KindNote, Type: "Note", Visibility: v}
	f.must(f.write(func(tx *storage.Tx) error { _, err := tx.AddPost(f.ctx, p, storage.Arrival{}); return err }))
	return p
}

func (f *files) attach(owner *coop.Account, p *coop.Post, list ...*coop.Media) (got []coop.Attachment, err error) {
	ids := make([]coop.ID, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	err = f.write(func(tx *storage.Tx) error {
		got, err = tx.AttachMedia(f.ctx, owner.ID, ids, p.ID)
		return err
	})
	return got, err
}

// served tells how a file is served: its post's visibility, "loose", or "no".
func (f *files) served(m *coop.Media) string {
	f.Helper()
	got := make([]string, 0, 2)
	for _, name := range []string{m.Name, m.Preview} {
		s, err := f.store.MediaByName(f.ctx, name)
		switch {
		case errors.Is(err, coop.ErrNotFound):
			got = append(got, "no")
		case err != nil:
			f.Fatal(err)
		case s.Visibility == "":
			got = append(got, "loose")
		default:
			got = append(got, string(s.Visibility))
		}
	}
	if got[0] != got[1] {
		f.Errorf("the whole is served as %s and the small one as %s", got[0], got[1])
	}
	return got[0]
}

func TestMediaRows(t *testing.T) {
	eachFiles(t, func(f *files, _ *storagetest.Clock) {
		m := f.file(f.ana, coop.MediaPost)
		got, err := f.store.Media(f.ctx, f.ana.ID, m.ID)
		f.must(err)
		if diff := cmp.Diff(m, got); diff != "" {
			f.Error(diff)
		}
		if _, err := f.store.Media(f.ctx, f.eva.ID, m.ID); !errors.Is(err, coop.ErrNotFound) {
			f.Errorf("another's: %v", err)
		}
		if _, err := f.store.Media(f.ctx, f.ana.ID, f.file(f.ana, coop.MediaAvatar).ID); !errors.Is(err, coop.ErrNotFound) {
			f.Errorf("an avatar is no file of a post: %v", err)
		}
		alt := "Otra"
		err = f.write(func(tx *storage.Tx) error {
			_, err := tx.ChangeMedia(f.ctx, f.eva.ID, m.ID, coop.MediaChange{Alt: &alt})
			return err
		})
		if !errors.Is(err, coop.ErrNotFound) {
			f.Errorf("a change of another's: %v", err)
		}
		f.must(f.write(func(tx *storage.Tx) error {
			_, err := tx.ChangeMedia(f.ctx, f.ana.ID, m.ID, coop.MediaChange{Alt: &alt})
			return err
		}))
		if got, err = f.store.Media(f.ctx, f.ana.ID, m.ID); err != nil || got.Alt != "Otra" || got.Focus != m.Focus {
			f.Errorf("after the change %+v, %v", got, err)
		}
	})
}

func TestAttachMedia(t *testing.T) {
	eachFiles(t, func(f *files, _ *storagetest.Clock) {
		a, b, c, hers := f.file(f.ana, coop.MediaPost), f.file(f.ana, coop.MediaPost), f.file(f.ana, coop.MediaPost), f.file(f.eva, coop.MediaPost)
		p, other := f.post(f.ana, coop.VisiblePublic), f.post(f.ana, coop.VisibleDirect)
		got, err := f.attach(f.ana, p, b, a)
		f.must(err)
		if len(got) != 2 || got[0].ID != b.ID || got[1].ID != a.ID || got[0].URL != b.URL || got[0].PreviewURL != b.PreviewURL || *got[0].Focus != b.Focus || got[0].Alt != "Una foto" {
			f.Errorf("attached %+v", got)
		}
		for name, list := range map[string][]*coop.Media{
			"another's": {hers}, "twice": {c, c}, "one of another post": {c, a}, "not there": {{ID: 17}}, "too many": make([]*coop.Media, 17), "an avatar": {f.file(f.ana, coop.MediaAvatar)},
		} {
			for i := range list {
				if list[i] == nil {
					list[i] = c
				}
			}
			_, err := f.attach(f.ana, other, list...)
			var invalid *coop.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != "media_ids" {
				f.Errorf("%s: %v", name, err)
			}
		}
		if s := f.served(c); s != "loose" {
			f.Errorf("a file of a post that failed is served as %s", s)
		}
		// An edit: a goes, c comes, b stays.
		if _, err := f.attach(f.ana, p, c, b); err != nil {
			f.Fatal(err)
		}
		if got := []string{f.served(a), f.served(b), f.served(c)}; cmp.Diff([]string{"no", "public", "public"}, got) != "" {
			f.Errorf("after the edit they are served as %v", got)
		}
		// What was taken out can be put in again.
		if _, err := f.attach(f.ana, other, a); err != nil || f.served(a) != "direct" {
			f.Errorf("put in again: %v, served as %s", err, f.served(a))
		}
	})
}

func TestMediaGoWithTheirPostAndOwner(t *testing.T) {
	eachFiles(t, func(f *files, clock *storagetest.Clock) {
		a, b := f.file(f.ana, coop.MediaPost), f.file(f.eva, coop.MediaPost)
		p, q := f.post(f.ana, coop.VisiblePublic), f.post(f.eva, coop.VisiblePublic)
		_, err := f.attach(f.ana, p, a)
		f.must(err)
		_, err = f.attach(f.eva, q, b)
		f.must(err)
		f.must(f.write(func(tx *storage.Tx) error { return tx.RemovePost(f.ctx, p.IRI, f.ana.IRI, clock.Now()) }))
		if s := f.served(a); s != "no" {
			f.Errorf("of a deleted post: served as %s", s)
		}
		again := f.post(f.ana, coop.VisiblePublic) // deleted to be written again
		if _, err := f.attach(f.ana, again, a); err != nil || f.served(a) != "public" {
			f.Errorf("written again: %v", err)
		}
		f.must(f.write(func(tx *storage.Tx) error { return tx.SuspendAccount(f.ctx, f.eva.ID, clock.Now()) }))
		if s := f.served(b); s != "no" {
			f.Errorf("of a suspended account: served as %s", s)
		}
		f.must(f.write(func(tx *storage.Tx) error { return tx.SuspendAccount(f.ctx, f.eva.ID, time.Time{}) }))
		if s := f.served(b); s != "public" {
			f.Errorf("when that is lifted: served as %s", s)
		}
		f.must(f.write(func(tx *storage.Tx) error { return tx.DeleteAccount(f.ctx, f.eva.ID, clock.Now()) }))
		if s := f.served(b); s != "no" {
			f.Errorf("of a deleted account: served as %s", s)
		}
		if names := f.sweep(clock); cmp.Diff([]string{b.Name, b.Preview}, names) != "" {
			f.Errorf("swept %v", names)
		}
	})
}

// sweep removes rows whose time is over.
func (f *files) sweep(clock *storagetest.Clock) (names []string) {
	f.Helper()
	f.must(f.write(func(tx *storage.Tx) (err error) {
		names, err = tx.SweepMedia(f.ctx, clock.Now(), 100)
		return err
	}))
	return names
}

func TestLooseMediaAreSwept(t *testing.T) {
	eachFiles(t, func(f *files, clock *storagetest.Clock) {
		loose, held, kept := f.file(f.ana, coop.MediaPost), f.file(f.ana, coop.MediaPost), f.file(f.ana, coop.MediaPost)
		p := f.post(f.ana, coop.VisiblePublic)
		_, err := f.attach(f.ana, p, kept)
		f.must(err)
		f.must(f.write(func(tx *storage.Tx) error {
			_, err := tx.HoldMedia(f.ctx, f.ana.ID, []coop.ID{held.ID}, clock.Now().Add(72*time.Hour))
			return err
		}))
		if names := f.sweep(clock); len(names) != 0 {
			f.Errorf("at once %v are swept", names)
		}
		clock.Advance(25 * time.Hour)
		if names := f.sweep(clock); cmp.Diff([]string{loose.Name, loose.Preview}, names) != "" {
			f.Errorf("after a day %v are swept", names)
		}
		clock.Advance(72 * time.Hour)
		if names := f.sweep(clock); cmp.Diff([]string{held.Name, held.Preview}, names) != "" {
			f.Errorf("after four days %v are swept", names)
		}
		clock.Advance(10_000 * time.Hour)
		if names := f.sweep(clock); len(names) != 0 || f.served(kept) != "public" {
			f.Errorf("of a post that is there %v are swept", names)
		}
	})
}

func TestTheAvatarBeforeGoes(t *testing.T) {
	eachFiles(t, func(f *files, clock *storagetest.Clock) {
		save := func(icon, image *coop.Media) {
			f.Helper()
			a, err := f.store.Account(f.ctx, f.ana.ID)
			f.must(err)
			if icon != nil {
				a.Icon = icon.Picture()
			}
			if image != nil {
				a.Image = image.Picture()
			}
			f.must(f.write(func(tx *storage.Tx) error { return tx.SaveAccount(f.ctx, a) }))
		}
		first, header, hers := f.file(f.ana, coop.MediaAvatar), f.file(f.ana, coop.MediaHeader), f.file(f.eva, coop.MediaAvatar)
		save(first, header)
		coming := f.file(f.ana, coop.MediaAvatar)
		save(nil, nil) // another change, between upload and profile
		if got := []string{f.served(first), f.served(header), f.served(coming)}; cmp.Diff([]string{"public", "public", "public"}, got) != "" {
			f.Errorf("before the new one is taken: %v", got)
		}
		save(coming, nil)
		clock.Advance(time.Second)
		if got := []string{f.served(first), f.served(header), f.served(coming), f.served(hers)}; cmp.Diff([]string{"no", "public", "public", "public"}, got) != "" {
			f.Errorf("after it is taken: %v", got)
		}
		if names := f.sweep(clock); cmp.Diff([]string{first.Name, first.Preview}, names) != "" {
			f.Errorf("swept %v", names)
		}
		clock.Advance(10_000 * time.Hour)
		if names := f.sweep(clock); cmp.Diff([]string{hers.Name, hers.Preview}, names) != "" {
			f.Errorf("long after that %v are swept: those that no profile names", names)
		}
	})
}

func TestMediaQuota(t *testing.T) {
	eachFiles(t, func(f *files, _ *storagetest.Clock) {
		for range 3 {
			f.file(f.ana, coop.MediaPost)
		}
		add := func(owner *coop.Account, q storage.MediaQuota) error {
			f.made++
			return f.write(func(tx *storage.Tx) error {
				m := &coop.Media{OwnerID: owner.ID, Class: coop.MediaPost, Kind: coop.MediaDocument, Name: fmt.Sprintf("%032x.pdf", f.made), Bytes: 100}
				return tx.AddMedia(f.ctx, m, q)
			})
		}
		for _, tt := range []struct {
			name  string
			owner *coop.Account
			quota storage.MediaQuota
			full  bool
		}{
			{"one byte too many of an account", f.ana, storage.MediaQuota{Owner: 429}, true},
			{"another has room", f.eva, storage.MediaQuota{Owner: 429}, false},
			{"one byte too many of all", f.eva, storage.MediaQuota{All: 529}, true},
			{"just enough", f.ana, storage.MediaQuota{Owner: 430, All: 530}, false},
			{"no bound", f.ana, storage.MediaQuota{}, false},
		} {
			if err := add(tt.owner, tt.quota); errors.Is(err, coop.ErrFull) != tt.full || err != nil && !tt.full {
				f.Errorf("%s: %v", tt.name, err)
			}
		}
		usage, err := f.store.MediaUsage(f.ctx)
		f.must(err)
		want := []storage.MediaUse{
			{Origin: "here", Account: "ana", Kind: "image", Files: 3, Bytes: 330},
			{Origin: "here", Account: "ana", Kind: "document", Files: 2, Bytes: 200},
			{Origin: "here", Account: "eva", Kind: "document", Files: 1, Bytes: 100},
		}
		if diff := cmp.Diff(want, usage); diff != "" {
			f.Error(diff)
		}
	})
}

func TestCachedMedia(t *testing.T) {
	eachFiles(t, func(f *files, clock *storagetest.Clock) {
		keep := func(n int) (useless string) {
			f.must(f.write(func(tx *storage.Tx) (err error) {
				useless, err = tx.KeepCached(f.ctx, storage.CachedMedia{Key: fmt.Sprint("k", n), Host: "far.example", Form: "small", MediaType: "image/png", Name: fmt.Sprintf("%032x.png", f.made), Bytes: 10})
				return err
			}))
			f.made++
			clock.Advance(time.Minute)
			return useless
		}
		for n := range 5 {
			if useless := keep(n); useless != "" {
				f.Errorf("%s is of no use", useless)
			}
		}
		if useless := keep(0); !strings.HasSuffix(useless, ".png") {
			f.Error("the same picture twice is of use")
		}
		f.must(f.write(func(tx *storage.Tx) error { return tx.UseCached(f.ctx, "k0") }))
		var names []string
		var freed int64
		f.must(f.write(func(tx *storage.Tx) (err error) {
			names, freed, err = tx.EvictCached(f.ctx, time.Time{}, 15, 100)
			return err
		}))
		if len(names) != 2 || freed != 20 {
			f.Errorf("evicted %v, %d bytes", names, freed)
		}
		if _, err := f.store.CachedMedia(f.ctx, "k0"); err != nil {
			f.Errorf("the one that was used: %v", err)
		}
		if _, err := f.store.CachedMedia(f.ctx, "k1"); !errors.Is(err, coop.ErrNotFound) {
			f.Errorf("the oldest unused: %v", err)
		}
		if n, err := f.store.CachedBytes(f.ctx); err != nil || n != 30 {
			f.Errorf("%d bytes are left, %v", n, err)
		}
		clock.Advance(time.Minute)
		m := f.file(f.ana, coop.MediaPost)
		known, err := f.store.KnownMedia(f.ctx, []string{m.Name, m.Preview, "x.jpg", fmt.Sprintf("%032x.png", 5)})
		if err != nil || !known[m.Name] || !known[m.Preview] || known["x.jpg"] {
			f.Errorf("known are %v, %v", known, err)
		}
		f.must(f.write(func(tx *storage.Tx) (err error) {
			names, _, err = tx.EvictCached(f.ctx, clock.Now(), 0, 100)
			return err
		}))
		if len(names) != 3 {
			f.Errorf("unused for a while: %v", names)
		}
	})
}
