// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"minga/coop"
	"minga/storage"
)

// announcementCommand is `minga announcement`.
type announcementCommand struct {
	Create announcementCreate `cmd:"" help:"Tell everybody here something; their apps show it."`
	List   announcementList   `cmd:"" help:"List the announcements that hold."`
	Remove announcementRemove `cmd:"" help:"Take an announcement back."`
}

// announcementRow is an announcement as it is shown.
type announcementRow struct {
	ID        coop.ID    `json:"id"`
	Texts     coop.Texts `json:"texts"`
	Starts    string     `json:"starts_at,omitempty"`
	Ends      string     `json:"ends_at,omitempty"`
	Published string     `json:"published_at"`
}

// announcementCreate is `minga announcement create`.
type announcementCreate struct {
	Words  string            `arg:"" optional:"" name:"text" help:"What to say, in the language of this instance."`
	Text   map[string]string `mapsep:"none" placeholder:"LANGUAGE=TEXT" help:"What to say in another language, such as --text es=\"Nos mudamos\"; once for each."`
	Starts string            `placeholder:"TIME" help:"When what it is about begins: 2026-12-20 or 2026-12-20T18:00:00Z."`
	Ends   string            `placeholder:"TIME" help:"When it ends; from then on the announcement is not shown."`
}

// Run publishes an announcement.
func (a announcementCreate) Run(t *terminal) error {
	starts, wholeStart, err := readMoment("starts", a.Starts)
	if err != nil {
		return err
	}
	ends, wholeEnd, err := readMoment("ends", a.Ends)
	if err != nil {
		return err
	}
	if wholeEnd {
		ends = ends.Add(24*time.Hour - time.Second)
	}
	x := &coop.Announcement{StartsAt: starts, EndsAt: ends, AllDay: wholeStart || wholeEnd}
	return t.with(func(i *instance) error {
		x.Texts = i.inLanguages(a.Words, a.Text)
		if err := x.Validate(t.now()); err != nil {
			return err
		}
		if err := i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.AddAnnouncement(t.ctx, x) }); err != nil {
			return err
		}
		if err := i.audit(t.ctx, "announcement.create", x.ID.String(), ""); err != nil {
			return err
		}
		return t.print(newAnnouncementRow(x), func(w io.Writer) { fmt.Fprintln(w, x.ID) })
	})
}

// inLanguages are words in the language of the instance, and others by theirs.
func (i *instance) inLanguages(words string, others map[string]string) coop.Texts {
	texts := coop.Texts{}
	maps.Copy(texts, others)
	if words != "" {
		texts[i.config.Language] = words
	}
	return texts
}

// readMoment reads a day or a time; whole says that it is a day.
func readMoment(name, s string) (at time.Time, whole bool, err error) {
	if s == "" {
		return time.Time{}, false, nil
	}
	if at, err = time.Parse(time.DateOnly, s); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, s); err != nil {
		return at, false, usage("--%s is a day such as 2026-12-20 or a time such as 2026-12-20T18:00:00Z", name)
	}
	return at, false, nil
}

// newAnnouncementRow shows one announcement.
func newAnnouncementRow(a *coop.Announcement) announcementRow {
	return announcementRow{a.ID, a.Texts, stamp(a.StartsAt), stamp(a.EndsAt), stamp(a.PublishedAt)}
}

// announcementList is `minga announcement list`.
type announcementList struct{}

// Run lists announcements.
func (announcementList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		list, err := i.store.Announcements(t.ctx, 0, true)
		if err != nil {
			return err
		}
		rows := make([]announcementRow, 0, len(list))
		for _, a := range list {
			rows = append(rows, newAnnouncementRow(a))
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				fmt.Fprintf(w, "%s  since %s until %s\n", row.ID, row.Published, row.Ends)
				printTexts(w, row.Texts)
			}
		})
	})
}

// printTexts writes what was said in each language.
func printTexts(w io.Writer, texts coop.Texts) {
	for _, tag := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(w, "  %-3s %s\n", tag, printable(coop.CleanLine(texts[tag], 200)))
	}
}

// announcementRemove is `minga announcement remove`.
type announcementRemove struct {
	ID string `arg:"" help:"Its id."`
}

// Run takes an announcement back.
func (a announcementRemove) Run(t *terminal) error {
	return t.remove(a.ID, "announcement.remove", (*storage.Tx).RemoveAnnouncement)
}
