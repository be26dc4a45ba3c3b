// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

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
