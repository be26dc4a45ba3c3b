// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"minga/coop"
	"minga/coop/carry"
)

// openArchive opens the file; a tar.gz is copied into a zip file that is thrown away,
// because it cannot be read at any place.
func (a importCommand) openArchive() (in *carry.Archive, closed func() error, err error) {
	file, err := os.Open(a.File)
	if err != nil {
		return nil, nil, usage("%v", err)
	}
	closed = file.Close
	start := make([]byte, 2)
	_, err = io.ReadFull(file, start)
	if err == nil && start[0] == 0x1f && start[1] == 0x8b {
		file, closed, err = zipOf(file)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, errors.Join(err, closed())
	}
	info, err := file.Stat()
	if err == nil {
		in, err = carry.OpenArchive(file, info.Size(), a.From)
	}
	if err != nil {
		return nil, nil, errors.Join(err, closed())
	}
	return in, closed, nil
}

// zipOf copies a tar.gz into a file of this program's own.
func zipOf(from *os.File) (*os.File, func() error, error) {
	dir, err := os.MkdirTemp("", "minga-import-")
	if err != nil {
		return nil, from.Close, fmt.Errorf("folder to read an archive in: %w", err)
	}
	closed := func() error { return errors.Join(from.Close(), os.RemoveAll(dir)) }
	file, err := os.OpenFile(filepath.Join(dir, "archive.zip"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, closed, fmt.Errorf("file to read an archive in: %w", err)
	}
	closed = func() error { return errors.Join(from.Close(), file.Close(), os.RemoveAll(dir)) }
	if _, err = from.Seek(0, io.SeekStart); err == nil {
		err = carry.ZipOfTar(from, file)
	}
	return file, closed, err
}

// takeProfile fills in what the account has not said of itself; what is wrong with it is
// listed.
func (a importCommand) takeProfile(ctx context.Context, i *instance, account *coop.Account, in *carry.Archive, r *archiveReport) error {
	p, err := in.Profile()
	if err != nil {
		return err
	}
	avatar, err := i.takePicture(ctx, account, in, r, coop.MediaAvatar, account.Icon, p.Avatar)
	if err != nil {
		return err
	}
	header, err := i.takePicture(ctx, account, in, r, coop.MediaHeader, account.Image, p.Header)
	if err != nil {
		return err
	}
	filled, err := i.outbox.TakeProfile(ctx, account, p, avatar, header)
	if isComplaint(err) {
		r.Problem = append(r.Problem, problemRow{0, "profile", err.Error()})
		return nil
	}
	r.Profile = append(r.Profile, filled...)
	return err
}

// takePicture judges a picture as any upload and keeps it, unless there is one.
func (i *instance) takePicture(ctx context.Context, account *coop.Account, in *carry.Archive, r *archiveReport, class coop.MediaClass, has coop.Picture, file *carry.PostFile) (coop.Picture, error) {
	if has.URL != "" || file == nil {
		return coop.Picture{}, nil
	}
	body, err := in.Picture(file.Name)
	var picture coop.Picture
	if err == nil {
		picture, err = i.media.Picture(ctx, account.ID, class, file.Name, bytes.NewReader(body))
	}
	if isComplaint(err) {
		r.Problem = append(r.Problem, problemRow{0, string(class), err.Error()})
		return coop.Picture{}, nil
	}
	picture.Alt = coop.CleanText(file.Alt, coop.MaxAltLength)
	return picture, err
}

// isComplaint tells whether something is wrong with what was given, so that the rest can
// go on.
func isComplaint(err error) bool {
	var invalid *coop.InvalidError
	var several coop.Invalid
	return errors.As(err, &invalid) || errors.As(err, &several) || errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrTooLarge)
}

// takeRoles gives the roles that the archive tells of to the people of this instance who
// bear the same names, where that is asked for, and says what else has to be done by hand.
func (a importCommand) takeRoles(ctx context.Context, i *instance, account *coop.Account, in *carry.Archive, r *archiveReport) error {
	roles, err := in.Roles()
	if err != nil {
		return err
	}
	if len(roles) > mostCarriedRoles {
		return &coop.InvalidError{Field: "file", Code: coop.CodeTooMany, Problem: "names too many roles"}
	}
	for _, one := range roles {
		given, err := a.takeRole(ctx, i, account, one)
		if err != nil && !isComplaint(err) && !errors.Is(err, coop.ErrState) && !errors.Is(err, coop.ErrConflict) && !errors.Is(err, coop.ErrForbidden) {
			return err
		}
		if given && err == nil {
			r.Roles = append(r.Roles, one)
			continue
		}
		r.Again = append(r.Again, fmt.Sprintf("minga account role NAME %s --in COOP (there: %s in %s)", one.Role, one.Person, one.In))
	}
	places, err := in.Memberships()
	for _, place := range places[:min(len(places), mostCarriedRoles)] {
		r.Again = append(r.Again, fmt.Sprintf("minga member join %s %s --role %s (there: %s)", account.Name, place.Organization, place.Role, place.State))
	}
	return err
}

// mostCarriedRoles bounds the roles of an archive.
const mostCarriedRoles = 1000

// takeRole gives one role, and says whether it did. The account that takes the archive
// stands for the one that it is of.
func (a importCommand) takeRole(ctx context.Context, i *instance, account *coop.Account, one carry.Role) (bool, error) {
	if !a.Roles || a.DryRun {
		return false, nil
	}
	person, where := account, account
	var err error
	name := func(handle string) string { name, _, _ := strings.Cut(handle, "@"); return name }
	if account.Kind == coop.Person {
		where, err = i.localAccount(ctx, name(one.In))
	} else {
		person, err = i.localAccount(ctx, name(one.Person))
	}
	if err != nil {
		return false, err
	}
	if person.Kind != coop.Person || coop.ValidateRole(one.Role, where.Kind) != nil {
		return false, nil
	}
	return true, i.changeRole(ctx, where, person, one.Role, false)
}
