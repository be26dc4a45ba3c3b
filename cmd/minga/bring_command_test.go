// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// broughtStates are what became of the rows, in one line.
func broughtStates(rows []broughtRow) string {
	var states []string
	for _, row := range rows {
		states = append(states, fmt.Sprintf("%d:%s", row.Line, row.State))
	}
	return strings.Join(states, " ")
}

// brings runs a command of import and compares what became of its rows.
func (h *house) brings(what string, end int, want string, args ...string) []broughtRow {
	h.f.t.Helper()
	var rows []broughtRow
	code, talk := h.runs(&rows, append([]string{"import", "--account", "telar"}, args...)...)
	if got := broughtStates(rows); code != end || got != want {
		h.f.t.Errorf("%s: %d %q, want %d %q: %+v %s", what, code, got, end, want, rows, talk)
	}
	return rows
}

// file writes a file of a story.
func (h *house) file(name, text string) string {
	h.f.t.Helper()
	path := filepath.Join(h.f.t.TempDir(), name)
	h.f.must(os.WriteFile(path, []byte(text), 0o600))
	return path
}

// jobTable is a table with a job of earlier, one of today, one that lacks what it pays,
// one that has ended, and one that nobody understands.
func jobTable(now time.Time) string {
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	return strings.Join([]string{
		"identifier,title,description,language,skills,employment_type,engagement,membership_track,places,posted,closes,hours_from,hours_to,pay_min,pay_max,pay_unit,currency,apply_mail,mood",
		`7,Panadera,"Hacemos pan de masa madre cada noche, entre doce personas que deciden todo.",es,pan;horno,PART_TIME,employment,possible,"Rosario, Santa Fe, AR",` + day(-20) + "," + day(30) + ",20,30,1200,1500,MONTH,EUR,pan@telar.example,good",
		`8,Contable,"Llevamos las cuentas de doce personas, con cuidado y con tiempo para pensar.",es,cuentas,PART_TIME,employment,possible,"Rosario, Santa Fe, AR",,` + day(30) + ",20,30,1200,1500,MONTH,EUR,pan@telar.example,",
		`9,Repartidora,"Llevamos el pan en bicicleta por toda la ciudad, cada día de la semana.",es,bicicleta,PART_TIME,employment,possible,"Rosario, Santa Fe, AR",,` + day(30) + ",20,30,,,,,pan@telar.example,",
		`10,Hornera,,es,,,,,,` + day(-80) + "," + day(-40) + ",,,,,,,,",
		`11,Molinera,,es,,,,,,ayer,,,,,,,,,`,
	}, "\n") + "\n"
}

// TestJobsAreBroughtFromATable: each row once; what is old is quiet and keeps its day, what
// is new goes to who follows, what lacks something waits, what is wrong is told.
func TestJobsAreBroughtFromATable(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		for _, h := range f.all { // commands go by the clock of the machine
			h.clock.Set(time.Now())
		}
		telar, hilo := a.phone(a.coop("telar")), b.phone(b.coop("hilo"))
		hilo.post(hilo.of(telar.self, "/follow"), nil)
		f.drain()
		table := a.file("jobs.csv", jobTable(a.now()))
		before := a.waiting()
		a.brings("read", exitPartly, "2:published 3:published 4:draft 5:left 6:bad", "--jobs", "--publish", "--dry-run", table)
		a.brings("kept", exitPartly, "2:draft 3:draft 4:draft 5:left 6:bad", "--jobs", "--dry-run", table)
		if posts := a.postsOf(telar); len(posts) != 0 || a.waiting() != before {
			t.Errorf("a dry run made %d posts and %d deliveries", len(posts), a.waiting()-before)
		}
		rows := a.brings("in", exitPartly, "2:published 3:published 4:draft 5:left 6:bad", "--jobs", "--publish", table)
		if got := strings.Join(append(rows[2].Problem, rows[4].Problem...), "; "); !strings.Contains(got, "pay: say what it pays") || !strings.Contains(got, `posted: a day such as 2030-01-31, not "ayer"`) {
			t.Errorf("it is told %q", got)
		}
		if more := a.waiting() - before; more != 1 {
			t.Errorf("%d deliveries wait more than before: only what is new is sent", more)
		}
		a.brings("once more", exitPartly, "2:known 3:known 4:known 5:left 6:bad", "--jobs", "--publish", table)
		posts := a.postsOf(telar)
		f.must(a.outbox.Delete(f.ctx, posts["Contable"]))
		a.brings("after one was deleted", exitPartly, "2:known 3:known 4:known 5:left 6:bad", "--jobs", "--publish", table)
		old := posts["Panadera"]
		if day := a.now().AddDate(0, 0, -20).Format(time.DateOnly); old == nil || old.Job.Status != coop.JobOpen || old.Job.DatePosted != day || old.Published.Format(time.DateOnly) != day {
			t.Errorf("the old one is %+v", old)
		}
		if code, text := a.stranger(pathOfIRI(old.IRI), "application/activity+json"); code != 200 || !strings.Contains(text, "masa madre") {
			t.Errorf("it is served with %d %.200s", code, text)
		}
		f.drain()
		if _, err := b.store.PostByIRI(f.ctx, coop.System(), old.IRI); err == nil {
			t.Error("the old one was sent")
		}
	})
}

// postsOf are the public posts of an account by their titles.
func (h *house) postsOf(who *phone) map[string]*coop.Post {
	h.f.t.Helper()
	posts, err := h.store.Posts(h.f.ctx, coop.System(), storage.PostQuery{Authors: []coop.ID{who.self.ID}}, coop.Page{Limit: 20})
	h.f.must(err)
	titles := map[string]*coop.Post{}
	for _, p := range posts {
		titles[p.Title] = p
	}
	return titles
}

// TestArticlesAreBroughtFromElsewhere: what WordPress exports and a folder of Markdown come
// once, with their days, quietly; what was not public there is not published here.
func TestArticlesAreBroughtFromElsewhere(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		for _, h := range f.all {
			h.clock.Set(time.Now())
		}
		telar, hilo := a.phone(a.coop("telar")), b.phone(b.coop("hilo"))
		hilo.post(hilo.of(telar.self, "/follow"), nil)
		f.drain()
		blog := a.file("blog.xml", wordPressBlog)
		before := a.waiting()
		a.brings("read", exitPartly, "1:published 2:published 3:draft 5:bad", "--wordpress", "--publish", "--dry-run", blog)
		a.brings("drafts", exitPartly, "1:draft 2:draft 3:draft 5:bad", "--wordpress", "--dry-run", blog)
		a.brings("in", exitPartly, "1:published 2:published 3:draft 5:bad", "--wordpress", "--publish", blog)
		a.brings("once more", exitPartly, "1:known 2:known 3:known 5:bad", "--wordpress", "--publish", blog)
		folder := t.TempDir()
		f.must(os.WriteFile(filepath.Join(folder, "a.md"), []byte("---\ntitle: Cuentas claras\ndate: 2023-02-03\nlang: es\n---\nCada mes.\n"), 0o600))
		a.brings("Markdown", exitDone, "0:published", "--articles", "--publish", folder)
		a.brings("Markdown once more", exitDone, "0:known", "--articles", "--publish", folder)
		if now := a.waiting(); now != before {
			t.Errorf("%d deliveries wait, %d did before", now, before)
		}
		posts := a.postsOf(telar)
		for title, day := range map[string]string{"Masa madre": "2024-05-02", "Cuentas claras": "2023-02-03"} {
			if p := posts[title]; p == nil || p.Published.Format(time.DateOnly) != day || p.Article.Status != coop.ArticlePublished {
				t.Errorf("%s is %+v", title, p)
			}
		}
		p := posts["Masa madre"]
		if p.Source != "Harina y **agua**, [como siempre](https://telar.example/siempre)." || p.Language != "es-AR" || len(p.Article.Topics) != 1 || len(p.Article.Citations) != 1 {
			t.Errorf("it says %q %+v", p.Source, p.Article)
		}
		f.drain()
		if _, err := b.store.PostByIRI(f.ctx, coop.System(), p.IRI); err == nil {
			t.Error("it was sent")
		}
	})
}

// wordPressBlog has two posts of the same title, a private one, a page and an empty post.
const wordPressBlog = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Telar</title><language>es-AR</language>
<item><title>Masa madre</title><link>https://telar.example/masa/</link><guid>https://telar.example/?p=1</guid><content:encoded><![CDATA[<p onclick="x()">Harina y <b>agua</b>, <a href="/siempre">como siempre</a>.<script>x()</script></p>]]></content:encoded>
<wp:post_date>2024-05-02 10:00:00</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><category domain="category">Pan</category></item>
<item><title>Agenda</title><link>https://telar.example/agenda/</link><guid>https://telar.example/?p=2</guid><content:encoded>Uno</content:encoded><wp:post_date>2024-06-02 10:00:00</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>Agenda</title><link>https://telar.example/agenda-2/</link><guid>https://telar.example/?p=3</guid><content:encoded>Dos</content:encoded><wp:post_date>2024-07-02 10:00:00</wp:post_date><wp:status>private</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>Nosotras</title><guid>https://telar.example/?p=4</guid><content:encoded>x</content:encoded><wp:status>publish</wp:status><wp:post_type>page</wp:post_type></item>
<item><title>Nada</title><guid>https://telar.example/?p=5</guid><content:encoded></content:encoded><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
</channel></rss>`
