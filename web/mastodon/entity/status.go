// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// Status is a post, or the boost of one: then Reblog is the post.
type Status struct {
	ID                 ID               `json:"id"`
	URI                string           `json:"uri"`
	URL                string           `json:"url"`
	CreatedAt          Time             `json:"created_at"`
	EditedAt           Time             `json:"edited_at"`
	Account            *Account         `json:"account"`
	Content            string           `json:"content"`
	Visibility         string           `json:"visibility"` // public, unlisted, private, direct
	Sensitive          bool             `json:"sensitive"`
	SpoilerText        string           `json:"spoiler_text"`
	Language           Null             `json:"language"`
	InReplyToID        ID               `json:"in_reply_to_id"`
	InReplyToAccountID ID               `json:"in_reply_to_account_id"`
	RepliesCount       int              `json:"replies_count"`
	ReblogsCount       int              `json:"reblogs_count"`
	FavouritesCount    int              `json:"favourites_count"`
	QuotesCount        int              `json:"quotes_count"`
	Reblog             *Status          `json:"reblog"`
	Quote              *struct{}        `json:"quote"`
	Poll               *Poll            `json:"poll"`
	Card               *Card            `json:"card"`
	Application        *StatusApp       `json:"application"`
	MediaAttachments   List[Attachment] `json:"media_attachments"`
	Mentions           List[Mention]    `json:"mentions"`
	Tags               List[StatusTag]  `json:"tags"`
	Emojis             List[Emoji]      `json:"emojis"`

	*Standing // nil when nobody is signed in

	Text  *string `json:"text,omitempty"` // what was typed: the answer to a deletion alone
	Minga any     `json:"minga"`          // null for an ordinary post
}

// Standing is what who asks has to do with a post.
type Standing struct {
	Favourited bool               `json:"favourited"`
	Reblogged  bool               `json:"reblogged"`
	Muted      bool               `json:"muted"`
	Bookmarked bool               `json:"bookmarked"`
	Pinned     *bool              `json:"pinned,omitempty"` // of one's own posts alone
	Filtered   List[FilterResult] `json:"filtered"`
}

// StatusApp is the program by which a post of this instance was written.
type StatusApp struct {
	Name    string `json:"name"`
	Website Null   `json:"website"`
}

// Mention is an account that a status names.
type Mention struct {
	ID       ID     `json:"id"`
	Username string `json:"username"`
	Acct     string `json:"acct"`
	URL      string `json:"url"`
}

// StatusTag is a hashtag of a status.
type StatusTag struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Context is a thread around one status.
type Context struct {
	Ancestors   List[*Status] `json:"ancestors"`
	Descendants List[*Status] `json:"descendants"`
}

// Card is the preview of a link.
type Card struct {
	URL          string           `json:"url"`
	Title        string           `json:"title"`
	Description  string           `json:"description"`
	Language     Null             `json:"language"`
	Type         string           `json:"type"` // link, photo, video, rich
	Authors      List[CardAuthor] `json:"authors"`
	AuthorName   string           `json:"author_name"`
	AuthorURL    string           `json:"author_url"`
	ProviderName string           `json:"provider_name"`
	ProviderURL  string           `json:"provider_url"`
	HTML         string           `json:"html"`
	Width        int              `json:"width"`
	Height       int              `json:"height"`
	Image        Null             `json:"image"`
	ImageText    string           `json:"image_description"`
	EmbedURL     string           `json:"embed_url"`
	Blurhash     Null             `json:"blurhash"`
	PublishedAt  Time             `json:"published_at"`
}

// CardAuthor is who wrote what a card shows.
type CardAuthor struct {
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Account *Account `json:"account"`
}

// Attachment is a media file.
type Attachment struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"` // image, video, gifv, audio, unknown
	URL         string          `json:"url"`
	PreviewURL  Null            `json:"preview_url"`
	RemoteURL   Null            `json:"remote_url"`
	Description Null            `json:"description"`
	Blurhash    Null            `json:"blurhash"`
	Meta        *AttachmentMeta `json:"meta"`
}

// AttachmentMeta is what is known of a file's sizes; nil members are left out.
type AttachmentMeta struct {
	Original *Dimensions `json:"original,omitempty"`
	Small    *Dimensions `json:"small,omitempty"`
	Focus    *Focus      `json:"focus,omitempty"`
}

// Dimensions are the size of a picture in pixels.
type Dimensions struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Size   string  `json:"size"`   // "640x480"
	Aspect float64 `json:"aspect"` // width divided by height
}

// Focus is the point that a cropped picture must show, from -1 to 1 on both axes.
type Focus struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Poll is a question that readers answer by choosing.
type Poll struct {
	ID          ID               `json:"id"`
	ExpiresAt   Time             `json:"expires_at"`
	Expired     bool             `json:"expired"`
	Multiple    bool             `json:"multiple"`
	VotesCount  int              `json:"votes_count"`
	VotersCount *int             `json:"voters_count"`
	Options     List[PollOption] `json:"options"`
	Emojis      List[Emoji]      `json:"emojis"`
	Voted       *bool            `json:"voted,omitempty"`     // nil when nobody is signed in
	OwnVotes    *List[int]       `json:"own_votes,omitempty"` // nil when nobody is signed in
}

// PollOption is one answer; VotesCount is null as long as the results are hidden.
type PollOption struct {
	Title      string `json:"title"`
	VotesCount *int   `json:"votes_count"`
}

// FilterResult says which filter of the reader a status met.
type FilterResult struct {
	Filter         any          `json:"filter"`
	KeywordMatches List[string] `json:"keyword_matches"`
	StatusMatches  List[ID]     `json:"status_matches"`
}
