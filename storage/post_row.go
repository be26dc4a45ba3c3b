// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// postDetails is what of a post is shown but never asked for.
type postDetails struct {
	To          []coop.IRI        `json:"to,omitempty"`
	Cc          []coop.IRI        `json:"cc,omitempty"`
	ContentMap  map[string]string `json:"content_map,omitempty"`
	Attachments []coop.Attachment `json:"attachments,omitempty"`
	Hashtags    []string          `json:"hashtags,omitempty"`
	Mentions    []coop.Mention    `json:"mentions,omitempty"`
	Links       []coop.IRI        `json:"links,omitempty"`
	Emojis      []coop.Emoji      `json:"emojis,omitempty"`
	App         *coop.Program     `json:"app,omitempty"`
}

// postColumns are those that [scanPost] reads, of posts p, jobs j, articles t and
// requests q.
const postColumns = `p.id, p.iri, p.author_id, p.local, p.kind, p.type, p.visibility, p.audience, p.in_reply_to,
	p.in_reply_to_id, p.thread, p.title, p.summary, p.sensitive, p.language, p.content, p.source, p.source_type,
	p.url, p.details, p.published_at, p.updated_at, p.ends_at, p.quote, COALESCE(j.payload, ''), COALESCE(t.payload, ''),
	COALESCE(q.payload, '')`

// postTables are the tables that [postColumns] and the visibility need; decisionTables
// those of posts that are decisions.
const (
	postTables     = `posts p` + postJoins
	decisionTables = `decisions d
	JOIN posts p ON p.id = d.post_id` + postJoins
)

// postJoins are what stands beside a post p.
const postJoins = `
	JOIN accounts a ON a.id = p.author_id
	LEFT JOIN jobs j ON j.post_id = p.id
	LEFT JOIN articles t ON t.post_id = p.id
	LEFT JOIN requests q ON q.post_id = p.id`

// scanPost reads a row of [postColumns].
func scanPost(row pgx.CollectableRow) (*coop.Post, error) {
	p := &coop.Post{}
	var id, author, parent, published, updated, ends int64
	var iri, kind, visibility, audience, replyTo, thread, details, quote, job, article, request string
	err := row.Scan(&id, &iri, &author, &p.Local, &kind, &p.Type, &visibility, &audience, &replyTo,
		&parent, &thread, &p.Title, &p.Summary, &p.Sensitive, &p.Language, &p.Content, &p.Source, &p.SourceType,
		&p.URL, &details, &published, &updated, &ends, &quote, &job, &article, &request)
	if err != nil {
		return nil, err
	}
	p.ID, p.IRI, p.AuthorID, p.Kind, p.Visibility = coop.ID(id), coop.IRI(iri), coop.ID(author), coop.PostKind(kind), coop.Visibility(visibility)
	p.Audience, p.InReplyTo, p.InReplyToID, p.Thread = coop.IRI(audience), coop.IRI(replyTo), coop.ID(parent), coop.IRI(thread)
	p.Quote = coop.IRI(quote)
	p.Published, p.Updated, p.Ends = atMs(published), atMs(updated), atMs(ends)
	if err := readPayloads(p, job, article, request); err != nil {
		return nil, err
	}
	return p, readPostDetails(p, details)
}

// readPayloads fills in the job, article or request.
func readPayloads(p *coop.Post, job, article, request string) error {
	if job != "" {
		p.Job = &coop.Job{}
		if err := json.Unmarshal([]byte(job), p.Job); err != nil {
			return fmt.Errorf("job of post %s: %w", p.ID, err)
		}
	}
	if article != "" {
		p.Article = &coop.Article{}
		if err := json.Unmarshal([]byte(article), p.Article); err != nil {
			return fmt.Errorf("article of post %s: %w", p.ID, err)
		}
	}
	if request != "" {
		p.Request = &coop.Request{}
		if err := json.Unmarshal([]byte(request), p.Request); err != nil {
			return fmt.Errorf("request of post %s: %w", p.ID, err)
		}
	}
	return nil
}

// readPostDetails fills in what [postRow] wrote as JSON.
func readPostDetails(p *coop.Post, text string) error {
	var d postDetails
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("details of post %s: %w", p.ID, err)
	}
	p.To, p.Cc, p.ContentMap, p.Attachments = d.To, d.Cc, d.ContentMap, d.Attachments
	p.Hashtags, p.Mentions, p.Links, p.Emojis, p.App = d.Hashtags, d.Mentions, d.Links, d.Emojis, d.App
	return nil
}

// postRow is what an Update may change of a post, as columns.
func postRow(p *coop.Post, membersOf coop.ID) ([]column, error) {
	details, err := jsonText(postDetails{
		To: p.To, Cc: p.Cc, ContentMap: p.ContentMap, Attachments: p.Attachments,
		Hashtags: p.Hashtags, Mentions: p.Mentions, Links: p.Links, Emojis: p.Emojis, App: p.App,
	})
	if err != nil {
		return nil, err
	}
	return []column{
		{"kind", string(p.Kind)},
		{"type", p.Type},
		{"visibility", string(p.Visibility)},
		{"members_of", int64(membersOf)},
		{"audience", string(p.Audience)},
		{"title", coop.Truncate(p.Title, 500)},
		{"summary", coop.Truncate(p.Summary, 10_000)},
		{"sensitive", p.Sensitive},
		{"language", p.Language},
		{"content", p.Content},
		{"source", p.Source},
		{"source_type", p.SourceType},
		{"url", p.URL},
		{"details", details},
		{"quote", string(p.Quote)},
		{"published_at", msOf(p.Published)},
		{"updated_at", msOf(p.Updated)},
		{"changed_at", max(msOf(p.Published), msOf(p.Updated))},
		{"ends_at", msOf(p.Ends)},
		{"draft", isDraft(p)},
		{"media", hasMedia(p)},
	}, nil
}

// isDraft tells posts that are not published yet.
func isDraft(p *coop.Post) bool {
	if p.Job != nil && (p.Job.Status == coop.JobDraft || p.Job.Status == coop.JobReview) {
		return true
	}
	if p.Request != nil && (p.Request.Status == coop.RequestDraft || p.Request.Status == coop.RequestReview) {
		return true
	}
	return p.Article != nil && p.Article.Status == coop.ArticleDraft
}
