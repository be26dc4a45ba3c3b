// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"archive/zip"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// listReport is what was read in, as it is printed.
type listReport struct {
	Read int `json:"read"`
	Jobs int `json:"jobs"` // of which something is found otherwise now
}

// listsChanged looks at all jobs again, notes the act and prints what came of it.
func (i *instance) listsChanged(t *terminal, act, file string, read int) error {
	if err := i.indexJobs(t.ctx, 0); err != nil {
		return err
	}
	now, err := listStateOf(t.ctx, i.store, indexSetting)
	if err != nil {
		return err
	}
	if err := i.audit(t.ctx, act, filepath.Base(file), ""); err != nil {
		return err
	}
	report := listReport{read, now.Changed}
	return t.print(report, func(w io.Writer) {
		fmt.Fprintf(w, "%d read in; of %d jobs something is found otherwise now\n", report.Read, report.Jobs)
	})
}

// openList opens a file, or the one file of that name in a .zip.
func openList(name string) (list, error) {
	if !strings.EqualFold(filepath.Ext(name), ".zip") {
		return os.Open(name)
	}
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }()
	wanted := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)) + ".txt"
	for _, f := range archive.File {
		if f.Name == wanted && f.UncompressedSize64 <= largestList {
			return unzip(f)
		}
	}
	return nil, fmt.Errorf("%s holds no %s", name, wanted)
}

// largestList is how large a file in a .zip may be: 2 GB.
const largestList = 2 << 30

// list is a file that is read through, perhaps twice.
type list interface {
	io.ReadSeeker
	io.Closer
}

// unzip writes a file of an archive into a temporary one that goes when it is closed.
func unzip(f *zip.File) (list, error) {
	packed, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	plain, err := os.CreateTemp("", "minga-list")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(plain.Name()); err != nil { // it lives until it is closed
		return nil, cmp.Or(plain.Close(), err)
	}
	if _, err := io.Copy(plain, io.LimitReader(packed, largestList)); err != nil {
		return nil, cmp.Or(plain.Close(), err)
	}
	_, err = plain.Seek(0, io.SeekStart)
	return plain, err
}
