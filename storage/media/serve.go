// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"fmt"
	"io"
	"time"

	"minga/coop"
)

// Served is a file as it is handed to a reader, who closes it.
type Served struct {
	Name      string // ours: it never names other bytes
	MediaType string
	Kind      coop.MediaKind
	Title     string // of a document: what the person called it
	Modified  time.Time
	Private   bool // of a post that not everybody may see, or of none yet
	// Place is where a browser reads the file itself; empty: here.
	Place string
	Body  io.ReadSeekCloser // nil where Place is said
}

// Close ends the reading.
func (s *Served) Close() error {
	if s.Body == nil {
		return nil
	}
	return s.Body.Close()
}

// Serve opens a file by the name in its address, or gives [coop.ErrNotFound]: never
// here, of a deleted post, of a suspended account. It is for whoever knows the name.
func (l *Library) Serve(ctx context.Context, name string) (*Served, error) {
	if l == nil || !nameShape.MatchString(name) {
		return nil, fmt.Errorf("media %.60q: %w", name, coop.ErrNotFound)
	}
	m, err := l.store.MediaByName(ctx, name)
	if err != nil {
		return nil, err
	}
	s := &Served{Name: name, MediaType: m.MediaType, Kind: m.Kind, Title: m.Title, Modified: m.CreatedAt}
	s.Private = m.Visibility != coop.VisiblePublic && m.Visibility != coop.VisibleUnlisted
	if name == m.Preview {
		s.MediaType, s.Kind, s.Title = typeOfName(name), coop.MediaImage, ""
	}
	key, err := keyOf(areaOwn, name)
	if err != nil {
		return nil, err
	}
	if l.public != "" {
		s.Place = l.public + "/" + key
		return s, nil
	}
	s.Body, err = l.files.Open(ctx, key)
	return s, err
}

// typeOfName is the type of a small picture, which is one of two.
func typeOfName(name string) string {
	if name[len(name)-4:] == ".png" {
		return formatPNG.mediaType
	}
	return formatJPEG.mediaType
}
