// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"minga/federation/document"
)

// readable are bodies that pass the shape check and make a reader work.
func readable() map[string]string {
	var odd strings.Builder
	for i := range 990 {
		odd.WriteString(`"as:` + strings.Repeat("n", 900) + strconv.Itoa(i) + `":1,`)
	}
	context := `"@context":[{"@language":"und"}` + strings.Repeat(`,"https://a.example/"`, 3000) + `],`
	return map[string]string{
		"odd names":     `{` + odd.String() + `"type":"Note"}`,
		"escapes":       repeat(`{"content":"x"`, `,"\u0061`+strings.Repeat("n", 900)+`":1`, ``, 990, `}`),
		"odd tags":      repeat(`{"tag":[`, `{"as:a":1,"as:b":2,"as:c":3,"as:d":4,"as:e":5,"as:f":6,"as:g":7,"type":"Mention"}`, `,`, 256, `]}`),
		"long context":  `{` + context + repeat(`"attachment":[`, `{"type":"Image","url":"https://a.example/1","name":"x"}`, `,`, 256, `]}`),
		"many profiles": repeat(`{"attachment":[`, `{"type":"PropertyValue","name":"a","value":"`+strings.Repeat("x", 3000)+`"}`, `,`, 256, `]}`),
		"deep":          strings.Repeat(`{"object":`, 31) + `{"content":"` + strings.Repeat("x", 500_000) + `"}` + strings.Repeat(`}`, 31),
		"languages":     `{"contentMap":{"es":"x"` + repeat(``, `,"`+strings.Repeat("a", 30)+`":"`+strings.Repeat("y", 900)+`"`, ``, 900, ``) + `}}`,
	}
}

// TestReadBounded: what passed the shape check costs the reader a few times its
// size, whatever names and lists it holds.
func TestReadBounded(t *testing.T) {
	for name, text := range readable() {
		body := []byte(text)
		if err := document.Check(body, document.Pushed()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		o, err := document.Read(body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sink += readPost(o) + len(o.Actor().Fields)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("%s: %d bytes cost %d kB", name, len(body), used>>10)
		}
	}
}

// BenchmarkReadHostile measures all accessors on such bodies.
func BenchmarkReadHostile(b *testing.B) {
	for name, text := range readable() {
		body := []byte(text)
		b.Run(name, func(b *testing.B) {
			if err := document.Check(body, document.Pushed()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				o, err := document.Read(body)
				if err != nil {
					b.Fatal(err)
				}
				sink += readPost(o) + len(o.Actor().Fields)
			}
		})
	}
}
