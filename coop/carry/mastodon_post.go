// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/json"
	"strings"
	"time"

	"minga/coop"
)

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
