// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"minga/coop"
	"minga/coop/carry"
)

// exportCommand is `minga export`.
type exportCommand struct {
	Account string `xor:"whose" required:"" help:"Name or handle whose it is."`
	All     bool   `xor:"whose" required:"" help:"With --archive: of every person, co-op, federation and service of this instance, each in a folder of its own."`
	CSV     string `name:"csv" xor:"form" required:"" enum:"following,lists,blocks,mutes,domain_blocks,bookmarks" help:"following, lists, blocks, mutes, domain_blocks or bookmarks, in Mastodon's columns, on stdout." placeholder:"KIND"`
	Archive string `xor:"form" required:"" help:"Zip file to write with posts, files, follows, lists, blocks and the rest." placeholder:"FILE"`
}

// Run writes one file on stdout.
func (a exportCommand) Run(t *terminal) error {
	if a.Archive != "" {
		return a.archive(t)
	}
	if a.All {
		return usage("--all needs --archive")
	}
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		var file bytes.Buffer
		if err := i.outbox.Export(t.ctx, &file, account, carry.Kind(a.CSV)); err != nil {
			return err
		}
		if err := i.audit(t.ctx, "account.export", string(account.IRI), a.CSV); err != nil {
			return err
		}
		_, err := t.out.Write(file.Bytes())
		return err
	})
}

// importCommand is `minga import`.
type importCommand struct {
	File      string        `arg:"" help:"File with one kind of rows, as Mastodon and minga export it; or an archive, a folder of Markdown, an export of WordPress, jobs."`
	Account   string        `required:"" help:"Name or handle whose it becomes."`
	CSV       string        `name:"csv" required:"" xor:"what" enum:"following,lists,blocks,mutes,domain_blocks,bookmarks" help:"following, lists, blocks, mutes, domain_blocks or bookmarks." placeholder:"KIND"`
	Archive   bool          `required:"" xor:"what" help:"The file is an archive that minga export wrote, or that somebody downloaded from Mastodon (zip or tar.gz): posts, files, profile, follows and the rest come in, quietly and with their old dates."`
	Roles     bool          `help:"With --archive: give roles to the people of this instance who bear the same names."`
	From      string        `help:"With --archive of several accounts: whose folder." placeholder:"NAME"`
	Articles  bool          `required:"" xor:"what" help:"Each Markdown file of the folder becomes a draft in the library, with what its front matter says."`
	WordPress bool          `name:"wordpress" required:"" xor:"what" help:"The file is what WordPress exports (XML): each post becomes a draft in the library."`
	Jobs      bool          `required:"" xor:"what" help:"The file is a table of jobs (CSV), a feed of them (RSS, Atom) or the XML of job sites: each becomes a draft of a job."`
	Language  string        `help:"With --articles, --wordpress and --jobs: language of what says none. Default: the account's." placeholder:"TAG"`
	License   string        `help:"With --articles and --wordpress: licence of what says none, by its address. Default: CC BY-SA 4.0." placeholder:"URL"`
	Publish   bool          `help:"With --articles, --wordpress and --jobs: publish what lacks nothing; else it waits for somebody to read it. What has a day before today keeps it and is sent to nobody."`
	Overwrite bool          `help:"End what is not in the file; else the file is added to what is there."`
	DryRun    bool          `help:"Only read the file, say what would become of it and list the rows that cannot be understood."`
	Wait      time.Duration `default:"0s" help:"Wait so long for the running server to do it, and say what could not be done."`
}

// importReport is an import as it is printed.
type importReport struct {
	ID      coop.ID      `json:"id,omitempty"`
	State   string       `json:"state"`
	Rows    int          `json:"rows"`
	Done    int          `json:"done"`
	Failed  int          `json:"failed"`
	Waiting int          `json:"waiting"`
	Bad     []problemRow `json:"problems"`
}

// problemRow is a row that could not be done.
type problemRow struct {
	Line    int    `json:"line"`
	What    string `json:"what"`
	Problem string `json:"problem"`
}

// Run reads a file and lets the running server do it.
func (a importCommand) Run(t *terminal) error {
	switch {
	case a.Articles:
		return a.articles(t)
	case a.WordPress:
		return a.wordPress(t)
	case a.Jobs:
		return a.jobs(t)
	}
	if a.Archive {
		return a.archive(t)
	}
	data, err := t.from.read(a.File)
	if err != nil {
		return usage("%v", err)
	}
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		file, err := carry.Read(carry.Kind(a.CSV), data, i.config.AccountDomain)
		if err != nil {
			return err
		}
		if a.DryRun {
			return a.report(t, importReport{State: "read", Rows: len(file.Rows) + len(file.Bad), Failed: len(file.Bad), Bad: badRows(file)})
		}
		job := &coop.Import{AccountID: account.ID, Kind: a.CSV, Overwrite: a.Overwrite, Name: a.File}
		if err := i.outbox.StartImport(t.ctx, job, file); err != nil {
			return err
		}
		if err := i.audit(t.ctx, "account.import", string(account.IRI), a.CSV); err != nil {
			return err
		}
		return a.await(t, i, job)
	})
}

// badRows are the rows that cannot be understood.
func badRows(file *carry.File) []problemRow {
	rows := []problemRow{}
	for _, bad := range file.Bad {
		rows = append(rows, problemRow{bad.Number, fmt.Sprintf("%q", bad.Cells), string(bad.Problem)})
	}
	return rows
}

// await looks each second how far the server came, until it is done or time is up.
func (a importCommand) await(t *terminal, i *instance, job *coop.Import) error {
	if err := i.store.Nudge(t.ctx); err != nil {
		return err
	}
	for end := t.now().Add(a.Wait); t.now().Before(end) && job.State == coop.ImportWorking; {
		if !pause(t.ctx, time.Second) {
			return t.ctx.Err()
		}
		next, err := i.store.Import(t.ctx, job.AccountID, job.ID)
		if err != nil {
			return err
		}
		if job = next; job.Waiting() > 0 {
			t.talk("%d of %d rows", job.Total-job.Waiting(), job.Total)
		}
	}
	failed, err := i.store.FailedImportRows(t.ctx, job.ID, 0, carry.MaxRows)
	if err != nil {
		return err
	}
	report := importReport{job.ID, string(job.State), job.Total, job.Done, job.Failed, job.Waiting(), []problemRow{}}
	for _, row := range failed {
		what := row.Row.Target
		if what == "" {
			what = fmt.Sprintf("%q", row.Cells)
		}
		report.Bad = append(report.Bad, problemRow{row.Number, what, row.Problem})
	}
	return a.report(t, report)
}

// report prints how it went; rows that failed make it partly done.
func (a importCommand) report(t *terminal, r importReport) error {
	err := t.print(r, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %d rows, %d done, %d failed, %d wait\n", r.State, r.Rows, r.Done, r.Failed, r.Waiting)
		for _, row := range r.Bad {
			fmt.Fprintf(w, "  line %d  %s  %s\n", row.Line, row.Problem, printable(row.What))
		}
	})
	if err == nil && r.Failed > 0 {
		err = &partlyError{fmt.Sprintf("%d rows could not be taken in", r.Failed)}
	}
	return err
}
