// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/mastodon/input"
)

// takePictures stores an avatar and a header that were sent.
func (f *Face) takePictures(c *gin.Context, a *coop.Account, v input.Values) error {
	for _, p := range []struct {
		name  string
		class coop.MediaClass
		to    *coop.Picture
	}{{"avatar", coop.MediaAvatar, &a.Icon}, {"header", coop.MediaHeader, &a.Image}} {
		picture, err := f.takePicture(c.Request.Context(), a, v, p.name, p.class)
		if err != nil {
			return err
		}
		if picture != nil {
			*p.to = *picture
		}
		if v.Has(p.name + "_description") {
			p.to.Alt = coop.CleanText(v.Text(p.name+"_description"), coop.MaxAltLength)
		}
	}
	return v.Err()
}

// takePicture stores one picture; nil when none was sent.
func (f *Face) takePicture(ctx context.Context, a *coop.Account, v input.Values, name string, class coop.MediaClass) (*coop.Picture, error) {
	header := v.File(name)
	if header == nil {
		if v.Text(name) != "" {
			return nil, &coop.InvalidError{Field: name, Code: "type", Problem: "is a file"}
		}
		return nil, nil
	}
	file, err := header.Open()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = file.Close() }()
	picture, err := f.Media.Picture(ctx, a.ID, class, header.Filename, file)
	if err != nil {
		return nil, pictureFault(name, err)
	}
	return &picture, nil
}

// pictureFault says of which picture a complaint about a file is.
func pictureFault(name string, err error) error {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return &coop.InvalidError{Field: name, Code: invalid.Code, Problem: invalid.Problem}
	}
	return err
}
