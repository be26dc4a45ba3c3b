// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/web"
)

// reloadable are the settings that count without a restart, once the configuration was
// read again. Certificates are read again when their files change, whoever asks.
var reloadable = []string{
	"log_level", "trusted_proxies", "rate_limit", "federation_mode", "federation_follows", "ended_follow", "membership_decision", "announce",
	"job_days", "search_max", "admin_mail", "smtp_url", "smtp_host", "smtp_port", "smtp_user", "smtp_password", "smtp_from", "smtp_tls", "mail_from",
}

// reloads tells whether a setting counts without a restart.
func reloads(key string) bool { return slices.Contains(reloadable, key) }

// reloaded says what reading the configuration again did.
type reloaded struct {
	Taken   []string `json:"taken"`   // settings that count now
	Restart []string `json:"restart"` // settings that changed and want a restart
	Problem string   `json:"problem,omitempty"`
}

// current is the configuration as it counts now.
func (i *instance) current() *Config {
	if c := i.live.Load(); c != nil {
		return c
	}
	return i.config
}

// reload reads the configuration again and takes up what it can. A configuration with a
// mistake changes nothing.
func (i *instance) reload(ctx context.Context) reloaded {
	i.service.reloading()
	defer i.service.ready()
	was := i.current()
	now, err := i.reread()
	if err != nil {
		i.log.ErrorContext(ctx, "configuration not read again", "err", err)
		return reloaded{Problem: err.Error()}
	}
	did := i.takeUp(was, now)
	i.log.InfoContext(ctx, "configuration read again", "taken", strings.Join(did.Taken, " "), "restart", strings.Join(did.Restart, " "))
	return did
}

// takeUp lets what may change without a restart count.
func (i *instance) takeUp(was, now *Config) reloaded {
	did := reloaded{Taken: []string{}, Restart: []string{}}
	for _, key := range settingKeys() {
		if was.values[key].text == now.values[key].text {
			continue
		}
		if reloads(key) {
			did.Taken = append(did.Taken, key)
		} else {
			did.Restart = append(did.Restart, key)
		}
	}
	i.live.Store(now)
	if i.config.level != nil {
		i.config.level.Set(now.LogLevel)
	}
	i.doors.Reload(web.Reloaded{Proxies: now.Proxies, RateLimit: now.RateLimit})
	mailed := func(key string) bool { return strings.HasPrefix(key, "smtp_") || key == "mail_from" }
	if slices.ContainsFunc(did.Taken, mailed) && !i.outbox.UseMail(i.mailServer()) {
		for _, key := range did.Taken {
			if mailed(key) {
				did.Restart = append(did.Restart, key) // there was no mail server, or there is none any more
			}
		}
		did.Taken = slices.DeleteFunc(did.Taken, mailed)
	}
	return did
}

// The command line asks the servers of a database by a row of it, and they answer by
// another: that works from another container too, and reaches every node.
const (
	reloadAsked = "reload_asked"
	reloadDone  = "reload_done"
	reloadPoll  = 2 * time.Second
)

// heedReload reads the configuration again at each SIGHUP, and when the command line asks.
func (i *instance) heedReload(ctx context.Context) error {
	last, err := i.store.Setting(ctx, reloadAsked)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	turn := time.NewTicker(reloadPoll)
	defer turn.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-i.hangUp:
			i.reload(ctx)
		case <-turn.C:
			asked, err := i.store.Setting(ctx, reloadAsked)
			if err != nil || asked == last {
				continue // a database that is away is told of elsewhere
			}
			last = asked
			if err := i.answerReload(ctx, asked, i.reload(ctx)); err != nil && ctx.Err() == nil {
				i.log.ErrorContext(ctx, "answer not written", "err", err)
			}
		}
	}
}

// reloadAnswer is what a server says to who asked.
type reloadAnswer struct {
	Asked string `json:"asked"`
	reloaded
}

// answerReload writes it down.
func (i *instance) answerReload(ctx context.Context, asked string, did reloaded) error {
	text, err := json.Marshal(reloadAnswer{asked, did})
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return i.store.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, reloadDone, string(text)) })
}

// configReload is `minga config reload`.
type configReload struct{}

// reloadPatience is how long a server may take to answer.
const reloadPatience = 15 * time.Second

// Run looks first whether the configuration is good as it is read here, and then asks the
// server; without a server that answers it says to try again later.
func (configReload) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		asked := t.now().UTC().Format(time.RFC3339Nano)
		entry := coop.AuditEntry{At: i.now(), Who: byCommand, Act: "config.reload"}
		err := i.store.Write(t.ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.SetSetting(t.ctx, reloadAsked, asked), tx.AddAudit(t.ctx, &entry))
		})
		if err != nil {
			return err
		}
		answer, err := i.awaitReload(t.ctx, asked)
		if err != nil {
			return err
		}
		if answer.Problem != "" {
			return errors.New(answer.Problem)
		}
		return t.print(answer.reloaded, func(w io.Writer) {
			fmt.Fprintf(w, "counts now: %s\nwants a restart: %s\n", listed(answer.Taken), listed(answer.Restart))
		})
	})
}

// listed are words in a line.
func listed(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}

// awaitReload waits for the answer of a server.
func (i *instance) awaitReload(ctx context.Context, asked string) (reloadAnswer, error) {
	for end := i.now().Add(reloadPatience); i.now().Before(end); {
		var answer reloadAnswer
		text, err := i.store.Setting(ctx, reloadDone)
		if err == nil && json.Unmarshal([]byte(text), &answer) == nil && answer.Asked == asked {
			return answer, nil
		}
		if !pause(ctx, 100*time.Millisecond) {
			return reloadAnswer{}, ctx.Err()
		}
	}
	return reloadAnswer{}, fmt.Errorf("no server answered; it reads its configuration when it starts: %w", coop.ErrUnavailable)
}
