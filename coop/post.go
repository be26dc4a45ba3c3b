// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// PostKind says what a post is to us, by its payload or its type on the wire.
type PostKind string

// The kinds of posts. What later issues give a meaning to is an ordinary Note
// until then.
const (
	KindNote     PostKind = "note" // also Page, Image, Video, Event and the like
	KindJob      PostKind = "job"
	KindArticle  PostKind = "article"
	KindQuestion PostKind = "question"
	KindRequest  PostKind = "request"
)

// Post is what somebody published, here or elsewhere.
type Post struct {
	ID       ID
	IRI      IRI
	AuthorID ID
	Author   *Account // filled by reads of the store
	Local    bool
	Kind     PostKind
	Type     string // type on the wire: Note, Article, Question, Page, …

	Visibility Visibility
	To, Cc     []IRI // as on the wire, without bto and bcc
	Audience   IRI   // home board (FEP-1b12)

	InReplyTo   IRI
	InReplyToID ID  // zero when the parent is not stored
	Thread      IRI // context collection (FEP-7888); the root's IRI where there is none

	Title      string // of jobs, requests and articles; plain text
	Summary    string // content warning, or an article's summary; plain text
	Sensitive  bool
	Language   string            // main language, BCP 47; empty when unknown
	Content    string            // sanitised HTML in the main language
	ContentMap map[string]string // every language, Content's included; nil when one or unknown
	Source     string            // what a person typed, Markdown or plain text
	SourceType string            // media type of Source

	URL         string // page for people
	Attachments []Attachment
	Hashtags    []string // without #, as written
	Mentions    []Mention
	Links       []IRI // FEP-e232 and the like
	Quote       IRI   // the post that it quotes (FEP-044f and older words for it)
	Emojis      []Emoji

	Published time.Time
	Updated   time.Time // zero: never changed
	Ends      time.Time // endTime; zero: none
	Deleted   time.Time

	Job     *Job
	Article *Article
	Request *Request
	Poll    *Poll // of questions; filled by reads of the store
	// Decision makes a question one that an electorate decides; filled by reads of the store.
	Decision *Decision

	// App is the program by which a post of ours was written; nil where it is not said.
	App *Program

	// ReachedThrough is every way by which a post of another server came here.
	ReachedThrough         []Path
	Replies, Boosts, Likes int // as the viewer may know them
}

// Listed tells whether a post may stand in public lists, feeds and search.
func (p *Post) Listed() bool { return p.Visibility == VisiblePublic }

// Program is an app as posts name it.
type Program struct {
	Name    string `json:"name"`
	Website string `json:"website,omitempty"`
}

// Attachment is a media file or document of a post.
type Attachment struct {
	Type      string `json:"type"` // Image, Video, Audio, Document, Link
	URL       string `json:"url"`
	MediaType string `json:"media_type,omitempty"`
	Alt       string `json:"alt,omitempty"`
	Blurhash  string `json:"blurhash,omitempty"`
	Width     int    `json:"width,omitempty"`  // pixels
	Height    int    `json:"height,omitempty"` // pixels

	ID            ID      `json:"id,omitempty"`      // of files of ours
	PreviewURL    string  `json:"preview,omitempty"` // a small picture; of other servers, theirs
	PreviewWidth  int     `json:"preview_width,omitempty"`
	PreviewHeight int     `json:"preview_height,omitempty"`
	Focus         *Focus  `json:"focus,omitempty"`    // nil: the middle
	Size          int64   `json:"size,omitempty"`     // bytes; 0: unknown
	Duration      float64 `json:"duration,omitempty"` // seconds; 0: unknown
	Title         string  `json:"title,omitempty"`    // what a document is called; plain text
}

// Mention is an account that a post names.
type Mention struct {
	Account ID     `json:"account,omitempty"` // zero when it is not stored
	IRI     IRI    `json:"iri"`
	Name    string `json:"name"` // as written, such as @ana@fed-sur.example
}

// Path is one way by which a post reached us.
type Path struct {
	Via     ID     // who brought it: a federation, a board, the author itself
	How     string // "direct", "announce", "backfill", "reply", "fetch"
	At      time.Time
	Account *Account // filled by reads
}

// Revision is an earlier state of a post or article.
type Revision struct {
	PostID  ID
	Version int64
	At      time.Time
	Title   string
	Summary string
	Content string
	Source  string
	Reason  string

	Sensitive   bool
	Attachments []Attachment
	Options     []string // of a poll, as they were worded then
	Language    string
}

// Document is the bytes of an activity or object, ours or another server's, as
// they were sent: never built again, never changed.
type Document struct {
	ID      ID
	IRI     IRI
	OwnerID ID // zero when the owner is not stored
	PostID  ID // the post whose visibility it shares; zero for none
	Public  bool
	Body    []byte
}
