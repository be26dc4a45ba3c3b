// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	osuser "os/user"
	"strings"
	"syscall"
)

// secretBytes is the length of a key at rest.
const secretBytes = 32

// secretFile lies in the data folder, mode 0600.
const secretFile = "secret.key"

// secretKeys gives the keys that seal what must not lie readable in the
// database: those configured, else those in secret.key, which is made at the
// first start; made tells that it was. A file that others can read stops the start.
func (c *Config) secretKeys(root *os.Root) (keys [][]byte, made bool, err error) {
	keys, err = c.keptSecrets(root)
	if errors.Is(err, fs.ErrNotExist) {
		keys, err = makeSecret(root)
		return keys, true, err
	}
	return keys, false, err
}

// keptSecrets are the keys that there are; without any it is [fs.ErrNotExist].
func (c *Config) keptSecrets(root *os.Root) ([][]byte, error) {
	if c.SecretKeys != "" {
		return parseSecrets(c.SecretKeys, "MINGA_SECRET_KEY")
	}
	text, err := readPrivate(root, secretFile)
	if err != nil {
		return nil, err
	}
	return parseSecrets(text, secretFile)
}

// parseSecrets reads keys in base64, one a word, newest first.
func parseSecrets(text, from string) ([][]byte, error) {
	var keys [][]byte
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c <= ' ' }) {
		key, err := base64.StdEncoding.DecodeString(word)
		if err != nil || len(key) != secretBytes {
			return nil, usage("%s: a key is %d bytes in base64", from, secretBytes)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, usage("%s is empty: restore it from the backup; without it the keys of all accounts are lost", from)
	}
	return keys, nil
}

// readPrivate reads a file that nobody else may read.
func readPrivate(root *os.Root, name string) (string, error) {
	info, err := root.Stat(name)
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", name, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", usage("%s can be read by others (mode %04o): chmod 600 it", name, info.Mode().Perm())
	}
	text, err := root.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", name, err)
	}
	return string(text), nil
}

// makeSecret writes a new key so that a crash leaves either none or a whole one.
func makeSecret(root *os.Root) ([][]byte, error) {
	key := make([]byte, secretBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make %s: %w", secretFile, err)
	}
	if err := writeSecrets(root, [][]byte{key}); err != nil {
		return nil, err
	}
	return [][]byte{key}, nil
}

// ownFolder refuses root where the folder is somebody else's: what root writes there the
// service could not open any more.
func ownFolder(dir string, info fs.FileInfo, user int) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || user != 0 || stat.Uid == 0 {
		return nil
	}
	owner := fmt.Sprintf("#%d", stat.Uid)
	if known, err := osuser.LookupId(owner[1:]); err == nil {
		owner = known.Username
	}
	return usage("the data folder %s belongs to %s: run this as that user, such as by `sudo -u %s minga …`", dir, owner, owner)
}

// openDataDir makes the data folder, mode 0700, and opens it as a root that no
// name leads out of.
func (c *Config) openDataDir() (*os.Root, error) {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	info, err := os.Stat(c.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := ownFolder(c.DataDir, info, os.Geteuid()); err != nil {
		return nil, err
	}
	// A folder made by hand is often readable by all; what lies in it is not for all.
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(c.DataDir, 0o700); err != nil {
			return nil, usage("the data folder %s can be read by others (mode %04o) and cannot be closed: %v", c.DataDir, info.Mode().Perm(), err)
		}
	}
	root, err := os.OpenRoot(c.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return root, nil
}
