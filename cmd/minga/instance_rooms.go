// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"

	"minga/coop"
	"minga/inbox"
	"minga/outbox"
	webpush "minga/outbox/push"
	"minga/storage/media"
	"minga/web"
)

// openRooms makes the inbox and the outbox and lets the one answer through the other.
func (i *instance) openRooms(ctx context.Context) error {
	var err error
	i.outbox, err = outbox.New(outbox.Options{
		Store: i.store, Client: i.client, Now: i.now, Log: i.log, Setting: i.setting, Counter: i.metrics, Tracer: i.tracer(), Alive: i.pulse.outboxBeat, Panicked: i.panicked,
		Asked: i.isAsked,
		Mail:  i.mailServer(), MailCA: i.extraCA,
		Find: finder{i}, NewRSA: i.newRSA,
		Local: outbox.Local{Scheme: i.config.Scheme, Host: i.config.Host, AccountDomain: i.config.AccountDomain, MediaURL: i.config.Media.URL},
	})
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	i.inbox, err = inbox.New(inbox.Options{
		Store: i.store, Client: i.client, Now: i.now, Log: i.log, Mode: i.mode, Answers: i.outbox, Counter: i.metrics, Tracer: i.tracer(), Alive: i.pulse.inboxBeat, Panicked: i.panicked,
		Local:    inbox.Local{Scheme: i.config.Scheme, Host: i.config.Host, AccountDomain: i.config.AccountDomain},
		HostRate: i.hostRate(), Follows: i.follows, Sleep: i.sleep, BackfillArticles: i.config.BackfillArticles,
		TXT: i.askTXT(), Files: teamFiles{i}, Zone: i.config.Zone,
	})
	if err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	return i.outbox.EnsureInstance(ctx)
}

// isAsked says whether somebody waits for an answer of this process. It has doors only
// while it serves.
func (i *instance) isAsked() bool { return i.doors != nil && i.doors.Asked() }

// askTXT is how the DNS is asked; in development it is not, unless tests say how.
func (i *instance) askTXT() func(ctx context.Context, name string) ([]string, error) {
	if i.txt == nil && !i.config.Dev {
		return net.DefaultResolver.LookupTXT
	}
	return i.txt
}

// finder looks up for the outbox whom imported files name: the inbox is made after it.
type finder struct{ i *instance }

// ByHandle is [inbox.Inbox.ByHandle].
func (f finder) ByHandle(ctx context.Context, h coop.Handle) (*coop.Account, error) {
	return f.i.inbox.ByHandle(ctx, h)
}

// Open is [inbox.Inbox.Open].
func (f finder) Open(ctx context.Context, address coop.IRI) (*coop.Account, *coop.Post, error) {
	return f.i.inbox.Open(ctx, address)
}

// teamFiles keeps the files of teams for the inbox: the library is opened after it.
type teamFiles struct{ i *instance }

// KeepSealed is [media.Library.KeepSealed].
func (f teamFiles) KeepSealed(ctx context.Context, called string, body io.Reader, most int64) (media.Sealed, error) {
	return f.i.media.KeepSealed(ctx, called, body, most)
}

// DropSealed is [media.Library.DropSealed].
func (f teamFiles) DropSealed(ctx context.Context, names ...string) {
	f.i.media.DropSealed(ctx, names...)
}

// openPush makes what tells apps of notifications while they are closed.
func (i *instance) openPush(ctx context.Context) (err error) {
	i.push, err = webpush.New(ctx, webpush.Options{
		Store: i.store, Client: i.client, Now: i.now, Log: i.log, Base: i.config.BaseURL(), Contact: i.config.ContactEmail,
		Language: i.config.Language, Icon: i.avatar, Counter: i.metrics, Panicked: i.panicked,
	})
	if err != nil {
		return fmt.Errorf("web push: %w", err)
	}
	return nil
}

// avatar is where apps get the picture of an account from.
func (i *instance) avatar(a *coop.Account) string {
	return cmp.Or(i.media.Links().Avatar(a), i.config.BaseURL()+"/assets/avatar.svg")
}

// hostRate bounds what one server may send in a minute; switched off with the
// other rate limits.
func (i *instance) hostRate() int {
	if i.config.RateLimit {
		return 0
	}
	return -1
}

// panicked is told of a panic that a room contained.
func (i *instance) panicked(value any, stack []byte) {
	i.log.Error("panic contained", "err", value, "stack", string(stack))
}

// openDoors makes the handler of the public listener.
func (i *instance) openDoors(context.Context) error {
	provider, err := i.openProvider()
	if err != nil {
		return err
	}
	doors, err := web.New(web.Options{
		Store: i.store, Inbox: i.inbox, Outbox: i.outbox, Now: i.now, Log: i.log,
		Scheme: i.config.Scheme, Host: i.config.Host, AccountDomain: i.config.AccountDomain,
		Language: i.config.Language, Languages: i.config.Languages, Zone: i.config.Zone, Version: version, Demo: i.config.Demo, SourceURL: i.config.SourceURL, Contact: i.config.ContactEmail, Upstream: i.config.NodeinfoUpstream, License: i.config.ArticleLicense,
		Proxies: i.config.Proxies, RateLimit: i.config.RateLimit, Requests: i.config.Requests, Streams: i.config.Streams, AuthorizedFetch: i.config.AuthorizedFetch, StaffFactors: !i.config.Dev, Provider: provider,
		Media: i.media, Push: i.push, Translator: i.translator, Client: i.client, Blocked: i.blocked, Registrations: i.config.Registrations,
		Checks: i.checks, Examine: i.examineSoon, DataDir: i.config.DataDir, Settings: shownSettings{i},
		Ready: i.ready, Metric: i.metrics.answered, Tracer: i.tracer(), Mode: func() coop.FederationMode { return i.current().Mode },
	})
	if err != nil {
		return fmt.Errorf("doors: %w", err)
	}
	i.handler, i.doors = doors, doors
	i.metrics.streams(doors.OpenStreams)
	i.metrics.load(doors.Load)
	return nil
}
