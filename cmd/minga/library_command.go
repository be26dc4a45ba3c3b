// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"os"

	"minga/coop"
	"minga/coop/carry"
)

// articles takes in a folder of Markdown.
func (a importCommand) articles(t *terminal) error {
	info, err := os.Stat(a.File)
	if err != nil || !info.IsDir() {
		return usage("%s is no folder", a.File)
	}
	return t.bring(a, "articles", func(b *bringing) error {
		files, bad, err := carry.Articles(os.DirFS(a.File), b.language, b.licence)
		if err != nil {
			return err
		}
		for _, one := range bad {
			b.bad(broughtRow{File: one.Name}, string(one.Problem))
		}
		for _, file := range files {
			if err := b.article(broughtRow{File: file.Name}, file); err != nil {
				return err
			}
		}
		return nil
	})
}

// wordPress takes in what WordPress exports.
func (a importCommand) wordPress(t *terminal) error {
	return t.bring(a, "wordpress", func(b *bringing) error {
		file, err := os.Open(a.File)
		if err != nil {
			return usage("%v", err)
		}
		err = carry.WordPress(file, b.language, b.licence, func(n int, article carry.Article, problem carry.Problem) error {
			row := broughtRow{Line: n, File: article.Name, Title: article.Title}
			if problem != "" {
				b.bad(row, string(problem))
				return t.ctx.Err()
			}
			return b.article(row, article)
		})
		return errors.Join(err, file.Close())
	})
}

// article takes one article.
func (b *bringing) article(row broughtRow, article carry.Article) error {
	take := b.i.outbox.BringArticle
	if b.dry {
		take = b.i.outbox.JudgeArticle
	}
	row.Title = article.Title
	became, err := take(b.t.ctx, b.account, article, b.publish)
	return b.done(row, became, err)
}

// jobs takes in a table or a feed of jobs.
func (a importCommand) jobs(t *terminal) error {
	data, err := t.from.read(a.File)
	if err != nil {
		return usage("%v", err)
	}
	file, err := carry.ReadJobs(data)
	if err != nil {
		return err
	}
	for _, column := range file.Unread {
		t.talk("nobody reads the column %s", printable(column))
	}
	return t.bring(a, "jobs", func(b *bringing) error {
		for _, job := range file.Jobs {
			if err := b.job(job); err != nil {
				return err
			}
		}
		return nil
	})
}

// job takes one job.
func (b *bringing) job(job carry.FileJob) error {
	take := b.i.outbox.BringJob
	if b.dry {
		take = b.i.outbox.JudgeJob
	}
	if job.Language == "" {
		job.Language = b.language
	}
	became, err := take(b.t.ctx, b.account, job, b.publish)
	return b.done(broughtRow{Line: job.Number, Title: coop.Shorten(job.Job.Title, 200)}, became, err)
}
