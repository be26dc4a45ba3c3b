// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"minga/coop"
)

// pageOf is a page of a collection as others read it.
type pageOf struct {
	ID, Type, PartOf, Next, Prev, First string
	TotalItems                          int
	OrderedItems                        []json.RawMessage
}

// read reads a collection or a page by its address.
func (h *house) read(owner *coop.Account, name CollectionName, address string) pageOf {
	h.t.Helper()
	_, cursor, _ := strings.Cut(address, "?page=")
	body, err := h.Collection(h.t.Context(), coop.Anonymous(), owner, name, cursor)
	h.must(err)
	var p pageOf
	h.must(json.Unmarshal(body, &p))
	return p
}

func TestPagesLeadBothWays(t *testing.T) { each(t, storyPagesLeadBothWays) }

func storyPagesLeadBothWays(h *house) {
	t, ctx := h.t, h.t.Context()
	telar, fed := h.member("telar"), h.find("https://fed-sur.example/federation")
	for n := range 2*pageSize + 5 {
		post := h.job()
		post.Job.Title, post.Job.TitleMap = fmt.Sprintf("Job number %d", n), nil
		h.must(h.PublishJob(ctx, telar, post))
		h.clock.Advance(1000)
	}
	for _, tt := range []struct {
		owner *coop.Account
		name  CollectionName
	}{{telar, CollectionOutbox}, {telar, CollectionJobs}, {fed, CollectionJobs}, {fed, CollectionOutbox}} {
		head := h.read(tt.owner, tt.name, "")
		var walked [][]json.RawMessage
		seen := 0
		for at := head.First; at != ""; {
			p := h.read(tt.owner, tt.name, at)
			if p.ID != at || p.Type != "OrderedCollectionPage" {
				t.Fatalf("%s of %s: page %s is %s %s", tt.name, tt.owner.Name, at, p.Type, p.ID)
			}
			if (p.Prev == "") != (len(walked) == 0) {
				t.Errorf("%s of %s: page %d has prev %q", tt.name, tt.owner.Name, len(walked), p.Prev)
			}
			if p.Prev != "" {
				back := h.read(tt.owner, tt.name, p.Prev)
				if got, want := fmt.Sprintf("%s", back.OrderedItems), fmt.Sprintf("%s", walked[len(walked)-1]); got != want {
					t.Errorf("%s of %s: prev of page %d is another page", tt.name, tt.owner.Name, len(walked))
				}
			}
			walked, seen, at = append(walked, p.OrderedItems), seen+len(p.OrderedItems), p.Next
		}
		if len(walked) != 3 || seen != head.TotalItems || seen != 2*pageSize+5 {
			t.Errorf("%s of %s: %d items on %d pages, %d said", tt.name, tt.owner.Name, seen, len(walked), head.TotalItems)
		}
	}
}

func TestAnOutboxShowsWhatIsTrueNow(t *testing.T) { each(t, storyAnOutboxShowsWhatIsTrueNow) }

func storyAnOutboxShowsWhatIsTrueNow(h *house) {
	t, ctx := h.t, h.t.Context()
	telar, fed := h.member("telar"), h.find("https://fed-sur.example/federation")
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	_, err := h.StepJob(ctx, post.ID, "fill")
	h.must(err)
	var create struct {
		ID, Type string
		Proof    json.RawMessage
		Object   struct {
			ID  string
			Job struct{ Status string }
		}
	}
	items := h.read(telar, CollectionOutbox, "?page=first").OrderedItems
	if len(items) != 1 {
		t.Fatalf("%d items", len(items))
	}
	h.must(json.Unmarshal(items[0], &create))
	if create.Type != "Create" || create.ID != string(post.IRI)+"/create" || create.Object.Job.Status != "filled" {
		t.Errorf("the outbox shows %s %s with a job that is %q", create.Type, create.ID, create.Object.Job.Status)
	}
	if create.Proof != nil {
		t.Error("a proof of other bytes")
	}
	var announce struct{ Type, Object string }
	items = h.read(fed, CollectionOutbox, "?page=first").OrderedItems
	if len(items) != 1 {
		t.Fatalf("the federation's outbox has %d items", len(items))
	}
	h.must(json.Unmarshal(items[0], &announce))
	if announce.Type != "Announce" || announce.Object != string(post.IRI) {
		t.Errorf("the federation's outbox shows %s", items[0])
	}
}

func TestPagesStayBelowWhatOthersRead(t *testing.T) {
	var p page
	for n := range 5 {
		p.put(make([]byte, 300<<10), coop.IRI(fmt.Sprintf("https://fed-sur.example/%d", n)))
	}
	embedded := 0
	for _, item := range p.items {
		if _, ok := item.(json.RawMessage); ok {
			embedded++
		}
	}
	if embedded != 2 || len(p.items) != 5 {
		t.Errorf("%d of %d items are embedded", embedded, len(p.items))
	}
}
