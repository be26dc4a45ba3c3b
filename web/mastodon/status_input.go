// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/text"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// draft is a post as a client sent it.
type draft struct {
	post *coop.Post
	kind coop.PostKind
	keep bool // do not publish: jobs and articles alone
	in   input.Values
}

// readStatus reads what POST statuses takes. The post has no id yet.
func (f *Face) readStatus(c *gin.Context, in input.Values) (*draft, error) {
	author := auth.Account(c)
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, App: programOf(c)}
	d := &draft{post: p, kind: coop.KindNote, in: in}
	if err := f.fillReply(c, p, in); err != nil {
		return nil, err
	}
	minga := in.Below("minga")
	switch minga.Text("kind") {
	case "", string(coop.KindNote), string(coop.KindQuestion):
		f.fillNote(p, in, nil)
	case string(coop.KindJob):
		if err := mayPublish(author); err != nil {
			return nil, err
		}
		d.kind = coop.KindJob
		fillJobStatus(p, in)
	case string(coop.KindArticle):
		d.kind = coop.KindArticle
		f.fillArticleStatus(p, in)
	default:
		minga.Complain("kind", "inclusion", "is job or article, or nothing")
	}
	if on := minga.Flag("draft"); on != nil && d.kind != coop.KindNote {
		d.keep = *on
	}
	if err := f.fillAudience(c, p, in); err != nil {
		return nil, err
	}
	return d, in.Err()
}

// programOf is the app of the token; the command line's is none.
func programOf(c *gin.Context) *coop.Program {
	token := auth.TokenOf(c)
	if token == nil || token.AppID == 0 || token.App == "" {
		return nil
	}
	return &coop.Program{Name: token.App, Website: token.Website}
}

// fillReply finds what is answered, by the id of the post or of a boost of it.
func (f *Face) fillReply(c *gin.Context, p *coop.Post, in input.Values) error {
	text := in.Text("in_reply_to_id")
	if text == "" {
		return nil
	}
	id, err := coop.ParseID(text)
	if err != nil {
		return fmt.Errorf("answer %.40q: %w", text, coop.ErrNotFound)
	}
	e, err := f.Store.Entry(c.Request.Context(), auth.Viewer(c), id)
	if err != nil {
		return fmt.Errorf("answer %s: %w", id, err)
	}
	p.InReplyToID, p.InReplyTo = e.Post.ID, e.Post.IRI
	return nil
}

// fillNote writes the members of a plain post; before is its state until now, nil for
// a new one. What is not sent is taken away, but for the language and the form, as
// clients expect of an edit.
func (f *Face) fillNote(p *coop.Post, in input.Values, before *coop.Post) {
	p.Source, p.Summary, p.SourceType = in.Text("status"), in.Text("spoiler_text"), in.Text("content_type")
	if before != nil && before.Job != nil && !in.Has("status") {
		p.Source = outbox.JobSource(before) // files alone are changed
	}
	if strings.TrimSpace(p.Source) == "" && before == nil {
		p.Source, p.Summary = p.Summary, ""
	}
	if sensitive := in.Flag("sensitive"); sensitive != nil {
		p.Sensitive = *sensitive
	} else if before == nil {
		p.Sensitive = p.Author.Posting.Sensitive
	}
	p.Sensitive = p.Sensitive || p.Summary != ""
	p.Language = in.Text("language")
	if before != nil && p.SourceType == "" {
		p.SourceType = before.SourceType
	}
	f.fillFiles(p, in)
	p.Poll = f.pollFrom(in, before)
}

// fillFiles names the files of a post.
func (f *Face) fillFiles(p *coop.Post, in input.Values) {
	ids := in.IDs("media_ids")
	if len(ids) > maxAttachments {
		in.Complain("media_ids", coop.CodeTooMany, fmt.Sprintf("at most %d files", maxAttachments))
		return
	}
	for _, id := range ids {
		p.Attachments = append(p.Attachments, coop.Attachment{ID: id})
	}
}

// pollFrom is the poll that was sent, nil for none. One that is sent without a time
// keeps the time that it had.
func (f *Face) pollFrom(in input.Values, before *coop.Post) *coop.Poll {
	if in.Null("poll") {
		return nil
	}
	sent := in.Below("poll")
	titles := sent.Texts("options")
	if len(titles) == 0 {
		return nil
	}
	runs := time.Duration(min(sent.Number("expires_in"), int(2*coop.MaxPollTime/time.Second))) * time.Second
	poll := coop.NewPoll(titles, runs, sent.On("multiple"), sent.On("hide_totals"), f.Now())
	if !sent.Has("expires_in") {
		poll.Ends = time.Time{}
		if before != nil && before.Poll != nil {
			poll.Ends = before.Poll.Ends
		}
	}
	return poll
}

// fillJobStatus writes a job; a text beside it is its description where none is sent.
func fillJobStatus(p *coop.Post, in input.Values) {
	if !in.Null("language") {
		p.Language = in.Text("language")
	}
	fillJob(p, in.Below("minga"))
	if text := in.Text("status"); strings.TrimSpace(text) != "" && len(p.Job.Markdown) == 0 && p.ID == 0 {
		p.Job.Markdown = map[string]string{p.Language: text}
	}
	noFiles(in)
}

// fillArticleStatus writes an article; the status is its text, the warning its summary.
func (f *Face) fillArticleStatus(p *coop.Post, in input.Values) {
	if !in.Null("language") {
		p.Language = in.Text("language")
	}
	if text := in.Text("status"); strings.TrimSpace(text) != "" {
		p.Source = text
	}
	if summary := in.Text("spoiler_text"); summary != "" {
		p.Summary = summary
	}
	f.fillArticle(p, in.Below("minga"))
	noFiles(in)
}

// noFiles complains about what jobs and articles do not have.
func noFiles(in input.Values) {
	if len(in.Texts("media_ids")) > 0 {
		in.Complain("media_ids", coop.CodeNotAllowed, "jobs and articles have no files; an article shows pictures by their addresses")
	}
	if !in.Null("poll") {
		in.Complain("poll", coop.CodeNotAllowed, "jobs and articles have no poll")
	}
}

// audiences are the API's words for who may see a post.
var audiences = map[string]coop.Visibility{
	"public": coop.VisiblePublic, "unlisted": coop.VisibleUnlisted, "private": coop.VisibleFollowers, "direct": coop.VisibleDirect,
}

// fillAudience writes who may see the post: minga[audience] where it is sent, else
// visibility, else what the account's posts usually have.
func (f *Face) fillAudience(c *gin.Context, p *coop.Post, in input.Values) error {
	if audience := in.Below("minga").Text("audience"); audience != "" {
		return f.fillOwnAudience(c, p, in.Below("minga"), audience)
	}
	word := in.Text("visibility")
	if word == "" {
		p.Visibility = p.Author.Posting.Visibility
		if p.Visibility == "" || p.Job != nil || p.Article != nil {
			p.Visibility = coop.VisiblePublic
		}
		return nil
	}
	known := false
	if p.Visibility, known = audiences[word]; !known {
		in.Complain("visibility", "inclusion", "is public, unlisted, private or direct")
	}
	return nil
}

// fillOwnAudience writes an audience that only minga has: local, or the members of an
// account. The common ones may be said in the same place.
func (f *Face) fillOwnAudience(c *gin.Context, p *coop.Post, in input.Values, audience string) error {
	if v, known := audiences[audience]; known || audience == string(coop.VisibleFollowers) {
		p.Visibility = v
		if !known {
			p.Visibility = coop.VisibleFollowers
		}
		return nil
	}
	if audience == string(coop.VisibleLocal) {
		p.Visibility, p.Cc = coop.VisibleLocal, nil
		return nil
	}
	text, ok := strings.CutPrefix(audience, string(coop.VisibleMembers)+":")
	id, err := coop.ParseID(text)
	if !ok || err != nil {
		in.Complain("audience", "inclusion", "is public, unlisted, private, direct, local or members:<account id>")
		return nil
	}
	owner, err := f.Store.Account(c.Request.Context(), id)
	if errors.Is(err, coop.ErrNotFound) || err == nil && (owner.Members == "" || owner.Gone()) {
		in.Complain("audience", "not_found", "names no account that has members")
		return nil
	}
	if err == nil {
		p.Visibility, p.Cc = coop.VisibleMembers, []coop.IRI{owner.Members}
	}
	return err
}

// named are the handles in a text, no longer than any that is published.
func named(source string) []coop.Handle {
	return text.Handles(coop.Truncate(source, 4*coop.MaxPostLength))
}
