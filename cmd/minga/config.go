// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/web/auth"
	"minga/web/streaming"
)

// Config is the configuration as the rooms get it: checked, typed, complete.
type Config struct {
	Host          string // public host[:port]
	AccountDomain string
	Scheme        string // http or https
	Listen        string
	DatabaseURL   string
	DataDir       string
	Dev           bool
	AllowNets     []netip.Prefix
	AllowNetsSet  bool // a set list replaces what Dev opens
	CAFile        string
	CertFile      string
	KeyFile       string
	ACME          *acmeConfig // who gives certificates; nil: nobody
	AdminListen   string
	AdminAsked    bool // the admin listener was asked for, not only the default
	MetricsToken  string
	LogLevel      slog.Level
	LogFormat     string
	Journal       string // JOURNAL_STREAM: the file, as device:inode, that is systemd's journal
	SecretKeys    string // empty: secret.key in the data folder
	RateLimit     bool
	Requests      int // of people and apps at once; 0: by the cores
	Streams       streaming.Limits
	Proxies       []netip.Prefix
	Introducers   []netip.Prefix // proxies that begin connections with the PROXY protocol

	Mode              coop.FederationMode
	Rehearsal         bool // until it is promoted
	FederationName    string
	FederationHandle  string
	FederationFollows string
	EndedFollow       string // hide or keep
	// MembershipDecision is who admits co-ops: coordinator, or a method of the members.
	MembershipDecision string
	AuthorizedFetch    bool
	Language           string   // of pages for people who ask for none of Languages
	Languages          []string // of the pages, in the order of the switch
	Zone               *time.Location
	Registrations      coop.Registrations
	JobDays            int
	SearchMax          int
	BackfillArticles   int
	ArticleLicense     string
	Announce           []coop.PostKind
	SourceURL          string // where the source of the running program is; may be empty
	ContactEmail       string // whom people write to about this server; may be empty
	NodeinfoUpstream   bool   // NodeInfo names the model of the client API
	Mail               *mail.Server
	MailUrgent         bool                  // the staff is told at once what is broken
	MailWeekly         bool                  // and on Mondays what waits
	Provider           *auth.ProviderOptions // where people sign in too; nil: nowhere
	Demo               bool                  // every page says that its content is invented

	Translation *translationService // who translates for readers; nil: nobody

	Collector *collector // where traces go; nil: nothing is traced

	Media  mediaConfig
	Backup backupConfig

	values map[string]value
	level  *slog.LevelVar // of the log, as it counts now
}

// loadConfig reads every source and checks what it finds. Whatever is wrong is
// a usage error that names the key and where its value came from.
func loadConfig(flags *settingFlags, asked string, from lookups) (*Config, error) {
	file, err := configFile(asked, from)
	if err != nil {
		return nil, err
	}
	values, err := gather(flags, file, from)
	if err != nil {
		return nil, err
	}
	r := &configReader{values: values}
	c := &Config{values: values}
	c.Journal, _ = from.env("JOURNAL_STREAM")
	c.readServer(r)
	c.readACME(r)
	c.readNetwork(r)
	c.readFederation(r)
	c.readMail(r)
	c.readProvider(r)
	c.readMedia(r)
	c.readBackup(r)
	c.readTelemetry(r)
	c.readTranslation(r)
	if r.err != nil {
		return nil, r.err
	}
	return c, c.check(from)
}

// readServer reads where the instance is, what it keeps and how it speaks of it.
func (c *Config) readServer(r *configReader) {
	_, hosted := r.values["host"]
	c.Host = r.host("host", "localhost:8080")
	c.Dev = r.flag("dev", !hosted)
	scheme := "https"
	if !hosted {
		scheme = "http"
	}
	c.Scheme = r.oneOf("scheme", scheme, "http", "https")
	c.AccountDomain = r.host("account_domain", c.Host)
	c.Listen = r.text("listen", "localhost:8080")
	c.DataDir = r.text("data_dir", "")
	c.DatabaseURL = r.text("database_url", "")
	c.CertFile, c.KeyFile = r.text("tls_cert_file", ""), r.text("tls_key_file", "")
	_, c.AdminAsked = r.values["admin_listen"]
	c.AdminListen = r.text("admin_listen", "127.0.0.1:9090")
	c.MetricsToken = r.text("metrics_token", "")
	if err := c.LogLevel.UnmarshalText([]byte(r.text("log_level", "info"))); err != nil {
		r.fail("log_level", "is debug, info, warn or error")
	}
	c.LogFormat = r.oneOf("log_format", "", "", "text", "json")
	c.SecretKeys = r.text("secret_key", "")
}

// readNetwork reads what may be reached and who may ask.
func (c *Config) readNetwork(r *configReader) {
	_, c.AllowNetsSet = r.values["allow_nets"]
	c.AllowNets = r.nets("allow_nets")
	c.CAFile = r.text("tls_ca_file", "")
	c.RateLimit = r.flag("rate_limit", true)
	c.Requests = r.number("requests_at_once", 0, 1, 100_000)
	c.Streams = streaming.Limits{All: r.number("streams", 10_000, 1, 1_000_000), PerAccount: r.number("streams_per_person", 8, 1, 1_000_000)}
	c.Proxies = r.nets("trusted_proxies")
	c.Introducers = r.nets("proxy_protocol")
}

// admitters are the values of membership_decision.
var admitters = []string{"coordinator", "consent", "consensus", "majority", "two-thirds"}

// readFederation reads how the instance meets others and what it calls itself.
func (c *Config) readFederation(r *configReader) {
	c.Mode = coop.FederationMode(r.oneOf("federation_mode", "open", "open", "ask", "allowlist", "closed"))
	c.Rehearsal = r.flag("rehearsal", false)
	c.FederationName = r.text("federation_name", "")
	c.FederationHandle = r.text("federation_handle", "minga")
	c.FederationFollows = r.oneOf("federation_follows", "by-hand", "at-once", "allowed", "by-hand")
	c.EndedFollow = r.oneOf("ended_follow", "hide", "hide", "keep")
	c.MembershipDecision = r.oneOf("membership_decision", "coordinator", admitters...)
	c.AuthorizedFetch = r.flag("authorized_fetch", false)
	c.readLanguages(r)
	zone, err := time.LoadLocation(r.text("timezone", "UTC"))
	if err != nil {
		r.fail("timezone", "is the name of a zone such as Europe/Rome")
	}
	c.Zone = zone
	c.Registrations = coop.Registrations(r.oneOf("registration", "closed", "closed", "invite", "ask", "open"))
	c.JobDays = r.number("job_days", 45, 1, 90)
	c.SearchMax = r.number("search_max", coop.MaxSearches, 1, 200)
	c.BackfillArticles = r.number("backfill_articles", 50, 1, 2000)
	c.ArticleLicense = r.text("article_license", "https://creativecommons.org/licenses/by-sa/4.0/")
	for _, kind := range strings.FieldsFunc(r.text("announce", "job,article,request"), func(c rune) bool { return c == ',' || c == ' ' }) {
		if kind != string(coop.KindJob) && kind != string(coop.KindArticle) && kind != string(coop.KindRequest) {
			r.fail("announce", "%q is neither job, article nor request", kind)
		}
		c.Announce = append(c.Announce, coop.PostKind(kind))
	}
	c.SourceURL = r.text("source_url", "")
	c.NodeinfoUpstream = r.flag("nodeinfo_upstream", true)
	if c.ContactEmail = r.text("contact_email", ""); c.ContactEmail != "" && !coop.ValidMail(c.ContactEmail) {
		r.fail("contact_email", "is no mail address")
	}
}

// check holds what depends on more than one setting.
func (c *Config) check(from lookups) error {
	if c.Dev && publicName(c.Host) {
		return usage("MINGA_DEV=1 is refused for the public name %s: it would allow plain http and inside addresses", c.Host)
	}
	if c.Scheme == "http" && !c.Dev {
		return usage("MINGA_SCHEME=http needs MINGA_DEV=1: without https nobody can tell who sent what")
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return usage("MINGA_TLS_CERT_FILE and MINGA_TLS_KEY_FILE go together")
	}
	if c.Registrations.Mail() && c.Mail == nil {
		return usage("registration=%s needs a mail server (smtp_host): addresses are confirmed by mail", c.Registrations)
	}
	if c.AdminListen != "" && c.MetricsToken == "" && !loopback(c.AdminListen) {
		return usage("metrics on %s need MINGA_METRICS_TOKEN, because others can reach that address", c.AdminListen)
	}
	if c.DataDir == "" {
		c.DataDir = defaultDataDir(from)
	}
	if c.DatabaseURL == "" {
		path, err := filepath.Abs(filepath.Join(c.DataDir, "minga.db"))
		if err != nil {
			return fmt.Errorf("data folder %s: %w", c.DataDir, err)
		}
		c.DatabaseURL = "sqlite://" + path
	}
	if err := c.Media.check(c.DataDir); err != nil {
		return err
	}
	if scheme, _, _ := strings.Cut(c.DatabaseURL, "://"); scheme != "sqlite" && scheme != "postgres" && scheme != "postgresql" {
		return usage("database_url: want sqlite:///path/of/the/file or postgres://user@host/name")
	}
	return nil
}

// BaseURL is the address that ids begin with, without a slash at its end.
func (c *Config) BaseURL() string { return c.Scheme + "://" + c.Host }

// publicName tells whether a host may be somebody's on the internet: all but the
// names and addresses that are reserved for tests and inside networks.
func publicName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if addr, err := netip.ParseAddr(name); err == nil {
		return !addr.IsLoopback() && !addr.IsPrivate()
	}
	if name == "localhost" {
		return false
	}
	for _, reserved := range []string{".localhost", ".test", ".example", ".invalid", ".local", ".internal", ".home.arpa"} {
		if strings.HasSuffix(name, reserved) {
			return false
		}
	}
	return true
}

// loopback tells whether an address to listen on can be reached from this
// machine alone.
func loopback(listen string) bool {
	if strings.HasPrefix(listen, "unix:") {
		return true
	}
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// defaultDataDir is ./data for a program run from a checkout, systemd's state
// folder under systemd, else the XDG data folder.
func defaultDataDir(from lookups) string {
	if !installed(from) {
		return "data"
	}
	if dir, ok := from.env("STATE_DIRECTORY"); ok && dir != "" {
		return dir
	}
	if dir, ok := from.env("XDG_DATA_HOME"); ok && dir != "" {
		return filepath.Join(dir, "minga")
	}
	home, _ := from.env("HOME")
	return filepath.Join(home, ".local", "share", "minga")
}

// installed tells whether the program's own folder is on the path, or systemd
// started it.
func installed(from lookups) bool {
	if dir, ok := from.env("STATE_DIRECTORY"); ok && dir != "" {
		return true
	}
	program, err := os.Executable()
	if err != nil {
		return false
	}
	path, _ := from.env("PATH")
	return slices.Contains(filepath.SplitList(path), filepath.Dir(program))
}
