// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"minga/coop"
)

// ZipOfTar writes what a tar.gz holds as a zip file, which can be read at any place:
// archives of Mastodon before version 4.2 are such. Links and devices refuse it, as do
// bounds ([coop.ErrTooLarge]); names are judged by [OpenArchive].
func ZipOfTar(from io.Reader, to io.Writer) error {
	plain, err := gzip.NewReader(from)
	if err != nil {
		return badArchive("is no tar.gz")
	}
	in, out := tar.NewReader(plain), zip.NewWriter(to)
	var total int64
	for n := 0; ; n++ {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return out.Close()
		}
		if err != nil {
			return badArchive("cannot be unpacked")
		}
		if total += head.Size; n >= MaxArchiveFiles || head.Size < 0 || total > MaxArchiveBytes {
			return fmt.Errorf("an archive: %w", coop.ErrTooLarge)
		}
		if err := copyEntry(out, in, head); err != nil {
			return err
		}
	}
}

// copyEntry copies one file; folders make themselves.
func copyEntry(out *zip.Writer, in *tar.Reader, head *tar.Header) error {
	switch head.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
		return nil
	case tar.TypeReg:
	default:
		return badArchive("holds what is no file")
	}
	w, err := out.CreateHeader(&zip.FileHeader{Name: strings.TrimPrefix(head.Name, "./"), Method: zip.Store})
	if err != nil {
		return fmt.Errorf("copy an archive: %w", err)
	}
	if _, err := io.CopyN(w, in, head.Size); err != nil {
		return fmt.Errorf("copy an archive: %w", errors.Join(err, badArchive("cannot be unpacked")))
	}
	return nil
}
