// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/federation/sanitize"
)

var (
	// errNoPost is said of an object that is no post: a place, a key, a ballot.
	errNoPost = errors.New("not a post")
	// errBallot is said of a vote: a Note with a name, an answer to a question, and
	// no text.
	errBallot = errors.New("a ballot")
)

// Bounds of what is kept of one post's plain text.
const (
	maxTitle   = 500
	maxSummary = 5_000
	maxLinks   = 100
	maxAlt     = document.MaxAltText
)

// readPost turns an object of author into a post. The document must be the
// author's own word: whoever calls this has seen to its origin. It reads whatever
// is there; only what is no post at all is an error ([errNoPost], [errBallot]).
// members are collections that are known to hold the members of something.
func (in *Inbox) readPost(doc *document.Object, author *coop.Account, members ...coop.IRI) (*coop.Post, error) {
	if err := isPost(doc); err != nil {
		return nil, err
	}
	p := &coop.Post{
		IRI: coop.IRI(doc.ID()), AuthorID: author.ID, Author: author, Kind: coop.KindNote, Type: doc.Type(),
		InReplyTo: coop.IRI(doc.Ref("inReplyTo").ID), URL: webAddress(doc.Link()),
	}
	if p.URL == "" {
		p.URL = string(p.IRI)
	}
	in.readTimes(p, doc)
	readAudience(p, doc, author, members)
	readText(p, doc)
	readTags(p, doc)
	p.Attachments = readAttachments(doc)
	p.Thread = readThread(p, doc)
	in.readPayload(p, doc, author)
	return p, nil
}

// isPost tells posts from everything else that an activity may be about.
func isPost(doc *document.Object) error {
	if doc.ID() == "" || doc.Class() != document.Thing {
		return errNoPost
	}
	if isBallot(doc) {
		return errBallot
	}
	if slices.Contains(postTypes(), doc.Type()) || doc.Text("content").Value != "" && !slices.Contains(otherTypes(), doc.Type()) {
		return nil
	}
	return errNoPost
}

// postTypes are the objects that we show as posts.
func postTypes() []string {
	return []string{"Note", "Article", "Question", "Page", "Image", "Video", "Audio", "Document", "Event", "ChatMessage"}
}

// otherTypes may have content and are no posts all the same.
func otherTypes() []string {
	return []string{"Tombstone", "Place", "Profile", "Relationship", "Agreement", "Commitment", "Membership", "Referral", "LedgerEntry", "Alliance", "Edit"}
}

// readTimes reads dates; nothing of another server lies in the future.
func (in *Inbox) readTimes(p *coop.Post, doc *document.Object) {
	now := in.now()
	past := func(member string) time.Time {
		t, ok := doc.Time(member)
		if !ok {
			return time.Time{}
		}
		if t.After(now) {
			return now
		}
		return t
	}
	if p.Published = past("published"); p.Published.IsZero() {
		p.Published = now
	}
	if p.Updated = past("updated"); !p.Updated.After(p.Published) {
		p.Updated = time.Time{}
	}
	p.Ends, _ = doc.Time("endTime")
}

// readAudience reads who is addressed; bto and bcc are of nobody's business.
func readAudience(p *coop.Post, doc *document.Object, author *coop.Account, members []coop.IRI) {
	a := doc.Audience()
	p.To, p.Cc = addressees(a.To), addressees(a.Cc)
	if len(a.Audience) > 0 {
		p.Audience = coop.IRI(a.Audience[0])
	}
	p.Visibility = visibility(a, author, members)
}

// addressees are the addressed as IRIs, each once.
func addressees(list []string) []coop.IRI {
	var out []coop.IRI
	for _, s := range list {
		if i := coop.IRI(s); !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	return out
}

// visibility reads the level from who is addressed. Where Public is nowhere, the
// author's followers and known collections of members tell followers-only and
// members-only from direct; who the members are is decided when somebody reads.
func visibility(a document.Audience, author *coop.Account, members []coop.IRI) coop.Visibility {
	switch a.Visibility() {
	case document.Everyone:
		return coop.VisiblePublic
	case document.Unlisted:
		return coop.VisibleUnlisted
	}
	if author.Followers != "" && a.Has(string(author.Followers)) {
		return coop.VisibleFollowers
	}
	for _, m := range append(members, author.Members) {
		if m != "" && a.Has(string(m)) {
			return coop.VisibleMembers
		}
	}
	return coop.VisibleDirect
}

// readText reads title, warning and content: plain text stays plain, content is
// cleaned in every language.
func readText(p *coop.Post, doc *document.Object) {
	p.Title = coop.CleanLine(doc.Text("name").Value, maxTitle)
	summary := doc.Text("summary").Value
	if p.Type == "Article" || p.Type == "Page" || p.Type == "Event" {
		summary = sanitize.Text(summary)
	}
	p.Summary = coop.CleanText(summary, maxSummary)
	p.Sensitive, _ = doc.Bool("sensitive")
	content := doc.Text("content")
	p.Content = cleanContent(doc, content.Value)
	p.Language = coop.CleanLanguage(content.Language)
	p.ContentMap = contentMap(doc, content)
	source := doc.Source()
	p.Source, p.SourceType = coop.CleanText(source.Content, 256<<10), coop.CleanLine(source.MediaType, 100)
	if p.Content == "" && p.Type == "Event" {
		p.Content = eventText(doc)
	}
}

// cleanContent cleans one text by its media type: what says to be plain is not
// read as HTML, what is neither is shown as text.
func cleanContent(doc *document.Object, s string) string {
	switch doc.String("mediaType") {
	case "text/plain", "text/markdown":
		return sanitize.HTML(paragraphs(s))
	}
	return sanitize.HTML(s)
}

// contentMap is every language in full; nil where there is one or none.
func contentMap(doc *document.Object, t document.Text) map[string]string {
	m := map[string]string{}
	for _, l := range t.All {
		if tag := coop.CleanLanguage(l.Language); tag != "" {
			m[tag] = cleanContent(doc, l.Value)
		}
	}
	if len(m) < 2 {
		return nil
	}
	return m
}

// readTags reads hashtags, mentions and links to objects (FEP-e232, quotes).
func readTags(p *coop.Post, doc *document.Object) {
	tags := doc.Tags()
	for _, h := range tags.Hashtags {
		if name := coop.CleanLine(h.Name, 100); name != "" && !slices.Contains(p.Hashtags, name) {
			p.Hashtags = append(p.Hashtags, name)
		}
	}
	for _, m := range tags.Mentions {
		if _, err := origin.Parse(m.Href); err == nil {
			p.Mentions = append(p.Mentions, coop.Mention{IRI: coop.IRI(m.Href), Name: coop.CleanLine(m.Name, 320)})
		}
	}
	var links []string
	for _, l := range tags.Links {
		links = append(links, l.Href)
	}
	p.Quote = readQuote(doc)
	p.Links = iris(append(links, string(p.Quote)), maxLinks)
	p.Emojis = readEmojis(tags.Emoji)
}

// readAttachments reads media and documents; the files themselves stay where
// they are. A Video or Image is its own first attachment.
func readAttachments(doc *document.Object) []coop.Attachment {
	media := doc.Attachments()
	switch doc.Type() {
	case "Image", "Video", "Audio":
		own := slices.DeleteFunc(doc.Media("url"), func(m document.Attachment) bool { return !isMedia(m.MediaType) })
		media = append(own[:min(len(own), 1)], media...)
	}
	var out []coop.Attachment
	for _, m := range media {
		u := webAddress(m.URL)
		if u == "" || len(out) == document.MaxMedia {
			continue
		}
		out = append(out, coop.Attachment{
			Type: coop.CleanLine(m.Type, 50), URL: u, MediaType: coop.CleanLine(m.MediaType, 100),
			Alt: coop.CleanText(m.Name, maxAlt), Blurhash: blurhash(m.Blurhash),
			Width: pixels(m.Width), Height: pixels(m.Height),
			PreviewURL: webAddress(m.Icon), Focus: readFocus(m.Focus), Duration: readDuration(m.Duration),
		})
	}
	return out
}

// readFocus is the point of a picture that stays in sight; nil for the middle and for
// what is no point of it.
func readFocus(pair [2]string) *coop.Focus {
	if pair[0] == "" {
		return nil
	}
	focus, err := coop.ParseFocus(pair[0] + "," + pair[1])
	if err != nil || focus == (coop.Focus{}) {
		return nil
	}
	return &focus
}

// longestMedia is more than any film takes, in seconds.
const longestMedia = 100 * 3600

// durationShape is a duration of hours, minutes and seconds (ISO 8601).
var durationShape = regexp.MustCompile(`^PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,7}(?:\.\d{1,9})?)S)?$`)

// readDuration is how long something plays, in seconds; 0 where nothing is said.
func readDuration(text string) float64 {
	parts := durationShape.FindStringSubmatch(text)
	if parts == nil {
		return 0
	}
	seconds := 0.0
	for i, factor := range []float64{3600, 60, 1} {
		if n, err := strconv.ParseFloat(parts[i+1], 64); err == nil {
			seconds += n * factor
		}
	}
	if seconds > longestMedia {
		return 0
	}
	return seconds
}

// pixels is a size that a page may use.
func pixels(n int64) int {
	if n < 0 || n > 100_000 {
		return 0
	}
	return int(n)
}

// readThread is the context collection: of the post's own server, or, for a
// reply, of the thread's.
func readThread(p *coop.Post, doc *document.Object) coop.IRI {
	context := doc.Ref("context").ID
	if _, err := origin.Parse(context); err != nil {
		return ""
	}
	if p.InReplyTo == "" && !origin.Same(context, string(p.IRI)) {
		return ""
	}
	if p.InReplyTo != "" && !origin.Same(context, string(p.IRI)) && !origin.Same(context, string(p.InReplyTo)) {
		return ""
	}
	return coop.IRI(context)
}

// readPayload decides what the post is to us. A payload that does not hold makes
// it an ordinary post.
func (in *Inbox) readPayload(p *coop.Post, doc *document.Object, author *coop.Account) {
	switch {
	case p.Type == "Article":
		p.Kind, p.Article = coop.KindArticle, readArticle(doc)
	case p.Type == "Question":
		p.Kind, p.Poll = coop.KindQuestion, in.readPoll(doc)
		if p.Poll != nil && p.Ends.IsZero() {
			p.Ends = p.Poll.Ends
		}
		if d := doc.Payload("decision"); d != nil && p.Poll != nil {
			if p.Decision = readDecision(d, doc.Question(in.now()), p); p.Decision != nil {
				p.Title = p.Decision.Title
			}
		}
	case doc.Payload("job") != nil:
		if job := readJob(doc.Payload("job"), p, author, in.now()); job != nil {
			p.Kind, p.Job, p.Title = coop.KindJob, job, job.Title
			job.ConfirmedAt = in.now()
		}
	case doc.Payload("request") != nil:
		if request := readRequest(doc, doc.Payload("request"), p, in.now()); request != nil {
			p.Kind, p.Request, p.Title = coop.KindRequest, request, request.Title
		}
	}
}
