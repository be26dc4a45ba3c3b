// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"minga/coop"
)

// preparePicture judges, decodes and writes anew.
func (l *Library) preparePicture(ctx context.Context, u Upload, f format) (p *prepared, err error) {
	h, err := readHeader(u.File.reader(), f, u.File.size)
	if err != nil {
		return nil, err
	}
	done, err := turn(ctx, l.uploads)
	if err != nil {
		return nil, err
	}
	defer done()
	img, err := decode(u.File.reader(), h, keptArea)
	if err != nil {
		return nil, err
	}
	p = &prepared{}
	p.Kind = coop.MediaImage
	defer func() {
		if err != nil {
			p.discard()
		}
	}()
	if u.Class != coop.MediaPost {
		return p, l.writeProfile(p, u.Class, img)
	}
	if err := l.writeWhole(p, u, h, img); err != nil {
		return nil, err
	}
	return p, l.writeSmall(p, img)
}

// writeProfile writes an avatar or header.
func (l *Library) writeProfile(p *prepared, class coop.MediaClass, img image.Image) error {
	wide, high := avatarSide, avatarSide
	if class == coop.MediaHeader {
		wide, high = headerWide, headerHigh
	}
	out := cropped(img, wide, high)
	p.format, p.Blurhash = smallFormat(out), blur(out)
	return l.write(&p.file, out, p.format, jpegQuality, func(w, h int, size int64) { p.Width, p.Height, p.Bytes = w, h, size })
}

// writeWhole writes the picture itself. A GIF stays one and keeps moving.
func (l *Library) writeWhole(p *prepared, u Upload, h *header, img image.Image) error {
	if h.format != formatGIF {
		p.format = formatFor(img, h.format)
		return l.write(&p.file, img, p.format, jpegQuality, func(w, h int, size int64) { p.Width, p.Height, p.Bytes = w, h, size })
	}
	s, err := newScratch(l.scratch)
	if err != nil {
		return err
	}
	p.file, p.format, p.Width, p.Height = s, formatGIF, h.width, h.height
	if err := rewriteGIF(s, u.File.reader()); err != nil {
		return full(err)
	}
	p.Bytes, err = s.size()
	return err
}

// writeSmall writes the small picture and its hash.
func (l *Library) writeSmall(p *prepared, img image.Image) error {
	out := small(img)
	p.smallFormat, p.Blurhash = smallFormat(out), blur(out)
	return l.write(&p.small, out, p.smallFormat, smallJPEG, func(w, h int, size int64) {
		p.PreviewWidth, p.PreviewHeight, p.PreviewBytes = w, h, size
	})
}

// prepareThumbnail makes the small picture of a file that is none.
func (l *Library) prepareThumbnail(ctx context.Context, p *prepared, in *Incoming) error {
	f, err := kindOf(in)
	if err == nil && f.kind != coop.MediaImage {
		err = errFormat()
	}
	if err == nil && in.size > l.limits.File {
		err = tooLarge(l.limits.File)
	}
	if err != nil {
		return thumbnailError(err)
	}
	h, err := readHeader(in.reader(), f, in.size)
	if err != nil {
		return thumbnailError(err)
	}
	done, err := turn(ctx, l.uploads)
	if err != nil {
		return err
	}
	defer done()
	img, err := decode(in.reader(), h, smallArea)
	if err != nil {
		return thumbnailError(err)
	}
	return l.writeSmall(p, img)
}

// thumbnailError names the field that is wrong.
func thumbnailError(err error) error {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return &coop.InvalidError{Field: "thumbnail", Code: invalid.Code, Problem: invalid.Problem}
	}
	return err
}

// write puts a picture into a temporary file and tells its size.
func (l *Library) write(to **scratch, img image.Image, f format, quality int, tell func(w, h int, size int64)) error {
	s, err := newScratch(l.scratch)
	if err != nil {
		return err
	}
	*to = s
	if err := encode(s, img, f, quality); err != nil {
		return full(err)
	}
	size, err := s.size()
	if err != nil {
		return err
	}
	tell(img.Bounds().Dx(), img.Bounds().Dy(), size)
	return nil
}

// Picture takes an avatar or header that somebody sends. When the profile that names
// it is saved, the one before is let go; when it is not, this one is, after a day.
// Errors are those of [Library.Receive] and [Library.Take].
func (l *Library) Picture(ctx context.Context, owner coop.ID, class coop.MediaClass, name string, body io.Reader) (coop.Picture, error) {
	if l == nil {
		return coop.Picture{}, fmt.Errorf("store a picture: %w", coop.ErrUnavailable)
	}
	in, err := l.Receive(ctx, name, body)
	if err != nil {
		return coop.Picture{}, err
	}
	defer func() { _ = in.Close() }()
	m, err := l.Take(ctx, Upload{Owner: owner, Class: class, File: in})
	if err != nil {
		return coop.Picture{}, err
	}
	return m.Picture(), nil
}
