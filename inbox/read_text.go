// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"html"
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/sanitize"
)

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
