// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"slices"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
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
	if coop.IRI(doc.ID()) == author.IRI {
		return nil, errNoPost // one id is one thing
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
		in.readAsked(p, doc)
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

// readAsked reads a question: a poll, and where its payload holds a decision.
func (in *Inbox) readAsked(p *coop.Post, doc *document.Object) {
	p.Kind, p.Poll = coop.KindQuestion, in.readPoll(doc)
	if p.Poll == nil {
		return
	}
	if p.Ends.IsZero() {
		p.Ends = p.Poll.Ends
	}
	d := doc.Payload("decision")
	if d == nil {
		return
	}
	if p.Decision = readDecision(d, doc.Question(in.now()), p); p.Decision != nil {
		p.Title = p.Decision.Title
	}
}
