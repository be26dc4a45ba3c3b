// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
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
	"minga/federation/signature"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/mail"
	webpush "minga/outbox/push"
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
	// noBackup changes the database of an older version without a backup; before is the one
	// that was made, if there is one.
	noBackup bool
	before   string
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
	keys, err := i.config.secretKeys(root)
	if err != nil {
		return err
	}
	i.store, err = storage.Open(ctx, storage.Options{URL: i.config.DatabaseURL, Now: i.now, SecretKeys: keys, Reread: i.rereadKeys, Observe: i.metrics.queried})
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := i.migrate(ctx); err != nil {
		return err
	}
	if err := i.store.SecretKeyFits(ctx); errors.Is(err, storage.ErrSecretKey) {
		return usage("%s does not open what is sealed in this database: put back the one that belongs to it, such as from a backup; without it the keys of all accounts are lost", i.config.secretFrom())
	} else if err != nil {
		return fmt.Errorf("secret key: %w", err)
	}
	return nil
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
	for _, step := range []func(context.Context) error{i.openStore, i.checkNames, i.readSettings, i.openClient, i.openTelemetry, i.openCertificates, i.openRooms, i.openMedia, i.openPush, i.openDoors} {
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

// openClient makes the one client for what goes out. It signs reads as the
// instance actor.
func (i *instance) openClient(context.Context) error {
	if i.config.CAFile != "" {
		text, err := os.ReadFile(i.config.CAFile)
		if err != nil {
			return usage("MINGA_TLS_CA_FILE: %v", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return usage("MINGA_TLS_CA_FILE %s holds no certificate", i.config.CAFile)
		}
		i.extraCA = text
	}
	client, err := federation.New(federation.Options{
		UserAgent: "minga/" + version + " (+" + i.config.BaseURL() + ")",
		OwnHosts:  []string{i.config.Host, i.config.AccountDomain},
		Dev:       i.config.Dev, AllowNets: i.config.AllowNets, ExtraCA: i.extraCA,
		Blocked: i.judged, Sign: i.signRead, SignAgain: i.signReadAgain, Now: i.now,
	})
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	i.client = client
	return nil
}

// signRead signs a GET as the instance actor, with the form that every server
// verifies.
func (i *instance) signRead(r *http.Request) error { return i.signAs(r, signature.Cavage) }

// signReadAgain is for servers that refuse that form: Fedify leaves the query out of
// what it verifies there, so that no page of its collections could be read.
func (i *instance) signReadAgain(r *http.Request) error { return i.signAs(r, signature.RFC9421RSA) }

// signAs signs a GET with the instance actor's RSA key.
func (i *instance) signAs(r *http.Request, form signature.Form) error {
	key, err := i.outbox.InstanceKey(r.Context())
	if err != nil {
		return err
	}
	return signature.Sign(r, nil, key, form, i.now())
}

// judged tells whether nothing may be asked of a server. An error is the store's: what
// cannot be decided is not done, and not given up either.
func (i *instance) judged(ctx context.Context, host string) (bool, error) {
	peer, err := i.store.Peer(ctx, host)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return true, fmt.Errorf("policy towards %s: %w", host, err)
	}
	return coop.Decide(i.mode(ctx), peer, i.now()) == coop.Refuse, nil
}

// blocked is judged for what is shown: nothing, while nobody knows.
func (i *instance) blocked(ctx context.Context, host string) bool {
	refuse, err := i.judged(ctx, host)
	return refuse || err != nil
}

// mode is how unknown servers are treated.
func (i *instance) mode(context.Context) coop.FederationMode { return i.current().Mode }

// follows is how other federations may follow ours.
func (i *instance) follows(context.Context) inbox.FollowPolicy {
	return inbox.FollowPolicy(i.pick("federation_follows", i.current().FederationFollows))
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

// openRooms makes the inbox and the outbox and lets the one answer through the other.
func (i *instance) openRooms(ctx context.Context) error {
	var err error
	i.outbox, err = outbox.New(outbox.Options{
		Store: i.store, Client: i.client, Now: i.now, Log: i.log, Setting: i.setting, Counter: i.metrics, Tracer: i.tracer(), Alive: i.pulse.outboxBeat, Panicked: i.panicked,
		Mail: i.mailServer(), MailCA: i.extraCA,
		Find: finder{i}, NewRSA: i.newRSA,
		Local: outbox.Local{Scheme: i.config.Scheme, Host: i.config.Host, AccountDomain: i.config.AccountDomain},
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
		Language: i.config.Language, Zone: i.config.Zone, Version: version, Demo: i.config.Demo, SourceURL: i.config.SourceURL, Contact: i.config.ContactEmail, Upstream: i.config.NodeinfoUpstream, License: i.config.ArticleLicense,
		Proxies: i.config.Proxies, RateLimit: i.config.RateLimit, Requests: i.config.Requests, Streams: i.config.Streams, AuthorizedFetch: i.config.AuthorizedFetch, StaffFactors: !i.config.Dev, Provider: provider,
		Media: i.media, Push: i.push, Client: i.client, Blocked: i.blocked, Registrations: i.config.Registrations,
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

// close ends what newInstance opened.
func (i *instance) close() error {
	var errs []error
	if i.doors != nil {
		errs = append(errs, i.doors.Close())
	}
	for _, client := range []*federation.Client{i.client, i.providerClient, i.acmeClient} {
		if client != nil {
			client.Close()
		}
	}
	i.telemetry.close()
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
