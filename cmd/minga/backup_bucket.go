// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"minga/storage/backup"
	"minga/storage/media"
)

// Backups may lie in a bucket of an S3-compatible store: backup_to is s3://BUCKET/PREFIX then,
// with s3_endpoint and the keys that files use. A backup is written into the data folder first,
// sent when it is whole, and read back from the bucket when it is verified.

// bucketScheme begins such a place.
const bucketScheme = "s3://"

// inBucket tells whether a place lies in a bucket.
func inBucket(place string) bool { return strings.HasPrefix(place, bucketScheme) }

// checkBucket complains of a backup_to that names no bucket, one that strangers read, or one
// that cannot be reached for lack of settings.
func (c *Config) checkBucket(r *configReader) {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(c.Backup.To, bucketScheme), "/")
	switch {
	case bucket == "":
		r.fail("backup_to", "is a folder, or s3://BUCKET/PREFIX")
	case r.text("s3_endpoint", "") == "" || r.text("s3_access_key", "") == "" || r.text("s3_secret", "") == "":
		r.fail("backup_to", "in a bucket needs s3_endpoint, s3_access_key and s3_secret")
	case r.text("s3_public_url", "") != "" && bucket == r.text("s3_bucket", ""):
		r.fail("backup_to", "is the bucket that everybody reads files from (s3_public_url): take another")
	}
}

// vault is the bucket of a place, which is a prefix.
func (c *Config) vault(place string) (*media.Vault, error) {
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(place, bucketScheme), "/")
	o := c.Media.Bucket
	o.Bucket, o.Prefix = bucket, prefix
	if c.CAFile != "" {
		ca, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, usage("MINGA_TLS_CA_FILE: %v", err)
		}
		o.ExtraCA = ca
	}
	v, err := media.NewVault(o)
	if err != nil {
		return nil, usage("%v", err)
	}
	return v, nil
}

// openBackup opens a backup, in a folder or a bucket, and says how many bytes it has.
func (c *Config) openBackup(ctx context.Context, place string) (io.ReadCloser, int64, error) {
	if inBucket(place) {
		v, err := c.vault(path.Dir(strings.TrimPrefix(place, bucketScheme)))
		if err != nil {
			return nil, 0, err
		}
		return v.Open(ctx, path.Base(place))
	}
	file, err := os.Open(place)
	if err != nil {
		return nil, 0, usage("%v", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("backup: %w", err), file.Close())
	}
	return file, info.Size(), nil
}

// sendBackup moves a whole backup from where it was written into the bucket, and gives its
// place there.
func (c *Config) sendBackup(ctx context.Context, written, place string) (string, error) {
	v, err := c.vault(place)
	if err != nil {
		return "", err
	}
	file, size, err := c.openBackup(ctx, written)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	name := filepath.Base(written)
	if err := v.Put(ctx, name, file, size); err != nil {
		return "", err
	}
	return strings.TrimSuffix(place, "/") + "/" + name, nil
}

// dropSent removes backups from the bucket that need not be kept.
func (i *instance) dropSent(ctx context.Context) error {
	v, err := i.config.vault(i.config.Backup.To)
	if err != nil {
		return err
	}
	names, err := v.Names(ctx)
	if err != nil {
		return fmt.Errorf("old backups: %w", err)
	}
	for _, name := range backup.Surplus(i.config.Host, names, i.config.Backup.Keep) {
		if err := v.Remove(ctx, name); err != nil {
			return fmt.Errorf("old backup: %w", err)
		}
	}
	return nil
}
