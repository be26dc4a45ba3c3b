// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"html"
	"time"

	"minga/coop"
)

// accountJSON is Mastodon's Account with the member that clients of minga know.
type accountJSON struct {
	ID             string       `json:"id"`
	Username       string       `json:"username"`
	Acct           string       `json:"acct"`
	DisplayName    string       `json:"display_name"`
	Locked         bool         `json:"locked"`
	Bot            bool         `json:"bot"`
	Group          bool         `json:"group"`
	Discoverable   bool         `json:"discoverable"`
	Indexable      bool         `json:"indexable"`
	CreatedAt      string       `json:"created_at"`
	Note           string       `json:"note"`
	URL            string       `json:"url"`
	URI            string       `json:"uri"`
	Avatar         string       `json:"avatar"`
	AvatarStatic   string       `json:"avatar_static"`
	Header         string       `json:"header"`
	HeaderStatic   string       `json:"header_static"`
	FollowersCount int          `json:"followers_count"`
	FollowingCount int          `json:"following_count"`
	StatusesCount  int          `json:"statuses_count"`
	LastStatusAt   *string      `json:"last_status_at"`
	Emojis         []struct{}   `json:"emojis"`
	Fields         []fieldJSON  `json:"fields"`
	Minga          accountMinga `json:"minga"`
}

// fieldJSON is a row of a profile.
type fieldJSON struct {
	Name       string  `json:"name"`
	Value      string  `json:"value"`
	VerifiedAt *string `json:"verified_at"`
}

// accountMinga is what minga adds.
type accountMinga struct {
	Kind        string   `json:"kind"`
	Evidence    string   `json:"evidence"`
	Federations []string `json:"federations"`
}

// kindName is how the API calls a kind.
func kindName(kind coop.AccountKind) string {
	if kind == coop.Service {
		return "desk"
	}
	return string(kind)
}

// account turns an account into its entity. Counts that nobody asked the store
// for are zero.
func (f *Face) account(a *coop.Account, facts accountFacts) accountJSON {
	out := accountJSON{
		ID: a.ID.String(), Username: a.Name, Acct: a.Name, DisplayName: a.DisplayName, Locked: a.Locked, Bot: a.Kind == coop.Service || a.Kind == coop.Instance,
		Group: a.Kind == coop.Board, Discoverable: a.Discoverable, Indexable: a.Indexable, CreatedAt: stamp(a.CreatedAt), Note: a.Bio, URL: a.URL, URI: string(a.IRI),
		FollowersCount: facts.followers, FollowingCount: facts.following, StatusesCount: facts.posts, Emojis: []struct{}{}, Fields: []fieldJSON{},
		Minga: accountMinga{Kind: kindName(a.Kind), Evidence: facts.evidence, Federations: append([]string{}, facts.federations...)},
	}
	if a.Host != "" {
		out.Acct = a.Name + "@" + a.Host
	}
	if out.URL == "" {
		out.URL = string(a.IRI)
	}
	out.Avatar = f.base() + "/assets/avatar.svg"
	out.Header = f.base() + "/assets/header.svg"
	out.AvatarStatic, out.HeaderStatic = out.Avatar, out.Header
	for _, field := range a.Fields {
		out.Fields = append(out.Fields, fieldJSON{Name: html.UnescapeString(field.Name), Value: field.Value})
	}
	return out
}

// accountFacts is what the store was asked about an account.
type accountFacts struct {
	followers, following, posts int
	evidence                    string
	federations                 []string
}

// stamp writes a time as clients parse it: UTC, three digits of a second.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stampOrNull is a time that may be none.
func stampOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}
