// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Atom (RFC 4287).
type (
	atomFeed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Language string      `xml:"xml:lang,attr,omitempty"`
		ID       string      `xml:"id"`
		Title    string      `xml:"title"`
		Updated  string      `xml:"updated"`
		Links    []atomLink  `xml:"link"`
		Author   *atomPerson `xml:"author"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomPerson struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomEntry struct {
		Language   string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Updated    string         `xml:"updated"`
		Published  string         `xml:"published"`
		Link       atomLink       `xml:"link"`
		Author     atomPerson     `xml:"author"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary,omitempty"`
		Content    atomContent    `xml:"content"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

// newAtom writes a feed as Atom.
func newAtom(f feed) atomFeed {
	out := atomFeed{
		Language: f.Language, ID: f.Self, Title: f.Title, Updated: f.Updated.Format(time.RFC3339),
		Links: []atomLink{{"self", "application/atom+xml", f.Self}, {"alternate", "text/html", f.Page}},
	}
	if f.Author != "" {
		out.Author = &atomPerson{f.Author, f.AuthorURL}
	}
	for _, i := range f.Items {
		entry := atomEntry{
			Language: i.Language, ID: i.ID, Title: i.Title, Updated: i.Updated.Format(time.RFC3339), Published: i.Published.Format(time.RFC3339),
			Link: atomLink{"alternate", "text/html", i.URL}, Author: atomPerson{i.Author, i.AuthorURL}, Summary: i.Summary, Content: atomContent{"html", i.HTML},
		}
		for _, tag := range i.Tags {
			entry.Categories = append(entry.Categories, atomCategory{tag})
		}
		out.Entries = append(out.Entries, entry)
	}
	return out
}

// RSS 2.0, with Atom's self link and Dublin Core's creator.
type (
	rssFeed struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Atom    string     `xml:"xmlns:atom,attr"`
		Core    string     `xml:"xmlns:dc,attr"`
		Channel rssChannel `xml:"channel"`
	}
	rssChannel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language,omitempty"`
		Built       string    `xml:"lastBuildDate"`
		Self        rssSelf   `xml:"atom:link"`
		Items       []rssItem `xml:"item"`
	}
	rssSelf struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	rssItem struct {
		Title       string   `xml:"title"`
		Link        string   `xml:"link"`
		GUID        rssGUID  `xml:"guid"`
		Published   string   `xml:"pubDate"`
		Creator     string   `xml:"dc:creator,omitempty"`
		Categories  []string `xml:"category"`
		Description string   `xml:"description"`
	}
	rssGUID struct {
		Permanent string `xml:"isPermaLink,attr"`
		ID        string `xml:",chardata"`
	}
)

// newRSS writes a feed as RSS.
func newRSS(f feed) rssFeed {
	out := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Core: "http://purl.org/dc/elements/1.1/", Channel: rssChannel{
		Title: f.Title, Link: f.Page, Description: f.Title, Language: f.Language, Built: f.Updated.Format(time.RFC1123Z),
		Self: rssSelf{"self", "application/rss+xml", f.Self},
	}}
	for _, i := range f.Items {
		out.Channel.Items = append(out.Channel.Items, rssItem{
			Title: i.Title, Link: i.URL, GUID: rssGUID{"false", i.ID}, Published: i.Published.Format(time.RFC1123Z),
			Creator: i.Author, Categories: i.Tags, Description: i.HTML,
		})
	}
	return out
}

// JSON Feed 1.1.
type (
	jsonFeed struct {
		Version  string       `json:"version"`
		Title    string       `json:"title"`
		Page     string       `json:"home_page_url"`
		Self     string       `json:"feed_url"`
		Language string       `json:"language,omitempty"`
		Authors  []jsonAuthor `json:"authors,omitempty"`
		Items    []jsonItem   `json:"items"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url,omitempty"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url"`
		Title     string       `json:"title"`
		HTML      string       `json:"content_html"`
		Summary   string       `json:"summary,omitempty"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Language  string       `json:"language,omitempty"`
		Tags      []string     `json:"tags,omitempty"`
		Authors   []jsonAuthor `json:"authors,omitempty"`
	}
)

// newJSONFeed writes a feed as JSON Feed.
func newJSONFeed(f feed) jsonFeed {
	out := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Page: f.Page, Self: f.Self, Language: f.Language, Items: []jsonItem{}}
	if f.Author != "" {
		out.Authors = []jsonAuthor{{f.Author, f.AuthorURL}}
	}
	for _, i := range f.Items {
		out.Items = append(out.Items, jsonItem{
			ID: i.ID, URL: i.URL, Title: i.Title, HTML: i.HTML, Summary: i.Summary, Published: i.Published.Format(time.RFC3339),
			Modified: i.Updated.Format(time.RFC3339), Language: i.Language, Tags: i.Tags, Authors: []jsonAuthor{{i.Author, i.AuthorURL}},
		})
	}
	return out
}

// calendar writes the closing dates of jobs as iCalendar (RFC 5545): one entry of a
// day for each, with an id that stays and a number that grows with each change.
func calendar(f feed) []byte {
	var out strings.Builder
	line := func(name, value string) { out.WriteString(fold(name + ":" + value)) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//minga//jobs//EN")
	line("NAME", calendarText(f.Title))
	line("X-WR-CALNAME", calendarText(f.Title))
	line("URL", f.Page)
	for _, i := range f.Items {
		if i.Ends.IsZero() {
			continue
		}
		line("BEGIN", "VEVENT")
		line("UID", calendarText(i.ID))
		line("DTSTAMP", i.Updated.Format("20060102T150405Z"))
		line("SEQUENCE", fmt.Sprint(max(0, int(i.Updated.Sub(i.Published).Seconds()))))
		out.WriteString(fold("DTSTART;VALUE=DATE:" + i.Ends.Format("20060102")))
		line("SUMMARY", calendarText(i.Title+" · "+i.Author))
		line("DESCRIPTION", calendarText(i.Summary))
		line("URL", i.URL)
		line("STATUS", "CONFIRMED")
		line("TRANSP", "TRANSPARENT")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return []byte(out.String())
}

// calendarText escapes a text (RFC 5545 §3.3.11) and drops what no line may hold.
func calendarText(s string) string {
	s = strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "\\n", "\u2028", "\\n", "\u2029", "\\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// fold ends a line and breaks it at 75 bytes, never inside a character (RFC 5545 §3.1).
func fold(s string) string {
	var out strings.Builder
	width := 0
	for _, r := range s {
		size := utf8.RuneLen(r)
		if size < 0 {
			r, size = utf8.RuneError, 3
		}
		if width+size > 75 {
			out.WriteString("\r\n ")
			width = 1
		}
		out.WriteRune(r)
		width += size
	}
	return out.String() + "\r\n"
}
