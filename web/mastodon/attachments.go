// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage/media"
	"minga/web/mastodon/entity"
)

// attachments are the files of a post as clients get them: of other servers only
// addresses of ours, and where the original lies. Files that are not ours have an id
// after their place in the post.
func (f *Face) attachments(post coop.ID, list []coop.Attachment) []entity.Attachment {
	links := f.Media.Links()
	out := make([]entity.Attachment, 0, len(list))
	for n, a := range list {
		e := entity.Attachment{
			ID: a.ID.String(), Type: media.Kind(a), URL: links.Full(a), PreviewURL: entity.Null(links.Preview(a)),
			RemoteURL: entity.Null(links.Remote(a)), Description: entity.Null(a.Alt), Blurhash: entity.Null(a.Blurhash), Meta: metaOf(a),
		}
		if a.ID == 0 {
			e.ID = fmt.Sprintf("%s%02d", post, n)
		}
		out = append(out, e)
	}
	return out
}

// metaOf is what is known of the sizes of a file; nil when nothing is.
func metaOf(a coop.Attachment) *entity.AttachmentMeta {
	m := &entity.AttachmentMeta{Original: dimensions(a.Width, a.Height), Small: dimensions(a.PreviewWidth, a.PreviewHeight)}
	if m.Small == nil {
		m.Small = m.Original
	}
	if a.Focus != nil {
		m.Focus = &entity.Focus{X: a.Focus.X, Y: a.Focus.Y}
	}
	if m.Original == nil && m.Small == nil && m.Focus == nil {
		return nil
	}
	return m
}

// dimensions are width and height; nil where they are not known.
func dimensions(w, h int) *entity.Dimensions {
	if w <= 0 || h <= 0 {
		return nil
	}
	return &entity.Dimensions{Width: w, Height: h, Size: fmt.Sprintf("%dx%d", w, h), Aspect: float64(w) / float64(h)}
}

// mediaConfiguration is what a composer must know of files.
func (f *Face) mediaConfiguration() gin.H {
	limits := f.Media.Limits()
	return gin.H{
		"supported_mime_types": media.Types(limits.Played > 0), "image_size_limit": limits.File, "image_matrix_limit": media.MaxPixels,
		"video_size_limit": max(limits.Played, 0), "video_frame_rate_limit": 120, "video_matrix_limit": media.MaxPixels, "description_limit": coop.MaxAltLength,
	}
}
