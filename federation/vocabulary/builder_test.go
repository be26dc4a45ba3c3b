// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"encoding/json"
	"testing"
	"time"

	"minga/federation/document"
	"minga/federation/vocabulary"
)

func read(t *testing.T, body []byte) *document.Object {
	t.Helper()
	o, err := document.Read(body)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func timeOf(o *document.Object, member string) time.Time {
	at, _ := o.Time(member)
	return at
}

// only keeps the members that the typed builders leave to their callers.
func only(m vocabulary.Members, names ...string) vocabulary.Members {
	var kept vocabulary.Members
	for _, one := range m {
		for _, name := range names {
			if one.Name == name {
				kept = append(kept, one)
			}
		}
	}
	return kept
}

// membersIn are the objects of a list as Members.
func membersIn(t *testing.T, o *document.Object, member string) []vocabulary.Members {
	t.Helper()
	var all []vocabulary.Members
	for _, one := range o.Objects(member, 100) {
		all = append(all, membersOf(t, one))
	}
	return all
}

func mapOf(text document.Text) vocabulary.Map {
	var all vocabulary.Map
	for _, one := range text.All {
		all = append(all, vocabulary.Text(one))
	}
	return all
}

// actorFrom reads an actor with our reader and hands what it found to our
// builder: what the reader misses, the builder cannot write.
func actorFrom(t *testing.T, o *document.Object) vocabulary.Members {
	t.Helper()
	a := o.Actor()
	doc := vocabulary.ActorDocument{
		ID: a.ID, Type: a.Type, AttributedTo: a.Owner, PreferredUsername: a.PreferredUsername, Name: a.Name,
		Summary: a.Summary.Value, URL: a.URL, Inbox: a.Inbox, Outbox: a.Outbox, Followers: a.Followers,
		Following: a.Following, SharedInbox: a.SharedInbox, Featured: a.Featured,
		ManuallyApproves: a.ManuallyApproves, Discoverable: *a.Discoverable, Indexable: *a.Indexable,
		Published: a.Published,
		Extra: only(membersOf(t, o), "coopType", "membershipBase", "foundingDate", "memberCount", "evidence", "services",
			"capacity", "location").
			Add("memberOf", a.MemberOf).Add("members", a.Members).Add("jobs", a.Jobs).Add("knowledge", a.Knowledge).
			Add("requests", a.Requests).Add("decisions", a.Decisions).Add("boards", a.Boards),
		Key: vocabulary.Key{PEM: a.Keys[0].PEM},
	}
	for _, f := range a.Fields {
		doc.Fields = append(doc.Fields, vocabulary.PropertyValue(f.Name, f.Value))
	}
	for _, k := range a.AssertionMethods {
		doc.Key.Multikeys = append(doc.Key.Multikeys, vocabulary.Multikey{Multibase: k.Multibase})
	}
	return doc.Members()
}

// noteFrom does the same with a note or an article.
func noteFrom(t *testing.T, o *document.Object) vocabulary.Members {
	t.Helper()
	to := o.Audience()
	n := vocabulary.Note{
		ID: o.ID(), Type: o.Type(), AttributedTo: o.Owner(), URL: o.Link(), To: to.To, Cc: to.Cc,
		Context: o.Ref("context").ID, Replies: o.Ref("replies").ID, InReplyTo: o.Ref("inReplyTo").ID,
		Published: timeOf(o, "published"), Updated: timeOf(o, "updated"), EndTime: timeOf(o, "endTime"),
		Name: o.Text("name").Value, Summary: o.Text("summary").Value, Contents: mapOf(o.Text("content")),
		Source: o.Source().Content, SourceType: o.Source().MediaType, Tag: membersIn(t, o, "tag"),
		Extra: only(membersOf(t, o), "job", "inLanguage", "license", "version", "history", "workTranslation",
			"citation", "about", "isPartOf", "position", "preview", "contributor", "ballot"),
	}
	if len(to.Audience) > 0 {
		n.Audience = to.Audience[0]
	}
	n.Sensitive, _ = o.Bool("sensitive")
	return n.Members()
}

// activityFrom does the same with an activity.
func activityFrom(t *testing.T, o *document.Object) vocabulary.Activity {
	t.Helper()
	to := o.Audience()
	a := vocabulary.Activity{
		ID: o.ID(), Type: o.Type(), Actor: o.Owner(), To: to.To, Cc: to.Cc, Published: timeOf(o, "published"),
		EndTime: timeOf(o, "endTime"), Content: o.Text("content").Value,
	}
	if len(to.Audience) > 0 {
		a.Audience = to.Audience[0]
	}
	if r := o.Object("result"); r != nil {
		a.Result = membersOf(t, r)
	}
	a.Object = o.Ref("object").ID
	if inner := o.Object("object"); inner.Has("@context") {
		a.Object = json.RawMessage(inner.Bytes())
	} else if inner.Class() == document.Thing && inner != nil {
		a.Object = noteFrom(t, inner)
	}
	return a
}

// TestBuilders reads the wire examples with our reader and writes them anew with
// the typed builders; the same documents must come out.
func TestBuilders(t *testing.T) {
	all := wireExamples(t)
	write := func(t *testing.T, o *document.Object) ([]byte, error) {
		switch o.Class() {
		case document.Actor:
			return vocabulary.Encode(actorFrom(t, o), vocabulary.Actor)
		case document.Activity:
			return activityFrom(t, o).Encode()
		}
		return vocabulary.Encode(noteFrom(t, o), vocabulary.Post)
	}
	for _, name := range []string{
		"01-federation-actor", "02-coop-actor", "03-job-create", "04-job-announce-by-federation", "05-job-update-filled",
		"06-knowledge-article", "08-join-federation", "09-accept-join", "12-accept-offer", "18-search-actor",
		"19-board-actor", "20-board-announce-create", "21-board-announce-id", "22-instance-actor", "24-ballot",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := write(t, read(t, all[name]))
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, all[name], got)
		})
	}
}
