// SPDX-License-Identifier: AGPL-3.0-or-later

package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"filippo.io/age"

	"minga/coop"
)

// ErrEncrypted is returned when a backup is encrypted and no identity opens it.
var ErrEncrypted = errors.New("this backup is encrypted, and no identity that was given opens it")

// Recipients reads those who may open backups: age's public keys, parted by commas or
// spaces.
func Recipients(text string) ([]age.Recipient, error) {
	words := strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c <= ' ' })
	if len(words) == 0 {
		return nil, nil
	}
	list, err := age.ParseRecipients(strings.NewReader(strings.Join(words, "\n")))
	if err != nil {
		return nil, &coop.InvalidError{Field: "backup_recipients", Code: coop.CodeUnknown, Problem: "a recipient is a public key of age, such as age1…"}
	}
	return list, nil
}

// Identities reads age's private keys, as age-keygen writes them.
func Identities(text []byte) ([]age.Identity, error) {
	list, err := age.ParseIdentities(strings.NewReader(string(text)))
	if err != nil {
		return nil, &coop.InvalidError{Field: "identity", Code: coop.CodeUnknown, Problem: "this file holds no private key of age"}
	}
	return list, nil
}

// WriteFile writes a backup into a new file, mode 0600, which has its name only when it
// is whole and on the disk. Recipients encrypt it; none leaves it readable. A file that
// is there already is [coop.ErrConflict], a full disk [coop.ErrFull].
func WriteFile(ctx context.Context, path string, s Source, recipients []age.Recipient) (*Head, *Manifest, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, nil, fmt.Errorf("folder of the backup: %w", err)
	}
	defer func() { _ = root.Close() }()
	name := filepath.Base(path)
	if _, err := root.Lstat(name); err == nil {
		return nil, nil, fmt.Errorf("backup %s is there already: %w", path, coop.ErrConflict)
	}
	part := name + ".part"
	file, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("backup: %w", err)
	}
	defer func() { _ = root.Remove(part) }() // gone already when all went well
	head, manifest, err := writeOut(ctx, file, s, recipients)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = settle(root, part, name)
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		err = fmt.Errorf("%w: %w", coop.ErrFull, err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("backup %s: %w", path, err)
	}
	return head, manifest, nil
}

// writeOut writes a backup, encrypted for recipients.
func writeOut(ctx context.Context, file *os.File, s Source, recipients []age.Recipient) (*Head, *Manifest, error) {
	out := bufio.NewWriterSize(file, 256<<10)
	var to io.Writer = out
	var sealed io.Closer
	if len(recipients) > 0 {
		w, err := age.Encrypt(out, recipients...)
		if err != nil {
			return nil, nil, fmt.Errorf("encrypt: %w", err)
		}
		to, sealed = w, w
	}
	head, manifest, err := Write(ctx, to, s)
	if err == nil && sealed != nil {
		err = sealed.Close()
	}
	if err == nil {
		err = out.Flush()
	}
	return head, manifest, err
}

// settle gives a whole file its name, durably.
func settle(root *os.Root, part, name string) error {
	if err := root.Rename(part, name); err != nil {
		return err
	}
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// intro is how an encrypted file begins.
const intro = "age-encryption.org/"

// Decrypted gives what stands in a backup, encrypted or not.
func Decrypted(from io.Reader, identities []age.Identity) (plain io.Reader, encrypted bool, err error) {
	in := bufio.NewReaderSize(from, 256<<10)
	head, err := in.Peek(len(intro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read backup: %w", err)
	}
	if string(head) != intro {
		return in, false, nil
	}
	if len(identities) == 0 {
		return nil, true, ErrEncrypted
	}
	plain, err = age.Decrypt(in, identities...)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, true, ErrEncrypted
	}
	if err != nil {
		return nil, true, damaged("its encryption", err)
	}
	return plain, true, nil
}
