// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/federation/document"
	"minga/federation/vocabulary"
	"minga/federation/vocabulary/gofed"

	"github.com/piprate/json-gold/ld"
)

// emitted are the golden files of documents: what strict readers get of us.
func emitted(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d golden files (%v)", len(names), err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name = strings.TrimSuffix(filepath.Base(name), ".json"); name != "job-schema" {
			all[name] = body
		}
	}
	return all
}

// TestEmittedIsRead gives everything that we send to our own reader and to go-fed.
func TestEmittedIsRead(t *testing.T) {
	for name, body := range emitted(t) {
		if err := document.Check(body, document.Pushed()); err != nil {
			t.Errorf("%s does not pass the shape check: %v", name, err)
			continue
		}
		var want struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatal(err)
		}
		o, err := document.Read(body)
		if err != nil || o.ID() != want.ID {
			t.Errorf("%s is read as %v (%v)", name, o, err)
		}
		if want.Type == "CreativeWorkSeries" || want.Type == "Proposal" {
			continue // of schema.org and ValueFlows: who knows ActivityStreams alone has no word for it
		}
		if kind, err := gofed.Recognise(t.Context(), body); err != nil || kind != want.Type {
			t.Errorf("go-fed takes %s for %q (%v), want %s", name, kind, err, want.Type)
		}
	}
}

// contexts are the three contexts that we name, and no network.
type contexts map[string]any

// LoadDocument gives one of the three.
func (c contexts) LoadDocument(url string) (*ld.RemoteDocument, error) {
	doc, ok := c[url]
	if !ok {
		return nil, fmt.Errorf("context %s is none of the three", url)
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

// TestEmittedLosesNothingCorpus expands everything that we send as a strict JSON-LD
// reader without network does: no term is lost. The contexts lie beside the corpus.
func TestEmittedLosesNothingCorpus(t *testing.T) {
	dir := os.Getenv("MINGA_CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	c := contexts{}
	for url, name := range map[string]string{
		vocabulary.ActivityStreams: "activitystreams.json", vocabulary.Security: "security-v1.json", vocabulary.DataIntegrity: "security-data-integrity-v2.json",
	} {
		body, err := os.ReadFile(filepath.Join(dir, "contexts", name))
		if err != nil {
			t.Skipf("without the JSON-LD contexts nothing can be expanded: %v", err)
		}
		var doc any
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
		c[url] = doc
	}
	for name, body := range emitted(t) {
		if err := c.lost(body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.lost([]byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":"https://a.example/1","planted":1}`)) == nil {
		t.Error("a term without a meaning is not seen")
	}
}

// lost says what a strict reader cannot understand.
func (c contexts) lost(body []byte) error {
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		return err
	}
	options := ld.NewJsonLdOptions("")
	options.SafeMode, options.ProcessingMode, options.DocumentLoader = true, ld.JsonLd_1_1, c
	expanded, err := ld.NewJsonLdProcessor().Expand(doc, options)
	if err != nil {
		return err
	}
	return unmapped(expanded)
}

// unmapped looks for members that only the catch-all of ActivityStreams took.
func unmapped(value any) error {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			if err := unmapped(one); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, one := range v {
			if !strings.HasPrefix(key, "@") && !strings.Contains(key, "://") {
				return fmt.Errorf("member %s has no meaning", key)
			}
			if err := unmapped(one); err != nil {
				return err
			}
		}
	}
	return nil
}
