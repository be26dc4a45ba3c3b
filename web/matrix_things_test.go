// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
)

// text is a text with a word of its own, which names who is named.
func (m *matrix) text() (text, word string) {
	m.words++
	word = fmt.Sprintf("zarzamora%dq", m.words)
	text = word + " #matrix https://page.example/matrix"
	for _, r := range m.readers {
		if r.named && r.wire {
			text += " @" + r.name + "@" + r.account.Host
		} else if r.named {
			text += " @" + r.name
		}
	}
	return text + " @carla", word
}

// add notes a thing.
func (m *matrix) add(level, kind string, by *coop.Account, p *coop.Post, word string) *thing {
	x := &thing{level: level, kind: kind, audience: p.Visibility, by: by, id: p.ID.String(), iri: string(p.IRI), word: word}
	m.things = append(m.things, x)
	return x
}

// write makes what both authors write, at each level.
func (m *matrix) write() {
	for _, v := range everyone {
		note := m.note(m.telar, string(v), "note", v, func(p *coop.Post) { m.picture(p) })
		m.note(m.telar, string(v), "answer", v, func(p *coop.Post) { p.InReplyTo = m.root.IRI })
		m.note(m.telar, string(v), "ballot", v, func(p *coop.Post) {
			p.Poll = coop.NewPoll([]string{"rye", "wheat"}, time.Hour, false, false, time.Now())
		})
		m.below(note)
		m.job(v, string(v))
		m.article(v, string(v))
		m.away(v, string(v))
	}
	m.job(coop.VisiblePublic, "frozen").waits = true
	for _, v := range []coop.Visibility{coop.VisiblePublic, coop.VisibleFollowers} {
		level := "withdrawn"
		if v != coop.VisiblePublic {
			level = "withdrawn from followers"
		}
		m.note(m.telar, level, "note", v, func(p *coop.Post) { m.picture(p) })
		m.away(v, level)
	}
	m.drafts()
}

// note publishes a note of an author here.
func (m *matrix) note(by *coop.Account, level, kind string, v coop.Visibility, change func(*coop.Post)) *thing {
	text, word := m.text()
	p := &coop.Post{Source: text, Visibility: v, Language: "en"}
	if v == coop.VisibleMembers {
		p.Cc = []coop.IRI{m.federation.Members}
	}
	change(p)
	m.must(m.outbox.PublishNote(m.Context(), by, p))
	x := m.add(level, kind, by, p, word)
	if len(p.Attachments) > 0 {
		x.file = path(p.Attachments[0].URL)
	}
	return x
}

// picture gives a post a picture of its author's.
func (m *matrix) picture(p *coop.Post) {
	file, w := m.upload(m.tokens["telar"], "file", "a.jpg", string(photo(m, 20, 20)))
	id, err := coop.ParseID(file.ID)
	if err != nil {
		m.Fatalf("%v: %s", err, w.Body)
	}
	p.Attachments = []coop.Attachment{{ID: id}}
}

// below lets carla answer a thing in public, as far as an answer can be.
func (m *matrix) below(parent *thing) {
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	p := &coop.Post{Source: word, Visibility: coop.VisiblePublic, InReplyTo: coop.IRI(parent.iri), Language: "en"}
	m.must(m.outbox.PublishNote(m.Context(), m.carla, p))
	m.add(string(p.Visibility), "below "+parent.level, m.carla, p, word)
}

// job publishes a job of telar.
func (m *matrix) job(v coop.Visibility, level string) *thing {
	return m.special("job", v, level, strings.Replace(goodJob[1:], `"description":"`, `"description":"WORD `, 1))
}

// article publishes an article of telar.
func (m *matrix) article(v coop.Visibility, level string) *thing {
	return m.special("article", v, level, `"title":"How we bake WORD","summary":"With patience.","markdown":"Flour, water, salt, WORD.","language":"en"}`)
}

// special publishes what only minga has, as its clients do.
func (m *matrix) special(kind string, v coop.Visibility, level, body string) *thing {
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	audience := string(v)
	if v == coop.VisibleMembers {
		audience += ":" + m.federation.ID.String()
	}
	draft := ""
	if level == "draft" {
		draft = `"draft":true,`
	}
	text := `{"minga":{"kind":"` + kind + `","audience":"` + audience + `",` + draft + strings.ReplaceAll(body, "WORD", word) + `}`
	answer := m.ask("POST", "/api/v1/statuses", m.tokens["telar"], strings.Replace(text, "Baker at night", "Baker "+word, 1))
	var status struct{ ID, URI string }
	if err := json.Unmarshal(answer.Body.Bytes(), &status); err != nil || answer.Code != 200 {
		m.Fatalf("a %s for %s answers %d: %s", kind, v, answer.Code, answer.Body)
	}
	x := &thing{level: level, kind: kind, audience: v, by: m.telar, id: status.ID, iri: status.URI, word: word, waits: level == "draft"}
	m.things = append(m.things, x)
	return x
}

// drafts are what is not published: of telar alone.
func (m *matrix) drafts() {
	m.job(coop.VisiblePublic, "draft")
	m.article(coop.VisiblePublic, "draft")
	m.words++
	word := fmt.Sprintf("zarzamora%dq", m.words)
	at := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	answer := m.ask("POST", "/api/v1/statuses", m.tokens["telar"], `{"status":"`+word+`","scheduled_at":"`+at+`"}`)
	var s struct{ ID string }
	m.must(json.Unmarshal(answer.Body.Bytes(), &s))
	m.things = append(m.things, &thing{level: "scheduled", kind: "scheduled", audience: coop.VisiblePublic, by: m.telar, id: s.ID, iri: "https://coop.example/coops/telar/notes/" + s.ID, word: word, waits: true})
}

// away stores what noa wrote elsewhere: a note, an answer, a ballot, a quote.
func (m *matrix) away(v coop.Visibility, level string) {
	for kind, change := range map[string]func(*coop.Post){
		"note": func(*coop.Post) {}, "answer": func(p *coop.Post) { p.InReplyTo = m.root.IRI }, "quote": func(p *coop.Post) { p.Quote = m.root.IRI },
		"ballot": func(p *coop.Post) {
			p.Poll, p.Kind, p.Type = coop.NewPoll([]string{"rye", "wheat"}, time.Hour, false, false, time.Now()), coop.KindQuestion, "Question"
		},
	} {
		m.words++
		word := fmt.Sprintf("zarzamora%dq", m.words)
		iri := m.noa.IRI + coop.IRI(fmt.Sprintf("/notes/%d", m.words))
		p := &coop.Post{
			IRI: iri, URL: string(iri), Author: m.noa, AuthorID: m.noa.ID, Kind: coop.KindNote, Type: "Note", Visibility: v, Language: "en",
			Content: "<p>" + word + ` <a href="https://page.example/matrix">page.example</a></p>`, Hashtags: []string{"matrix"}, Published: time.Now().Add(-time.Minute),
		}
		switch v {
		case coop.VisiblePublic, coop.VisibleUnlisted:
			p.To = []coop.IRI{coop.Public}
		case coop.VisibleFollowers:
			p.To = []coop.IRI{m.noa.Followers}
		case coop.VisibleMembers:
			p.To = []coop.IRI{m.federation.Members}
		}
		for _, r := range m.readers {
			if r.named && !r.wire {
				p.Cc = append(p.Cc, r.account.IRI)
				p.Mentions = append(p.Mentions, coop.Mention{IRI: r.account.IRI, Name: "@" + r.name})
			}
		}
		change(p)
		m.change(func(tx *storage.Tx) error { _, err := tx.AddPost(m.Context(), p, storage.Arrival{}); return err })
		m.add(level, kind, m.noa, p, word)
	}
}
