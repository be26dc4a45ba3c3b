// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"strings"

	"minga/coop"
)

// statusJSON is Mastodon's Status with one member more.
type statusJSON struct {
	ID                 string           `json:"id"`
	URI                string           `json:"uri"`
	URL                *string          `json:"url"`
	CreatedAt          string           `json:"created_at"`
	EditedAt           *string          `json:"edited_at"`
	Account            accountJSON      `json:"account"`
	Content            string           `json:"content"`
	Visibility         string           `json:"visibility"`
	Sensitive          bool             `json:"sensitive"`
	SpoilerText        string           `json:"spoiler_text"`
	Language           *string          `json:"language"`
	InReplyToID        *string          `json:"in_reply_to_id"`
	InReplyToAccountID *string          `json:"in_reply_to_account_id"`
	RepliesCount       int              `json:"replies_count"`
	ReblogsCount       int              `json:"reblogs_count"`
	FavouritesCount    int              `json:"favourites_count"`
	Reblog             *struct{}        `json:"reblog"`
	Poll               *struct{}        `json:"poll"`
	Card               *struct{}        `json:"card"`
	Application        *struct{}        `json:"application"`
	MediaAttachments   []attachmentJSON `json:"media_attachments"`
	Mentions           []mentionJSON    `json:"mentions"`
	Tags               []tagJSON        `json:"tags"`
	Emojis             []struct{}       `json:"emojis"`
	Minga              *mingaJSON       `json:"minga"`
}

// attachmentJSON is a media file.
type attachmentJSON struct {
	ID          string  `json:"id"`
	Type        string  `json:"type"`
	URL         string  `json:"url"`
	PreviewURL  *string `json:"preview_url"`
	RemoteURL   *string `json:"remote_url"`
	Description *string `json:"description"`
	Blurhash    *string `json:"blurhash"`
}

// mentionJSON is an account that a status names.
type mentionJSON struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Acct     string `json:"acct"`
	URL      string `json:"url"`
}

// tagJSON is a hashtag.
type tagJSON struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// status turns a post into its entity.
func (f *Face) status(p *coop.Post) statusJSON {
	out := statusJSON{
		ID: p.ID.String(), URI: string(p.IRI), URL: orNull(p.URL), CreatedAt: stamp(p.Published), EditedAt: stampOrNull(p.Updated),
		Content: p.Content, Visibility: visibility(p.Visibility), Sensitive: p.Sensitive, Language: orNull(p.Language),
		RepliesCount: p.Replies, ReblogsCount: p.Boosts, FavouritesCount: p.Likes,
		MediaAttachments: []attachmentJSON{}, Mentions: []mentionJSON{}, Tags: []tagJSON{}, Emojis: []struct{}{}, Minga: f.minga(p),
	}
	if out.URL == nil {
		out.URL = orNull(string(p.IRI))
	}
	if p.Author != nil {
		out.Account = f.account(p.Author, accountFacts{})
	}
	if p.InReplyToID != 0 {
		out.InReplyToID = orNull(p.InReplyToID.String())
	}
	if p.Kind != coop.KindArticle {
		out.SpoilerText = p.Summary // an article's summary is no warning
	}
	f.addParts(&out, p)
	return out
}

// addParts adds media, mentions and tags.
func (f *Face) addParts(out *statusJSON, p *coop.Post) {
	for _, a := range p.Attachments {
		out.MediaAttachments = append(out.MediaAttachments, attachmentJSON{
			ID: p.ID.String() + "0", Type: mediaKind(a), URL: a.URL, RemoteURL: orNull(a.URL), Description: orNull(a.Alt), Blurhash: orNull(a.Blurhash),
		})
	}
	for _, m := range p.Mentions {
		name := strings.TrimPrefix(m.Name, "@")
		user, _, _ := strings.Cut(name, "@")
		out.Mentions = append(out.Mentions, mentionJSON{ID: m.Account.String(), Username: user, Acct: name, URL: string(m.IRI)})
	}
	for _, tag := range p.Hashtags {
		out.Tags = append(out.Tags, tagJSON{Name: strings.ToLower(tag), URL: f.base() + "/tags/" + strings.ToLower(tag)})
	}
}

// visibility is the nearest of Mastodon's four words; the true one stands in
// minga.audience.
func visibility(v coop.Visibility) string {
	switch v {
	case coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleDirect:
		return string(v)
	default:
		return "private"
	}
}

// mediaKind is Mastodon's word for a kind of file.
func mediaKind(a coop.Attachment) string {
	whole, _, _ := strings.Cut(a.MediaType, "/")
	switch whole {
	case "image", "video", "audio":
		return whole
	}
	return "unknown"
}

// orNull is a text, or null for none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// statuses turns a page of posts into entities and names the neighbours.
func (f *Face) statuses(posts []*coop.Post) []statusJSON {
	out := make([]statusJSON, 0, len(posts))
	for _, p := range posts {
		out = append(out, f.status(p))
	}
	return out
}
