// SPDX-License-Identifier: AGPL-3.0-or-later

package document_test

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"minga/federation/document"
)

func repeat(head, unit, separator string, n int, tail string) string {
	return head + strings.TrimSuffix(strings.Repeat(unit+separator, n), separator) + tail
}

func wide(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"m` + strconv.Itoa(i) + `":1`)
	}
	return `{` + b.String()[1:] + `}`
}

// TestCheck: each row is a body and the word with which it is refused, empty if
// it is let in. Rows at a limit and one over it stand together.
func TestCheck(t *testing.T) {
	const a = `"https://a.example/1"`
	for _, tt := range []struct {
		name string
		body string
		want document.Reason
	}{
		{"an empty object", `{}`, ""},
		{"space around it", " \t\r\n{} \n", ""},
		{"nothing", ``, document.NotJSON},
		{"only space", `  `, document.NotJSON},
		{"a list", `[{}]`, document.NotObject},
		{"a text", `"x"`, document.NotObject},
		{"cut off", `{"a":[1,2`, document.NotJSON},
		{"cut off in a text", `{"a":"b`, document.NotJSON},
		{"a comma too many", `{"a":1,}`, document.NotJSON},
		{"a comma too few", `{"a":1 "b":2}`, document.NotJSON},
		{"a colon too few", `{"a" 1}`, document.NotJSON},
		{"a name without quotes", `{a:1}`, document.NotJSON},
		{"a comment", `{/**/}`, document.NotJSON},
		{"a number with a leading zero", `{"a":01}`, document.NotJSON},
		{"a number without end", `{"a":1.}`, document.NotJSON},
		{"a number without digits", `{"a":-}`, document.NotJSON},
		{"an exponent without digits", `{"a":1e+}`, document.NotJSON},
		{"every kind of number", `{"a":[0,-0,1.5,1e9,1E-9,-12.30e+4]}`, ""},
		{"NaN", `{"a":NaN}`, document.NotJSON},
		{"half a word", `{"a":tru}`, document.NotJSON},
		{"a word too long", `{"a":trues}`, document.NotJSON},
		{"a line break in a text", "{\"a\":\"b\nc\"}", document.NotJSON},
		{"an unknown escape", `{"a":"\x41"}`, document.NotJSON},
		{"half an escape", `{"a":"\u12"}`, document.NotJSON},
		{"an escape at the end", `{"a":"\`, document.NotJSON},

		{"something behind it", `{} {}`, document.TrailingData},
		{"a NUL behind it", "{}\x00", document.TrailingData},
		{"NUL", "{\"a\":\"\x00\"}", document.HasNUL},
		{"NUL between", "{\"a\":\x001}", document.HasNUL},
		{"NUL escaped", `{"a":"\u0000"}`, document.HasNUL},
		{"NUL escaped in a name", `{"\u0000":1}`, document.HasNUL},
		{"not UTF-8", "{\"a\":\"\xff\"}", document.BadUTF8},
		{"an overlong form", "{\"a\":\"\xc0\xaf\"}", document.BadUTF8},
		{"a surrogate as UTF-8", "{\"a\":\"\xed\xa0\x80\"}", document.BadUTF8},
		{"a pair of surrogates", `{"a":"\ud83d\ude00"}`, ""},
		{"the first half", `{"a":"\ud83d"}`, document.LoneSurrogate},
		{"the first half and a letter", `{"a":"\ud83dx"}`, document.LoneSurrogate},
		{"the first half twice", `{"a":"\ud83d\ud83d"}`, document.LoneSurrogate},
		{"the second half", `{"a":"\ude00"}`, document.LoneSurrogate},

		{"32 levels", strings.Repeat(`{"a":`, 31) + `{}` + strings.Repeat(`}`, 31), ""},
		{"33 levels", strings.Repeat(`{"a":`, 32) + `{}` + strings.Repeat(`}`, 32), document.TooDeep},
		{"33 levels of lists", `{"a":` + strings.Repeat(`[`, 32) + strings.Repeat(`]`, 32) + `}`, document.TooDeep},
		{"10,000 tokens", repeat(`{"a":[`, `1`, `,`, 9997, `]}`), ""},
		{"10,001 tokens", repeat(`{"a":[`, `1`, `,`, 9998, `]}`), document.TooMany},
		{"a pushed collection has no more", repeat(`{"type":"Collection","a":[`, `1`, `,`, 9998, `]}`), document.TooMany},
		{"1,000 members", wide(1000), ""},
		{"1,001 members", wide(1001), document.TooWide},
		{"1,001 members inside", `{"a":` + wide(1001) + `}`, document.TooWide},
		{"256 tags", repeat(`{"tag":[`, `{}`, `,`, 256, `]}`), ""},
		{"257 tags", repeat(`{"tag":[`, `{}`, `,`, 257, `]}`), document.TooManyIn},
		{"257 objects", repeat(`{"object":[`, a, `,`, 257, `]}`), document.TooManyIn},
		{"257 attachments inside", repeat(`{"object":{"attachment":[`, a, `,`, 257, `]}}`), document.TooManyIn},
		{"257 tags by another name", repeat(`{"as:tag":[`, `{}`, `,`, 257, `]}`), document.TooManyIn},
		{"1,000 recipients", repeat(`{"to":[`, a, `,`, 500, `],`) + repeat(`"cc":[`, a, `,`, 500, `]}`), ""},
		{"1,001 recipients", repeat(`{"to":[`, a, `,`, 500, `],"bto":`+a+`,`) + repeat(`"cc":[`, a, `,`, 500, `]}`), document.Recipients},
		{"1,001 in one list", repeat(`{"cc":[`, a, `,`, 1001, `]}`), document.Recipients},
		{"1,000 items", repeat(`{"orderedItems":[`, a, `,`, 1000, `]}`), ""},
		{"1,001 items", repeat(`{"orderedItems":[`, a, `,`, 1001, `]}`), document.TooManyItems},
		{"a text of 512 KiB", `{"a":"` + strings.Repeat("x", document.MaxString-2) + `"}`, ""},
		{"a longer text", `{"a":"` + strings.Repeat("x", document.MaxString-1) + `"}`, document.TooLong},
		{"a longer name", `{"` + strings.Repeat("x", document.MaxString+1) + `":1}`, document.TooLong},
		{"1 MiB", `{}` + strings.Repeat(" ", document.MaxBody-2), ""},
		{"1 MiB and a byte", `{}` + strings.Repeat(" ", document.MaxBody-1), document.TooLarge},

		{"@graph", `{"@graph":[]}`, document.Keyword},
		{"@included inside", `{"object":{"tag":[{"@included":1}]}}`, document.Keyword},
		{"@reverse escaped", `{"\u0040reverse":1}`, document.Keyword},
		{"@reverse in a definition", `{"@context":{"x":{"@reverse":"y"}}}`, ""},

		{"two ids", `{"id":` + a + `,"id":` + a + `}`, document.Twice},
		{"two types", `{"type":"Note","type":"Note"}`, document.Twice},
		{"two actors", `{"actor":` + a + `,"actor":` + a + `}`, document.Twice},
		{"two objects", `{"object":` + a + `,"object":` + a + `}`, document.Twice},
		{"two owners", `{"attributedTo":` + a + `,"attributedTo":` + a + `}`, document.Twice},
		{"two ids, one escaped", `{"id":` + a + `,"\u0069d":` + a + `}`, document.Twice},
		{"two ids, one in JSON-LD", `{"id":` + a + `,"@id":` + a + `}`, document.Twice},
		{"two actors, one prefixed", `{"as:actor":` + a + `,"actor":` + a + `}`, document.Twice},
		{"two actors, one in full", `{"actor":` + a + `,"https://www.w3.org/ns/activitystreams#actor":` + a + `}`, document.Twice},
		{"two types deep inside", `{"a":[{"b":{"type":"x","type":"y"}}]}`, document.Twice},
		{"the first null", `{"id":null,"id":` + a + `}`, document.Twice},
		{"two names", `{"name":"a","name":"b"}`, ""},
		{"one id in each object", `{"id":` + a + `,"object":{"id":` + a + `}}`, ""},
		{"two ids in a definition", `{"@context":{"id":"@id","id":"@id"}}`, ""},

		{"an actor by name", `{"actor":` + a + `}`, ""},
		{"an actor as an object", `{"actor":{"type":"Person","id":` + a + `}}`, ""},
		{"one actor in a list", `{"actor":[{"type":"Person","id":` + a + `}]}`, ""},
		{"no actor", `{"actor":null}`, ""},
		{"an actor without id", `{"actor":{"type":"Person"}}`, document.BadActor},
		{"an empty actor", `{"actor":""}`, document.BadActor},
		{"a number as actor", `{"actor":7}`, document.BadActor},
		{"two actors in a list", `{"actor":[` + a + `,` + a + `]}`, document.BadActor},
		{"no actor in a list", `{"actor":[]}`, document.BadActor},
		{"null in a list", `{"actor":[null]}`, document.BadActor},
		{"a list in a list", `{"actor":[[` + a + `]]}`, document.BadActor},
		{"two actors of the object", `{"object":{"actor":[` + a + `,` + a + `]}}`, document.BadActor},
		{"actors of a film", `{"about":{"actor":["Ana","Luz"]}}`, ""},

		{"an id of 2,048 bytes", `{"id":"https://a.example/` + strings.Repeat("x", document.MaxID-18) + `"}`, ""},
		{"one more", `{"id":"https://a.example/` + strings.Repeat("x", document.MaxID-17) + `"}`, document.BadID},
		{"2,048 bytes in escapes", `{"id":"https:\/\/a.example/` + strings.Repeat(`\u0078`, document.MaxID-18) + `"}`, ""},
		{"one more in escapes", `{"id":"https:\/\/a.example/` + strings.Repeat(`\u0078`, document.MaxID-17) + `"}`, document.BadID},
		{"http", `{"id":"http://a.example/1"}`, ""},
		{"a scheme in capitals", `{"id":"HTTPS://a.example/1"}`, ""},
		{"javascript", `{"id":"javascript:alert(1)"}`, document.BadID},
		{"a tag", `{"id":"tag:a.example,2026:1"}`, document.BadID},
		{"user-info", `{"id":"https://b.example@a.example/1"}`, document.BadID},
		{"user-info in the actor", `{"actor":"https://b.example:x@a.example/1"}`, document.BadID},
		{"an at sign in the path", `{"id":"https://a.example/@ana"}`, ""},
		{"no host", `{"id":"https:///1"}`, document.BadID},
		{"only a port", `{"id":"https://:80/1"}`, document.BadID},
		{"a backslash", `{"id":"https://a.example\\@b.example/"}`, document.BadID},
		{"a line break in an id", `{"id":"https://a.example/\n"}`, document.BadID},
		{"a number as id", `{"id":7}`, document.BadID},
		{"an object as id", `{"id":{"id":` + a + `}}`, document.BadID},
		{"a list as id", `{"id":[` + a + `]}`, document.BadID},
		{"no id", `{"id":null}`, ""},
		{"an empty id", `{"id":""}`, ""},
		{"a bad id of the object", `{"object":{"id":"x"}}`, document.BadID},
		{"a bad id in a list of objects", `{"object":[` + a + `,{"id":"x"}]}`, document.BadID},
		{"a bad id of the actor", `{"actor":{"id":"x"}}`, document.BadID},
		{"a bad owner", `{"attributedTo":[` + a + `,"x"]}`, document.BadID},
		{"a bad owner of the object", `{"object":{"attributedTo":"x"}}`, document.BadID},
		{"a bad object", `{"object":"x"}`, document.BadID},
		{"a relay is followed so", `{"object":"as:Public"}`, ""},
		{"an id of a tag", `{"tag":[{"id":"_:b0"}]}`, ""},
		{"ids in a definition", `{"@context":{"id":"@id","actor":{"@id":"as:actor"}}}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := reasonOf(t, document.Check([]byte(tt.body), document.Pushed()))
			if got != tt.want {
				t.Errorf("refused for %q, want %q", got, tt.want)
			}
		})
	}
}

// reasonOf is the reason of a refusal, empty for none.
func reasonOf(t *testing.T, err error) document.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var shape *document.ShapeError
	if !errors.As(err, &shape) {
		t.Fatalf("%T is no ShapeError", err)
	}
	if shape.Error() == "" || shape.Offset < 0 {
		t.Errorf("odd refusal %+v", shape)
	}
	return shape.Reason
}

// TestCheckFetched: only what is a collection may hold ten times as much.
func TestCheckFetched(t *testing.T) {
	many := repeat(`"items":[`, repeat(`{"x":[`, `1`, `,`, 20, `]}`), `,`, 1000, `]}`)
	for _, tt := range []struct {
		name, body string
		want       document.Reason
	}{
		{"a page", `{"type":"OrderedCollectionPage",` + many, ""},
		{"a page by its shape", `{` + many, ""},
		{"a page by one of its types", `{` + strings.TrimSuffix(many, `}`) + `,"type":["x","as:CollectionPage"]}`, ""},
		{"a note", repeat(`{"type":"Note","x":[`, `1`, `,`, 20_000, `]}`), document.TooMany},
		{"a note that holds a page", `{"type":"Note","replies":{` + many + `}`, document.TooMany},
		{"a page of too many tokens", repeat(`{"type":"Collection","x":[`, `1`, `,`, 100_000, `]}`), document.TooMany},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := reasonOf(t, document.Check([]byte(tt.body), document.Fetched())); got != tt.want {
				t.Errorf("refused for %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCheckOffset points at the first byte that is wrong or one too many.
func TestCheckOffset(t *testing.T) {
	for _, tt := range []struct {
		body string
		want int
	}{
		{`{"type":"a","type":"b"}`, 12},
		{`{"id":"x"}`, 6},
		{`{} x`, 3},
		{`{"a":tru}`, 5},
		{"{\"a\":\"b\xff\"}", 7},
		{`{"actor":["https://a.example/","https://b.example/"]}`, 9},
	} {
		var shape *document.ShapeError
		if !errors.As(document.Check([]byte(tt.body), document.Pushed()), &shape) || shape.Offset != tt.want {
			t.Errorf("%s: %v, want offset %d", tt.body, shape, tt.want)
		}
	}
}

// TestCheckBounded holds the check to its memory on the worst bodies: 4 MiB for
// any body of 1 MiB. Its time is measured by the benchmark; here it only must
// not be of another order.
func TestCheckBounded(t *testing.T) {
	for name, body := range hostileBodies() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		_ = document.Check(body, document.Fetched())
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
			t.Errorf("%s: %d bytes", name, used)
		}
		if took > 2*time.Second {
			t.Errorf("%s: %v", name, took)
		}
	}
}
