// SPDX-License-Identifier: AGPL-3.0-or-later

package input_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/web/mastodon/input"
)

// read sends one request and gives what was read of it.
func read(t testing.TB, method, target, kind, body string) (input.Values, error) {
	t.Helper()
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest(method, target, strings.NewReader(body))
	c.Request.Header.Set("Content-Type", kind)
	return input.Read(c)
}

const form = "application/x-www-form-urlencoded"

// poll is what every way of writing a poll must come to.
func poll(v input.Values) any {
	p := v.Below("poll")
	return []any{v.Text("status"), p.Texts("options"), p.Number("expires_in"), p.On("multiple")}
}

func TestEveryWayOfSendingIsTheSame(t *testing.T) {
	want := []any{"Bread?", []string{"yes", "no"}, 3600, true}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	for _, p := range [][2]string{{"status", "Bread?"}, {"poll[options][]", "yes"}, {"poll[options][]", "no"}, {"poll[expires_in]", "3600"}, {"poll[multiple]", "on"}} {
		if err := w.WriteField(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	plain := "status=Bread%3F&poll[options][]=yes&poll[options][]=no&poll[expires_in]=3600&poll[multiple]=1"
	for _, tt := range []struct{ name, target, kind, body string }{
		{"JSON with real types", "/", "application/json", `{"status":"Bread?","poll":{"options":["yes","no"],"expires_in":3600,"multiple":true}}`},
		{"JSON with everything as text", "/", "application/json; charset=utf-8", `{"status":"Bread?","poll":{"options":["yes","no"],"expires_in":"3600","multiple":"true"}}`},
		{"a form", "/", form, plain},
		{"a form with encoded brackets", "/", form, strings.NewReplacer("[", "%5B", "]", "%5D").Replace(plain)},
		{"a form that numbers its entries", "/", form, "status=Bread%3F&poll[options][1]=no&poll[options][0]=yes&poll[expires_in]=3600&poll[multiple]=on"},
		{"multipart", "/", w.FormDataContentType(), parts.String()},
		{"the query, and an empty body", "/?" + strings.ReplaceAll(plain, "+", "%20"), "", ""},
		{"half and half", "/?status=Bread%3F", "application/json", `{"poll":{"options":["yes","no"],"expires_in":3600,"multiple":true}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := read(t, "POST", tt.target, tt.kind, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, poll(v)); diff != "" {
				t.Error(diff)
			}
			if err := v.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestListsOfObjects(t *testing.T) {
	want := []string{"1:a", "2:", "3:c"}
	for _, tt := range []struct{ name, kind, body string }{
		{"JSON", "application/json", `{"media":[{"id":"1","description":"a"},{"id":2},{"id":"3","description":"c"}]}`},
		{"JSON with numbers for names", "application/json", `{"media":{"10":{"id":"3","description":"c"},"0":{"id":"1","description":"a"},"9":{"id":2}}}`},
		{"a form without numbers", form, "media[][id]=1&media[][description]=a&media[][id]=2&media[][id]=3&media[][description]=c"},
		{"a form with numbers", form, "media[2][description]=c&media[0][id]=1&media[0][description]=a&media[1][id]=2&media[2][id]=3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v, err := read(t, "PUT", "/", tt.kind, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range v.List("media", "id") {
				got = append(got, m.Text("id")+":"+m.Text("description"))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSwitchesAndIDs(t *testing.T) {
	v, err := read(t, "POST", "/?id[]=7&id[]=7&id[]=x&id[]=8&one=9", form, "a=1&b=on&c=true&d=0&e=off&f=false&g=maybe")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]coop.ID{7, 8}, v.IDs("id")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]coop.ID{9}, v.IDs("one")); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]bool{"a": true, "b": true, "c": true, "d": false, "e": false, "f": false, "missing": false} {
		if v.On(name) != want {
			t.Errorf("%s is %v", name, !want)
		}
	}
	if v.Err() != nil {
		t.Error(v.Err())
	}
	var invalid *coop.InvalidError
	if v.Flag("g"); !errors.As(v.Err(), &invalid) || invalid.Field != "g" {
		t.Errorf("a switch that is maybe: %v", v.Err())
	}
}

func TestUnreadableBodies(t *testing.T) {
	for _, tt := range []struct{ name, kind, body string }{
		{"broken JSON", "application/json", `{"status":`},
		{"a JSON list", "application/json", `[1,2]`},
		{"a broken form", form, "a=%zz"},
		{"nested too deep", form, "a" + strings.Repeat("[b]", 20) + "=1"},
		{"too many names", form, strings.Repeat("a=1&", 6000)},
		{"multipart without an end", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb"},
		{"multipart without a boundary", "multipart/form-data", "x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(t, "POST", "/", tt.kind, tt.body)
			var invalid *coop.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != "body" {
				t.Errorf("%v is no complaint about the body", err)
			}
		})
	}
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("a", 100)))
	c.Request.Body = http.MaxBytesReader(nil, c.Request.Body, 10)
	var tooLarge *http.MaxBytesError
	if _, err := input.Read(c); !errors.As(err, &tooLarge) {
		t.Errorf("%v does not say that it is too large", err)
	}
	if v, err := read(t, "POST", "/", "application/json", "null"); err != nil || !v.Empty() {
		t.Errorf("null: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(form, "poll[options][]=a&media[][id]=1&x[0][y]=2&a=1&a=2&a[b]=3&[]=4&]=5")
	f.Add("application/json", `{"a":{"0":[{"b":1}]},"c":null}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		v, err := read(t, "POST", "/?q[]=1", kind, body)
		if err != nil {
			return
		}
		for _, name := range []string{"a", "poll", "media", "x", "", "q"} {
			v.Text(name)
			v.Flag(name)
			v.Decimal(name)
			v.Moment(name)
			v.Texts(name)
			v.IDs(name)
			v.Words(name)
			v.Below(name).List("b", "c")
			v.List(name, "id")
		}
		if _, err := json.Marshal(v.Complaints()); err != nil {
			t.Error(err)
		}
	})
}

func TestTextsHoldWhatTextsMay(t *testing.T) {
	for kind, body := range map[string]string{
		"application/json":                  `{"a":"x\u0000y","b\u0000":["\u0000","z\ud800"],"c":{"d":{"e\u0000":"f\u0000"}}}`,
		form:                                "a=x%00y&b%00[]=%00&b[]=z%FF&c[d][e%00]=f%00",
		"multipart/form-data; boundary=end": "--end\r\nContent-Disposition: form-data; name=a\r\n\r\nx\x00y\r\n--end\r\nContent-Disposition: form-data; name=\"b[]\"\r\n\r\n\x00\r\n--end\r\nContent-Disposition: form-data; name=\"b[]\"\r\n\r\nz\xff\r\n--end\r\nContent-Disposition: form-data; name=\"c[d][e]\"\r\n\r\nf\x00\r\n--end--\r\n",
	} {
		v, err := read(t, "POST", "/", kind, body)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%q %q %q", v.Text("a"), v.Texts("b"), v.Below("c").Below("d").Text("e")); got != `"xy" ["" "z�"] "f"` {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

func TestOne(t *testing.T) {
	for _, tt := range []struct{ name, body, uri, text string }{
		{"a text", `{"series":"Basics"}`, "", "Basics"},
		{"an object", `{"series":{"uri":"https://a.example/s","name":"Basics"}}`, "https://a.example/s", "Basics"},
		{"a list of one", `{"series":[{"name":"Basics"}]}`, "", "Basics"},
		{"a form that numbers", `{"series":{"0":{"name":"Basics"}}}`, "", "Basics"},
		{"an empty text", `{"series":""}`, "", ""},
		{"null", `{"series":null}`, "", ""},
		{"nothing", `{}`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var members map[string]any
			if err := json.Unmarshal([]byte(tt.body), &members); err != nil {
				t.Fatal(err)
			}
			v := input.New(members)
			one, ok := v.One("series", "name")
			if ok != (tt.text != "") || ok && (one.Text("uri") != tt.uri || one.Text("name") != tt.text) || v.Err() != nil {
				t.Errorf("%v %v %v", one, ok, v.Err())
			}
		})
	}
}
