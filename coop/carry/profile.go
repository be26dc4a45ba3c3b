// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/json"
	"errors"
	"time"

	"minga/coop"
)

// Names of further files in an archive.
const (
	ArchiveProfile     = "profile.json"
	ArchiveRoles       = "roles.json"
	ArchiveMemberships = "memberships.json"
	// ArchivePictures is the folder of a profile's pictures.
	ArchivePictures = "pictures"
)

// Profile is what an account says of itself, as it was typed.
type Profile struct {
	Name     string        `json:"display_name,omitempty"`
	Bio      string        `json:"bio,omitempty"`
	Language string        `json:"language,omitempty"`
	Fields   []ProfileLine `json:"fields,omitempty"`
	Avatar   *PostFile     `json:"avatar,omitempty"` // by their paths in the archive
	Header   *PostFile     `json:"header,omitempty"`
}

// ProfileLine is one of the lines of a profile.
type ProfileLine struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Role is what one account may do in the name of another.
type Role struct {
	Person string    `json:"person"` // handle
	In     string    `json:"in"`     // handle
	Role   coop.Role `json:"role"`
}

// Membership is where an account belongs.
type Membership struct {
	Organization string               `json:"organization"` // handle
	Role         coop.MembershipRole  `json:"role"`
	State        coop.MembershipState `json:"state"`
}

// Poll is the question of a post with the counts that it had.
type Poll struct {
	Options  []PollOption `json:"options"`
	Multiple bool         `json:"multiple,omitempty"`
	Ends     time.Time    `json:"ends,omitzero"`
}

// PollOption is an answer; Votes is [coop.UnknownVotes] where nobody tells.
type PollOption struct {
	Title string `json:"title"`
	Votes int    `json:"votes"`
}

// maxProfile bounds what is read of a profile, of roles and of memberships.
const maxProfile = 4 << 20

// Profile reads what the account said of itself; one that has none is empty.
func (a *Archive) Profile() (Profile, error) {
	if a.actor != nil {
		return a.actor.profile(), nil
	}
	return readOr[Profile](a, ArchiveProfile)
}

// Roles reads who acts for the account, and for whom it acts.
func (a *Archive) Roles() ([]Role, error) { return readOr[[]Role](a, ArchiveRoles) }

// Memberships reads where the account belongs.
func (a *Archive) Memberships() ([]Membership, error) {
	return readOr[[]Membership](a, ArchiveMemberships)
}

// readOr reads a file of JSON; nothing where there is none.
func readOr[T any](a *Archive, name string) (v T, err error) {
	text, err := a.Read(name, maxProfile)
	if errors.Is(err, coop.ErrNotFound) {
		return v, nil
	}
	if err == nil && json.Unmarshal(text, &v) != nil {
		err = badArchive("holds a file " + name + " that cannot be read")
	}
	return v, err
}

// Table gives the file of a kind, under our name for it or Mastodon's;
// [coop.ErrNotFound] says that there is none.
func (a *Archive) Table(kind Kind) ([]byte, error) {
	for _, name := range []string{string(kind) + ".csv", kind.FileName()} {
		text, err := a.Read(name, maxTable)
		if !errors.Is(err, coop.ErrNotFound) {
			return text, err
		}
	}
	if kind == Bookmarks && a.actor != nil {
		return a.bookmarks()
	}
	return nil, coop.ErrNotFound
}

// maxTable bounds a file of rows.
const maxTable = 8 << 20
