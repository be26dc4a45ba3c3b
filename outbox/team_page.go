// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/storage"
)

// archiveStyle is all that the page of an archive is drawn by.
const archiveStyle = `body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}article{border-top:1px solid;padding:.5rem 0}table{border-collapse:collapse}td,th{border:1px solid;padding:.25rem .5rem;text-align:left}.small{font-size:.875rem}`

// page is the room as a page that needs nothing but itself: everything in it is plain text
// or was cleaned.
func (e *teamExport) page(ctx context.Context, t *coop.Room) ([]byte, error) {
	b := &bytes.Buffer{}
	say := func(key string, values map[string]string) string {
		return html.EscapeString(e.o.words.Say(t.Account.Language, key, values))
	}
	name := html.EscapeString(t.Account.DisplayName)
	lang := html.EscapeString(e.o.words.Closest(t.Account.Language))
	fmt.Fprintf(b, `<!DOCTYPE html><html lang="%s"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><meta name="viewport" content="width=device-width"><title>%s</title><style>%s</style><h1>%s</h1>`,
		lang, name, archiveStyle, name)
	fmt.Fprintf(b, "<p>%s</p><p class=\"small\">%s</p>", say("team_archive", map[string]string{"Server": e.room.Server, "Day": e.room.Exported.Format("2006-01-02 15:04 UTC")}), html.EscapeString(e.room.Team))
	fmt.Fprintf(b, "<h2>%s</h2><ul>", say("team_members", nil))
	for _, m := range e.room.Members {
		fmt.Fprintf(b, "<li>%s</li>", e.who(m))
	}
	b.WriteString("</ul>")
	e.planOnPage(b, t, say)
	e.splitOnPage(b, t, say)
	e.filesOnPage(b, say)
	err := e.messagesOnPage(ctx, b, t, say)
	return b.Bytes(), err
}

// who is an account by name and id.
func (e *teamExport) who(iri string) string {
	if name := e.names[iri]; name != "" {
		return html.EscapeString(name) + ` <span class="small">` + html.EscapeString(iri) + `</span>`
	}
	return html.EscapeString(iri)
}

func (e *teamExport) planOnPage(b *bytes.Buffer, t *coop.Room, say func(string, map[string]string) string) {
	if t.Plan == nil {
		return
	}
	fmt.Fprintf(b, "<h2>%s</h2><p><strong>%s</strong></p><p>%s</p><ol>", say("team_plan", nil), html.EscapeString(t.Plan.Name), html.EscapeString(t.Plan.Text))
	for _, s := range t.Plan.Steps {
		fmt.Fprintf(b, "<li>%s", html.EscapeString(s.Name))
		for _, day := range []string{dayOf(s.From), dayOf(s.To)} {
			if day != "" {
				b.WriteString(" · " + day)
			}
		}
		for _, w := range s.Work {
			fmt.Fprintf(b, "<br>%s: %d h", e.who(string(w.Provider)), w.Hours)
		}
		b.WriteString("</li>")
	}
	b.WriteString("</ol>")
}

func (e *teamExport) splitOnPage(b *bytes.Buffer, t *coop.Room, say func(string, map[string]string) string) {
	if t.Split == nil {
		return
	}
	fmt.Fprintf(b, "<h2>%s</h2><table>", say("team_split", nil))
	for _, line := range t.Split.Lines {
		fmt.Fprintf(b, "<tr><td>%s</td><td>%s h</td><td>%s</td><td>%s %s</td></tr>",
			html.EscapeString(line.For), strconv.Itoa(line.Hours), e.who(string(line.Payee)), line.Amount.String(), html.EscapeString(t.Split.Currency))
	}
	fmt.Fprintf(b, "<tr><th colspan=\"3\">%s</th><th>%s %s</th></tr></table>", say("team_price", nil), t.Split.Price.String(), html.EscapeString(t.Split.Currency))
}

// filesOnPage links what lies beside the page.
func (e *teamExport) filesOnPage(b *bytes.Buffer, say func(string, map[string]string) string) {
	fmt.Fprintf(b, "<h2>%s</h2><ul>", say("team_documents", nil))
	for _, d := range e.room.Documents {
		if d.Kind == "message" {
			continue
		}
		state := ""
		if d.State != "" {
			state = " (" + html.EscapeString(d.State) + ")"
		}
		fmt.Fprintf(b, `<li><a href="%s">%s</a>%s %s</li>`, html.EscapeString(d.Path), html.EscapeString(d.Path), state, e.who(d.By))
	}
	b.WriteString("</ul>")
}

// messagesOnPage shows what was said, the oldest first.
func (e *teamExport) messagesOnPage(ctx context.Context, b *bytes.Buffer, t *coop.Room, say func(string, map[string]string) string) error {
	fmt.Fprintf(b, "<h2>%s</h2>", say("team_messages", nil))
	var parts []string
	page := coop.Page{Limit: 40}
	for len(parts) < mostArchived {
		posts, err := e.o.store.Posts(ctx, coop.System(), storage.PostQuery{Room: t.ID}, page)
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			break
		}
		for _, p := range posts {
			author := ""
			if p.Author != nil {
				author = e.who(string(p.Author.IRI))
			}
			parts = append(parts, fmt.Sprintf("<article><p>%s · %s</p>%s</article>", author, p.Published.UTC().Format("2006-01-02 15:04 UTC"), sanitize.Brief(p.Content)))
		}
		page.Max = posts[len(posts)-1].ID
	}
	for n := len(parts) - 1; n >= 0; n-- {
		b.WriteString(strings.ToValidUTF8(parts[n], ""))
	}
	return nil
}

// dayOf is a day as a date; empty for none.
func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02")
}
