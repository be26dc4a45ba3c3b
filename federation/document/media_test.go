// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"strings"
	"testing"

	"minga/federation/document"

	"github.com/google/go-cmp/cmp"
)

// TestIgnoredBeyond: what is too much is left out, and the document still read.
func TestIgnoredBeyond(t *testing.T) {
	mentions := repeat(`"tag":[`, `{"type":"Mention","href":"https://a.example/1"}`, `,`, 150, `]`)
	media := repeat(`"attachment":[`, `{"type":"Image","url":"https://a.example/1"}`, `,`, 40, `]`)
	o := parse(t, `{`+mentions+`,`+media+`}`)
	if len(o.Tags().Mentions) != document.MaxMentions || len(o.Attachments()) != document.MaxMedia {
		t.Errorf("%d mentions, %d media", len(o.Tags().Mentions), len(o.Attachments()))
	}
	a := parse(t, `{"name":"`+strings.Repeat("ñ", 600)+`","summary":"`+strings.Repeat("ñ", 15_000)+`","alsoKnownAs":`+
		repeat(`[`, `"https://a.example/1"`, `,`, 400, `]`)+`}`).Actor()
	if len([]rune(a.Name)) != document.MaxName || len(a.Summary.Value) != document.MaxBio || len(a.AlsoKnownAs) != document.MaxAliases {
		t.Errorf("name %d, bio %d, aliases %d", len([]rune(a.Name)), len(a.Summary.Value), len(a.AlsoKnownAs))
	}
}

// TestMedia: where a medium is, and its facts.
func TestMedia(t *testing.T) {
	o := parse(t, `{"attachment":["https://a.example/1.png",{"type":"Video","mediaType":"video/mp4","duration":"PT3S","focalPoint":[0.5,-1],
		"icon":{"type":"Image","url":"https://a.example/i.jpg"},"nameMap":{"es":"un perro"},"digestMultibase":"zQm","url":[
		{"type":"Link","mediaType":"text/html","href":"https://a.example/w"},{"type":"Link","mediaType":"video/mp4","href":"https://a.example/v.mp4","width":640,"height":"480"}]},
		{"type":"Image","url":"data:image/png;base64,AA"},{"type":"PropertyValue","name":"x","value":"y"},{"type":"Link","href":"https://a.example/l","focalPoint":["x"]}]}`)
	want := []document.Attachment{
		{URL: "https://a.example/1.png"},
		{
			Type: "Video", URL: "https://a.example/v.mp4", MediaType: "video/mp4", Name: "un perro", Language: "es", Width: 640, Height: 480,
			Duration: "PT3S", Focus: [2]string{"0.5", "-1"}, Icon: "https://a.example/i.jpg", Digest: "zQm",
		},
		{Type: "Link", URL: "https://a.example/l"},
	}
	if diff := cmp.Diff(want, o.Attachments()); diff != "" {
		t.Error(diff)
	}
}

// TestCollection reads a page item by item.
func TestCollection(t *testing.T) {
	o := parse(t, `{"type":"OrderedCollection","totalItems":"3","first":{"type":"OrderedCollectionPage","id":"https://a.example/?p=1",
		"next":"https://a.example/?p=2","partOf":"https://a.example/","orderedItems":["https://a.example/1",{"id":"https://a.example/2","type":"Note"},null,7]}}`)
	n, ok := o.Collection().TotalItems()
	page := o.Collection().First().Object().Collection()
	var ids []string
	for r := range page.Items() {
		ids = append(ids, r.ID+" "+r.Object().Type())
	}
	if diff := cmp.Diff([]string{"https://a.example/1 ", "https://a.example/2 Note"}, ids); diff != "" || n != 3 || !ok {
		t.Errorf("%d %v %s", n, ok, diff)
	}
	if page.Next().ID != "https://a.example/?p=2" || page.PartOf().ID != "https://a.example/" || page.Class() != document.Page {
		t.Errorf("next %+v", page.Next())
	}
	for range page.Items() {
		break // stopping early is allowed
	}
}

// TestSource reads what the author typed, in both shapes.
func TestSource(t *testing.T) {
	if got := parse(t, `{"source":"x"}`).Source(); got.Content != "x" {
		t.Errorf("%+v", got)
	}
	if got := parse(t, `{"source":{"content":"x","mediaType":"text/markdown"}}`).Source(); got.Content != "x" || got.MediaType != "text/markdown" {
		t.Errorf("%+v", got)
	}
}
