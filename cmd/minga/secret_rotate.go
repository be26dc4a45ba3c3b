// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"minga/coop"
)

// How the secret key is changed on disk
//
// secret.key holds one key. A rotation puts a new one before it, so that there are two
// until all is sealed anew, and then takes the old one away; each step replaces the file
// whole. Stopped anywhere, the file opens all that is sealed, and the next run finds two
// keys and goes on with them. A backup holds the file back meanwhile: else its rows could
// be sealed by one key and its file hold another.

// secretLock is held by who changes secret.key alone, and by backups together.
const secretLock = secretFile + ".lock"

// secretFrom names where the secret key comes from.
func (c *Config) secretFrom() string {
	if c.SecretKeys != "" {
		return "MINGA_SECRET_KEY"
	}
	return secretFile + " in the data folder"
}

// rereadKeys reads the secret keys as they are now: another process may have changed
// them.
func (i *instance) rereadKeys() ([][]byte, error) {
	if i.config.SecretKeys == "" {
		text, err := readPrivate(i.root, secretFile)
		if err != nil {
			return nil, err
		}
		return parseSecrets(text, secretFile)
	}
	config := i.config
	if i.reread != nil {
		again, err := i.reread()
		if err != nil {
			return nil, err
		}
		config = again
	}
	return parseSecrets(config.SecretKeys, "MINGA_SECRET_KEY")
}

// holdSecret keeps secret.key from being changed, alone or together with others who only
// want it to stay; release lets go. If somebody else has it in the other way it is
// [coop.ErrUnavailable]. A process that dies lets go.
func holdSecret(root *os.Root, alone bool) (release func() error, err error) {
	file, err := root.OpenFile(secretLock, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("hold %s: %w", secretFile, err)
	}
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB) //nolint:gosec // a file descriptor fits
	if err == nil {
		return file.Close, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("a backup is being made, or the secret key is being changed: %w", coop.ErrUnavailable)
	}
	return nil, errors.Join(fmt.Errorf("hold %s: %w", secretFile, err), file.Close())
}

// addSecretKey puts a new key before the one that is there. Where there are two already a
// rotation was stopped, and goes on with these.
func addSecretKey(root *os.Root) error {
	text, err := readPrivate(root, secretFile)
	if err != nil {
		return err
	}
	keys, err := parseSecrets(text, secretFile)
	if err != nil || len(keys) > 1 {
		return err
	}
	key := make([]byte, secretBytes)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return writeSecrets(root, [][]byte{key, keys[0]})
}

// dropOldKeys leaves the newest key alone.
func dropOldKeys(root *os.Root) error {
	text, err := readPrivate(root, secretFile)
	if err != nil {
		return err
	}
	keys, err := parseSecrets(text, secretFile)
	if err != nil || len(keys) == 1 {
		return err
	}
	return writeSecrets(root, keys[:1])
}

// writeSecrets replaces secret.key so that a crash leaves either the old or the new one,
// whole and on the disk.
func writeSecrets(root *os.Root, keys [][]byte) error {
	var lines []string
	for _, key := range keys {
		lines = append(lines, base64.StdEncoding.EncodeToString(key))
	}
	file, err := root.OpenFile(secretFile+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", secretFile, err)
	}
	_, err = file.WriteString(strings.Join(lines, "\n") + "\n")
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", secretFile, err)
	}
	if err := root.Rename(secretFile+".new", secretFile); err != nil {
		return fmt.Errorf("write %s: %w", secretFile, err)
	}
	return syncFolder(root)
}

// syncFolder makes a rename last.
func syncFolder(root *os.Root) error {
	dir, err := root.Open(".")
	if err != nil {
		return fmt.Errorf("write %s: %w", secretFile, err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("write %s: %w", secretFile, err)
	}
	return nil
}
