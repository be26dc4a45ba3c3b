// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"minga/coop"
	"minga/coop/carry"
	"minga/outbox"
	"minga/storage/media"
)

// archive writes the zip file of one account or of all.
func (a exportCommand) archive(t *terminal) error {
	return t.with(func(i *instance) (err error) {
		accounts, err := a.whose(t.ctx, i)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(a.Archive, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return usage("%v", err)
		}
		z := zip.NewWriter(file)
		heads := []carry.Head{}
		for _, account := range accounts {
			var head carry.Head
			if head, err = a.one(t.ctx, i, z, account); err != nil {
				break
			}
			heads = append(heads, head)
		}
		if err = errors.Join(err, z.Close(), file.Sync(), file.Close()); err != nil {
			return errors.Join(err, os.Remove(a.Archive))
		}
		return t.print(heads, func(w io.Writer) {
			for _, head := range heads {
				fmt.Fprintf(w, "%-40s %6d posts %6d files\n", printable(head.Handle), head.Posts, head.Files)
			}
		})
	})
}

// one writes one account, and notes it in the audit log.
func (a exportCommand) one(ctx context.Context, i *instance, z *zip.Writer, account *coop.Account) (carry.Head, error) {
	under := ""
	if a.All {
		under = account.Name
	}
	head, err := i.outbox.ExportArchive(ctx, z, account, "minga "+version, under, i.media.Original)
	if err == nil {
		err = i.audit(ctx, "account.export", string(account.IRI), "archive")
	}
	return head, err
}

// whose are the accounts that are exported.
func (a exportCommand) whose(ctx context.Context, i *instance) ([]*coop.Account, error) {
	if !a.All {
		account, err := i.localAccount(ctx, a.Account)
		return []*coop.Account{account}, err
	}
	var list []*coop.Account
	for _, kind := range []coop.AccountKind{coop.Person, coop.Coop, coop.Federation, coop.Service} {
		for page := (coop.Page{Limit: 80}); ; {
			found, err := i.store.LocalAccounts(ctx, kind, page)
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
			if len(found) < page.Limit {
				break
			}
			page.Max = found[len(found)-1].ID
		}
	}
	return list, nil
}

// archiveReport is what became of an archive.
type archiveReport struct {
	From    string                 `json:"from"`
	DryRun  bool                   `json:"dry_run"`
	Posts   map[outbox.TakenIn]int `json:"posts"`
	Files   int                    `json:"files"`
	Tables  []string               `json:"tables"`  // what the running server works on
	Profile []string               `json:"profile"` // what of it was filled in
	Roles   []carry.Role           `json:"roles"`   // that were given
	Again   []string               `json:"again"`   // what somebody has to do by hand
	Problem []problemRow           `json:"problems"`
}

// archive takes a zip file in.
func (a importCommand) archive(t *terminal) (err error) {
	in, closed, err := a.openArchive()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed()) }()
	return t.withAccount(a.Account, func(i *instance, account *coop.Account) error {
		r := &archiveReport{From: in.Head.Handle, DryRun: a.DryRun, Posts: map[outbox.TakenIn]int{}, Tables: []string{}, Profile: []string{}, Roles: []carry.Role{}, Again: []string{}, Problem: []problemRow{}}
		err := in.Posts(func(line int, p *carry.Post) error { return a.takePost(t.ctx, i, account, in, r, line, p) })
		if err == nil && !a.DryRun {
			err = a.takeProfile(t.ctx, i, account, in, r)
		}
		if err == nil {
			err = a.takeRoles(t.ctx, i, account, in, r)
		}
		if err == nil && !a.DryRun {
			if err = a.takeTables(t.ctx, i, account, in, r); err == nil {
				err = i.audit(t.ctx, "account.import", string(account.IRI), "archive of "+string(in.Head.Account))
			}
		}
		if err != nil {
			return err
		}
		return r.report(t)
	})
}

// takePost takes one post over; what is wrong with it is listed, and the others go on.
func (a importCommand) takePost(ctx context.Context, i *instance, account *coop.Account, in *carry.Archive, r *archiveReport, line int, p *carry.Post) error {
	if p == nil {
		r.Problem = append(r.Problem, problemRow{line, carry.ArchivePosts, "cannot be read"})
		return ctx.Err()
	}
	became, err := i.outbox.Judge(ctx, account, p)
	if err == nil && became == outbox.TakenNew && !a.DryRun {
		became, err = i.takeWhole(ctx, account, in, r, p)
	}
	var invalid *coop.InvalidError
	var several coop.Invalid
	if errors.As(err, &invalid) || errors.As(err, &several) || errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrTooLarge) {
		r.Problem = append(r.Problem, problemRow{line, string(p.IRI), err.Error()})
		return ctx.Err()
	}
	if err == nil {
		r.Posts[became]++
	}
	return err
}

// takeWhole takes the files of a post and then the post. Files of a post that fails are
// swept away like other uploads that no post holds.
func (i *instance) takeWhole(ctx context.Context, account *coop.Account, in *carry.Archive, r *archiveReport, p *carry.Post) (outbox.TakenIn, error) {
	var files []coop.ID
	for _, f := range p.Files {
		id, err := i.takeFile(ctx, account, in, f)
		if err != nil {
			return "", fmt.Errorf("file %.80q: %w", f.Name, err)
		}
		files = append(files, id)
	}
	became, err := i.outbox.TakeOver(ctx, account, p, files)
	if err == nil {
		r.Files += len(files)
	}
	return became, err
}

// takeFile judges a file as any upload and keeps it.
func (i *instance) takeFile(ctx context.Context, account *coop.Account, in *carry.Archive, f carry.PostFile) (coop.ID, error) {
	body, err := in.Media(f.Name)
	if err != nil {
		return 0, err
	}
	name := f.Title
	if name == "" {
		name = f.Name
	}
	file, err := i.media.Receive(ctx, name, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	m, err := i.media.Take(ctx, media.Upload{Owner: account.ID, Class: coop.MediaPost, File: file, Alt: coop.CleanText(f.Alt, 1500)})
	if err != nil {
		return 0, err
	}
	return m.ID, nil
}

// takeTables hands follows, lists and the rest to the running server.
func (a importCommand) takeTables(ctx context.Context, i *instance, account *coop.Account, in *carry.Archive, r *archiveReport) error {
	for _, kind := range []carry.Kind{carry.Following, carry.Lists, carry.Blocks, carry.Mutes, carry.Servers, carry.Bookmarks} {
		data, err := in.Table(kind)
		if errors.Is(err, coop.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		file, err := carry.Read(kind, data, i.config.AccountDomain)
		if err != nil || len(file.Rows) == 0 {
			continue // an empty table has nothing to read
		}
		job := &coop.Import{AccountID: account.ID, Kind: string(kind), Name: string(kind) + ".csv"}
		var busy *coop.InvalidError
		if err := i.outbox.StartImport(ctx, job, file); errors.As(err, &busy) {
			r.Tables = append(r.Tables, fmt.Sprintf("%s: one from before, come again for these", kind))
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		r.Tables = append(r.Tables, fmt.Sprintf("%s: %d rows", kind, len(file.Rows)))
	}
	return nil
}

// report prints what became of it; posts that could not be taken in make it partly done.
func (r *archiveReport) report(t *terminal) error {
	err := t.print(r, func(w io.Writer) {
		if r.DryRun {
			fmt.Fprint(w, "nothing is changed; ")
		}
		fmt.Fprintf(w, "archive of %s: %d posts new, %d known, %d left out, %d files\n", printable(r.From), r.Posts[outbox.TakenNew], r.Posts[outbox.TakenKnown], r.Posts[outbox.TakenLeft], r.Files)
		if len(r.Profile) > 0 {
			fmt.Fprintf(w, "  of the profile: %s\n", strings.Join(r.Profile, ", "))
		}
		for _, role := range r.Roles {
			fmt.Fprintf(w, "  role given: %s is %s in %s\n", printable(role.Person), role.Role, printable(role.In))
		}
		for _, line := range r.Again {
			fmt.Fprintf(w, "  by hand: %s\n", printable(line))
		}
		for _, table := range r.Tables {
			fmt.Fprintf(w, "  the server works on %s\n", table)
		}
		for _, row := range r.Problem {
			fmt.Fprintf(w, "  line %d  %s  %s\n", row.Line, row.Problem, printable(row.What))
		}
	})
	if err == nil && len(r.Problem) > 0 {
		err = &partlyError{fmt.Sprintf("%d posts could not be taken in", len(r.Problem))}
	}
	return err
}
