// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// benchStreams is `minga bench streams`: it opens many WebSockets, each of another account
// that follows the same author, and measures what they cost and how long a post takes to
// reach them all.
type benchStreams struct {
	Base  string `required:"" help:"Address of the instance, such as http://localhost:8080."`
	PID   int    `required:"" name:"pid" help:"Process of the instance."`
	Count int    `default:"1000" help:"Streams to open."`
	Posts int    `default:"20" help:"Posts to measure."`

	client *http.Client
}

// streamsRow is the result. Times are milliseconds, memory is bytes.
type streamsRow struct {
	Streams int    `json:"streams"`
	Events  int    `json:"events"`
	Before  int64  `json:"rss_before"`
	Open    int64  `json:"rss_open"` // all streams open, nothing sent
	After   int64  `json:"rss_after"`
	All     spread `json:"all_ms"`    // from sending the post until the last stream has it
	Answer  spread `json:"answer_ms"` // from sending the post until it is answered
	Fanout  spread `json:"fanout_ms"` // from the first stream that has it until the last
	Bytes   int    `json:"bytes"`     // of one frame
}

// Run makes the accounts, opens the streams and measures.
func (b benchStreams) Run(t *terminal) error {
	b.client = &http.Client{Timeout: time.Minute}
	author, tokens, err := b.people(t)
	if err != nil {
		return err
	}
	if err := b.write(t.ctx, author, "the first"); err != nil { // what a first post builds up is no cost of streams
		return err
	}
	row := streamsRow{Streams: b.Count, Events: b.Posts, Before: processRSS(b.PID)}
	heard := make(chan int, b.Count)
	closeAll, err := b.open(t.ctx, tokens, heard)
	if err != nil {
		return errors.Join(err, closeAll())
	}
	if !pause(t.ctx, 2*time.Second) {
		return errors.Join(t.ctx.Err(), closeAll())
	}
	row.Open = processRSS(b.PID)
	err = b.events(t, author, heard, &row)
	row.After = processRSS(b.PID)
	return errors.Join(err, closeAll(), t.result(row))
}

// people makes an author, and accounts that follow it, each with a token; all by the
// database, since keys of their own are no part of what is measured.
func (b benchStreams) people(t *terminal) (author string, tokens []string, err error) {
	return author, tokens, errors.Join(t.with(func(i *instance) error {
		return i.store.Write(t.ctx, func(tx *storage.Tx) error {
			tokens = nil
			who, text, err := b.person(t.ctx, i, tx, 0)
			if err != nil {
				return err
			}
			author = text
			for n := range b.Count {
				reader, text, err := b.person(t.ctx, i, tx, n+1)
				if err != nil {
					return err
				}
				tokens = append(tokens, text)
				if err := tx.PutFollow(t.ctx, &coop.Follow{Follower: reader, Target: who, State: coop.FollowAccepted}); err != nil {
					return err
				}
			}
			return nil
		})
	}))
}

// person makes one account and its token.
func (b benchStreams) person(ctx context.Context, i *instance, tx *storage.Tx, n int) (*coop.Account, string, error) {
	name := fmt.Sprintf("stream%d", n)
	base := coop.IRI(i.config.BaseURL() + "/people/" + name)
	a := &coop.Account{
		IRI: base, Kind: coop.Person, ActorType: "Person", Name: name, Local: true, Language: "en",
		Inbox: base + "/inbox", Outbox: base + "/outbox", Followers: base + "/followers", Following: base + "/following",
	}
	if err := tx.AddAccount(ctx, a, &coop.KeyPair{RSA: []byte("none"), Ed25519: []byte("none")}); err != nil {
		return nil, "", err
	}
	text, hash := auth.NewSecret()
	return a, text, tx.AddToken(ctx, &coop.Token{Hash: hash, AccountID: a.ID, Scopes: []string{"read", "write"}, App: "bench"})
}

// write posts a status.
func (b benchStreams) write(ctx context.Context, token, text string) error {
	body, err := json.Marshal(map[string]string{"status": text, "visibility": "private"})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.Base+"/api/v1/statuses", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := b.client.Do(r)
	if err != nil {
		return err
	}
	if w.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("the post is answered %s", w.Status), w.Body.Close())
	}
	return w.Body.Close()
}

// open opens a stream for each token; heard receives the size of each frame that comes.
func (b benchStreams) open(ctx context.Context, tokens []string, heard chan<- int) (closeAll func() error, err error) {
	var readers sync.WaitGroup
	var conns []*websocket.Conn
	closeAll = func() error {
		for _, conn := range conns {
			_ = conn.CloseNow() // its reader ends
		}
		readers.Wait()
		return nil
	}
	for _, token := range tokens {
		conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(b.Base, "http")+"/api/v1/streaming?stream=user", &websocket.DialOptions{Subprotocols: []string{token}}) //nolint:bodyclose // a handshake has none left
		if err != nil {
			return closeAll, fmt.Errorf("open stream %d: %w", len(conns)+1, err)
		}
		conn.SetReadLimit(1 << 20)
		conns = append(conns, conn)
		readers.Go(func() {
			for {
				_, frame, err := conn.Read(ctx)
				if err != nil {
					return
				}
				heard <- len(frame)
			}
		})
	}
	return closeAll, nil
}

// events posts and waits each time until all streams have it.
func (b benchStreams) events(t *terminal, author string, heard <-chan int, row *streamsRow) error {
	var all, answers, fanouts []float64
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for n := range b.Posts {
		begun, first := t.now(), time.Time{}
		answered := make(chan error, 1)
		var took time.Duration
		var posting sync.WaitGroup
		posting.Go(func() {
			err := b.write(t.ctx, author, fmt.Sprintf("Note %d: the assembly of yesterday decided to open the workshop on Saturdays.", n))
			took = t.now().Sub(begun)
			answered <- err
		})
		patience := time.After(30 * time.Second)
		for count := range b.Count {
			select {
			case row.Bytes = <-heard:
				if count == 0 {
					first = t.now()
				}
			case <-patience:
				return fmt.Errorf("post %d reached %d of %d streams", n+1, count, b.Count)
			}
		}
		last := t.now()
		if err := <-answered; err != nil {
			return err
		}
		posting.Wait()
		all, answers, fanouts = append(all, ms(last.Sub(begun))), append(answers, ms(took)), append(fanouts, ms(last.Sub(first)))
	}
	row.All, row.Answer, row.Fanout = spreadOf(all), spreadOf(answers), spreadOf(fanouts)
	return nil
}
