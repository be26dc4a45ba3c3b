// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"html"
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/sanitize"
)

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

// contentMap is every language in full, of as many as are no longer together than one text
// may be; nil where there is one or none.
func contentMap(doc *document.Object, t document.Text) map[string]string {
	m, size := map[string]string{}, 0
	for _, l := range t.All {
		tag := coop.CleanLanguage(l.Language)
		if tag == "" {
			continue
		}
		text := cleanContent(doc, l.Value)
		if size += len(text); size > sanitize.MaxHTML {
			break
		}
		m[tag] = text
	}
	if len(m) < 2 {
		return nil
	}
	return m
}

// paragraphs makes HTML of plain text: blank lines part paragraphs.
func paragraphs(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(coop.CleanText(s, document.MaxString), "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>") + "</p>")
		}
	}
	return b.String()
}

// eventText says of an event what decides: when and where.
func eventText(doc *document.Object) string {
	var lines []string
	for _, s := range []string{doc.Text("name").Value, doc.String("startTime"), doc.Object("location").Text("name").Value} {
		if s = coop.CleanLine(s, maxTitle); s != "" {
			lines = append(lines, s)
		}
	}
	return paragraphs(strings.Join(lines, "\n\n"))
}

// firstStrong is the title that stands alone and strong in the first paragraph; empty where there is none.
func firstStrong(content string) string {
	rest, ok := strings.CutPrefix(strings.TrimSpace(content), "<p><strong>")
	if !ok {
		return ""
	}
	title, _, ok := strings.Cut(rest, "</strong></p>")
	if !ok {
		return ""
	}
	return coop.CleanLine(sanitize.Text(title), maxTitle)
}

// isMedia tells media that are shown from pages and documents.
func isMedia(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, "/")
	return kind == "image" || kind == "video" || kind == "audio"
}

// plain is HTML of strangers as text of at most limit characters.
func plain(htmlText string, limit int) string { return coop.CleanText(sanitize.Text(htmlText), limit) }
