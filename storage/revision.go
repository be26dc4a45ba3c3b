// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// revisionDetails is what of an earlier state is shown but never asked for.
type revisionDetails struct {
	Attachments []coop.Attachment `json:"attachments,omitempty"`
	Options     []string          `json:"options,omitempty"`
	Language    string            `json:"language,omitempty"`
}

// pollOptions are the answers of a post's poll as they are worded; nil for none.
func pollOptions(p *coop.Post) []string {
	if p.Poll == nil {
		return nil
	}
	titles := make([]string, len(p.Poll.Options))
	for i, o := range p.Poll.Options {
		titles[i] = o.Title
	}
	return titles
}

// scanRevision reads an earlier state of a post.
func scanRevision(row pgx.CollectableRow) (v coop.Revision, err error) {
	var id, at int64
	var details string
	err = row.Scan(&id, &v.Version, &at, &v.Title, &v.Summary, &v.Content, &v.Source, &v.Reason, &v.Sensitive, &details)
	if err != nil {
		return v, err
	}
	v.PostID, v.At = coop.ID(id), atMs(at)
	var d revisionDetails
	if err := json.Unmarshal([]byte(details), &d); err != nil {
		return v, fmt.Errorf("revision of post %s: %w", v.PostID, err)
	}
	v.Attachments, v.Options, v.Language = d.Attachments, d.Options, d.Language
	return v, nil
}
