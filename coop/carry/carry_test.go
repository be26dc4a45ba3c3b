// SPDX-License-Identifier: AGPL-3.0-or-later

package carry_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
	"minga/coop/carry"
)

// wide is a text in UTF-16 with its mark.
func wide(order binary.AppendByteOrder, text string) []byte {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// lines are the numbers and rows of a file, and its bad lines, as text.
func lines(f *carry.File) (out []string) {
	for _, l := range f.Rows {
		out = append(out, fmt.Sprintf("%d %+v", l.Number, l.Row))
	}
	for _, b := range f.Bad {
		out = append(out, fmt.Sprintf("%d %s %q", b.Number, b.Problem, b.Cells))
	}
	return out
}

func TestRead(t *testing.T) {
	ana := "{Target:ana@a.example List: Boosts:false Bell:false Languages:[] Hide:false}"
	for _, tt := range []struct {
		name string
		kind carry.Kind
		data string
		want []string
	}{
		{
			"as Mastodon writes it", carry.Following, "Account address,Show boosts,Notify on new posts,Languages\nana@a.example,false,true,\"es, ca\"\n",
			[]string{"2 {Target:ana@a.example List: Boosts:false Bell:true Languages:[es ca] Hide:false}"},
		},
		{"an old file without options", carry.Following, "ana@a.example\n", []string{"1 {Target:ana@a.example List: Boosts:true Bell:false Languages:[] Hide:false}"}},
		{
			"columns in another order, one unknown", carry.Following, "Languages,Nonsense,account ADDRESS\nes,x,ana@a.example\n",
			[]string{"2 {Target:ana@a.example List: Boosts:true Bell:false Languages:[es] Hide:false}"},
		},
		{"CRLF, a mark, empty lines", carry.Blocks, "\xef\xbb\xbfana@a.example\r\n\r\n , \r\nbea@b.example\r\n", []string{"1 " + ana, "4 {Target:bea@b.example List: Boosts:false Bell:false Languages:[] Hide:false}"}},
		{"UTF-16, small end first, with tabs", carry.Mutes, string(wide(binary.LittleEndian, "Account address\tHide notifications\nana@a.example\tfalse\n")), []string{"2 " + ana}},
		{"UTF-16, big end first", carry.Blocks, string(wide(binary.BigEndian, "ana@a.example\n")), []string{"1 " + ana}},
		{"semicolons", carry.Lists, "Amigas;ana@a.example\n", []string{"1 {Target:ana@a.example List:Amigas Boosts:false Bell:false Languages:[] Hide:false}"}},
		{"an @ before it, a name at home, capitals in the host", carry.Blocks, "@ana@A.Example\nbea\nacct:eva@e.example:8080\n", []string{
			"1 " + ana, "2 {Target:bea@home.example List: Boosts:false Bell:false Languages:[] Hide:false}", "3 {Target:eva@e.example:8080 List: Boosts:false Bell:false Languages:[] Hide:false}",
		}},
		{"the same twice is once", carry.Blocks, "ana@a.example\nAna@a.example\n", []string{"1 " + ana}},
		{"servers", carry.Servers, "#domain,#severity\nEvil.example,suspend\nhttp://x/,\n", []string{"2 {Target:evil.example List: Boosts:false Bell:false Languages:[] Hide:false}", `3 server ["http://x/" ""]`}},
		{"bookmarks", carry.Bookmarks, "https://a.example/1\njavascript:alert(1)\nhttps:///x\n", []string{
			"1 {Target:https://a.example/1 List: Boosts:false Bell:false Languages:[] Hide:false}", `2 post ["javascript:alert(1)"]`, `3 post ["https:///x"]`,
		}},
		{"bad rows beside good ones", carry.Following, "ana@a.example,maybe\nbea@b.example,,,klingon!\nana@@a\n@\nana@a.example,false,0,\n", []string{
			"5 " + ana, `1 truth ["ana@a.example" "maybe"]`, `2 language ["bea@b.example" "" "" "klingon!"]`, `3 account ["ana@@a"]`, `4 account ["@"]`,
		}},
		{"a quotation mark inside", carry.Blocks, "a\"b@c\nana@a.example\n", []string{"2 " + ana, "1 quotes []"}},
		{"one that never closes takes the rest", carry.Blocks, "ana@a.example\n\"bea\nx\ny\n", []string{"1 " + ana, "2 quotes []"}},
		{"a guarded list", carry.Lists, "'=HYPERLINK(),ana@a.example\n''=x,ana@a.example\n", []string{
			"1 {Target:ana@a.example List:=HYPERLINK() Boosts:false Bell:false Languages:[] Hide:false}", "2 {Target:ana@a.example List:'=x Boosts:false Bell:false Languages:[] Hide:false}",
		}},
		{"a list without a title", carry.Lists, ",ana@a.example\n", []string{`1 list ["" "ana@a.example"]`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := carry.Read(tt.kind, []byte(tt.data), "home.example")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, lines(f)); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":           nil,
		"empty lines":       []byte("\n\r\n , ,\n"),
		"names of columns":  []byte("Account address\n"),
		"a picture":         {0x89, 'P', 'N', 'G', 0, 0xff},
		"half of UTF-16":    {0xff, 0xfe, 'a'},
		"a surrogate alone": {0xff, 0xfe, 0x00, 0xd8},
		"NUL":               []byte("ana@a.example\x00\n"),
		"Latin-1":           []byte("Montañas,ana@a.example\n\xf1,bea@b.example\n"),
	} {
		var invalid *coop.InvalidError
		if f, err := carry.Read(carry.Blocks, data, "home.example"); !errors.As(err, &invalid) || invalid.Field != "file" {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	for name, data := range map[string][]byte{
		"too many rows": []byte(strings.Repeat("x\n", 1) + manyRows(carry.MaxRows+1)),
		"bad rows too":  bytes.Repeat([]byte("@\n"), carry.MaxRows+1),
		"too long":      bytes.Repeat([]byte("a"), carry.MaxBytes+1),
	} {
		if _, err := carry.Read(carry.Blocks, data, "home.example"); !errors.Is(err, coop.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err := carry.Read(carry.Blocks, []byte(manyRows(carry.MaxRows)), "home.example"); err != nil || len(f.Rows) != carry.MaxRows {
		t.Errorf("as many as may be: %v", err)
	}
}

func manyRows(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "p%d@a.example\n", i)
	}
	return out.String()
}

// anyRow is any row of a kind as the store could hold it.
func anyRow(kind carry.Kind) *rapid.Generator[carry.Row] {
	return rapid.Custom(func(t *rapid.T) carry.Row {
		r := carry.Row{Target: rapid.StringMatching(`[a-z0-9_-]{1,20}@[a-z]{1,10}\.example(:[0-9]{2,4})?`).Draw(t, "account")}
		switch kind {
		case carry.Following:
			r.Boosts, r.Bell = rapid.Bool().Draw(t, "boosts"), rapid.Bool().Draw(t, "bell")
			r.Languages = rapid.SliceOfN(rapid.SampledFrom([]string{"es", "en", "ca", "it", "pt", "es-AR", "zh-Hant"}), 0, coop.MaxFollowLanguages).Draw(t, "languages")
		case carry.Lists:
			r.List = coop.CleanLine(rapid.StringMatching(`[-=+@'";,a-zñ \t]{1,30}`).Draw(t, "list"), coop.MaxListTitle)
			if r.List == "" {
				r.List = rapid.SampledFrom([]string{"=1", "'=1", "'", "''", "+", "a"}).Draw(t, "title")
			}
		case carry.Mutes:
			r.Hide = rapid.Bool().Draw(t, "hide")
		case carry.Servers:
			r.Target = rapid.StringMatching(`[a-z0-9]{1,10}\.example(:[0-9]{2,4})?`).Draw(t, "server")
		case carry.Bookmarks:
			r.Target = rapid.StringMatching(`https?://[a-z]{1,10}\.example/[-a-zA-Z0-9@%?=&#,;']{0,30}`).Draw(t, "post")
		}
		return r
	})
}

// TestSame: what is written is read as the same, whatever it is.
func TestSame(t *testing.T) {
	for _, kind := range carry.Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				key := func(r carry.Row) string { return strings.ToLower(r.List + "\x00" + r.Target) }
				rows := rapid.SliceOfNDistinct(anyRow(kind), 1, 20, key).Draw(t, "rows")
				var out bytes.Buffer
				w, err := carry.NewWriter(&out, kind)
				for _, r := range rows {
					err = errors.Join(err, w.Write(r))
				}
				if err = errors.Join(err, w.Close()); err != nil {
					t.Fatal(err)
				}
				f, err := carry.Read(kind, out.Bytes(), "home.example")
				if err != nil {
					t.Fatal(err)
				}
				var got []carry.Row
				for _, l := range f.Rows {
					if len(l.Languages) == 0 {
						l.Languages = []string{}
					}
					got = append(got, l.Row)
				}
				for i := range rows {
					if len(rows[i].Languages) == 0 {
						rows[i].Languages = []string{}
					}
				}
				if diff := cmp.Diff(rows, got); diff != "" || len(f.Bad) > 0 {
					t.Fatalf("from\n%s(-written +read):\n%s bad %v", out.String(), diff, f.Bad)
				}
			})
		})
	}
}

// TestWriteIsInert: no cell of a file begins with what a spreadsheet runs.
func TestWriteIsInert(t *testing.T) {
	var out bytes.Buffer
	w, err := carry.NewProblemWriter(&out, carry.Lists)
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{"=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "\n=1", "＝1", "＋1", "－1", "＠SUM(A1)"} {
		if err := errors.Join(w.Good(1, carry.Row{List: title, Target: "-x@a.example"}, "=no"), w.Bad(2, []string{title}, "@no")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(records) != 25 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, record := range records {
		for _, cell := range record {
			if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
				t.Errorf("%q would be run", cell)
			}
		}
	}
}

// TestMended: the file of problems can be taken in again.
func TestMended(t *testing.T) {
	var out bytes.Buffer
	w, err := carry.NewProblemWriter(&out, carry.Blocks)
	err = errors.Join(err, w.Good(7, carry.Row{Target: "ana@a.example"}, "her server did not answer"), w.Bad(9, []string{"x y", "z"}, "no address"), w.Close())
	if err != nil {
		t.Fatal(err)
	}
	f, err := carry.Read(carry.Blocks, out.Bytes(), "home.example")
	if err != nil || len(f.Rows) != 1 || f.Rows[0].Target != "ana@a.example" || len(f.Bad) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

// FuzzRead: whatever comes, nothing breaks, and what was read can be written and read
// again as the same.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"Account address,Show boosts,Notify on new posts,Languages\nana@a.example,true,false,\"es, ca\"\n",
		"a;b@c\n", "\xff\xfea\x00", "\xef\xbb\xbf\"", "'=x,ana@a.example\n", "#domain\nx.example\n", "https://a.example/1\r\n", "\"\n\"\"\n",
	} {
		for i := range carry.Kinds() {
			f.Add(byte(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, k byte, data []byte) {
		kind := carry.Kinds()[int(k)%len(carry.Kinds())]
		file, err := carry.Read(kind, data, "home.example")
		if err != nil || len(file.Rows) == 0 {
			return
		}
		var out bytes.Buffer
		w, err := carry.NewWriter(&out, kind)
		for _, l := range file.Rows {
			err = errors.Join(err, w.Write(l.Row))
		}
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		again, err := carry.Read(kind, out.Bytes(), "other.example")
		if err != nil || len(again.Bad) > 0 || len(again.Rows) != len(file.Rows) {
			t.Fatalf("%q became %q: %v %+v", data, out.Bytes(), err, again)
		}
		for i := range again.Rows {
			if diff := cmp.Diff(file.Rows[i].Row, again.Rows[i].Row); diff != "" {
				t.Fatalf("%q became %q: %s", data, out.Bytes(), diff)
			}
		}
	})
}
