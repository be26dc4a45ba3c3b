// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/federation/vocabulary"

	"github.com/piprate/json-gold/ld"
)

// corpusDir is the folder of real documents: MINGA_CORPUS_DIR, else beside the
// repository.
func corpusDir() string {
	if dir := os.Getenv("MINGA_CORPUS_DIR"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..", "..", "shared", "corpus")
}

// contexts are the three contexts that we name, and no network.
type contexts map[string]any

func loadContexts(t *testing.T) contexts {
	t.Helper()
	loaded := contexts{}
	for url, name := range map[string]string{
		vocabulary.ActivityStreams: "activitystreams.json",
		vocabulary.Security:        "security-v1.json",
		vocabulary.DataIntegrity:   "security-data-integrity-v2.json",
	} {
		body, err := os.ReadFile(filepath.Join(corpusDir(), "contexts", name))
		if err != nil {
			t.Skipf("without the JSON-LD contexts nothing can be expanded: %v", err)
		}
		var doc any
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
		loaded[url] = doc
	}
	return loaded
}

// LoadDocument gives one of the three, as a strict reader without network would.
func (c contexts) LoadDocument(url string) (*ld.RemoteDocument, error) {
	doc, ok := c[url]
	if !ok {
		return nil, fmt.Errorf("context %s is none of the three", url)
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
}

// lost expands a document in safe mode and says what was lost: a term that the
// catch-all of ActivityStreams took, an IRI that is none.
func (c contexts) lost(body []byte) error {
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		return err
	}
	options := ld.NewJsonLdOptions("")
	options.SafeMode = true
	options.ProcessingMode = ld.JsonLd_1_1
	options.DocumentLoader = c
	expanded, err := ld.NewJsonLdProcessor().Expand(doc, options)
	if err != nil {
		return err
	}
	if len(expanded) == 0 {
		return errors.New("nothing is left")
	}
	return unmapped(expanded)
}

// unmapped looks for names without a meaning.
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
			if err := unmappedMember(key, one); err != nil {
				return err
			}
		}
	}
	return nil
}

func unmappedMember(key string, value any) error {
	if !strings.HasPrefix(key, "@") && !strings.Contains(key, "://") {
		return fmt.Errorf("member %s has no meaning", key)
	}
	switch key {
	case "@id", "@type":
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, one := range list {
			if s := fmt.Sprint(one); !strings.Contains(s, "://") {
				return fmt.Errorf("%s %q is no IRI", key, s)
			}
		}
		return nil
	}
	return unmapped(value)
}

// TestExpandWireExamples: a reader that knows three contexts understands all.
func TestExpandWireExamples(t *testing.T) {
	c := loadContexts(t)
	for name, body := range wireExamples(t) {
		t.Run(name, func(t *testing.T) {
			again, err := vocabulary.Encode(membersOf(t, read(t, body)), vocabulary.Post)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.lost(again); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestExpandFindsLosses: the judge itself must be able to fail.
func TestExpandFindsLosses(t *testing.T) {
	c := loadContexts(t)
	good := string(wireExamples(t)["03-job-create"])
	if err := c.lost([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"unknown member":        strings.Replace(good, `"engagement": "membership"`, `"colour": "red"`, 1),
		"unknown type":          strings.Replace(good, `"type": "JobPosting"`, `"type": "Teapot"`, 1),
		"no definition":         strings.Replace(good, `"payRatio": "minga:payRatio",`, ``, 1),
		"context without a net": strings.Replace(good, `"https://www.w3.org/ns/activitystreams"`, `"https://elsewhere.example/"`, 1),
		"address that is none":  strings.Replace(good, `"applyBy": "https://fed-sur.example/coops/telar"`, `"applyBy": "telar"`, 1),
	} {
		if bad == good {
			t.Fatalf("%s: nothing was planted", name)
		}
		if c.lost([]byte(bad)) == nil {
			t.Errorf("%s: not found", name)
		}
	}
}

// TestExpandEveryTerm writes each term of the table once, on each kind of
// document where it has a meaning, with a value of its kind.
func TestExpandEveryTerm(t *testing.T) {
	c := loadContexts(t)
	count := 0
	for term := range vocabulary.Terms() {
		for kind, ok := range map[vocabulary.Kind]bool{vocabulary.Post: term.OnPosts, vocabulary.Actor: term.OnActors} {
			if !ok {
				continue
			}
			count++
			body, err := vocabulary.Encode(exampleOf(term), kind|vocabulary.Proven)
			if err != nil {
				t.Errorf("%s: %v", term.Name, err)
				continue
			}
			if err := c.lost(body); err != nil {
				t.Errorf("%s: %v", term.Name, err)
			}
			if !strings.Contains(expanded(t, c, body), term.Namespace+term.Local) {
				t.Errorf("%s does not mean %s", term.Name, term.Namespace+term.Local)
			}
		}
	}
	if count < 300 {
		t.Errorf("only %d terms were written", count)
	}
}

func exampleOf(term vocabulary.Term) vocabulary.Members {
	doc := vocabulary.Members{{Name: "id", Value: "https://a.example/1"}, {Name: "type", Value: "Note"}}
	var value any = "x"
	switch {
	case term.Name[0] >= 'A' && term.Name[0] <= 'Z':
		return doc.Set("type", term.Name)
	case term.Container == "@language":
		value = vocabulary.Map{{Language: "es", Value: "x"}}
	case term.Type == "@id":
		value = "https://a.example/2"
	case strings.HasSuffix(term.Type, "#dateTime"):
		value = "2026-11-20T15:00:00Z"
	}
	return doc.Set(term.Name, value)
}

func expanded(t *testing.T, c contexts, body []byte) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	options := ld.NewJsonLdOptions("")
	options.DocumentLoader = c
	out, err := ld.NewJsonLdProcessor().Expand(doc, options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTermsAreOne: a name has one meaning in a kind of document.
func TestTermsAreOne(t *testing.T) {
	actors, posts := map[string]bool{}, map[string]bool{}
	for term := range vocabulary.Terms() {
		if (term.OnActors && actors[term.Name]) || (term.OnPosts && posts[term.Name]) {
			t.Errorf("%s is defined twice", term.Name)
		}
		actors[term.Name] = actors[term.Name] || term.OnActors
		posts[term.Name] = posts[term.Name] || term.OnPosts
		if term.Namespace == "" || term.Prefix == "" {
			t.Errorf("%s has no namespace", term.Name)
		}
	}
	// The whole vocabulary: what is on the wire is in the table.
	const ours = `members jobs knowledge requests decisions boards services capacity coopType membershipBase
		activity memberCount workerCount dayRate leadTime contractTypes evidence
		job status engagement membershipTrack probation memberShare instalments surplusSharing payModel payRatio gross
		decisionMethod openToNew hoursFrom hoursTo officeDays languages languageTag level required timeOverlap tz from
		until hiringSteps answerWithin applyBy repostOf
		history translatedVersion checkedOn checkedBy usedOn Edit article baseVersion
		Membership member organization role decision
		request Request slots budget transparency respondBy replaces
		pool Pool threshold pledged tiers atQuantity unitPrice named
		timeOffer TimeOffer TimeCredit Alliance parties creditLimit terms LedgerEntry alliance agreement payer payee
		sequence previous hash corrects
		sale OrderWindow opens closes pickup catalog producers
		Decision electorate ballotUnit quorum stage ballot Ballot option reason
		service TerritorialService forWhom hours accessRule freePlaces waitingDays confirmedOn Referral urgency reference`
	want := map[string]bool{}
	for _, name := range strings.Fields(ours) {
		want[name] = true
	}
	for term := range vocabulary.Terms() {
		if term.Prefix == "minga" && !want[term.Name] {
			t.Errorf("%s is not in the list of minga: terms", term.Name)
		}
		if term.Prefix == "minga" {
			delete(want, term.Name)
		}
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}
