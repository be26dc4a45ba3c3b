// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// StatusEdit is a state of a post: an earlier one, or the present.
type StatusEdit struct {
	Content          string           `json:"content"`
	SpoilerText      string           `json:"spoiler_text"`
	Sensitive        bool             `json:"sensitive"`
	CreatedAt        Time             `json:"created_at"`
	Account          *Account         `json:"account"`
	Poll             *EditPoll        `json:"poll"`
	MediaAttachments List[Attachment] `json:"media_attachments"`
	Emojis           List[Emoji]      `json:"emojis"`
}

// EditPoll is what could be chosen then.
type EditPoll struct {
	Options List[EditOption] `json:"options"`
}

// EditOption is one answer as it was worded then.
type EditOption struct {
	Title string `json:"title"`
}

// StatusSource is what was typed, as an edit takes it.
type StatusSource struct {
	ID          ID     `json:"id"`
	Text        string `json:"text"`
	SpoilerText string `json:"spoiler_text"`
	ContentType string `json:"content_type"` // text/plain, text/markdown
}

// ScheduledStatus is a post that waits for its time. Error says why it could not be
// published, null as long as it waits.
type ScheduledStatus struct {
	ID               ID               `json:"id"`
	ScheduledAt      Time             `json:"scheduled_at"`
	Params           ScheduledParams  `json:"params"`
	MediaAttachments List[Attachment] `json:"media_attachments"`
	Minga            *ScheduledMinga  `json:"minga"`
}

// ScheduledMinga is what minga adds: why a post could not be published.
type ScheduledMinga struct {
	Error string `json:"error"`
}

// ScheduledParams is what was sent; the time stands beside it.
type ScheduledParams struct {
	ApplicationID int64          `json:"application_id"` // a number here, as nowhere else; 0: none
	Text          string         `json:"text"`
	MediaIDs      *[]string      `json:"media_ids"`
	Sensitive     *bool          `json:"sensitive"`
	SpoilerText   Null           `json:"spoiler_text"`
	Visibility    string         `json:"visibility"`
	InReplyToID   *int64         `json:"in_reply_to_id"`
	Language      Null           `json:"language"`
	ContentType   Null           `json:"content_type"`
	Poll          *ScheduledPoll `json:"poll"`
	Idempotency   Null           `json:"idempotency"`
	ScheduledAt   Null           `json:"scheduled_at"`
	WithRateLimit bool           `json:"with_rate_limit"`
}

// ScheduledPoll is the poll that was sent.
type ScheduledPoll struct {
	Options    List[string] `json:"options"`
	ExpiresIn  int          `json:"expires_in"`
	Multiple   bool         `json:"multiple"`
	HideTotals bool         `json:"hide_totals"`
}
