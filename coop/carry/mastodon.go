// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"time"

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

// mastodonItem is one activity of the outbox. Only Create counts: boosts are of others.
type mastodonItem struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

// mastodonPost is a Note or a Question.
type mastodonPost struct {
	ID         coop.IRI          `json:"id"`
	Type       string            `json:"type"`
	Summary    string            `json:"summary"`
	Sensitive  bool              `json:"sensitive"`
	InReplyTo  coop.IRI          `json:"inReplyTo"`
	Published  time.Time         `json:"published"`
	To         several           `json:"to"`
	Cc         several           `json:"cc"`
	Content    string            `json:"content"`
	ContentMap map[string]string `json:"contentMap"`
	Tag        []mastodonTag     `json:"tag"`
	Attachment []struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	} `json:"attachment"`
	OneOf   []mastodonOption `json:"oneOf"`
	AnyOf   []mastodonOption `json:"anyOf"`
	EndTime time.Time        `json:"endTime"`
}

// mastodonTag is a mention, where its type says so.
type mastodonTag struct {
	Type string   `json:"type"`
	Name string   `json:"name"`
	Href coop.IRI `json:"href"`
}

// mastodonOption is an answer of a poll.
type mastodonOption struct {
	Name    string `json:"name"`
	Replies struct {
		Total int `json:"totalItems"`
	} `json:"replies"`
}

// several is one address or a list of them.
type several []string

// UnmarshalJSON reads both; anything else is none.
func (s *several) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*s = several{one}
		return nil
	}
	var list []string
	if json.Unmarshal(b, &list) == nil {
		*s = list
	}
	return nil
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

// mastodonPosts gives the posts of the outbox.
func (a *Archive) mastodonPosts(take func(line int, p *Post) error) error {
	return a.eachItem(mastodonOutbox, func(n int, raw json.RawMessage) error {
		var item mastodonItem
		if json.Unmarshal(raw, &item) != nil {
			return take(n, nil)
		}
		if item.Type != "Create" {
			return nil
		}
		var p mastodonPost
		if json.Unmarshal(item.Object, &p) != nil {
			return take(n, nil)
		}
		return take(n, a.actor.post(&p))
	})
}

// post is one of theirs as one of ours.
func (m *mastodonProfile) post(p *mastodonPost) *Post {
	out := &Post{
		IRI: p.ID, Kind: coop.KindNote, Visibility: m.visibility(p), InReplyTo: p.InReplyTo, Summary: p.Summary, Sensitive: p.Sensitive,
		Source: m.text(p.Content, p.Tag), SourceType: "text/plain", Published: p.Published,
	}
	for language := range p.ContentMap {
		if len(p.ContentMap) == 1 && coop.ValidLanguage(language) {
			out.Language = language
		}
	}
	for _, f := range p.Attachment {
		if at := strings.Index(f.URL, mastodonMedia); at >= 0 {
			out.Files = append(out.Files, PostFile{Name: f.URL[at:], Alt: f.Name})
		}
	}
	if options := append(p.OneOf, p.AnyOf...); len(options) > 0 {
		out.Kind, out.Poll = coop.KindQuestion, &Poll{Multiple: len(p.AnyOf) > 0, Ends: p.EndTime}
		for _, o := range options {
			out.Poll.Options = append(out.Poll.Options, PollOption{o.Name, o.Replies.Total})
		}
	}
	return out
}

// visibility is read from whom a post went to.
func (m *mastodonProfile) visibility(p *mastodonPost) coop.Visibility {
	has := func(list several, what string) bool {
		for _, one := range list {
			if one == what || what == "" && (one == "as:Public" || one == "Public" || one == "https://www.w3.org/ns/activitystreams#Public") {
				return true
			}
		}
		return false
	}
	switch {
	case has(p.To, ""):
		return coop.VisiblePublic
	case has(p.Cc, ""):
		return coop.VisibleUnlisted
	case m.Followers != "" && (has(p.To, m.Followers) || has(p.Cc, m.Followers)):
		return coop.VisibleFollowers
	}
	return coop.VisibleDirect
}

// text is what a reader saw. Who is named by a short name is one of the server that the
// post was written on, or whom its tags name: never somebody here of the same name.
func (m *mastodonProfile) text(html string, tags []mastodonTag) string {
	full := map[string]string{}
	for _, t := range tags {
		name, host, _ := strings.Cut(strings.TrimPrefix(t.Name, "@"), "@")
		if host == "" {
			host = t.Href.Host()
		}
		if t.Type == "Mention" && name != "" && host != "" && full[strings.ToLower(name)] == "" {
			full[strings.ToLower(name)] = name + "@" + host
		}
	}
	return namedInFull(coop.VisibleText(strings.ReplaceAll(html, "</p><p>", "</p>\n<p>")), func(name string) string {
		if whole := full[strings.ToLower(name)]; whole != "" {
			return whole
		}
		return name + "@" + m.ID.Host()
	})
}

// namedInFull puts the server to each name of a text that has none.
func namedInFull(text string, whole func(name string) string) string {
	var out strings.Builder
	for {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		before := at > 0 && (nameByte(text[at-1]) || text[at-1] == '/')
		out.WriteString(text[:at+1])
		text = text[at+1:]
		end := 0
		for end < len(text) && nameByte(text[end]) {
			end++
		}
		name := strings.TrimRight(text[:end], ".-")
		text, end = text[len(name):], end-len(name)
		if before || name == "" || end == 0 && strings.HasPrefix(text, "@") {
			out.WriteString(name)
			if host := strings.HasPrefix(text, "@"); host { // it has one
				out.WriteByte('@')
				text = text[1:]
			}
			continue
		}
		out.WriteString(whole(name))
	}
}

// nameByte tells whether a name may hold it.
func nameByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b == '.' || b == '-'
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
