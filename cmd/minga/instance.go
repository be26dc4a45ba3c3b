// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"minga/coop"
	"minga/federation"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/mail"
	webpush "minga/outbox/push"
	"minga/outbox/translate"
	"minga/storage"
	"minga/storage/media"
	"minga/web"
)

// instance is one minga, wired: `serve` runs one, `demo` three, the tests
// several in one process.
type instance struct {
	config *Config
	log    *slog.Logger
	now    func() time.Time
	root   *os.Root
	// mediaRoot is the folder of files, or where they are written before they go to a
	// bucket.
	mediaRoot *os.Root
	// extraCA are certificates that are trusted besides the system's; PEM, may be nil.
	extraCA []byte

	store  *storage.Store
	client *federation.Client
	// providerClient asks the other provider alone; nil: there is none.
	providerClient *federation.Client
	// acmeClient asks the certificate authority alone; nil: there is none.
	acmeClient *federation.Client
	// translator has posts translated, by a client that asks its service alone; nil: none.
	translator       *translate.Translator
	translatorClient *federation.Client
	// acme fetches certificates; nil: they are files, or a proxy's.
	acme    *autocert.Manager
	inbox   *inbox.Inbox
	outbox  *outbox.Outbox
	push    *webpush.Sender
	metrics *metrics
	// telemetry is what is recorded for a collector; nil: nothing.
	telemetry *telemetry
	media     *media.Library
	handler   http.Handler
	doors     *web.Doors // the handler, and what it does besides
	pulse     *pulse
	leaving   atomic.Bool    // told to end, and still answering
	service   *service       // who started the program and wants to hear of it; may be nil
	plain     []net.Listener // where one is only led to the secure address
	glance    glance
	chosen    chosen

	// sleep waits between polite requests; nil: by the machine's timer.
	sleep func(ctx context.Context, d time.Duration) error
	// txt asks the DNS for TXT records; nil: the system's resolver.
	txt func(ctx context.Context, name string) ([]string, error)
	// names asks the DNS for the checks; nil: the system's resolver.
	names mail.Resolver
	// asked is where somebody asks for a look of this instance at itself.
	asked chan struct{}
	// newRSA makes the keys of accounts; nil: anew.
	newRSA func() (*rsa.PrivateKey, error)
	// unready is since when this instance is not ready; zero: it is. Of watchStaff alone.
	unready time.Time
	// live is the configuration as it was read last; nil: as at the start.
	live atomic.Pointer[Config]
	// reread reads the configuration again; nil: it is not.
	reread func() (*Config, error)
	// hangUp says that somebody wants it read again.
	hangUp <-chan os.Signal
	// noBackup changes the database of an older version without a backup.
	noBackup bool
	// meanwhile answers for this instance while its database is brought up to date, until
	// end is called; nil: nobody does.
	meanwhile func() (end func() error)
}

// openStore opens the data folder and the database, and brings the schema to
// where this program needs it.
func (i *instance) openStore(ctx context.Context) error {
	root, err := i.config.openDataDir()
	if err != nil {
		return err
	}
	i.root = root
	keys, made, err := i.config.secretKeys(root)
	if err != nil {
		return err
	}
	i.store, err = storage.Open(ctx, storage.Options{URL: i.config.DatabaseURL, Now: i.now, SecretKeys: keys, Reread: i.rereadKeys, Observe: i.metrics.queried, KeepEnded: i.keepsEnded, Rehearsal: i.config.Rehearsal})
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := i.migrate(ctx); err != nil {
		return err
	}
	return i.checkSecret(ctx, made)
}

// checkSecret refuses a key that is not the one of this database. One that was only just
// made is taken away again: the right one is missing.
func (i *instance) checkSecret(ctx context.Context, made bool) error {
	err := i.store.SecretKeyFits(ctx)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, storage.ErrSecretKey):
		return fmt.Errorf("secret key: %w", err)
	case made:
		return errors.Join(usage("%s is missing: this database is sealed with one; put it back, such as from a backup; without it the keys of all accounts are lost", i.config.secretFrom()), i.root.Remove(secretFile))
	}
	return usage("%s does not open what is sealed in this database: put back the one that belongs to it, such as from a backup; without it the keys of all accounts are lost", i.config.secretFrom())
}

// newInstance opens everything that an instance needs. What was opened is closed
// again when something later fails.
func newInstance(ctx context.Context, config *Config, log *slog.Logger, now func() time.Time, newRSA func() (*rsa.PrivateKey, error)) (*instance, error) {
	i := unopened(config, log, now, newRSA)
	return i, i.open(ctx)
}

// unopened is an instance of which nothing is open yet.
func unopened(config *Config, log *slog.Logger, now func() time.Time, newRSA func() (*rsa.PrivateKey, error)) *instance {
	return &instance{config: config, log: log, now: now, metrics: newMetrics(now), pulse: newPulse(now), newRSA: newRSA, asked: make(chan struct{}, 1)}
}

// open does it, step by step; at a failure everything is closed and i is of no use.
func (i *instance) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{i.openStore, i.checkNames, i.readSettings, i.openClient, i.openTelemetry, i.openCertificates, i.openRooms, i.openMedia, i.openPush, i.openTranslator, i.openDoors} {
		if err := step(ctx); err != nil {
			return errors.Join(err, i.close())
		}
	}
	return nil
}

// checkNames refuses another host or account domain than the database began with:
// both stand in ids that others keep, and never change.
func (i *instance) checkNames(ctx context.Context) error {
	self, err := i.store.InstanceAccount(ctx)
	if err == nil && self.IRI != coop.IRI(i.config.BaseURL()+"/actor") {
		return usage("this database is of %s, not of %s: host and scheme never change", strings.TrimSuffix(string(self.IRI), "/actor"), i.config.BaseURL())
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return fmt.Errorf("whose database it is: %w", err)
	}
	was, err := i.store.Setting(ctx, accountDomainSetting)
	switch {
	case err == nil && was != i.config.AccountDomain:
		return usage("handles of this database end in @%s, not in @%s: the account domain never changes", was, i.config.AccountDomain)
	case errors.Is(err, coop.ErrNotFound):
		return i.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.SetSetting(ctx, accountDomainSetting, i.config.AccountDomain)
		})
	}
	return err
}

// readSettings takes over what was chosen on a page where nothing above the database
// says it.
func (i *instance) readSettings(ctx context.Context) error {
	err := i.readChosen(ctx)
	i.config.Language = i.pick("default_language", i.config.Language)
	return err
}

// accountDomainSetting keeps the account domain that the first start was given.
const accountDomainSetting = "account_domain_was"

// mode is how unknown servers are treated.
func (i *instance) mode(context.Context) coop.FederationMode { return i.current().Mode }

// follows is how other federations may follow ours.
func (i *instance) follows(context.Context) inbox.FollowPolicy {
	return inbox.FollowPolicy(i.pick("federation_follows", i.current().FederationFollows))
}

// keepsEnded says whether what came through a follow outlives it in public lists.
func (i *instance) keepsEnded() bool {
	return i.pick("ended_follow", i.current().EndedFollow) == "keep"
}

// setting gives the rooms what is configured under a name.
func (i *instance) setting(_ context.Context, key string) string {
	switch key {
	case "federation_handle":
		return i.config.FederationHandle
	case "federation_name":
		return i.config.FederationName
	case "language":
		return i.pick("default_language", i.config.Language)
	case "job_days":
		return i.pick("job_days", strconv.Itoa(i.current().JobDays))
	case "search_max":
		return i.pick("search_max", strconv.Itoa(i.current().SearchMax))
	case "membership_decision":
		return i.pick("membership_decision", i.current().MembershipDecision)
	case "announce_jobs":
		return i.announces(coop.KindJob)
	case "announce_articles":
		return i.announces(coop.KindArticle)
	case "announce_requests":
		return i.announces(coop.KindRequest)
	default:
		return i.current().values[key].text
	}
}

// announces says whether the federation boosts members' posts of a kind.
func (i *instance) announces(kind coop.PostKind) string {
	for _, k := range i.current().Announce {
		if k == kind {
			return "on"
		}
	}
	return "off"
}

// close ends what newInstance opened.
func (i *instance) close() error {
	var errs []error
	if i.doors != nil {
		errs = append(errs, i.doors.Close())
	}
	for _, client := range []*federation.Client{i.client, i.providerClient, i.acmeClient, i.translatorClient} {
		if client != nil {
			client.Close()
		}
	}
	i.telemetry.close()
	i.translator.Close()
	if i.store != nil {
		errs = append(errs, i.store.Close())
	}
	if i.mediaRoot != nil {
		errs = append(errs, i.mediaRoot.Close())
	}
	if i.root != nil {
		errs = append(errs, i.root.Close())
	}
	return errors.Join(errs...)
}
