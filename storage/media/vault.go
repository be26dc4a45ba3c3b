// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/minio/minio-go/v7"

	"minga/coop"
)

// Vault keeps whole files under their names in a bucket, for its owner alone: backups.
type Vault struct{ b *Bucket }

// NewVault makes a client; it asks nothing yet.
func NewVault(o BucketOptions) (*Vault, error) {
	b, err := NewBucket(o)
	if err != nil {
		return nil, err
	}
	return &Vault{b}, nil
}

// vaultName is what names are made of: nothing leads to another prefix.
var vaultName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$`)

// key is where a file lies.
func (v *Vault) key(name string) (string, error) {
	if !vaultName.MatchString(name) {
		return "", &coop.InvalidError{Field: "name", Code: coop.CodeFormat, Problem: "is no name of a file in a bucket"}
	}
	return v.b.prefix + name, nil
}

// Put keeps a file of so many bytes. It is there whole or not at all.
func (v *Vault) Put(ctx context.Context, name string, body io.Reader, size int64) error {
	key, err := v.key(name)
	if err != nil {
		return err
	}
	_, err = v.b.client.PutObject(ctx, v.b.bucket, key, body, size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", CacheControl: "private, no-store", DisableMultipart: size < 64<<20,
	})
	if err != nil {
		return fmt.Errorf("keep %s in the bucket: %w", name, bucketError(err))
	}
	return nil
}

// Open reads a file from its beginning, and says how many bytes it has. One that is not there
// is [coop.ErrNotFound].
func (v *Vault) Open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	key, err := v.key(name)
	if err != nil {
		return nil, 0, err
	}
	object, err := v.b.client.GetObject(ctx, v.b.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, fmt.Errorf("open %s in the bucket: %w", name, bucketError(err))
	}
	info, err := object.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open %s in the bucket: %w", name, bucketError(err)), object.Close())
	}
	return object, info.Size, nil
}

// Remove forgets a file; one that is not there is no error.
func (v *Vault) Remove(ctx context.Context, name string) error {
	key, err := v.key(name)
	if err != nil {
		return err
	}
	err = bucketError(v.b.client.RemoveObject(ctx, v.b.bucket, key, minio.RemoveObjectOptions{}))
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return fmt.Errorf("remove %s from the bucket: %w", name, err)
	}
	return nil
}

// mostNames is how many files a listing takes in.
const mostNames = 100_000

// Names are the files directly under the prefix.
func (v *Vault) Names(ctx context.Context) (names []string, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for o := range v.b.client.ListObjectsIter(ctx, v.b.bucket, minio.ListObjectsOptions{Prefix: v.b.prefix}) {
		if o.Err != nil {
			return nil, fmt.Errorf("list the bucket: %w", bucketError(o.Err))
		}
		name := strings.TrimPrefix(o.Key, v.b.prefix)
		if vaultName.MatchString(name) && len(names) < mostNames {
			names = append(names, name)
		}
	}
	return names, nil
}
