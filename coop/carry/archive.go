// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"minga/coop"
)

// An archive is a zip file with everything that an account has: its posts as others are
// shown them (ActivityPub) and as a person reads them (Markdown), the same once more as
// they were typed, so that they can be taken in elsewhere, files, and the tables of this
// package. Of several accounts each has a folder of its own.

// Bounds of an archive that comes in, unpacked.
const (
	MaxArchiveBytes = 1 << 30
	MaxArchiveFiles = 100_000
	maxPostLine     = 2 << 20
	maxArchiveFile  = 64 << 20
)

// Names of files in an archive.
const (
	ArchiveHead  = "archive.json"
	ArchivePosts = "posts.jsonl"
	ArchiveMedia = "media"
)

// ArchiveFormat is what an archive of ours calls itself.
const ArchiveFormat = "minga-archive"

// Head says whose an archive is.
type Head struct {
	Format   string           `json:"format"`
	Version  int              `json:"version"`
	Software string           `json:"software"`
	Account  coop.IRI         `json:"account"`
	Handle   string           `json:"handle"`
	Kind     coop.AccountKind `json:"kind"`
	Made     time.Time        `json:"made_at"`
	Posts    int              `json:"posts"`
	Files    int              `json:"files"`
}

// Post is a post as it was typed.
type Post struct {
	IRI        coop.IRI        `json:"id"`
	Kind       coop.PostKind   `json:"kind"` // note, question, article or job
	Visibility coop.Visibility `json:"visibility"`
	InReplyTo  coop.IRI        `json:"in_reply_to,omitempty"`
	Title      string          `json:"title,omitempty"`
	Summary    string          `json:"summary,omitempty"`
	Sensitive  bool            `json:"sensitive,omitempty"`
	Language   string          `json:"language,omitempty"`
	Source     string          `json:"source,omitempty"`
	SourceType string          `json:"source_type,omitempty"`
	Hashtags   []string        `json:"hashtags,omitempty"`
	Published  time.Time       `json:"published"`
	Files      []PostFile      `json:"files,omitempty"`
	Job        *coop.Job       `json:"job,omitempty"`
	Article    *coop.Article   `json:"article,omitempty"`
	Poll       *Poll           `json:"poll,omitempty"`
}

// PostFile is a file of a post, by its name in the folder of media.
type PostFile struct {
	Name  string `json:"name"`
	Alt   string `json:"alt,omitempty"`
	Title string `json:"title,omitempty"`
}

// Archive is one that comes in.
type Archive struct {
	Head  Head
	files map[string]*zip.File
	under string
	actor *mastodonProfile // whose it is, if Mastodon made it
}

// OpenArchive judges a zip file as a whole before anything is read out of it: names that
// lead elsewhere, links, too many files or too many bytes refuse it ([coop.ErrTooLarge] or
// a *[coop.InvalidError] of field file). Nothing is ever unpacked to a disk. account is the
// folder in an archive of several; empty for one of a single account. What people download
// from Mastodon is read as well.
func OpenArchive(r io.ReaderAt, size int64, account string) (*Archive, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, badArchive("is no zip file")
	}
	a := &Archive{files: map[string]*zip.File{}, under: account}
	if err := a.admit(z.File); err != nil {
		return nil, err
	}
	head, err := a.Read(ArchiveHead, maxPostLine)
	if errors.Is(err, coop.ErrNotFound) {
		return a, a.openMastodon()
	}
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(head, &a.Head) != nil || a.Head.Format != ArchiveFormat || a.Head.Version != 1 {
		return nil, badArchive("is no archive of minga")
	}
	return a, nil
}

// admit looks at every entry.
func (a *Archive) admit(files []*zip.File) error {
	if len(files) > MaxArchiveFiles {
		return fmt.Errorf("an archive of %d files: %w", len(files), coop.ErrTooLarge)
	}
	var total uint64
	for _, f := range files {
		name := strings.TrimSuffix(f.Name, "/")
		mode := f.Mode()
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") || !mode.IsRegular() && !mode.IsDir() || a.files[name] != nil {
			return badArchive("holds a name that cannot be")
		}
		if f.UncompressedSize64 > MaxArchiveBytes {
			return fmt.Errorf("a file of an archive: %w", coop.ErrTooLarge)
		}
		if total += f.UncompressedSize64; total > MaxArchiveBytes {
			return fmt.Errorf("an archive: %w", coop.ErrTooLarge)
		}
		if !mode.IsDir() {
			a.files[name] = f
		}
	}
	return nil
}

func badArchive(problem string) error {
	return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: problem}
}

// Open reads a file of the archive, at most as much as it says that it holds;
// [coop.ErrNotFound] says that there is none.
func (a *Archive) Open(name string) (io.ReadCloser, error) {
	f := a.files[path.Join(a.under, name)]
	if f == nil {
		return nil, fmt.Errorf("file %.80q of the archive: %w", name, coop.ErrNotFound)
	}
	r, err := f.Open()
	if err != nil {
		return nil, badArchive("cannot be unpacked")
	}
	// What holds more than it says is a bomb.
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, int64(f.UncompressedSize64)), r}, nil //nolint:gosec // admit bounds it
}

// Read gives a whole file of at most so many bytes.
func (a *Archive) Read(name string, most int64) (text []byte, err error) {
	r, err := a.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	text, err = io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, badArchive("cannot be unpacked")
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("file %s of the archive: %w", name, coop.ErrTooLarge)
	}
	return text, nil
}

// Media gives a file of a post, by its name.
func (a *Archive) Media(name string) ([]byte, error) {
	if a.actor != nil && strings.HasPrefix(name, mastodonMedia) && fs.ValidPath(name) {
		return a.Read(name, maxArchiveFile)
	}
	if name != path.Base(name) {
		return nil, badArchive("names a file that cannot be")
	}
	return a.Read(path.Join(ArchiveMedia, name), maxArchiveFile)
}

// Picture gives a picture of the profile, by its name.
func (a *Archive) Picture(name string) ([]byte, error) {
	switch {
	case name != path.Base(name) || name == "." || name == "/":
		return nil, badArchive("names a picture that cannot be")
	case a.actor != nil:
		return a.Read(name, maxArchiveFile)
	}
	return a.Read(path.Join(ArchivePictures, name), maxArchiveFile)
}

// Posts gives each post to take, in the order of the archive, with the number of its
// line; nil is a line that cannot be read.
func (a *Archive) Posts(take func(line int, p *Post) error) (err error) {
	if a.actor != nil {
		return a.mastodonPosts(take)
	}
	r, err := a.Open(ArchivePosts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 64<<10), maxPostLine)
	for n := 1; scan.Scan(); n++ {
		p := &Post{}
		if json.Unmarshal(scan.Bytes(), p) != nil {
			p = nil
		}
		if err := take(n, p); err != nil {
			return err
		}
	}
	if scan.Err() != nil {
		return badArchive("has a line that is too long or cannot be unpacked")
	}
	return nil
}
