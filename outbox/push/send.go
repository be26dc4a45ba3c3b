// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/origin"
	"minga/storage"
)

const (
	// messageLife is how long a message is of use, and how long a push service keeps it
	// for an app that is not there (TTL, RFC 8030 §5.2).
	messageLife = 48 * time.Hour
	// exchangeTime is for one request to a push service.
	exchangeTime = 15 * time.Second
	// urgency is that of a chat or a calendar (RFC 8030 §5.3).
	urgency = "normal"
)

// outcome is what a turn of a message came to; the names are those of the counter.
type outcome string

const (
	sent    outcome = "sent"    // it was taken
	void    outcome = "void"    // it need not be sent any more
	later   outcome = "later"   // its host is busy or rests: nothing was sent
	again   outcome = "again"   // it may work later
	refused outcome = "refused" // it never will
	dropped outcome = "dropped" // nothing ever will: the subscription ends
)

// result is an outcome, how long to wait at least before the next turn, and why.
type result struct {
	outcome outcome
	wait    time.Duration
	until   time.Time // of later
	host    bool      // the whole host fails
	err     error
}

// message sends what a task names, as far as it may be told now.
func (s *Sender) message(ctx context.Context, subscription, notification coop.ID) (*storage.PushMessage, result) {
	m, err := s.store.PushMessage(ctx, subscription, notification)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return nil, result{outcome: void}
	case errors.Is(err, storage.ErrSecretKey):
		return nil, result{outcome: dropped, err: err}
	case err != nil:
		return nil, result{outcome: again, err: err}
	}
	if s.now().Sub(m.Notification.CreatedAt) >= messageLife {
		return m, result{outcome: void}
	}
	host, err := origin.Host(m.Subscription.Endpoint)
	if err != nil {
		return m, result{outcome: dropped, err: err}
	}
	itself := "subscription " + subscription.String()
	leave, at := s.hosts.enter(host, itself, s.now())
	if leave == nil {
		return m, result{outcome: later, until: at}
	}
	defer leave()
	r := s.send(ctx, m)
	switch {
	case r.host:
		s.hosts.fails(host, r.wait, s.now())
	case r.wait > 0:
		s.hosts.fails(itself, r.wait, s.now())
	default:
		s.hosts.works(host, itself)
	}
	return m, r
}

// send makes the request, with fewer words where the message is too long.
func (s *Sender) send(ctx context.Context, m *storage.PushMessage) (r result) {
	for _, most := range lengths {
		text, err := s.write(ctx, m, most)
		if err != nil {
			return result{outcome: refused, err: err}
		}
		answer, err := s.exchange(ctx, m, text)
		if err == nil {
			err = answer.Err()
		}
		if r = judge(err); answer == nil || answer.Status != http.StatusRequestEntityTooLarge {
			return r
		}
	}
	return r
}

// exchange encrypts a message, proves who sends it, and posts it (RFC 8030 §5).
func (s *Sender) exchange(ctx context.Context, m *storage.PushMessage, text []byte) (*federation.Response, error) {
	box, err := seal(&m.Subscription, text)
	if err != nil {
		return nil, err
	}
	audience, err := origin.Of(m.Subscription.Endpoint)
	if err != nil {
		return nil, err
	}
	k := s.keyNow(ctx)
	proof, err := k.proof(claims{Audience: audience, Expires: s.now().Add(proofLife).Unix(), Subject: s.subject()})
	if err != nil {
		return nil, err
	}
	h := box.header
	h.Set("Content-Type", "application/octet-stream")
	h.Set("TTL", strconv.Itoa(int((messageLife - s.now().Sub(m.Notification.CreatedAt)).Seconds())))
	h.Set("Urgency", urgency)
	k.sign(h, m.Subscription.Standard, proof)
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	return s.o.Client.Push(ctx, m.Subscription.Endpoint, h, box.body)
}

// sign adds the proof and its key: together (RFC 8292 §3), or the key beside that of
// the encryption (draft-ietf-webpush-vapid-01 §2.4 and §4).
func (k *key) sign(h http.Header, standard bool, proof string) {
	if standard {
		h.Set("Authorization", "vapid t="+proof+",k="+k.public)
		return
	}
	h.Set("Authorization", "WebPush "+proof)
	h.Set("Crypto-Key", h.Get("Crypto-Key")+";p256ecdsa="+k.public)
}

// judge says what an answer, or none, means.
func judge(err error) result {
	if err == nil {
		return result{outcome: sent}
	}
	r := result{outcome: refused, err: err}
	var e *federation.Error
	if !errors.As(err, &e) {
		return r // it cannot be encrypted, or signed
	}
	r.wait = e.RetryAfter
	switch {
	case e.Kind == federation.KindCanceled || e.Kind == federation.KindBusy:
		r.outcome = later
	case e.Kind == federation.KindRehearsal:
		r.outcome = void // nobody is told later what happened in a rehearsal
	case e.Kind == federation.KindAddress || e.Kind == federation.KindURL || e.Kind == federation.KindOwn || e.Kind == federation.KindBlocked:
		r.outcome = dropped
	case e.Kind == federation.KindStatus:
		r.outcome, r.host = judgeStatus(e.Status), e.Status == http.StatusServiceUnavailable
	case e.HostFault():
		r.outcome, r.host = again, true
	}
	if r.outcome != again {
		r.wait = 0
	}
	return r
}

// judgeStatus says what a status that is no success means (RFC 8030 §5.1, §7.3, §8.4).
func judgeStatus(status int) outcome {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return dropped
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return again
	}
	if status >= 500 {
		return again
	}
	return refused
}
