// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// push is what came to an inbox, as its envelope says it.
type push struct {
	Path   string `json:"-"`
	Body   []byte `json:"-"`
	ID     string `json:"id"`
	Type   string `json:"type"`
	Actor  string `json:"actor"`
	Object inner  `json:"object"`
}

// inner is the object of an activity: an id alone has no type.
type inner struct{ ID, Type string }

// UnmarshalJSON takes an id or an object.
func (i *inner) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &i.ID)
	}
	type plain inner
	return json.Unmarshal(b, (*plain)(i))
}

// note keeps what is pushed, while the test wants that.
func (h *house) note(r *http.Request) {
	h.mu.Lock()
	keep := h.keep
	h.mu.Unlock()
	if !keep || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/inbox") {
		return
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	p := push{Path: r.URL.Path, Body: body}
	if err != nil || json.Unmarshal(body, &p) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, p)
}

// record begins to keep what comes.
func (f *fediverse) record() {
	for _, h := range f.all {
		h.mu.Lock()
		h.keep, h.got = true, nil
		h.mu.Unlock()
	}
}

// pushed is what came to the inboxes since record.
func (h *house) pushed() []push {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]push{}, h.got...)
}
