// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// A search may tell an address of its owner's of each match, by a POST that is signed as
// Standard Webhooks 1.0 says: `webhook-id`, `webhook-timestamp` and `webhook-signature`,
// an HMAC-SHA256 over the three parts joined by dots. The address is asked by the one
// client, so that no private address is reached and no redirect followed. A job that
// closed before its turn is not told of.

// taskHook is one match on its way to a webhook.
const taskHook = "outbox.webhook"

const (
	// giveUpHookAfter is how long one match is tried, endHookAfter how long a webhook may
	// fail before it is ended.
	giveUpHookAfter = 24 * time.Hour
	endHookAfter    = 7 * 24 * time.Hour
)

// hookCall is what the queue keeps of a match.
type hookCall struct {
	Search coop.ID   `json:"search"`
	Post   coop.ID   `json:"post"`
	Since  time.Time `json:"since"`
}

// addHook queues a match for a webhook.
func (o *Outbox) addHook(ctx context.Context, tx *storage.Tx, s *coop.SavedSearch, post coop.ID) error {
	payload, err := json.Marshal(hookCall{s.ID, post, o.now().UTC()})
	if err != nil {
		return err
	}
	return tx.AddTask(ctx, storage.Task{Kind: taskHook, Key: s.ID.String() + " " + post.String(), Payload: payload})
}

// RunHooks tells webhooks of matches until ctx ends; an error is the store's.
func (o *Outbox) RunHooks(ctx context.Context) error {
	return o.turns(ctx, storage.TopicTasks, o.StepHooks)
}

// StepHooks tells one webhook of one match, and says whether there was one. Errors are
// those of the store.
func (o *Outbox) StepHooks(ctx context.Context) (did bool, err error) {
	var claimed []storage.Task
	err = o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		claimed, err = tx.ClaimTasks(ctx, []string{taskHook}, 1, lease)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return false, err
	}
	defer func() {
		if v := recover(); v != nil {
			o.panicked(ctx, "webhook", v) // its lease runs out and it comes again
		}
	}()
	t := claimed[0]
	var call hookCall
	if err := json.Unmarshal(t.Payload, &call); err != nil {
		return true, o.store.Write(ctx, func(tx *storage.Tx) error { return tx.FailTask(ctx, t.ID, t.Fence, err.Error()) })
	}
	return true, o.settleHook(ctx, t, call, o.callHook(ctx, call))
}

// settleHook writes down what became of a call.
func (o *Outbox) settleHook(ctx context.Context, t storage.Task, call hookCall, failed error) error {
	ending := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	now := o.now()
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		if failed != nil && ending {
			return tx.PostponeTask(ctx, t.ID, t.Fence, now, nil, failed.Error())
		}
		if err := o.noteHook(ctx, tx, call, failed); err != nil {
			return err
		}
		switch {
		case failed == nil:
			return tx.FinishTask(ctx, t.ID, t.Fence)
		case now.Sub(call.Since) >= giveUpHookAfter:
			return tx.FailTask(ctx, t.ID, t.Fence, failed.Error())
		}
		return tx.PostponeTask(ctx, t.ID, t.Fence, now.Add(pause(t.Attempts, t.Key)), nil, failed.Error())
	})
	if failed != nil {
		o.log.LogAttrs(ctx, slog.LevelInfo, "webhook not told", slog.Int("attempt", t.Attempts), slog.Any("err", failed))
	}
	if errors.Is(err, storage.ErrLeaseLost) {
		return nil
	}
	return err
}

// noteHook notes whether a webhook answers. One that failed for a week is ended, and
// its owner told.
func (o *Outbox) noteHook(ctx context.Context, tx *storage.Tx, call hookCall, failed error) error {
	if err := tx.HoldSavedSearch(ctx, call.Search); err != nil {
		return err
	}
	s, err := tx.SavedSearch(ctx, 0, call.Search)
	if isNotFound(err) {
		return nil
	}
	if err != nil || s.Hook == "" {
		return err
	}
	now := o.now()
	switch {
	case failed == nil && s.HookFailed.IsZero():
		return nil
	case failed == nil:
		s.HookFailed = time.Time{}
	case s.HookFailed.IsZero():
		s.HookFailed = now
	case now.Sub(s.HookFailed) < endHookAfter:
		return nil
	default:
		s.Hook, s.HookFailed = "", time.Time{}
		if err := o.tellHookEnded(ctx, tx, s); err != nil {
			return err
		}
	}
	return tx.SaveSavedSearch(ctx, s)
}

// tellHookEnded lets the owner of a webhook know that it is told no more.
func (o *Outbox) tellHookEnded(ctx context.Context, tx *storage.Tx, s *coop.SavedSearch) error {
	a, err := tx.Account(ctx, s.AccountID)
	if err != nil || a.Gone() {
		return err
	}
	return o.tell(ctx, tx, a, o.words.Say(a.Language, "search_hook_ended", map[string]string{"What": s.Name, "Link": o.o.Local.root() + "/searches"}))
}

// callHook tells a webhook of a match; nil also where nobody wants to hear of it.
func (o *Outbox) callHook(ctx context.Context, call hookCall) error {
	s, err := o.store.SavedSearch(ctx, 0, call.Search)
	if isNotFound(err) || err == nil && s.Hook == "" {
		return nil
	}
	if err != nil {
		return err
	}
	owner, err := o.store.Account(ctx, s.AccountID)
	if err != nil || owner.Gone() {
		return err
	}
	answers, err := o.store.JobsThatAnswer(ctx, s.Asked(), o.o.Local.AccountDomain, []coop.ID{call.Post})
	if err != nil || len(answers) == 0 {
		return err
	}
	post, err := o.store.Post(ctx, coop.Anonymous(), call.Post)
	if err != nil {
		return err
	}
	body, err := json.Marshal(o.hookBody(s, post))
	if err != nil {
		return err
	}
	secret, err := o.store.Secret(ctx, storage.SavedSecret(s.ID, storage.SecretHook))
	if err != nil {
		return err
	}
	return o.postHook(ctx, s.Hook, "match_"+s.ID.String()+"_"+post.ID.String(), string(secret), body)
}

// postHook sends a signed call.
func (o *Outbox) postHook(ctx context.Context, address, id, secret string, body []byte) error {
	at := strconv.FormatInt(o.now().Unix(), 10)
	answer, err := o.o.Client.Push(ctx, address, http.Header{
		"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {"v1," + signHook(secret, id, at, body)},
	}, body)
	var wrong *federation.Error
	if errors.As(err, &wrong) && wrong.Kind == federation.KindRehearsal {
		return nil // nobody is told later what happened in a rehearsal
	}
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return answer.Err()
}

// signHook is the signature of a call: HMAC-SHA256 in Base64, by what stands behind
// whsec_ in the secret.
func signHook(secret, id, at string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		key = []byte(secret)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hookMatch is what a webhook is told, version 1.
type hookMatch struct {
	Type   string     `json:"type"` // job.matched
	At     time.Time  `json:"timestamp"`
	Search hookSearch `json:"search"`
	Job    hookJob    `json:"job"`
}

// hookSearch is the search that found a job.
type hookSearch struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// hookJob is the job: enough to decide whether to look.
type hookJob struct {
	ID       string    `json:"id"`
	URI      string    `json:"uri"` // of its ActivityPub object
	URL      string    `json:"url"` // its page here
	Title    string    `json:"title"`
	Coop     string    `json:"coop"`
	Language string    `json:"language"`
	Facts    []string  `json:"facts"` // in words of that language
	Posted   string    `json:"posted"`
	ClosesAt time.Time `json:"closes_at"`
}

// hookBody is a match in these words.
func (o *Outbox) hookBody(s *coop.SavedSearch, p *coop.Post) hookMatch {
	m := hookMatch{
		Type: "job.matched", At: o.now().UTC(), Search: hookSearch{s.ID.String(), s.Name, o.o.Local.root() + "/jobs?" + s.Query},
		Job: hookJob{
			ID: p.ID.String(), URI: string(p.IRI), URL: o.jobPage(p), Title: p.Job.Title, Language: p.Language,
			Facts: o.words.Card(p.Language, p.Job), Posted: p.Job.DatePosted, ClosesAt: p.Job.ValidThrough.UTC(),
		},
	}
	if p.Author != nil {
		m.Job.Coop = shownName(p.Author)
	}
	return m
}
