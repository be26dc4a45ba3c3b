// SPDX-License-Identifier: AGPL-3.0-or-later

package media

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"minga/coop"
)

// BucketOptions say where a bucket of an S3-compatible store is. It is the
// administrator's own store and not a server that somebody named: it is asked
// without the address guard.
type BucketOptions struct {
	Endpoint string // https://s3.example or http://127.0.0.1:9000
	Bucket   string
	Region   string // may be empty
	Key      string
	Secret   string
	Prefix   string // of all keys, such as "minga/"; may be empty
	ExtraCA  []byte // PEM of further certificate authorities; nil for none
}

// Bucket keeps files in an S3-compatible store.
type Bucket struct {
	client *minio.Client
	bucket string
	prefix string
}

// bucketRetries is how often a request is tried in all.
const bucketRetries = 3

// NewBucket makes a client; it asks nothing yet.
func NewBucket(o BucketOptions) (*Bucket, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("s3 endpoint %q: want http(s)://host[:port]", o.Endpoint)
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	transport.ResponseHeaderTimeout = 30 * time.Second
	if len(o.ExtraCA) > 0 && transport.TLSClientConfig != nil {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(o.ExtraCA) {
			return nil, errors.New("s3: no certificate in the extra authorities")
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.Key, o.Secret, ""), Secure: u.Scheme == "https", Region: o.Region, Transport: transport, MaxRetries: bucketRetries,
	})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	prefix := strings.TrimLeft(o.Prefix, "/")
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		prefix += "/"
	}
	return &Bucket{client, o.Bucket, prefix}, nil
}

// Check says whether the bucket is there and may be used.
func (b *Bucket) Check(ctx context.Context) error {
	there, err := b.client.BucketExists(ctx, b.bucket)
	if err == nil && !there {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("s3 bucket %s: %w", b.bucket, bucketError(err))
	}
	return nil
}

// Put implements [Files]. An object is there whole or not at all.
func (b *Bucket) Put(ctx context.Context, key string, body io.Reader, size int64, mediaType string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, b.bucket, b.prefix+key, body, size, minio.PutObjectOptions{
		ContentType: mediaType, CacheControl: "public, max-age=31536000, immutable", DisableMultipart: size < 64<<20,
	})
	if err != nil {
		return fmt.Errorf("keep file %s: %w", key, bucketError(err))
	}
	return nil
}

// Open implements [Files].
func (b *Bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	object, err := b.client.GetObject(ctx, b.bucket, b.prefix+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open file %s: %w", key, bucketError(err))
	}
	if _, err := object.Stat(); err != nil {
		return nil, errors.Join(fmt.Errorf("open file %s: %w", key, bucketError(err)), object.Close())
	}
	return object, nil
}

// Remove implements [Files].
func (b *Bucket) Remove(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := bucketError(b.client.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{}))
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return fmt.Errorf("remove file %s: %w", key, err)
	}
	return nil
}

// Each implements [lister].
func (b *Bucket) Each(ctx context.Context, area string, do func(key string, size int64, written time.Time) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the listing where do ended early
	for o := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: b.prefix + area + "/", Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("list files: %w", bucketError(o.Err))
		}
		if err := do(strings.TrimPrefix(o.Key, b.prefix), o.Size, o.LastModified); err != nil {
			return err
		}
	}
	return nil
}

// bucketError gives the errors of a store our kinds: not there, no room, away.
func bucketError(err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == "NoSuchKey" || answer.Code == "NoSuchBucket" || answer.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: %w", coop.ErrNotFound, err)
	case answer.Code == "XMinioStorageFull" || answer.Code == "QuotaExceeded" || answer.StatusCode == http.StatusInsufficientStorage:
		return fmt.Errorf("%w: %w", coop.ErrFull, err)
	}
	return fmt.Errorf("%w: %w", coop.ErrUnavailable, err)
}
