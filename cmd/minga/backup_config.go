// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"minga/storage/backup"
)

// backupConfig is where backups go, how often, and who may open them.
type backupConfig struct {
	To         string // a folder, or s3://BUCKET/PREFIX; empty: none are made by themselves
	Every      time.Duration
	Keep       backup.Keep
	Recipients []age.Recipient // none: backups can be read by whoever has them
}

// readBackup reads the settings of backups.
func (c *Config) readBackup(r *configReader) {
	c.Backup.To = r.text("backup_to", "")
	if inBucket(c.Backup.To) {
		c.checkBucket(r)
	} else if strings.Contains(c.Backup.To, "://") {
		r.fail("backup_to", "is a folder of this machine, such as a mounted disk, or s3://BUCKET/PREFIX")
	}
	every, err := ageOf(r.text("backup_every", "1d"))
	if c.Backup.Every = every; err != nil || every < time.Hour {
		r.fail("backup_every", "is a time such as 1d or 12h, an hour at least")
	}
	if c.Backup.Keep, err = backup.ParseKeep(r.text("backup_keep", "7d 4w 6m")); err != nil {
		r.fail("backup_keep", "%v", err)
	}
	if c.Backup.Recipients, err = backup.Recipients(r.text("backup_recipients", "")); err != nil {
		r.fail("backup_recipients", "is a list of public keys of age, such as age1…")
	}
}

// backupSource is what a backup of this instance is made of.
func (i *instance) backupSource(ctx context.Context, withKeys, withFiles bool, tell func(string, int64)) (s backup.Source, err error) {
	s = backup.Source{Store: i.store, Now: i.now, Progress: tell, Head: backup.Head{
		Program: version, Host: i.config.Host, AccountDomain: i.config.AccountDomain, Scheme: i.config.Scheme, Settings: map[string]string{},
	}}
	for key, v := range i.config.values {
		if !slices.Contains(secretSettings, key) {
			s.Head.Settings[key] = v.text
		}
	}
	if withFiles {
		if s.Files, err = i.mediaFiles(ctx, i.mediaRoot); err != nil {
			return s, err
		}
	}
	if !withKeys {
		return s, nil
	}
	text := i.config.SecretKeys
	if text == "" {
		text, err = readPrivate(i.root, secretFile)
	}
	s.Keys = []byte(strings.TrimSpace(text) + "\n")
	return s, err
}

// leftOut says what is not in a backup, in words.
func leftOut(keys, files bool) []string {
	list := []string{
		"pictures of other servers (fetched again)", "the configuration file and the environment",
		"certificates and keys of TLS", "logs and metrics",
	}
	if !files {
		list = append(list, "files of people: they are where they were")
	}
	if !keys {
		list = append(list, "the secret key: a restore needs it from elsewhere")
	}
	return list
}

// mediaTypes are those of files by the ending of their names, for buckets that serve them.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".pdf": "application/pdf",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".mp4": "video/mp4", ".webm": "video/webm",
}

// mediaType is the type of a file by its key.
func mediaType(key string) string {
	if kind := mediaTypes[path.Ext(key)]; kind != "" && !strings.HasPrefix(key, "sealed/") {
		return kind
	}
	return "application/octet-stream"
}

// scratchFolder is where a backup is tried out: beside the data, or where the machine
// keeps what is thrown away.
func (c *Config) scratchFolder() string {
	if info, err := os.Stat(c.DataDir); err == nil && info.IsDir() {
		return c.DataDir
	}
	return os.TempDir()
}

// backupPath is where a new backup is written: a file that was named, in a folder that was
// named, or in the folder of the settings. sent is the bucket where it goes from there; empty:
// it stays.
func (c *Config) backupPath(file string, at time.Time, encrypted bool) (written, sent string, err error) {
	name := backup.Name(c.Host, at, encrypted)
	if place := cmp.Or(file, c.Backup.To); inBucket(place) {
		return filepath.Join(c.scratchFolder(), name), place, nil
	}
	if file == "" && c.Backup.To == "" {
		return "", "", usage("say where the backup goes: `minga backup create FILE`, or set backup_to")
	}
	if file == "" {
		if err := os.MkdirAll(c.Backup.To, 0o700); err != nil {
			return "", "", fmt.Errorf("folder of backups: %w", err)
		}
		file = c.Backup.To
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return filepath.Join(file, name), "", nil
	}
	return file, "", nil
}
