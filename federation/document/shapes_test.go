// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"minga/federation/document"

	"github.com/google/go-cmp/cmp"
)

// shape reads a document of our own making in the shape of some software; each
// must pass the shape check.
func shape(t *testing.T, name string) *document.Object {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "shapes", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(body))
}

func parse(t *testing.T, body string) *document.Object {
	t.Helper()
	if err := document.Check([]byte(body), document.Pushed()); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	o, err := document.Read([]byte(body))
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return o
}

// gist is what a post comes down to.
type gist struct {
	Class                                document.Class
	Type, Actor, Object, ObjectType      string
	Owner, Link, Language, Name, Content string
	Claims                               []string
	Visibility                           document.Visibility
	Recipients                           int // Public included
	Published                            string
	Mentions, Hashtags, Emoji, Links     int
	Attachments                          []string // type, media type, place, alt text
}

func gistOf(activity *document.Object) gist {
	post := activity
	if activity.Class() == document.Activity {
		post = activity.Object("object")
	}
	tags := post.Tags()
	content := post.Text("content")
	g := gist{
		Class: activity.Class(), Type: activity.Type(), Actor: activity.Ref("actor").ID,
		Object: activity.Ref("object").ID, ObjectType: post.Type(), Owner: post.Owner(), Link: post.Link(),
		Language: content.Language, Name: post.Text("name").Value, Content: content.Value, Claims: post.Claims(),
		Visibility: activity.Audience().Visibility(), Recipients: len(activity.Audience().All()),
		Mentions: len(tags.Mentions), Hashtags: len(tags.Hashtags), Emoji: len(tags.Emoji), Links: len(tags.Links),
	}
	if at, ok := post.Time("published"); ok {
		g.Published = at.Format(time.RFC3339)
	}
	for _, a := range post.Attachments() {
		g.Attachments = append(g.Attachments, a.Type+" "+a.MediaType+" "+a.URL+" "+a.Name)
	}
	return g
}

// TestShapes reads a document of each software to the same few facts.
func TestShapes(t *testing.T) {
	for name, want := range map[string]gist{
		"mastodon-create": {
			Class: document.Activity, Type: "Create", Actor: "https://masto.example/users/rosa",
			Object: "https://masto.example/users/rosa/statuses/115580000000000001", ObjectType: "Note",
			Owner: "https://masto.example/users/rosa", Link: "https://masto.example/@rosa/115580000000000001", Language: "es",
			Visibility: document.Everyone, Recipients: 4, Published: "2026-11-20T15:04:05Z",
			Mentions: 2, Hashtags: 1, Emoji: 1,
			Attachments: []string{"Document image/jpeg https://files.masto.example/media/1/original.jpg Un mate sobre una mesa de trabajo"},
		},
		"misskey-create": {
			Class: document.Activity, Type: "Create", Actor: "https://mk.example/users/9a", Object: "https://mk.example/notes/9x",
			ObjectType: "Note", Owner: "https://mk.example/users/9a", Content: "<p>hello <a href=\"https://mk.example/tags/coop\">#coop</a></p>",
			Visibility: document.Unlisted, Recipients: 3, Published: "2026-11-20T15:00:00Z", Mentions: 1, Hashtags: 1, Links: 1,
			Attachments: []string{"Document image/webp https://mk.example/files/1.webp "},
		},
		"pleroma-create": {
			Class: document.Activity, Type: "Create", Actor: "https://pl.example/users/ana", Object: "https://pl.example/objects/1",
			ObjectType: "Note", Owner: "https://pl.example/users/ana", Language: "en", Content: "hi", Visibility: document.Everyone,
			Recipients: 2, Published: "2026-11-20T15:00:00Z", Hashtags: 2,
			Attachments: []string{"Document image/png https://pl.example/media/1.png "},
		},
		"gotosocial-create": {
			Class: document.Activity, Type: "Create", Actor: "https://gts.example/users/luz", Object: "https://gts.example/users/luz/statuses/01J",
			ObjectType: "Note", Owner: "https://gts.example/users/luz", Link: "https://gts.example/@luz/statuses/01J", Language: "pt",
			Content: "<p>dia</p>", Visibility: document.Everyone, Recipients: 2, Published: "2026-11-20T15:00:00Z",
		},
		"peertube-video": {
			Class: document.Thing, Type: "Video", ObjectType: "Video", Owner: "https://pt.example/accounts/ana",
			Claims: []string{"https://pt.example/video-channels/talks"}, Link: "https://pt.example/w/1", Language: "ca", Name: "A talk",
			Content: "About co-ops", Visibility: document.Everyone, Recipients: 2, Published: "2026-11-20T15:00:00Z", Hashtags: 1,
		},
		"friendica-create": {
			Class: document.Activity, Type: "Create", Actor: "https://fr.example/profile/ana", Object: "https://fr.example/objects/1",
			ObjectType: "Note", Owner: "https://fr.example/profile/ana", Link: "https://fr.example/display/1", Language: "de",
			Name: "Ein Titel", Content: "<p>Text</p>", Visibility: document.Everyone, Recipients: 3, Published: "2026-11-20T15:00:00Z", Mentions: 1,
		},
		"mobilizon-event": {
			Class: document.Activity, Type: "Create", Actor: "https://mz.example/@ana", Object: "https://mz.example/events/1",
			ObjectType: "Event", Owner: "https://mz.example/@coops", Link: "https://mz.example/events/1", Language: "ca",
			Name: "Assemblea general", Content: "<p>Assemblea</p>", Visibility: document.Everyone, Recipients: 2, Published: "2026-11-20T15:00:00Z",
			Attachments: []string{"Link text/html https://coops.example Website", "Document image/jpeg https://mz.example/media/1.jpg Banner"},
		},
		"nodebb-update-tombstone": {
			Class: document.Activity, Type: "Update", Actor: "https://nb.example/uid/1", Object: "https://nb.example/post/7",
			ObjectType: "Tombstone", Owner: "https://nb.example/uid/1", Visibility: document.Everyone, Recipients: 3,
		},
		"wordpress-create": {
			Class: document.Activity, Type: "Create", Actor: "https://wp.example/author/ana/", Object: "https://wp.example/?p=5",
			ObjectType: "Article", Owner: "https://wp.example/author/ana/", Link: "https://wp.example/ingresos/", Language: "es",
			Name: "Cómo fijamos los ingresos", Content: "<p>Texto 😀</p>", Visibility: document.Everyone, Recipients: 2,
			Published: "2026-11-20T15:00:00Z", Hashtags: 1,
			Attachments: []string{"Image image/jpeg https://wp.example/a.jpg Una mesa"},
		},
		"hubzilla-follow": {
			Class: document.Activity, Type: "Follow", Actor: "https://hz.example/channel/ana", Object: "https://fed-sur.example/coops/telar",
			ObjectType: "Person", Owner: "https://fed-sur.example/coops/telar", Recipients: 1,
		},
		"prismo-create": {
			Class: document.Activity, Type: "Create", Actor: "https://pr.example/@ana", Object: "https://pr.example/posts/1",
			ObjectType: "Article", Owner: "https://pr.example/@ana", Link: "https://news.example/1", Name: "A link",
			Visibility: document.Everyone, Recipients: 1,
		},
		"pixelfed-create": {
			Class: document.Activity, Type: "Create", Actor: "https://px.example/users/ana", Object: "https://px.example/p/ana/1",
			ObjectType: "Note", Owner: "https://px.example/users/ana", Link: "https://px.example/p/ana/1", Recipients: 1,
			Published:   "2026-11-20T15:00:00Z",
			Attachments: []string{"Image image/jpeg https://px.example/1.jpg Un gato", "Image image/jpeg https://px.example/2.jpg "},
		},
		"mitra-proposal": {
			Class: document.Thing, Type: "Proposal", ObjectType: "Proposal", Owner: "https://mi.example/users/ana", Name: "Hour of help",
			Visibility: document.Everyone, Recipients: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := gistOf(shape(t, name))
			if name == "mastodon-create" {
				got.Content = "" // long, and read by the others
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLemmyAnnounce walks down into an announced activity.
func TestLemmyAnnounce(t *testing.T) {
	announce := shape(t, "lemmy-announce")
	create := announce.Ref("object").Object()
	page := create.Object("object")
	if announce.Owner() != "https://lm.example/c/coops" || create.Owner() != "https://lm.example/u/ana" || page.Owner() != create.Owner() {
		t.Errorf("owners %s, %s, %s", announce.Owner(), create.Owner(), page.Owner())
	}
	got := gistOf(create)
	if got.ObjectType != "Page" || got.Name != "A title" || got.Language != "de" || got.Visibility != document.Everyone {
		t.Errorf("%+v", got)
	}
	if to := page.Audience().To; to[1] != document.Public {
		t.Errorf("as:Public is read as %q", to)
	}
	if images := page.Media("image"); len(images) != 1 || images[0].URL != "https://lm.example/pictrs/1.webp" {
		t.Errorf("%+v", images)
	}
}

// TestPrefixes reads payloads whose members have old prefixes.
func TestPrefixes(t *testing.T) {
	p := shape(t, "mitra-proposal")
	quantity := p.Object("publishes").Object("resourceQuantity")
	unitBased, ok := p.Bool("unitBased")
	if p.String("purpose") != "offer" || !unitBased || !ok || quantity.String("hasNumericalValue") != "1" {
		t.Errorf("purpose %q, %v, quantity %s", p.String("purpose"), unitBased, quantity.Bytes())
	}
	ballot := shape(t, "epicyon-vote").Object("object")
	if ballot.PayloadName() != "ballot" || ballot.Payload("ballot").Type() != "Ballot" || ballot.Payload("ballot").String("option") != "object" {
		t.Errorf("%s: %s", ballot.PayloadName(), ballot.Payload("ballot").Bytes())
	}
}

// TestActorShapes reads two actors, one in Mastodon's way and one in every other.
func TestActorShapes(t *testing.T) {
	yes, no := true, false
	want := &document.ActorView{
		ID: "https://masto.example/users/rosa", Type: "Person", PreferredUsername: "rosa", Name: "Rosa :mate:",
		Summary: document.Text{Value: "<p>Panadera</p>"}, URL: "https://masto.example/@rosa",
		Inbox: "https://masto.example/users/rosa/inbox", Outbox: "https://masto.example/users/rosa/outbox",
		SharedInbox: "https://masto.example/inbox", Followers: "https://masto.example/users/rosa/followers",
		Following: "https://masto.example/users/rosa/following", Featured: "https://masto.example/users/rosa/collections/featured",
		FeaturedTags: "https://masto.example/users/rosa/collections/tags", Webfinger: "rosa@masto.example",
		Published: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), ManuallyApproves: true, Discoverable: &yes, Indexable: &no,
		Icon:  []document.Attachment{{Type: "Image", URL: "https://masto.example/a.png", MediaType: "image/png"}},
		Image: []document.Attachment{{Type: "Image", URL: "https://masto.example/h.png", MediaType: "image/png"}},
		Keys: []document.PublicKey{{
			ID: "https://masto.example/users/rosa#main-key", Owner: "https://masto.example/users/rosa",
			PEM: "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
		}},
		AssertionMethods: []document.Multikey{
			{ID: "https://masto.example/users/rosa#ed25519-key", Controller: "https://masto.example/users/rosa", Multibase: "z6Mk"},
			{ID: "https://masto.example/keys/2"},
		},
		AlsoKnownAs: []string{"https://otro.example/users/rosa"}, AttributionDomains: []string{"rosa.example"},
		Fields:     []document.Field{{"Web", `<a href="https://rosa.example" rel="me">rosa</a>`}, {"Oficio", "pan"}},
		Emoji:      []document.Emoji{{ID: "https://masto.example/emojis/1", Name: "mate", URL: "https://masto.example/e/1.png", MediaType: "image/png"}},
		Implements: []document.Capability{{Href: "https://datatracker.ietf.org/doc/html/rfc9421", Name: "RFC-9421: HTTP Message Signatures"}},
	}
	if diff := cmp.Diff(want, shape(t, "mastodon-actor").Actor()); diff != "" {
		t.Errorf("Mastodon (-want +got):\n%s", diff)
	}
	want = &document.ActorView{
		ID: "https://sk.example/users/1", Type: "Service", PreferredUsername: "bot", URL: "https://sk.example/@bot",
		Inbox: "https://sk.example/users/1/inbox", Discoverable: &no,
		Icon: []document.Attachment{{URL: "https://sk.example/a.png"}},
		Keys: []document.PublicKey{
			{ID: "https://sk.example/users/1#main-key", Owner: "https://sk.example/users/1", PEM: "AA"},
			{ID: "https://sk.example/keys/old"},
		},
		AlsoKnownAs: []string{"https://old.example/users/1"}, MovedTo: "https://new.example/users/1",
	}
	if diff := cmp.Diff(want, shape(t, "sharkey-actor").Actor()); diff != "" {
		t.Errorf("the other way (-want +got):\n%s", diff)
	}
}
