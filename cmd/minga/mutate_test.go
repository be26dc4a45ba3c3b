// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"minga/coop"

	"minga/storage/storagetest"
)

// mutants is how many documents are sent: R11 in short.
func mutants() int {
	switch {
	case os.Getenv("MINGA_TEST_LONG") != "":
		return 10_000
	case testing.Short():
		return 300
	}
	return 1500
}

// corpus reads the real documents of other servers, or skips.
func corpus(t *testing.T) [][]byte {
	t.Helper()
	dir := os.Getenv("MINGA_CORPUS_DIR")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	var found [][]byte
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		body, err := os.ReadFile(path)
		found = append(found, body)
		return err
	})
	if err != nil || len(found) == 0 {
		t.Skipf("no corpus: set MINGA_CORPUS_DIR (%v)", err)
	}
	return found
}

// TestMutatedCorpus: documents of the corpus, changed at random and signed by somebody
// who may speak, do no harm: no 5xx, no panic, no activity that breaks the worker, and
// after them the truth still passes.
func TestMutatedCorpus(t *testing.T) {
	storagetest.WithoutRace(t)
	documents := corpus(t)
	eachEngine(t, func(f *fediverse) {
		seed := rand.Uint64()
		r := rand.New(rand.NewPCG(seed, 11))
		a, b := f.house("ana"), f.house("berta")
		f.befriend(a, b)
		telar := b.coop("telar")
		f.admit(telar, b, b)
		a.follow(a.federation, telar)
		b.publish(telar, "Antes")
		f.drain()
		answers, worst := map[int]int{}, uint64(0)
		for n := range mutants() {
			body := mutate(r, documents[r.IntN(len(documents))], telar, b)
			request, status := b.signed(telar, a, []string{"/inbox", "/federation/inbox"}[n%2], body), 0
			took := allocated(func() { status = a.take(request) })
			if answers[status]++; status >= 500 || took > mostMemory {
				t.Fatalf("seed %d: answered %d, with %d MiB, to %s", seed, status, took>>20, body)
			}
			worst = max(worst, took)
			if n%50 == 0 {
				f.drain()
			}
		}
		f.settle()
		tellFigure(t, "R11", strconv.Itoa(mutants())+" mutated activities, "+string(f.engine), "answers %v (seed %d); 5xx: 0; panics: 0; the most memory of one: %d KiB; the truth passes afterwards", answers, seed, worst>>10)
		if answers[202] < mutants()/20 {
			t.Error("hardly any mutant got past the gate: they prove nothing")
		}
		b.publish(telar, "Después")
		f.settle()
		if got := titles(a.board(false)); !slices.Contains(got, "Después") {
			t.Errorf("after the mutants the truth does not pass any more: %v", got)
		}
		if problems, err := a.store.Check(f.ctx); err != nil || len(problems) > 0 {
			t.Errorf("damage: %v, %v", problems, err)
		}
	})
}

// mutate changes a document: mostly its members, sometimes its bytes. Three of four are
// made to be by the one who signs, so that they get past the gate.
func mutate(r *rand.Rand, body []byte, by *coop.Account, at *house) []byte {
	var doc map[string]any
	if r.IntN(6) == 0 || json.Unmarshal(body, &doc) != nil {
		return scramble(r, body)
	}
	for range 1 + r.IntN(4) {
		change(r, doc, 0)
	}
	if r.IntN(4) != 0 {
		doc = adopt(r, doc, by, at)
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return body
	}
	return out
}

// adopt makes a document an activity of the signer.
func adopt(r *rand.Rand, doc map[string]any, by *coop.Account, at *house) map[string]any {
	own := func() string { return string(by.IRI) + "/activities/" + coop.ID(r.Int64()).String() }
	if doc["actor"] == nil {
		kinds := []string{"Create", "Update", "Delete", "Announce", "Like", "Undo", "Follow", "Accept", "Reject", "Add", "Remove", "Move", "Flag", "Block", "Join", "Leave"}
		if r.IntN(2) == 0 {
			doc["id"], doc["attributedTo"] = own(), by.IRI
		}
		doc = map[string]any{"@context": doc["@context"], "type": kinds[r.IntN(len(kinds))], "object": doc, "to": coop.Public}
	}
	if object, ok := doc["object"].(map[string]any); ok && r.IntN(2) == 0 {
		object["id"], object["attributedTo"] = own(), by.IRI
	}
	doc["actor"], doc["id"] = by.IRI, own()
	return doc
}

// change changes one member, at any depth.
func change(r *rand.Rand, doc map[string]any, depth int) {
	keys := slices.Sorted(maps.Keys(doc))
	if len(keys) == 0 {
		return
	}
	key := keys[r.IntN(len(keys))]
	if below, ok := doc[key].(map[string]any); ok && depth < 6 && r.IntN(3) != 0 {
		change(r, below, depth+1)
		return
	}
	switch r.IntN(5) {
	case 0:
		delete(doc, key)
	case 1:
		doc[key] = []any{doc[key], doc[key]}
	case 2:
		doc[keys[r.IntN(len(keys))]] = doc[key]
	default:
		list := oddities()
		doc[key] = list[r.IntN(len(list))]
	}
}

// oddities are values that nobody expects, made anew: a shared one, changed in its turn,
// could come to hold itself.
func oddities() []any {
	return []any{
		nil, "", 0, -1, 1e308, true,
		[]any{},
		map[string]any{},
		[]any{nil, map[string]any{}, "x"},
		"as:Public", "javascript:alert(1)", "http://", "http://[::1", "//x",
		"https://" + strings.Repeat("a", 3000) + ".example/", strings.Repeat("é", 70_000), "\u202e\u0000x", "9999-99-99T99:99:99Z", "0000-01-01T00:00:00Z", "P99999999Y",
		map[string]any{"@value": "x", "@language": 5},
		map[string]any{"id": map[string]any{"id": 1}},
		[]any{[]any{[]any{"deep"}}},
		"<script>x</script><p>y", "-0", "\xff",
	}
}

// scramble changes bytes, cuts, or doubles a part.
func scramble(r *rand.Rand, body []byte) []byte {
	out := bytes.Clone(body)
	if len(out) == 0 {
		return out
	}
	switch at := r.IntN(len(out)); r.IntN(3) {
	case 0:
		return out[:at]
	case 1:
		return slices.Concat(out[:at], out[:min(at, 2000)], out[at:])
	default:
		for range 1 + r.IntN(8) {
			out[r.IntN(len(out))] = byte(r.IntN(256))
		}
		return out
	}
}
