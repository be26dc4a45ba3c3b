// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"bytes"
	"os"
	"testing"

	"minga/federation/document"
)

// sink keeps results from being optimised away.
var sink int

func mastodonCreate(b *testing.B) []byte {
	b.Helper()
	body, err := os.ReadFile("testdata/shapes/mastodon-create.json")
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// BenchmarkCheckCreate measures the shape check of a Mastodon Create.
func BenchmarkCheckCreate(b *testing.B) {
	body := mastodonCreate(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := document.Check(body, document.Pushed()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadCreate measures reading everything that minga takes from a
// Mastodon Create. The goal is 80 µs and 150 allocations for 4 kB.
func BenchmarkReadCreate(b *testing.B) {
	body := mastodonCreate(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		activity, err := document.Read(body)
		if err != nil {
			b.Fatal(err)
		}
		sink += readPost(activity)
	}
}

// readPost asks an activity for all that the worker asks.
func readPost(activity *document.Object) int {
	n := len(activity.ID()) + len(activity.Type()) + len(activity.Owner()) + int(activity.Class())
	n += len(activity.Audience().All())
	post := activity.Object("object")
	n += len(post.ID()) + len(post.Type()) + len(post.Owner()) + len(post.Link()) + len(post.Claims())
	n += len(post.Text("content").All) + len(post.Text("name").Value) + len(post.Text("summary").Value)
	n += len(post.Audience().To) + len(post.Attachments()) + len(post.PayloadName())
	tags := post.Tags()
	n += len(tags.Mentions) + len(tags.Hashtags) + len(tags.Emoji)
	n += len(post.Ref("inReplyTo").ID) + len(post.Ref("context").ID) + len(post.Ref("replies").ID)
	published, _ := post.Time("published")
	updated, _ := post.Time("updated")
	sensitive, _ := post.Bool("sensitive")
	if sensitive {
		n++
	}
	return n + published.Second() + updated.Second()
}

// BenchmarkCheckHostile measures the worst bodies of 1 MiB that we thought of;
// the goal is 50 ms and 4 MiB for any.
func BenchmarkCheckHostile(b *testing.B) {
	for name, body := range hostileBodies() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := document.Check(body, document.Fetched()); err != nil {
					sink++
				}
			}
		})
	}
}

// hostileBodies are bodies of up to 1 MiB that make a careless reader work.
func hostileBodies() map[string][]byte {
	fill := func(head, unit, tail string) []byte {
		n := (document.MaxBody - len(head) - len(tail)) / len(unit)
		return append(append([]byte(head), bytes.Repeat([]byte(unit), n)...), tail...)
	}
	return map[string][]byte{
		"deep":          fill(`{"a":`, `[`, ``),
		"deep objects":  fill(`{"a":`, `{"a":`, ``),
		"small objects": fill(`{"items":[{}`, `,{"id":"x"}`, `]}`),
		"small numbers": fill(`{"type":"Collection","x":[0`, `,0`, `]}`),
		"long string":   fill(`{"content":"`, `é`, `"}`),
		"escapes":       fill(`{"content":"`, `\u00e9`, `"}`),
		"strings":       fill(`{"content":["`, `\ud83d\ude00`, `"]}`),
		"long names":    fill(`{"type":"Collection"`, `,"https://www.w3.org/ns/activitystreams#0123456789012345678901234567":1`, `}`),
		"odd names":     fill(`{"type":"Collection","x":[{}`, `,{"\u0069\u0064":"http:\/\/a"}`, `]}`),
		"spaces":        fill(`{`, ` `, `}`),
		"recipients":    fill(`{"to":["http://a/"`, `,"http://a/"`, `]}`),
		"escaped id":    fill(`{"id":"https:\/\/`, `\/`, `"}`),
	}
}
