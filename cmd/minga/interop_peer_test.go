// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// interopPeer is the server of scripts/interop/fedify, driven by its control API.
type interopPeer struct {
	t       *testing.T
	origin  string
	control string
}

// interopActor is an actor of the peer as its control API shows it.
type interopActor struct {
	Name, Type, ID, Handle, Inbox, SharedInbox string
	Followers, Pending                         []string
	Following                                  map[string]string
}

// interopSent is what the peer sent: the activity, its object, and each POST.
type interopSent struct {
	ID, Object, Error string
	Sent              []struct {
		Method, URL, Signature, Error string
		Status                        int
	}
}

// interopEntry is what came to an inbox of the peer and how it judged it.
type interopEntry struct {
	Seq                                           int
	Path, URL, Signature, Type, ID, Actor, Object string
	Accepted                                      bool
	Status                                        int
	HTTP                                          struct {
		Verified             bool
		KeyID, Owner, Reason string
	}
	Proof    struct{ Present, Verified bool }
	Document map[string]any
	Headers  map[string]string
	Text     string
	interopReading
}

// interopReading is what a strict reader of JSON-LD makes of a document, without
// network: type and parsed are what Fedify keeps, lost is what strict expansion
// refuses, error is why Fedify cannot read it.
type interopReading struct {
	Type     string
	Parsed   map[string]any
	Expanded []any
	Lost     *struct{ Message string }
	Error    string
}

// interopAnswer is what the peer got when it fetched something.
type interopAnswer struct {
	Status   int
	Headers  map[string]string
	Text     string
	Document map[string]any
	interopReading
}

// interopLie is a POST that the peer is told to make, and spoil.
type interopLie struct {
	Inbox       string            `json:"inbox"`
	Body        any               `json:"body"`
	Signature   string            `json:"signature,omitempty"`
	At          string            `json:"at,omitempty"`
	KeyID       string            `json:"keyId,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	Headers     map[string]string `json:"headers,omitempty"`
	Proof       bool              `json:"proof,omitempty"`
	AfterProof  map[string]any    `json:"afterProof,omitempty"`
	Tamper      string            `json:"tamper,omitempty"`
	Times       int               `json:"times,omitempty"`
}

// fields are the members of an order to the peer.
type fields map[string]any

// interopFolder is an installed folder of scripts/interop, or the test is skipped.
func interopFolder(t *testing.T, key string) (node, folder string) {
	t.Helper()
	node, folder = os.Getenv("MINGA_TEST_NODE"), os.Getenv(key)
	if node == "" || folder == "" {
		t.Skipf("MINGA_TEST_NODE and %s are not set: `scripts/test interop` installs what this test meets", key)
	}
	return node, folder
}

// startInteropPeer starts the peer as a process of its own, which ends with the test.
func startInteropPeer(t *testing.T) *interopPeer {
	t.Helper()
	node, folder := interopFolder(t, "MINGA_TEST_FEDIFY")
	cmd := exec.Command(node, filepath.Join(folder, "peer.js"), "--stdin", "--name", "peer.localhost")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the peer: %v", err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil || t.Failed() && said.Len() > 0 {
			t.Errorf("the end of the peer: %v\n%s", err, said.String())
		}
	})
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the peer did not start: %v", err)
	}
	var where struct{ Origin, Control string }
	if err := json.Unmarshal(line, &where); err != nil {
		t.Fatal(err)
	}
	return &interopPeer{t: t, origin: where.Origin, control: where.Control}
}

// call asks the control API; what the peer says is read into answer.
func (p *interopPeer) call(method, path string, body, answer any) {
	p.t.Helper()
	var text io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		text = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), method, p.control+path, text)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s: %d %s %v", method, path, response.StatusCode, raw, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		p.t.Fatalf("%s %s: %v in %s", method, path, err, raw)
	}
}

// add makes an actor.
func (p *interopPeer) add(name string, more fields) (a interopActor) {
	p.t.Helper()
	order := fields{"name": name}
	for k, v := range more {
		order[k] = v
	}
	p.call("POST", "/actors", order, &a)
	return a
}

// actor shows an actor as it is now.
func (p *interopPeer) actor(name string) (a interopActor) {
	p.t.Helper()
	p.call("GET", "/actors/"+name, nil, &a)
	return a
}

// follow lets an actor ask to follow a handle or URI.
func (p *interopPeer) follow(a interopActor, target string) (sent interopSent) {
	p.t.Helper()
	return p.do(a, "follow", fields{"target": target})
}

// publish lets an actor publish.
func (p *interopPeer) publish(a interopActor, order fields) interopSent {
	p.t.Helper()
	return p.do(a, "publish", order)
}

// do lets an actor do something that sends, and demands that every POST was taken.
func (p *interopPeer) do(a interopActor, what string, order fields) (sent interopSent) {
	p.t.Helper()
	p.call("POST", "/actors/"+a.Name+"/"+what, order, &sent)
	if sent.Error != "" {
		p.t.Errorf("%s of %s: %s", what, a.Name, sent.Error)
	}
	if n := len(sent.Sent); n > 0 && sent.Sent[n-1].Status != http.StatusAccepted {
		p.t.Errorf("%s of %s: minga answered %d %s", what, a.Name, sent.Sent[n-1].Status, sent.Sent[n-1].Error)
	}
	return sent
}

// lie posts what it is told and gives the status of each answer.
func (p *interopPeer) lie(a interopActor, lie interopLie) (statuses []int) {
	p.t.Helper()
	var answer struct {
		Answers []struct{ Status int }
	}
	p.call("POST", "/actors/"+a.Name+"/deliver", lie, &answer)
	for _, one := range answer.Answers {
		statuses = append(statuses, one.Status)
	}
	return statuses
}

// fetch lets an actor fetch with one kind of signature, or none.
func (p *interopPeer) fetch(a interopActor, url, signature string) (answer interopAnswer) {
	p.t.Helper()
	p.call("POST", "/actors/"+a.Name+"/fetch", fields{"url": url, "signature": signature}, &answer)
	return answer
}

// lookup finds and reads an actor or object by handle or URI, as Fedify does.
func (p *interopPeer) lookup(id string) (answer interopAnswer) {
	p.t.Helper()
	p.call("POST", "/lookup", fields{"id": id}, &answer)
	return answer
}

// inbox lists what came after an entry, oldest first.
func (p *interopPeer) inbox(after int) (entries []interopEntry) {
	p.t.Helper()
	p.call("GET", "/inbox?after="+strconv.Itoa(after), nil, &entries)
	return entries
}

// mark is the number of the last entry of the inbox.
func (p *interopPeer) mark() int {
	p.t.Helper()
	all := p.inbox(0)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Seq
}

// entry gives an entry with how it reads.
func (p *interopPeer) entry(seq int) (e interopEntry) {
	p.t.Helper()
	p.call("GET", "/inbox/"+strconv.Itoa(seq), nil, &e)
	return e
}

// serve makes the peer answer with a document under a path, and gives its URL.
func (p *interopPeer) serve(path string, body any) string {
	p.t.Helper()
	var answer struct{ URL string }
	p.call("PUT", "/documents", fields{"path": path, "body": body}, &answer)
	return answer.URL
}

// interopSays lists the types of entries in order, each with what was announced.
func interopSays(entries []interopEntry) string {
	var said []string
	for _, e := range entries {
		word := e.Type
		if inner, ok := e.Document["object"].(map[string]any); ok && e.Type == "Announce" {
			word += "(" + inner["type"].(string) + ")"
		}
		said = append(said, word)
	}
	return strings.Join(said, " ")
}
