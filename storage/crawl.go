// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"minga/coop"
)

// crawlKey is the setting of what programs may read.
const crawlKey = "crawl"

// CrawlPolicy is which programs may read what: the default where nothing was said.
func (r reader) CrawlPolicy(ctx context.Context) (coop.CrawlPolicy, error) {
	text, err := r.Setting(ctx, crawlKey)
	if errors.Is(err, coop.ErrNotFound) {
		return coop.DefaultCrawlPolicy(), nil
	}
	if err != nil {
		return coop.CrawlPolicy{}, err
	}
	var p coop.CrawlPolicy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, fmt.Errorf("policy for crawlers: %w", err)
	}
	return p, nil
}

// PutCrawlPolicy keeps a policy that was validated.
func (tx *Tx) PutCrawlPolicy(ctx context.Context, p coop.CrawlPolicy) error {
	text, err := jsonText(p)
	if err != nil {
		return err
	}
	return tx.SetSetting(ctx, crawlKey, text)
}
