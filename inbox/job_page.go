// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minga/coop"
	"minga/federation"
)

// Bounds of what is read of a page with a job.
const (
	maxPageScripts = 20
	maxPageDepth   = 8
	maxPageNodes   = 200
)

// JobPage reads the schema.org JobPosting of a page of somebody's own site, to fill in
// a form: nothing of it is stored or published. What it says of the state, of the
// co-op and of its reference is left out. Complaints are an *[coop.InvalidError] of
// field url; [coop.ErrUnavailable] says that the page could not be had.
func (in *Inbox) JobPage(ctx context.Context, url string) (*coop.Job, error) {
	invalid := func(code, problem string) error {
		return &coop.InvalidError{Field: "url", Code: code, Problem: problem}
	}
	if !coop.ValidIRI(coop.IRI(url)) {
		return nil, invalid(coop.CodeFormat, "is the address of a page")
	}
	page, err := in.o.Client.Get(ctx, url, "text/html,application/xhtml+xml,application/ld+json;q=0.9", federation.MaxPage)
	var refused *federation.Error
	if errors.As(err, &refused) {
		return nil, invalid("unreachable", "this page cannot be had")
	}
	if err != nil {
		return nil, fmt.Errorf("page of a job: %w: %w", coop.ErrUnavailable, err)
	}
	posting := node(nil)
	if slices.Contains(pageTypes, page.Type) {
		posting = findPosting(page)
	}
	if posting == nil {
		return nil, invalid(coop.CodeUnknown, "there is no JobPosting on this page")
	}
	return readPosting(posting, page.URL), nil
}

// pageTypes are what a page is served as; what a site lets people put there, pictures and
// texts, is none.
var pageTypes = []string{"text/html", "application/xhtml+xml", "application/ld+json", "application/json"}

// findPosting finds the first JobPosting in the JSON-LD of a page.
func findPosting(page federation.Page) node {
	if strings.HasSuffix(page.Type, "json") {
		return postingIn(page.Body)
	}
	z := html.NewTokenizer(bytes.NewReader(page.Body))
	for range maxPageScripts {
		if !nextLinkedData(z) {
			return nil
		}
		if z.Next() != html.TextToken {
			continue
		}
		if found := postingIn(z.Text()); found != nil {
			return found
		}
	}
	return nil
}

// nextLinkedData goes on to the next script that holds JSON-LD, if there is one.
func nextLinkedData(z *html.Tokenizer) bool {
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken:
			if t := z.Token(); t.DataAtom == atom.Script && isLinkedData(t) {
				return true
			}
		}
	}
}

// isLinkedData tells scripts that hold JSON-LD.
func isLinkedData(t html.Token) bool {
	for _, a := range t.Attr {
		if a.Key == "type" && strings.EqualFold(strings.TrimSpace(a.Val), "application/ld+json") {
			return true
		}
	}
	return false
}

// postingIn finds a JobPosting in a document: alone, in a list, or in a graph.
func postingIn(body []byte) node {
	var document any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&document) != nil {
		return nil
	}
	left := maxPageNodes
	return postingBelow(document, maxPageDepth, &left)
}

// postingBelow looks into lists, graphs and members, so deep and so many.
func postingBelow(value any, depth int, left *int) node {
	if *left--; depth == 0 || *left < 0 {
		return nil
	}
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			if found := postingBelow(one, depth-1, left); found != nil {
				return found
			}
		}
	case map[string]any:
		if node(v).is("JobPosting") {
			return v
		}
		for _, name := range []string{"@graph", "mainEntity", "itemListElement", "item"} {
			if found := postingBelow(v[name], depth-1, left); found != nil {
				return found
			}
		}
	}
	return nil
}
