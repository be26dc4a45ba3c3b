// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// SampleJobs says how large a board is made.
type SampleJobs struct {
	Jobs   int
	Coops  []*coop.Account // who offers them
	Until  time.Time
	Places []coop.Place
}

// FillJobs adds invented jobs to the board, in the rows that real ones have. All in
// them follows from their numbers. Like [Store.FillSample] it is only for `minga bench`.
func (s *Store) FillJobs(ctx context.Context, m SampleJobs) (err error) {
	db, err := s.db.handle()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	f := &fill{Sample: Sample{Until: m.Until}, db: db, engine: s.e.engine}
	if err := f.begin(ctx); err != nil {
		return err
	}
	for from := 0; from < m.Jobs; from += sampleJobs {
		if err := f.jobs(ctx, m, from, min(from+sampleJobs, m.Jobs)); err != nil {
			return fmt.Errorf("sample of %d jobs: %w", m.Jobs, err)
		}
	}
	return f.finish(ctx)
}

// sampleJobs is how many jobs are written in one transaction.
const sampleJobs = 2000

// jobs writes the jobs of some numbers.
func (f *fill) jobs(ctx context.Context, m SampleJobs, from, to int) error {
	tables := map[string][][]column{}
	for n := from; n < to; n++ {
		p := m.post(n)
		job, err := jobRow(p)
		if err != nil {
			return err
		}
		post, err := postRow(p, 0)
		if err != nil {
			return err
		}
		id := int64(p.ID)
		tables["posts"] = append(tables["posts"], append(post, column{"id", id}, column{"iri", string(p.IRI)}, column{"author_id", int64(p.AuthorID)},
			column{"local", false}, column{"in_reply_to", ""}, column{"in_reply_to_id", 0}, column{"thread", string(p.IRI)}))
		tables["jobs"] = append(tables["jobs"], job)
		facets := facetsOf(p.Job)
		for _, skill := range p.Job.Skills {
			facets = append(facets, facet{"skill", skill.Name}, facet{"skill_name", skill.Name})
		}
		for _, one := range unique(facets) {
			if one.value != "" {
				tables["job_facets"] = append(tables["job_facets"], []column{{"post_id", id}, {"facet", one.name}, {"value", one.value}})
			}
		}
		tables["post_paths"] = append(tables["post_paths"], []column{{"post_id", id}, {"via", int64(p.AuthorID)}, {"how", "direct"}, {"at", msOf(p.Published)}})
		for _, place := range p.Job.Places {
			if at, known := place.Point(); known {
				x, y, z := at.Cube()
				tables["job_points"] = append(tables["job_points"], []column{{"post_id", id}, {"x", x}, {"y", y}, {"z", z}})
			}
		}
		_, words := wordsOf(p)
		if f.engine == SQLite {
			tables["job_search"] = append(tables["job_search"], []column{{"rowid", id}, {"words", strings.Join(words, " ")}})
		} else {
			tables["job_search"] = append(tables["job_search"], []column{{"post_id", id}, {"words", vector(words)}})
		}
	}
	return f.write(ctx, tables)
}

// write writes rows of several tables in one transaction.
func (f *fill) write(ctx context.Context, tables map[string][][]column) error {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after the commit it says only that it is done
	for _, table := range []string{"posts", "jobs", "job_facets", "job_points", "post_paths", "job_search"} {
		if err := f.rows(ctx, tx, table, tables[table]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// rows writes rows of one table. SQLite is quickest with one statement over and over,
// PostgreSQL with many rows in one.
func (f *fill) rows(ctx context.Context, tx *sql.Tx, table string, rows [][]column) error {
	if len(rows) == 0 {
		return nil
	}
	several := 10_000 / len(rows[0])
	if f.engine == SQLite {
		several = 1
	}
	prepared := map[int]*sql.Stmt{}
	for part := range slices.Chunk(rows, several) {
		var a args
		text := insertingAll(&a, table, part)
		if prepared[len(part)] == nil {
			if f.engine == SQLite {
				text = toSQLite(text)
			}
			statement, err := tx.PrepareContext(ctx, text)
			if err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			defer func() { _ = statement.Close() }()
			prepared[len(part)] = statement
		}
		if _, err := prepared[len(part)].ExecContext(ctx, a...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// What the jobs of a sample are called and are about.
var (
	sampleTitles = strings.Fields("developer designer baker weaver carpenter translator accountant teacher gardener nurse driver editor welder plumber analyst mechanic cook coordinator librarian electrician")
	sampleWords  = strings.Fields("night school river north tools archive summer harvest radio bicycle kitchen bridge market garden theatre forest harbour print solar water")
	sampleSkills = strings.Fields("python go sql html css figma php kubernetes accounting translation welding baking weaving teaching driving editing gardening nursing carpentry facilitation")
)

// chance chooses one of several for the nth job, as if by chance: each choice apart from
// the others.
func chance(n, choice, of int) int {
	x := uint64(n+1)*0x9E3779B97F4A7C15 ^ uint64(choice+1)*0xBF58476D1CE4E5B9 //nolint:gosec // any bits do
	x ^= x >> 31
	x *= 0x94D049BB133111EB
	x ^= x >> 29
	return int(x % uint64(of)) //nolint:gosec // below of
}

// post is the nth job.
func (m SampleJobs) post(n int) *coop.Post {
	pick := func(choice int, from ...string) string { return from[chance(n, choice, len(from))] }
	author := m.Coops[chance(n, 0, len(m.Coops))]
	posted := m.Until.Add(-time.Duration(chance(n, 1, 80*24*60)) * time.Minute)
	iri := coop.IRI(fmt.Sprintf("%s/jobs/%d", author.IRI, n))
	title := pick(2, sampleTitles...) + " of the " + pick(3, sampleWords...) + " " + pick(4, sampleWords...)
	d := func(choice, least, of int) decimal.Decimal {
		return decimal.NewFromInt(int64(least + chance(n, choice, of)))
	}
	job := &coop.Job{
		Title: title, HiringOrganization: author.IRI, Identifier: coop.Identifier{Name: author.Host, Value: fmt.Sprint(n)},
		Description: fmt.Sprintf("<p>We are a co-op that has worked for %d years. You take care of the %s and, with two colleagues, of the %s; all of us share what we earn, decide in an assembly and answer within two weeks.</p><p>Whoever wants to become a member finds a path that is written down, with a share that is paid in instalments.</p>", 3+chance(n, 5, 30), pick(6, sampleWords...), pick(7, sampleWords...)),
		DatePosted:  posted.Format(time.DateOnly), ValidThrough: posted.AddDate(0, 0, 90), Status: coop.JobOpen, Version: 1,
		EmploymentType: []string{"FULL_TIME"}, HoursFrom: d(8, 10, 20), HoursTo: d(9, 30, 10),
		Pay:        &coop.Pay{Currency: pick(10, "EUR", "ARS", "EUR", "UYU"), Min: d(11, 1000, 900), Max: d(12, 2000, 3000), Unit: "MONTH"},
		Engagement: pick(13, coop.Engagements()...), MembershipTrack: pick(14, coop.MembershipTracks()...),
		Languages: []coop.LanguageNeed{{Tag: pick(15, "es", "en", "it", "pt"), Level: "B2"}, {Tag: pick(16, "ca", "fr", "de"), Level: "B1"}},
		Industry:  pick(17, "technology", "food", "care", "building", "culture"), ApplyURL: string(iri) + "/apply",
	}
	for k := range 3 {
		job.Skills = append(job.Skills, coop.Skill{Term: coop.Term{Name: pick(18+k, sampleSkills...)}, Required: k == 0})
	}
	if job.Remote = chance(n, 21, 3) == 0; job.Remote {
		job.ApplicantsFrom = []string{pick(22, "AR", "UY", "ES", "IT"), "BR"}
	} else {
		job.Places = []coop.Place{m.Places[chance(n, 23, len(m.Places))]}
	}
	return &coop.Post{
		// Half of the counters are kept for ids of the past.
		ID: coop.NewID(posted.Add(time.Duration(n/halfCounter)*time.Millisecond), halfCounter+int64(n%halfCounter)), IRI: iri, AuthorID: author.ID, Author: author,
		Kind: coop.KindJob, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Published: posted, Language: "en",
		Content: "<p><strong>" + title + "</strong></p>", URL: string(iri), Title: title, Job: job,
	}
}
