// SPDX-License-Identifier: AGPL-3.0-or-later

package streaming

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"minga/coop"
)

// Why a stream ended.
var (
	errStopped = errors.New("the program stops")
	errRights  = errors.New("the token is not good any more")
	errSlow    = errors.New("what arrives is not read")
	errFlood   = errors.New("too many messages")
	errBinary  = errors.New("a message that is no text")
	errLeft    = errors.New("the client left")
	errFault   = errors.New("a fault of the server")
)

// waiting is how many frames may wait for the reader of one stream.
const waiting = 128

// stream is one connection that listens.
type stream struct {
	account, person, token coop.ID
	roles                  []coop.Role // of person in account, where a person acts for another; see [stream.speaks]
	language               string
	scopes                 []string
	events                 bool // server-sent events, not a WebSocket

	out  chan []byte   // frames to be written
	beat chan struct{} // receives when a sign of life is due
	ctx  context.Context
	end  context.CancelCauseFunc

	subs map[topic]*sub // under the hub's lock
}

// sub is a topic that a stream listens to.
type sub struct {
	*stream
	topic topic
	label string // JSON of the frame's stream
}

// newStream makes a stream that ends with ctx.
func newStream(ctx context.Context, token *coop.Token, account *coop.Account, events bool) *stream {
	s := &stream{
		account: account.ID, person: token.PersonID, token: token.ID, roles: token.Roles, language: account.Language, scopes: token.Scopes, events: events,
		out: make(chan []byte, waiting), beat: make(chan struct{}, 1), subs: map[topic]*sub{},
	}
	s.ctx, s.end = context.WithCancelCause(ctx)
	return s
}

// speaks tells whether a person listens in the name of another account: then their
// roles there say what they hear.
func (s *stream) speaks() bool { return s.person != 0 && s.person != s.account }

// hearsDirect tells whether direct posts are there for who listens.
func (s *stream) hearsDirect() bool {
	return !s.speaks() || !coop.ViewerFor(s.account, s.roles).NoDirect
}

// hearing are the subscriptions of who may hear of a post of an audience.
func hearing(subs []*sub, audience coop.Visibility) []*sub {
	if audience != coop.VisibleDirect {
		return subs
	}
	return slices.DeleteFunc(slices.Clone(subs), func(x *sub) bool { return !x.hearsDirect() })
}

// send gives a frame to the writer. Nobody waits for a slow reader: it is dropped, and
// reads the timeline when it comes again.
func (s *stream) send(frame []byte) {
	select {
	case s.out <- frame:
	default:
		s.end(errSlow)
	}
}

// message is one event for whom it is the same: with the same words, by the same door and
// under the same label it is written once.
type message struct {
	event   string
	payload []byte // JSON, an id, or nothing
	frames  map[string][]byte
}

// to sends the message to one subscription.
func (m *message) to(x *sub) {
	label := x.label
	if x.events {
		label = ""
	}
	frame, ready := m.frames[label]
	if !ready {
		if x.events {
			frame = m.eventFrame()
		} else {
			frame = m.socketFrame(label)
		}
		if m.frames == nil {
			m.frames = map[string][]byte{}
		}
		m.frames[label] = frame
	}
	x.send(frame)
}

// socketFrame is the message as the text of a WebSocket: its payload is JSON in a string.
func (m *message) socketFrame(label string) []byte {
	var b bytes.Buffer
	b.Grow(len(m.payload)*5/4 + 100)
	b.WriteString(`{"stream":` + label + `,"event":` + strconv.Quote(m.event))
	if m.payload != nil {
		b.WriteString(`,"payload":`)
		b.Write(quoted(m.payload))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// quoted is a text as a JSON string.
func quoted(text []byte) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(string(text)); err != nil {
		return []byte(`""`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// eventFrame is the message as a server-sent event. An event without data would not reach
// who listens (WHATWG HTML §9.2.6).
func (m *message) eventFrame() []byte {
	payload := m.payload
	if payload == nil {
		payload = []byte("{}")
	}
	return []byte("event: " + m.event + "\ndata: " + string(payload) + "\n\n")
}
