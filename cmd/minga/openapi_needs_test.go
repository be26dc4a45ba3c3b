// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
)

// needed are the members that must be there and not null, since a released client drops
// the item or the whole page without them. A name in brackets may be null.
var needed = map[string]string{
	"Account": "id username acct note avatar avatar_static header header_static created_at url display_name locked emojis bot fields statuses_count followers_count following_count",
	"Field":   "name value",
	"Status": "id created_at account mentions emojis media_attachments visibility spoiler_text tags uri reblogs_count favourites_count content sensitive replies_count " +
		"(in_reply_to_id) (in_reply_to_account_id) (language) (url) (reblog) (poll) (card) (edited_at)",
	"Mention":              "id username acct url",
	"StatusTag":            "name url",
	"Tag":                  "name url history",
	"History":              "day uses accounts",
	"CustomEmoji":          "shortcode url static_url visible_in_picker",
	"MediaAttachment":      "id type url (preview_url) (remote_url) (meta) (description) (blurhash)",
	"PreviewCard":          "url type title description (image)",
	"Poll":                 "id options expired multiple votes_count emojis own_votes (expires_at) (voters_count) voted",
	"PollOption":           "title (votes_count)",
	"Context":              "ancestors descendants",
	"StatusEdit":           "content created_at emojis sensitive account spoiler_text media_attachments",
	"StatusSource":         "id text spoiler_text",
	"Notification":         "id type account created_at",
	"GroupedNotifications": "accounts statuses notification_groups",
	"NotificationGroup":    "group_key most_recent_notification_id sample_account_ids notifications_count type",
	"NotificationRequest":  "id account created_at updated_at notifications_count",
	"Relationship": "id following followed_by blocking muting muting_notifications requested showing_reblogs domain_blocking blocked_by notifying endorsed note requested_by " +
		"(languages)",
	"FamiliarFollowers":   "id accounts",
	"Search":              "accounts statuses hashtags",
	"Instance":            "domain version title registrations thumbnail contact description configuration api_versions",
	"V1Instance":          "uri version title description email configuration urls stats",
	"Marker":              "last_read_id version updated_at",
	"List":                "id title replies_policy exclusive",
	"Filter":              "context filter_action id title keywords statuses (expires_at)",
	"FilterHead":          "context filter_action id title (expires_at)",
	"FilterKeyword":       "id keyword whole_word",
	"FilterResult":        "filter keyword_matches status_matches",
	"FilterV1":            "id phrase context irreversible whole_word (expires_at)",
	"Conversation":        "id accounts unread (last_status)",
	"ScheduledStatus":     "id scheduled_at params media_attachments",
	"WebPushSubscription": "id endpoint alerts server_key policy standard",
	"Announcement":        "id content all_day published_at updated_at mentions tags emojis reactions",
	"FeaturedTag":         "name id statuses_count url",
	"Profile":             "id display_name note fields attribution_domains show_media show_media_replies show_featured (avatar) (header)",
	"Suggestion":          "account source",
	"TrendsLink":          "url title type description history",
	"Rule":                "id text",
	"DomainBlock":         "domain digest severity",
	"Said":                "content updated_at",
	"Terms":               "content effective effective_date",
	"NotificationPolicy":  "for_not_following for_not_followers for_new_accounts for_private_mentions for_limited_accounts summary",
}

// parts says which members of an entity are entities themselves.
var parts = map[string]map[string]string{
	"Account":              {"fields": "Field", "emojis": "CustomEmoji", "moved": "Account"},
	"Status":               {"account": "Account", "mentions": "Mention", "tags": "StatusTag", "media_attachments": "MediaAttachment", "card": "PreviewCard", "poll": "Poll", "reblog": "Status", "emojis": "CustomEmoji", "filtered": "FilterResult"},
	"FilterResult":         {"filter": "FilterHead"},
	"Filter":               {"keywords": "FilterKeyword"},
	"Poll":                 {"options": "PollOption", "emojis": "CustomEmoji"},
	"Tag":                  {"history": "History"},
	"Context":              {"ancestors": "Status", "descendants": "Status"},
	"StatusEdit":           {"account": "Account", "media_attachments": "MediaAttachment"},
	"Notification":         {"account": "Account", "status": "Status"},
	"GroupedNotifications": {"accounts": "Account", "statuses": "Status", "notification_groups": "NotificationGroup"},
	"NotificationRequest":  {"account": "Account", "last_status": "Status"},
	"FamiliarFollowers":    {"accounts": "Account"},
	"Search":               {"accounts": "Account", "statuses": "Status", "hashtags": "Tag"},
	"Conversation":         {"accounts": "Account", "last_status": "Status"},
	"ScheduledStatus":      {"media_attachments": "MediaAttachment"},
	"Suggestion":           {"account": "Account"},
	"Profile":              {"fields": "Field"},
	"TrendsLink":           {"history": "History"},
}

// needs checks one entity and what is in it.
func needs(t *testing.T, kind string, value any) {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		t.Errorf("%s is %v", kind, value)
		return
	}
	if needed[kind] == "" {
		t.Fatalf("nobody said what a %s needs", kind)
	}
	for _, name := range strings.Fields(needed[kind]) {
		bare := strings.Trim(name, "()")
		v, there := object[bare]
		if !there || v == nil && bare == name {
			t.Errorf("%s has no %s", kind, bare)
		}
		if text, ok := v.(string); ok && text == "" && strings.Contains(" avatar avatar_static header header_static url preview_url remote_url image ", " "+bare+" ") {
			t.Errorf("%s.%s is an empty address", kind, bare)
		}
	}
	for name, below := range parts[kind] {
		switch v := object[name].(type) {
		case []any:
			for _, one := range v {
				needs(t, below, one)
			}
		case map[string]any:
			needs(t, below, v)
		}
	}
}

// multipartOf is a form with a file.
func multipartOf(t *testing.T, fields map[string]string, name string, file []byte) (*bytes.Buffer, string) {
	t.Helper()
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}
