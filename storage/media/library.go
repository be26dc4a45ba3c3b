// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

// Limits bound what is taken in; bytes.
type Limits struct {
	File     int64 // of a picture or document
	Played   int64 // of audio or video; 0: none is taken
	PerOwner int64 // of all files of one account; 0: no bound
	All      int64 // of all files of this instance; 0: no bound
	Cache    int64 // of pictures of other servers; 0: none are kept or shown
}

// largest is the most bytes of any file.
func (l Limits) largest() int64 { return max(l.File, l.Played) }

// quota is what the store holds.
func (l Limits) quota() storage.MediaQuota { return storage.MediaQuota{Owner: l.PerOwner, All: l.All} }

// Options are what a library is made of; all but Log, PublicURL and Space are required.
type Options struct {
	Store *storage.Store
	Files Files
	// Scratch is a folder of this machine for files that are being written. It is not
	// closed.
	Scratch *os.Root
	Now     func() time.Time
	Log     *slog.Logger
	Links   *Links
	Limits  Limits
	// PublicURL is where browsers read the files of a bucket themselves; empty: this
	// program hands them on.
	PublicURL string
	// Space asks how much is free where files are written; nil: there is always enough.
	Space func() (Space, error)
}

// Library takes files in and gives them out. It is safe for concurrent use.
type Library struct {
	store   *storage.Store
	files   Files
	scratch *os.Root
	now     func() time.Time
	log     *slog.Logger
	links   *Links
	limits  Limits
	public  string
	uploads chan struct{} // one picture is decoded at a time
	cached  chan struct{} // and one of other servers
	cache   *shelf
	ask     func() (Space, error)
	meter   meter
}

// New makes a library.
func New(o Options) (*Library, error) {
	if o.Store == nil || o.Files == nil || o.Scratch == nil || o.Now == nil || o.Links == nil {
		return nil, errors.New("media: store, files, scratch folder, clock or links are missing")
	}
	if err := o.Scratch.MkdirAll(scratchFolder, 0o700); err != nil {
		return nil, fmt.Errorf("media: %w", full(err))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Library{
		store: o.Store, files: o.Files, scratch: o.Scratch, now: o.Now, log: o.Log, links: o.Links, limits: o.Limits, public: strings.TrimSuffix(o.PublicURL, "/"),
		uploads: make(chan struct{}, 1), cached: make(chan struct{}, 1), cache: &shelf{}, ask: o.Space,
	}, nil
}

// Links are the addresses of files; of a nil library those without pictures of other
// servers.
func (l *Library) Links() *Links {
	if l == nil {
		return &Links{}
	}
	return l.links
}

// Limits are what this library takes.
func (l *Library) Limits() Limits {
	if l == nil {
		return Limits{}
	}
	return l.limits
}

// PublicOrigin is the scheme and host where browsers read files themselves; empty:
// here.
func (l *Library) PublicOrigin() string {
	if l == nil || l.public == "" {
		return ""
	}
	u, err := url.Parse(l.public)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// turnTime is how long an upload waits for the one before it.
const turnTime = 30 * time.Second

// turn waits until this is the only picture that is decoded.
func turn(ctx context.Context, seat chan struct{}) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	select {
	case seat <- struct{}{}:
		return func() { <-seat }, nil
	case <-ctx.Done():
		return nil, &coop.BusyError{After: turnTime, Reason: "too many pictures at once"}
	}
}

// Upload is a file that somebody sent and what is said of it.
type Upload struct {
	Owner     coop.ID
	Class     coop.MediaClass
	File      *Incoming
	Thumbnail *Incoming // the small picture for audio, video or a document; nil for none
	Alt       string
	Focus     coop.Focus
}

// Take judges a file, stores it and keeps its row. Errors: *coop.InvalidError for
// what is not taken; [coop.ErrFull] for a quota or a disk, and then nothing is kept;
// *coop.BusyError for too much at once.
func (l *Library) Take(ctx context.Context, u Upload) (*coop.Media, error) {
	if err := l.store.MediaRoom(ctx, u.Owner, u.File.size, l.limits.quota()); err != nil {
		return nil, err
	}
	m, err := l.prepare(ctx, u)
	if err != nil {
		return nil, err
	}
	defer m.discard()
	m.OwnerID, m.Class, m.Alt, m.Focus = u.Owner, u.Class, u.Alt, u.Focus
	if err := l.keep(ctx, m); err != nil {
		return nil, err
	}
	return &m.Media, nil
}

// prepared is a file that is ready to be kept.
type prepared struct {
	coop.Media
	format       format
	file         *scratch
	smallFormat  format
	small        *scratch // nil: no small picture
	sourceClosed bool
}

// discard removes the temporary files that are ours; the incoming one is its owner's.
func (p *prepared) discard() {
	if p.file != nil && !p.sourceClosed {
		_ = p.file.Close()
	}
	if p.small != nil {
		_ = p.small.Close()
	}
}

// prepare makes of an incoming file what is kept.
func (l *Library) prepare(ctx context.Context, u Upload) (*prepared, error) {
	f, err := l.judge(u)
	if err != nil {
		return nil, err
	}
	if f.kind == coop.MediaImage {
		return l.preparePicture(ctx, u, f)
	}
	p := &prepared{format: f, file: u.File.file, sourceClosed: true}
	p.Bytes, p.Kind = u.File.size, f.kind
	p.Title = titleOf(u.File.name)
	if u.Thumbnail == nil {
		return p, nil
	}
	return p, l.prepareThumbnail(ctx, p, u.Thumbnail)
}

// judge says what a file is, by its bytes, and whether it is taken.
func (l *Library) judge(u Upload) (format, error) {
	f, err := kindOf(u.File)
	if err != nil {
		return f, err
	}
	most := l.limits.File
	if isPlayed(f.kind) {
		most = l.limits.Played
	}
	switch {
	case f.kind != coop.MediaImage && u.Class != coop.MediaPost:
		return f, errFormat()
	case isPlayed(f.kind) && most == 0:
		return f, errFormat()
	case u.File.size > most:
		return f, tooLarge(most)
	}
	return f, checkEnding(u.File.name, f.kind)
}

// kindOf reads the first bytes of a file.
func kindOf(in *Incoming) (format, error) {
	head := make([]byte, sniffLength)
	n, err := in.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return format{}, fmt.Errorf("read file: %w", err)
	}
	f, ok := sniff(head[:n])
	if !ok {
		return format{}, errFormat()
	}
	return f, nil
}

// reader is a file from its beginning.
func (in *Incoming) reader() io.Reader { return io.NewSectionReader(in.file, 0, in.size) }

// titleOf is what a person called a file, as plain text without folders.
func titleOf(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	return coop.CleanLine(name[strings.LastIndexByte(name, '/')+1:], 200)
}

// keep stores the files of a prepared upload and then its row. Whatever fails, no
// half of it stays.
func (l *Library) keep(ctx context.Context, p *prepared) (err error) {
	var stored []string
	defer func() {
		if err != nil {
			l.remove(context.WithoutCancel(ctx), areaOwn, stored)
		}
	}()
	if p.Name, err = l.put(ctx, areaOwn, p.file, p.format); err != nil {
		return err
	}
	stored = append(stored, p.Name)
	p.MediaType, p.URL = p.format.mediaType, l.links.own(p.Name)
	if p.small != nil {
		if p.Preview, err = l.put(ctx, areaOwn, p.small, p.smallFormat); err != nil {
			return err
		}
		stored = append(stored, p.Preview)
		p.PreviewURL = l.links.own(p.Preview)
	}
	return l.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddMedia(ctx, &p.Media, l.limits.quota())
	})
}

// put stores a temporary file under a new name.
func (l *Library) put(ctx context.Context, area string, s *scratch, f format) (string, error) {
	name, err := newName(f.ending)
	if err != nil {
		return "", err
	}
	key, err := keyOf(area, name)
	if err != nil {
		return "", err
	}
	size, err := s.size()
	if err != nil {
		return "", err
	}
	return name, l.files.Put(ctx, key, io.NewSectionReader(s, 0, size), size, f.mediaType)
}

// size is how many bytes were written.
func (s *scratch) size() (int64, error) {
	info, err := s.Stat()
	if err != nil {
		return 0, fmt.Errorf("temporary file: %w", err)
	}
	return info.Size(), nil
}

// remove takes files away. What cannot be removed now is an orphan, which the sweep
// finds.
func (l *Library) remove(ctx context.Context, area string, names []string) {
	for _, name := range names {
		key, err := keyOf(area, name)
		if err == nil {
			err = l.files.Remove(ctx, key)
		}
		if err != nil {
			l.log.WarnContext(ctx, "file not removed", "file", name, "err", err)
		}
	}
}
