// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// phone is somebody with a client: a token of one house.
type phone struct {
	h     *house
	self  *coop.Account
	token string
	link  string // the Link header of the last answer
}

// phone gives an account of this house a token.
func (h *house) phone(a *coop.Account, scopes ...string) *phone {
	h.f.t.Helper()
	if len(scopes) == 0 {
		scopes = []string{"read", "write", "follow", "push"}
	}
	p := &phone{h: h, self: a, token: a.Name + "-" + strings.Join(scopes, "-") + "-0123456789"}
	hash := sha256.Sum256([]byte(p.token))
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
		return tx.AddToken(h.f.ctx, &coop.Token{Hash: hash[:], AccountID: a.ID, App: "phone", Scopes: scopes, CreatedAt: h.now()})
	}))
	return p
}

// row is one JSON object.
type row = map[string]any

// ask sends a request and reads the answer, which must have that status. Body is a
// form, or JSON for anything but url.Values and *parcel.
func (p *phone) ask(status int, method, path string, body any) any {
	p.h.f.t.Helper()
	answer := p.send(method, path, body)
	var out any
	if answer.Code != status || json.Unmarshal(answer.Body.Bytes(), &out) != nil {
		p.h.f.t.Fatalf("%s %s: %d, want %d: %s", method, path, answer.Code, status, answer.Body)
	}
	p.link = answer.Header().Get("Link")
	return out
}

// bytes is a file that the path answers with.
func (p *phone) bytes(path string) []byte {
	p.h.f.t.Helper()
	answer := p.send("GET", path, nil)
	if answer.Code != http.StatusOK {
		p.h.f.t.Fatalf("GET %s: %d: %s", path, answer.Code, answer.Body)
	}
	return answer.Body.Bytes()
}

// send sends a request.
func (p *phone) send(method, path string, body any) *httptest.ResponseRecorder {
	p.h.f.t.Helper()
	var reader io.Reader = http.NoBody
	kind := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		reader, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	case *parcel:
		reader, kind = &b.bytes, b.kind
	default:
		text, err := json.Marshal(b)
		p.h.f.must(err)
		reader, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequestWithContext(p.h.f.ctx, method, p.h.config.BaseURL()+"/api"+path, reader)
	p.h.f.must(err)
	r.Header.Set("Content-Type", kind)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	answer := httptest.NewRecorder()
	p.h.handler.ServeHTTP(answer, r)
	return answer
}

// get asks for an object, and list for several.
func (p *phone) get(path string) row {
	p.h.f.t.Helper()
	return p.ask(200, "GET", path, nil).(row)
}

func (p *phone) list(path string) []any {
	p.h.f.t.Helper()
	return p.ask(200, "GET", path, nil).([]any)
}

// post acts and reads the object that is answered.
func (p *phone) post(path string, body any) row {
	p.h.f.t.Helper()
	return p.ask(200, "POST", path, body).(row)
}

// handles are the names in a list of accounts.
func handles(list []any) []string {
	out := []string{}
	for _, one := range list {
		out = append(out, one.(row)["acct"].(string))
	}
	return out
}

// of is the path of an account, as this house knows it.
func (p *phone) of(a *coop.Account, rest string) string {
	p.h.f.t.Helper()
	return "/v1/accounts/" + p.h.knows(a).ID.String() + rest
}

// relation is what stands between the phone's owner and another, in a few words.
func (p *phone) relation(a *coop.Account) string {
	p.h.f.t.Helper()
	list := p.list("/v1/accounts/relationships?id[]=" + p.h.knows(a).ID.String())
	if len(list) != 1 {
		p.h.f.t.Fatalf("%d relationships", len(list))
	}
	return said(list[0].(row))
}

// said are the members of a relationship that are true.
func said(r row) string {
	var words []string
	for _, name := range []string{
		"following", "requested", "showing_reblogs", "notifying", "followed_by", "requested_by",
		"blocking", "blocked_by", "muting", "muting_notifications", "domain_blocking", "endorsed",
	} {
		if is, ok := r[name].(bool); !ok {
			words = append(words, "no "+name+"!")
		} else if is {
			words = append(words, name)
		}
	}
	return strings.Join(words, " ")
}

// parcel is a multipart body.
type parcel struct {
	bytes bytes.Buffer
	kind  string
}

// pack makes a parcel of fields; a file is a pair of a name and its bytes, with its own name
// behind a "=" where it is no picture.
func pack(t *testing.T, fields map[string]string, files map[string][]byte) *parcel {
	t.Helper()
	p := &parcel{}
	w := multipart.NewWriter(&p.bytes)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		name, called, ok := strings.Cut(name, "=")
		if !ok {
			called = name + ".png"
		}
		part, err := w.CreateFormFile(name, called)
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p.kind = w.FormDataContentType()
	return p
}
