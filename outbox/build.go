// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"strconv"
	"strings"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
)

// object is a post of ours as a document: a Note with a job or request, an Article, a Question,
// or a plain Note. It is read back from our words alone, so the same post gives the same bytes.
func (o *Outbox) object(p *coop.Post) vocabulary.Note {
	n := vocabulary.Note{
		ID: string(p.IRI), AttributedTo: string(p.Author.IRI), URL: p.URL, To: texts(p.To), Cc: texts(p.Cc), Audience: string(p.Audience),
		InReplyTo: string(p.InReplyTo), Context: string(p.Thread), Replies: string(below(p.IRI, "replies")),
		Published: p.Published, Updated: p.Updated, EndTime: p.Ends, Sensitive: p.Sensitive,
		Content: p.Content, Contents: contents(p), Tag: o.tags(p), Attachment: attachments(p, o.o.Local.media()),
	}
	switch p.Kind {
	case coop.KindJob:
		n.Extra = vocabulary.Members{{Name: "job", Value: JobPosting(p)}}
	case coop.KindRequest:
		n.Extra = requestTerms(p)
	case coop.KindArticle:
		n.Type, n.Name, n.Summary, n.Source, n.SourceType = "Article", p.Title, p.Summary, p.Source, p.SourceType
		n.Extra = articleTerms(p)
	case coop.KindQuestion:
		n.Type, n.Summary = "Question", p.Summary
		if p.Poll != nil {
			n.Extra = pollTerms(p)
		}
		if p.Decision != nil {
			n.Extra = append(n.Extra, vocabulary.Member{Name: "decision", Value: DecisionTerms(p)})
		} else {
			n.Extra = append(n.Extra, interactionPolicy(p)...)
		}
	default:
		n.Extra = interactionPolicy(p)
		n.Summary = p.Summary // a warning that the author wrote
	}
	return n
}

// contents is contentMap: the main language first, the others in order.
func contents(p *coop.Post) vocabulary.Map {
	if p.Language == "" {
		return nil
	}
	return vocabulary.Map(languages(p.Language, p.Content, p.ContentMap))
}

// tags are hashtags, mentions and links to objects.
func (o *Outbox) tags(p *coop.Post) []vocabulary.Members {
	var tags []vocabulary.Members
	for _, m := range p.Mentions {
		tags = append(tags, vocabulary.Mention(m.Name, string(m.IRI)))
	}
	for _, t := range p.Hashtags {
		tags = append(tags, vocabulary.Hashtag(t, o.o.Local.Tag(t)))
	}
	for _, l := range p.Links {
		tags = append(tags, vocabulary.ObjectLink(string(l), ""))
	}
	if p.Article != nil && p.Article.SupersededBy != "" {
		tags = append(tags, vocabulary.ObjectLink(string(p.Article.SupersededBy), "", "successor-version"))
	}
	return tags
}

// attachments are media and files; never payloads.
func attachments(p *coop.Post, at coop.MediaPlaces) []vocabulary.Members {
	var list []vocabulary.Members
	for _, a := range p.Attachments {
		kind := a.Type
		if kind != "Image" {
			kind = "Document" // Lemmy refuses a post with any other type here
		}
		alt := a.Alt
		if alt == "" && a.Type != "Image" && a.Type != "Video" && a.Type != "Audio" {
			alt = a.Title
		}
		m := vocabulary.Members{{Name: "type", Value: kind}}.Add("mediaType", a.MediaType).Add("url", at.Shown(a.URL)).Add("name", alt)
		m = m.Add("blurhash", a.Blurhash)
		m = positive(positive(m, "width", a.Width), "height", a.Height)
		if a.Focus != nil {
			m = append(m, vocabulary.Member{Name: "focalPoint", Value: []any{coordinate(a.Focus.X), coordinate(a.Focus.Y)}})
		}
		if a.PreviewURL != "" && kind != "Image" {
			m = m.Add("icon", vocabulary.Picture(at.Shown(a.PreviewURL), "", ""))
		}
		list = append(list, m)
	}
	return list
}

// coordinate is a number without an exponent, which not every reader knows.
func coordinate(f float64) json.Number {
	return vocabulary.Decimal(strconv.FormatFloat(f, 'f', -1, 64))
}

// articleTerms are the terms of a knowledge post.
func articleTerms(p *coop.Post) vocabulary.Members {
	a := p.Article
	m := vocabulary.Members{}.Add("inLanguage", p.Language).Add("license", a.License).Add("version", version(a.Version))
	m = m.Add("history", string(a.History)).Add("translationOfWork", string(a.TranslationOf)).Add("translatedVersion", version(a.TranslatedVersion))
	m = m.Add("workTranslation", texts(a.Translations)).Add("citation", texts(a.Citations))
	var topics []vocabulary.Members
	for _, t := range a.Topics {
		topics = append(topics, term("DefinedTerm", t))
	}
	m = m.Add("about", topics)
	if a.Series != nil {
		m = m.Add("isPartOf", term("CreativeWorkSeries", *a.Series))
	}
	m = positive(m, "position", a.Position).Add("checkedOn", a.CheckedOn).Add("checkedBy", string(a.CheckedBy))
	m = m.Add("preview", ArticlePreview(p))
	var with []string
	for _, c := range a.Contributors {
		with = append(with, string(c.IRI))
	}
	return m.Add("contributor", with)
}

// version is a decimal string; zero is not said.
func version(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// ArticlePreview is the Note that stands for an article where it is not shown whole
// (FEP-b2b8): title and summary, without an id.
func ArticlePreview(p *coop.Post) vocabulary.Members {
	return vocabulary.Members{
		{Name: "type", Value: "Note"},
		{Name: "attributedTo", Value: string(p.Author.IRI)},
		{Name: "content", Value: articleCard(p)},
		{Name: "published", Value: p.Published},
	}
}

// articleCard is title and summary as HTML.
func articleCard(p *coop.Post) string {
	return text.Paragraph(p.Title, true) + text.Paragraph(p.Summary, false)
}

// shownName is what people call an account.
func shownName(a *coop.Account) string {
	if s := strings.TrimSpace(a.DisplayName); s != "" {
		return s
	}
	return a.Name
}
