// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"

	"minga/coop"
)

// What people download from Mastodon ("Request your archive") is a zip file too, with
// actor.json, outbox.json, bookmarks.json, the pictures of the profile and a folder
// media_attachments. It is read as an archive of ours: posts as plain text, since nobody
// kept what was typed.

// Names of files in an archive of Mastodon.
const (
	mastodonActor     = "actor.json"
	mastodonOutbox    = "outbox.json"
	mastodonBookmarks = "bookmarks.json"
	mastodonMedia     = "media_attachments/"
)

// mastodonProfile is the actor of an archive (ActivityPub §4.1).
type mastodonProfile struct {
	ID        coop.IRI `json:"id"`
	Type      string   `json:"type"`
	Name      string   `json:"preferredUsername"`
	Shown     string   `json:"name"`
	Summary   string   `json:"summary"`
	Followers string   `json:"followers"`
	Icon      struct {
		URL string `json:"url"`
	} `json:"icon"`
	Image struct {
		URL string `json:"url"`
	} `json:"image"`
	Attachment []struct {
		Type  string `json:"type"`
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"attachment"`
}

// openMastodon reads the actor of an archive of Mastodon.
func (a *Archive) openMastodon() error {
	text, err := a.Read(mastodonActor, maxPostLine)
	if err != nil || a.files[path.Join(a.under, mastodonOutbox)] == nil {
		return errors.Join(badArchive("is no archive of minga or Mastodon"), coop.ErrNotFound)
	}
	actor := &mastodonProfile{}
	if json.Unmarshal(text, actor) != nil || actor.ID.Host() == "" || actor.Name == "" {
		return badArchive("is no archive of minga or Mastodon")
	}
	a.actor = actor
	a.Head = Head{Format: "mastodon-archive", Version: 1, Software: "Mastodon", Account: actor.ID, Handle: actor.Name + "@" + actor.ID.Host(), Kind: coop.Person}
	return nil
}

// profile is what the actor says of itself.
func (m *mastodonProfile) profile() Profile {
	p := Profile{Name: coop.CleanLine(m.Shown, coop.MaxDisplayName), Bio: coop.Truncate(m.text(m.Summary, nil), coop.MaxBioLength)}
	for _, line := range m.Attachment {
		if line.Type == "PropertyValue" && len(p.Fields) < coop.MaxFields {
			p.Fields = append(p.Fields, ProfileLine{line.Name, coop.VisibleText(line.Value)})
		}
	}
	for _, picture := range []struct {
		url  string
		into **PostFile
	}{{m.Icon.URL, &p.Avatar}, {m.Image.URL, &p.Header}} {
		if name := path.Base(picture.url); picture.url != "" {
			*picture.into = &PostFile{Name: name}
		}
	}
	return p
}

// rationed gives so many bytes and no more, until it is given a new ration: so a list of
// any length is read and none of its things may be endless.
type rationed struct {
	from io.Reader
	left int
}

// Read says [coop.ErrTooLarge] when the ration is used up.
func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, coop.ErrTooLarge
	}
	n, err := r.from.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// eachItem gives every thing of the list orderedItems of a file.
func (a *Archive) eachItem(name string, take func(n int, item json.RawMessage) error) (err error) {
	file, err := a.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	in := &rationed{file, maxPostLine}
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return badArchive("holds a file " + name + " that cannot be read")
	}
	for d.More() {
		in.left = maxPostLine
		key, err := d.Token()
		if err == nil && key == "orderedItems" {
			return eachOf(d, in, name, take)
		}
		var other json.RawMessage
		if err = errors.Join(err, d.Decode(&other)); err != nil {
			return badArchive("holds a file " + name + " that cannot be read")
		}
	}
	return nil
}

// eachOf gives what stands in the list that comes.
func eachOf(d *json.Decoder, in *rationed, name string, take func(n int, item json.RawMessage) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return badArchive("holds a file " + name + " that cannot be read")
	}
	for n := 1; d.More(); n++ {
		in.left = maxPostLine
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return badArchive("holds a file " + name + " that cannot be read to its end")
		}
		if err := take(n, item); err != nil {
			return err
		}
	}
	return nil
}

// bookmarks makes rows of the addresses that were kept.
func (a *Archive) bookmarks() ([]byte, error) {
	var out strings.Builder
	err := a.eachItem(mastodonBookmarks, func(_ int, raw json.RawMessage) error {
		var address string
		if json.Unmarshal(raw, &address) == nil && !strings.ContainsAny(address, "\",\r\n") && out.Len() < maxTable-len(address) {
			out.WriteString(address + "\n")
		}
		return nil
	})
	return []byte(out.String()), err
}
