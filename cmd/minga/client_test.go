// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/mattn/go-mastodon"

	"minga/storage"
	"minga/storage/storagetest"
)

// TestDayWithGoMastodon is the day of a member with go-mastodon.
func TestDayWithGoMastodon(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts processes")
	}
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres && os.Getenv(storagetest.PostgresEnv) == "" {
				t.Skip("no PostgreSQL to test on")
			}
			liveWithGoMastodon(t, engine)
		})
	}
}

// goDay is one client that is signed in.
type goDay struct {
	*clientWorld
	t      *testing.T
	client *mastodon.Client
	bea    *mastodon.Account
}

func liveWithGoMastodon(t *testing.T, engine storage.Engine) {
	w := newClientWorld(t, engine)
	app, err := mastodon.RegisterApp(t.Context(), &mastodon.AppConfig{Server: w.base(), ClientName: "go-mastodon", Scopes: "read write follow", Website: "https://app.example"})
	if err != nil {
		t.Fatal(err)
	}
	day := &goDay{clientWorld: w, t: t, client: mastodon.NewClient(&mastodon.Config{Server: w.base(), ClientID: app.ClientID, ClientSecret: app.ClientSecret})}
	if err := day.client.GetUserAccessToken(t.Context(), w.consent(t, app.AuthURI), app.RedirectURI); err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name string
		live func(*goDay)
	}{
		{"who am I", (*goDay).self},
		{"follow a member of the second instance", (*goDay).follow},
		{"post with a picture, and a poll", (*goDay).post},
		{"answer, edit, boost, favourite, bookmark", (*goDay).react},
		{"be notified", (*goDay).hear},
		{"lists, filters, tags, search", (*goDay).sort},
		{"delete and leave", (*goDay).leave},
	} {
		if !t.Run(part.name, func(t *testing.T) {
			inner := *day
			inner.t = t
			part.live(&inner)
			day.bea = inner.bea
		}) && day.bea == nil {
			return // the rest of the day is about her
		}
	}
}

// must ends the part at an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (d *goDay) self() {
	me := must[*mastodon.Account](d.t)(d.client.GetAccountCurrentUser(d.t.Context()))
	if me.Username != "ana" || me.Source == nil {
		d.t.Errorf("signed in as %+v", me)
	}
	if app := must[*mastodon.ApplicationVerification](d.t)(d.client.VerifyAppCredentials(d.t.Context())); app.Name != "go-mastodon" {
		d.t.Errorf("the app is %q", app.Name)
	}
	if instance := must[*mastodon.Instance](d.t)(d.client.GetInstance(d.t.Context())); instance.URI != d.home.host {
		d.t.Errorf("the instance is %q", instance.URI)
	}
	name := "Ana of the mill"
	if changed := must[*mastodon.Account](d.t)(d.client.AccountUpdate(d.t.Context(), &mastodon.Profile{DisplayName: &name})); changed.DisplayName != name {
		d.t.Errorf("renamed to %q", changed.DisplayName)
	}
}

func (d *goDay) follow() {
	ctx := d.t.Context()
	found := must[[]*mastodon.Account](d.t)(d.client.AccountsSearchResolve(ctx, "@bea@"+d.away.host, 5, true))
	if len(found) != 1 || found[0].Acct != "bea@"+d.away.host {
		d.t.Fatalf("found %v", found)
	}
	d.bea = found[0]
	must[*mastodon.Relationship](d.t)(d.client.AccountFollow(ctx, d.bea.ID))
	eventually(d.t, interopPatience, "the follow holds", func() bool {
		list := must[[]*mastodon.Relationship](d.t)(d.client.GetAccountRelationships(ctx, []string{string(d.bea.ID)}))
		return len(list) == 1 && list[0].Following
	})
	var posted struct{ URI string }
	d.clientWorld.bea(d.t, "POST", "/api/v1/statuses", map[string]string{"status": "Clay from the river #pots"}, &posted)
	eventually(d.t, interopPatience, "her post is at home", func() bool {
		for _, s := range must[[]*mastodon.Status](d.t)(d.client.GetTimelineHome(ctx, nil)) {
			if s.URI == posted.URI {
				return true
			}
		}
		return false
	})
	if tagged := must[[]*mastodon.Status](d.t)(d.client.GetTimelineHashtag(ctx, "pots", false, nil)); len(tagged) == 0 || tagged[0].URI != posted.URI {
		d.t.Error("her post is not under its tag")
	}
}

// loaf is a small picture.
func loaf(t *testing.T) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	picture.Set(3, 3, color.RGBA{200, 120, 20, 255})
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (d *goDay) post() {
	ctx := d.t.Context()
	media := must[*mastodon.Attachment](d.t)(d.client.UploadMediaFromMedia(ctx, &mastodon.Media{File: bytes.NewReader(loaf(d.t)), Description: "a loaf", Focus: "0,0.5"}))
	if media.URL == "" || media.Description != "a loaf" {
		d.t.Fatalf("the picture is %+v", media)
	}
	status := must[*mastodon.Status](d.t)(d.client.PostStatus(ctx, &mastodon.Toot{Status: "Bread for @bea@" + d.away.host + " #bread", MediaIDs: []mastodon.ID{media.ID}, SpoilerText: "food"}))
	if len(status.MediaAttachments) != 1 || len(status.Mentions) != 1 || len(status.Tags) != 1 || status.SpoilerText != "food" {
		d.t.Errorf("posted %+v", status)
	}
	poll := must[*mastodon.Status](d.t)(d.client.PostStatus(ctx, &mastodon.Toot{Status: "Rye?", Poll: &mastodon.TootPoll{Options: []string{"yes", "no"}, ExpiresInSeconds: 600}}))
	if poll.Poll == nil || len(poll.Poll.Options) != 2 {
		d.t.Fatalf("the poll is %+v", poll.Poll)
	}
	if _, err := d.client.PollVote(ctx, poll.Poll.ID, 0); err == nil || !strings.Contains(err.Error(), "422") {
		d.t.Errorf("a vote in one's own poll: %v", err)
	}
}

func (d *goDay) react() {
	ctx := d.t.Context()
	mine := must[*mastodon.Status](d.t)(d.client.PostStatus(ctx, &mastodon.Toot{Status: "Draft of a thought"}))
	edited := must[*mastodon.Status](d.t)(d.client.UpdateStatus(ctx, &mastodon.Toot{Status: "A thought"}, mine.ID))
	if edited.EditedAt.IsZero() || !strings.Contains(edited.Content, "A thought") {
		d.t.Errorf("edited to %+v", edited)
	}
	if history := must[[]*mastodon.StatusHistory](d.t)(d.client.GetStatusHistory(ctx, mine.ID)); len(history) != 2 {
		d.t.Errorf("%d states in its history", len(history))
	}
	reply := must[*mastodon.Status](d.t)(d.client.PostStatus(ctx, &mastodon.Toot{Status: "And another", InReplyToID: mine.ID}))
	if thread := must[*mastodon.Context](d.t)(d.client.GetStatusContext(ctx, mine.ID)); len(thread.Descendants) != 1 || thread.Descendants[0].ID != reply.ID {
		d.t.Errorf("the thread is %+v", thread)
	}
	hers := must[[]*mastodon.Status](d.t)(d.client.GetAccountStatuses(ctx, d.bea.ID, nil))[0]
	if boost := must[*mastodon.Status](d.t)(d.client.Reblog(ctx, hers.ID)); boost.Reblog == nil || boost.Reblog.ID != hers.ID {
		d.t.Errorf("the boost is %+v", boost)
	}
	must[*mastodon.Status](d.t)(d.client.Favourite(ctx, hers.ID))
	must[*mastodon.Status](d.t)(d.client.Bookmark(ctx, hers.ID))
	for name, list := range map[string]func() ([]*mastodon.Status, error){
		"favourites": func() ([]*mastodon.Status, error) { return d.client.GetFavourites(ctx, nil) },
		"bookmarks":  func() ([]*mastodon.Status, error) { return d.client.GetBookmarks(ctx, nil) },
	} {
		if got := must[[]*mastodon.Status](d.t)(list()); len(got) != 1 || got[0].ID != hers.ID {
			d.t.Errorf("%s are %v", name, got)
		}
	}
	eventually(d.t, interopPatience, "she is told", func() bool {
		var told []struct{ Type string }
		d.clientWorld.bea(d.t, "GET", "/api/v1/notifications", nil, &told)
		kinds := map[string]bool{}
		for _, n := range told {
			kinds[n.Type] = true
		}
		return kinds["favourite"] && kinds["reblog"] && kinds["follow"] && kinds["mention"]
	})
	must[*mastodon.Status](d.t)(d.client.Unreblog(ctx, hers.ID))
	must[*mastodon.Status](d.t)(d.client.Unfavourite(ctx, hers.ID))
	must[*mastodon.Status](d.t)(d.client.Unbookmark(ctx, hers.ID))
}

func (d *goDay) hear() {
	ctx := d.t.Context()
	d.clientWorld.bea(d.t, "POST", "/api/v1/statuses", map[string]string{"status": "Hello @ana@" + d.home.host, "visibility": "direct"}, nil)
	eventually(d.t, interopPatience, "a mention arrives", func() bool {
		for _, n := range must[[]*mastodon.Notification](d.t)(d.client.GetNotifications(ctx, nil)) {
			if n.Type == "mention" && n.Account.Acct == d.bea.Acct {
				return true
			}
		}
		return false
	})
	talks := must[[]*mastodon.Conversation](d.t)(d.client.GetConversations(ctx, nil))
	if len(talks) != 1 || !talks[0].Unread {
		d.t.Errorf("conversations: %+v", talks)
	}
	if err := d.client.MarkConversationAsRead(ctx, talks[0].ID); err != nil {
		d.t.Error(err)
	}
	if err := d.client.ClearNotifications(ctx); err != nil {
		d.t.Error(err)
	}
	if left := must[[]*mastodon.Notification](d.t)(d.client.GetNotifications(ctx, nil)); len(left) != 0 {
		d.t.Errorf("%d are left", len(left))
	}
}

func (d *goDay) sort() {
	ctx := d.t.Context()
	list := must[*mastodon.List](d.t)(d.client.CreateList(ctx, "Potters"))
	if err := d.client.AddToList(ctx, list.ID, d.bea.ID); err != nil {
		d.t.Fatal(err)
	}
	if posts := must[[]*mastodon.Status](d.t)(d.client.GetTimelineList(ctx, list.ID, nil)); len(posts) == 0 {
		d.t.Error("the list is empty")
	}
	if err := d.client.DeleteList(ctx, list.ID); err != nil {
		d.t.Error(err)
	}
	filter := must[*mastodon.Filter](d.t)(d.client.CreateFilter(ctx, &mastodon.Filter{Phrase: "clay", Context: []string{"home"}, WholeWord: true}))
	if err := d.client.DeleteFilter(ctx, filter.ID); err != nil {
		d.t.Error(err)
	}
	if tag := must[*mastodon.FollowedTag](d.t)(d.client.TagFollow(ctx, "pots")); !tag.Following {
		d.t.Error("the tag is not followed")
	}
	found := must[*mastodon.Results](d.t)(d.client.Search(ctx, "thought", false))
	if len(found.Statuses) == 0 {
		d.t.Errorf("found %+v", found)
	}
	muted := must[*mastodon.Relationship](d.t)(d.client.AccountMute(ctx, d.bea.ID))
	if !muted.Muting {
		d.t.Error("she is not muted")
	}
	must[*mastodon.Relationship](d.t)(d.client.AccountUnmute(ctx, d.bea.ID))
}

func (d *goDay) leave() {
	ctx := d.t.Context()
	mine := must[*mastodon.Status](d.t)(d.client.PostStatus(ctx, &mastodon.Toot{Status: "Going"}))
	if err := d.client.DeleteStatus(ctx, mine.ID); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.client.GetStatus(ctx, mine.ID); err == nil || !strings.Contains(err.Error(), "404") {
		d.t.Errorf("a deleted post: %v", err)
	}
	if err := d.client.RevokeToken(ctx); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.client.GetAccountCurrentUser(ctx); err == nil || !strings.Contains(err.Error(), "401") {
		d.t.Errorf("a withdrawn token: %v", err)
	}
}
