// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

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
