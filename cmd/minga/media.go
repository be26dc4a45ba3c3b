// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/origin"
	"minga/storage"
	"minga/storage/media"
)

// mediaConfig is where files lie and how many.
type mediaConfig struct {
	Dir    string // local folder; of a bucket, where files are written before they go there
	Bucket media.BucketOptions
	InS3   bool
	Public string // where browsers read a bucket; empty: through this program
	URL    string // scheme and host for files alone; empty: they are read from the host
	Limits media.Limits
}

// readMedia reads the settings of files.
func (c *Config) readMedia(r *configReader) {
	m := &c.Media
	m.Dir = r.text("media_dir", "")
	m.InS3 = r.oneOf("media_store", "folder", "folder", "s3") == "s3"
	m.Bucket = media.BucketOptions{
		Endpoint: r.text("s3_endpoint", ""), Bucket: r.text("s3_bucket", ""), Region: r.text("s3_region", "us-east-1"),
		Key: r.text("s3_access_key", ""), Secret: r.text("s3_secret", ""), Prefix: r.text("s3_prefix", ""),
	}
	m.Public = strings.TrimSuffix(r.text("s3_public_url", ""), "/")
	m.URL = c.readMediaURL(r)
	m.Limits = media.Limits{
		File: r.bytes("media_max_bytes", 16<<20, 64<<10), PerOwner: r.bytes("media_local_max", 2<<30, 0),
		All: r.bytes("media_total_max", 0, 0), Cache: r.bytes("remote_media_cache", 1<<30, 0),
	}
	if m.Limits.File > 64<<20 {
		r.fail("media_max_bytes", "is at most 64 MiB")
	}
	if r.flag("media_av", false) {
		m.Limits.Played = r.bytes("media_av_max_bytes", 40<<20, 64<<10)
	}
}

// readMediaURL reads the address of a host for files alone. It is none of the hosts that
// ids and handles have: then nothing that is uploaded is ever of their origin.
func (c *Config) readMediaURL(r *configReader) string {
	text := strings.TrimSuffix(r.text("media_url", ""), "/")
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != c.Scheme || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		r.fail("media_url", "is an address such as %s://media.%s, and no more", c.Scheme, c.Host)
		return ""
	}
	host, err := origin.Host(text)
	if err != nil {
		r.fail("media_url", "%v", err)
	}
	if host == c.Host || host == c.AccountDomain {
		r.fail("media_url", "is another host than %s: what is uploaded shall not be of its origin", host)
	}
	return u.Scheme + "://" + host
}

// hosts are all that this instance answers for: it never asks itself by them.
func (c *Config) hosts() []string {
	list := []string{c.Host, c.AccountDomain}
	if c.Media.URL != "" {
		list = append(list, mediaHost(c.Media.URL))
	}
	return list
}

// mediaHost is the host[:port] of a media_url that was read.
func mediaHost(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

// check holds what of the settings depends on others.
func (m *mediaConfig) check(dataDir string) error {
	if m.Dir == "" {
		m.Dir = filepath.Join(dataDir, "media")
	}
	if !m.InS3 {
		return nil
	}
	for key, text := range map[string]string{"s3_endpoint": m.Bucket.Endpoint, "s3_bucket": m.Bucket.Bucket, "s3_access_key": m.Bucket.Key, "s3_secret": m.Bucket.Secret} {
		if text == "" {
			return usage("media_store = s3 needs %s", key)
		}
	}
	return nil
}

// sizes are the units of a number of bytes.
var sizes = []struct {
	unit  string
	bytes int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}, {"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}}

// bytes reads a size such as 16 MiB, 2GiB, 500M or 1048576.
func (r *configReader) bytes(key string, unset, least int64) int64 {
	text := strings.ToLower(r.text(key, ""))
	if text == "" {
		return unset
	}
	factor := int64(1)
	for _, s := range sizes {
		if number, ok := strings.CutSuffix(text, s.unit); ok {
			text, factor = strings.TrimSpace(number), s.bytes
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor || n*factor < least {
		r.fail(key, "is a size such as 16 MiB, at least %d bytes", least)
		return unset
	}
	return n * factor
}

// openMedia opens the store of files. A bucket that is away is a warning: the rest of
// the instance works without it.
func (i *instance) openMedia(ctx context.Context) error {
	if err := os.MkdirAll(i.config.Media.Dir, 0o700); err != nil {
		return fmt.Errorf("media folder: %w", err)
	}
	root, err := os.OpenRoot(i.config.Media.Dir)
	if err != nil {
		return fmt.Errorf("media folder: %w", err)
	}
	i.mediaRoot = root
	files, err := i.mediaFiles(ctx, root)
	if err != nil {
		return err
	}
	key, err := i.mediaKey(ctx)
	if err != nil {
		return err
	}
	i.media, err = media.New(media.Options{
		Store: i.store, Files: files, Scratch: root, Now: i.now, Log: i.log, Links: media.NewLinks(i.config.BaseURL(), key).At(i.config.Media.URL),
		Limits: i.config.Media.Limits, PublicURL: i.publicMedia(),
		Space: func() (media.Space, error) { return media.SpaceOf(root) },
	})
	return err
}

// mediaFiles is the folder or the bucket.
func (i *instance) mediaFiles(ctx context.Context, root *os.Root) (media.Files, error) {
	if !i.config.Media.InS3 {
		return media.NewFolder(root)
	}
	o := i.config.Media.Bucket
	if i.config.CAFile != "" {
		ca, err := os.ReadFile(i.config.CAFile)
		if err != nil {
			return nil, usage("MINGA_TLS_CA_FILE: %v", err)
		}
		o.ExtraCA = ca
	}
	bucket, err := media.NewBucket(o)
	if err != nil {
		return nil, usage("%v", err)
	}
	ctx, cancel := context.WithTimeout(ctx, bucketPatience)
	defer cancel()
	if err := bucket.Check(ctx); err != nil {
		i.log.WarnContext(ctx, "the bucket does not answer", "bucket", o.Bucket, "err", err)
	}
	return bucket, nil
}

// bucketPatience is how long a start waits for the bucket.
const bucketPatience = 5 * time.Second

// publicMedia is where browsers read files themselves, with what all keys begin with.
func (i *instance) publicMedia() string {
	m := i.config.Media
	if !m.InS3 || m.Public == "" {
		return ""
	}
	return strings.TrimSuffix(m.Public+"/"+strings.Trim(m.Bucket.Prefix, "/"), "/")
}

// mediaSecret keeps the key that signs the addresses of other servers' pictures. It
// stays the same, so that what clients and caches keep stays good.
const mediaSecret = "media/remote"

// mediaKey is that key; nil where other servers' pictures are not shown.
func (i *instance) mediaKey(ctx context.Context) ([]byte, error) {
	if i.config.Media.Limits.Cache == 0 {
		return nil, nil
	}
	key, err := i.store.Secret(ctx, mediaSecret)
	if !errors.Is(err, coop.ErrNotFound) {
		return key, err
	}
	key = make([]byte, secretBytes)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		if there, err := tx.Secret(ctx, mediaSecret); err == nil {
			key = there // another node was first
			return nil
		}
		return tx.PutSecret(ctx, mediaSecret, key)
	})
	return key, err
}

// Pictures of other servers that nobody looked at for so long go.
const (
	pictureLife = 30 * 24 * time.Hour
	pruneEvery  = 24 * time.Hour
)

// tendMedia removes files whose time is over: each minute what rows tell, each day what
// no row names.
func (i *instance) tendMedia(ctx context.Context) error {
	pruned := i.now()
	for pause(ctx, time.Minute) {
		if err := i.media.Sweep(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "sweep of files failed", "err", err)
		}
		if i.now().Sub(pruned) < pruneEvery {
			continue
		}
		pruned = i.now()
		if _, err := i.media.Prune(ctx, pictureLife, false); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "prune of files failed", "err", err)
		}
	}
	return nil
}
