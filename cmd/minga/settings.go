// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/rsa"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// settingFlags is every setting of minga, once: its flag here, its key in the
// TOML file (underscores for hyphens), its name in the environment (MINGA_ and
// upper case). The precedence is flag, environment, file, default.
type settingFlags struct {
	Host               *string `help:"Public host[:port] as it stands in ids; never changes once something was delivered. Default: localhost:8080." placeholder:"HOST"`
	AccountDomain      *string `help:"Domain in handles, if it is another than the host." placeholder:"DOMAIN"`
	Listen             *string `help:"Address and port to listen on. Default: localhost:8080." placeholder:"ADDR"`
	Scheme             *string `help:"Scheme in ids: https, or http in development only." placeholder:"SCHEME"`
	DatabaseURL        *string `help:"sqlite:///path or postgres://…. Default: SQLite in the data folder." placeholder:"URL" secret:"url"`
	DataDir            *string `help:"Folder of database, media, keys." placeholder:"DIR"`
	Dev                *string `help:"1 allows plain http, loopback peers and any port; refused when the host is a public name." placeholder:"1"`
	AllowNets          *string `help:"Networks (CIDR list) that outgoing requests may reach although private." placeholder:"CIDRS"`
	TLSCAFile          *string `name:"tls-ca-file" help:"Extra certificate authorities for outgoing requests (PEM)." placeholder:"FILE"`
	TLSCertFile        *string `name:"tls-cert-file" help:"Certificate to serve with; read again when it changes." placeholder:"FILE"`
	TLSKeyFile         *string `name:"tls-key-file" help:"Key of that certificate." placeholder:"FILE"`
	AcmeEmail          *string `help:"Mail address for a certificate authority (ACME), from which this server fetches its certificates itself; empty: it does not." placeholder:"ADDRESS"`
	AcmeDirectory      *string `help:"Address of that authority's directory. Default: Let's Encrypt." placeholder:"URL"`
	AdminListen        *string `help:"Address of metrics and pprof; empty: off. Default: 127.0.0.1:9090." placeholder:"ADDR"`
	MetricsToken       *string `help:"Bearer token for metrics on an address that is not loopback." placeholder:"TOKEN" secret:"all"`
	OTELEndpoint       *string `name:"otel-endpoint" help:"Collector that traces go to (OTLP over HTTP), such as http://127.0.0.1:4318, or https://name:password@host; empty: nothing is traced." placeholder:"URL" secret:"url"`
	LogLevel           *string `help:"debug, info, warn or error. Default: info." placeholder:"LEVEL"`
	LogFormat          *string `help:"text or json. Default: text on a terminal." placeholder:"FORMAT"`
	SecretKey          *string `help:"Key that encrypts private keys at rest: 32 bytes in base64, the newest first when several are given. Default: secret.key in the data folder, made at the first start." placeholder:"KEY" secret:"all"`
	RateLimit          *string `help:"on or off. Default: on." placeholder:"ON"`
	RequestsAtOnce     *string `help:"Requests of people and apps that are worked on at once on one node. Default: 16 for each core." placeholder:"N"`
	Streams            *string `help:"Streams of apps that may be open at once on one node. Default: 10000." placeholder:"N"`
	StreamsPerPerson   *string `help:"Streams of one person on one node. Default: 8." placeholder:"N"`
	TrustedProxies     *string `help:"Networks (CIDR list) of proxies whose forwarding headers count." placeholder:"CIDRS"`
	ProxyProtocol      *string `help:"Networks (CIDR list) of proxies that begin each connection with the PROXY protocol (v1, v2); all other connections but this machine's own are closed." placeholder:"CIDRS"`
	FederationMode     *string `help:"open, ask, allowlist or closed. Default: open." placeholder:"MODE"`
	Rehearsal          *string `help:"on for a first try on a test domain, or a copy: nothing goes out and nothing comes in until it is promoted, once. Default: off." placeholder:"ON"`
	FederationName     *string `help:"Name of the federation, as people read it." placeholder:"NAME"`
	FederationHandle   *string `help:"Handle of the federation; fixed once something was delivered. Default: minga." placeholder:"HANDLE"`
	FederationFollows  *string `help:"How other federations may follow this one: at-once, allowed (servers on the allow list at once) or by-hand. Default: by-hand." placeholder:"HOW"`
	EndedFollow        *string `help:"What came through a follow that ended: hide (it leaves public lists at once, unless it came otherwise too) or keep (until its own end). Default: hide." placeholder:"WHAT"`
	MembershipDecision *string `help:"Who admits co-ops: coordinator, or the members by consent, consensus, majority or two-thirds. Default: coordinator." placeholder:"HOW"`
	AuthorizedFetch    *string `help:"on demands a signature for every read by another server. Default: off." placeholder:"ON"`
	Languages          *string `help:"Languages that the pages are offered in, in the order of the switch: some of es, en, ca, it, pt. Default: es,en,ca,it,pt." placeholder:"LIST"`
	DefaultLanguage    *string `help:"One of languages, for people who ask for none of them; the first of them where en is none. Default: en." placeholder:"LANG"`
	Timezone           *string `help:"IANA name of the zone that pages show times in. Default: UTC." placeholder:"ZONE"`
	Registration       *string `help:"Who may make an account: closed (by a link of the staff alone), invite (whom a member invites, too), ask (whom the staff approve) or open. Needs a mail server unless closed. Default: closed." placeholder:"WHO"`
	JobDays            *string `help:"Days that a job stays open unless it says otherwise, at most 90. Default: 45." placeholder:"N"`
	SearchMax          *string `help:"Searches of the job board that one account may save, at most 200. Default: 20." placeholder:"N"`
	BackfillArticles   *string `help:"Newest articles taken over when a follow begins. Default: 50." placeholder:"N"`
	ArticleLicense     *string `help:"Licence of articles that name none. Default: CC BY-SA 4.0." placeholder:"URL"`
	Announce           *string `help:"Kinds of members' posts that the federation boosts: job, article, request. Default: all." placeholder:"KINDS"`
	MediaDir           *string `help:"Folder of uploaded files. Default: media in the data folder." placeholder:"DIR"`
	MediaStore         *string `help:"folder, or s3 for a bucket of an S3-compatible store. Default: folder." placeholder:"WHERE"`
	MediaMaxBytes      *string `help:"Largest picture or document, at most 64 MiB. Default: 16 MiB." placeholder:"SIZE"`
	MediaAV            *string `name:"media-av" help:"on takes audio and video too, kept as they are. Default: off." placeholder:"ON"`
	MediaAVMaxBytes    *string `name:"media-av-max-bytes" help:"Largest audio or video file. Default: 40 MiB." placeholder:"SIZE"`
	MediaLocalMax      *string `help:"Most that one account may upload in all; 0: no bound. Default: 2 GiB." placeholder:"SIZE"`
	MediaTotalMax      *string `help:"Most that all accounts together may upload; 0: no bound. Default: 0." placeholder:"SIZE"`
	RemoteMediaCache   *string `help:"Room for small pictures of other servers; 0 shows none. Default: 1 GiB." placeholder:"SIZE"`
	MediaURL           *string `help:"A host for files alone, such as https://media.example.org; empty: they are read from the host." placeholder:"URL"`
	S3Endpoint         *string `name:"s3-endpoint" help:"Address of the store, such as https://s3.example." placeholder:"URL"`
	S3Bucket           *string `name:"s3-bucket" help:"Name of the bucket." placeholder:"NAME"`
	S3Region           *string `name:"s3-region" help:"Region of the bucket. Default: us-east-1." placeholder:"NAME"`
	S3AccessKey        *string `name:"s3-access-key" help:"Access key." placeholder:"KEY"`
	S3Secret           *string `name:"s3-secret" help:"Secret of that key." placeholder:"SECRET" secret:"all"`
	S3Prefix           *string `name:"s3-prefix" help:"What all names in the bucket begin with." placeholder:"TEXT"`
	S3PublicURL        *string `name:"s3-public-url" help:"Where browsers read the bucket themselves; empty: through minga." placeholder:"URL"`
	SMTPURL            *string `name:"smtp-url" help:"Mail server in one: smtp://name:password@host:587 (starttls) or smtps://…:465; instead of the other smtp settings." placeholder:"URL" secret:"url"`
	MailFrom           *string `help:"Who mails are from, as name@host or Name <name@host>; the same as smtp_from." placeholder:"ADDRESS"`
	AdminMail          *string `help:"What owners and admins get mails about: urgent (something is broken), weekly (what waits, on Mondays), both, or none. Default: urgent,weekly." placeholder:"WHAT"`
	SMTPHost           *string `name:"smtp-host" help:"Mail server that takes this server's mails; empty: none are sent." placeholder:"HOST"`
	SMTPPort           *string `name:"smtp-port" help:"Port of that server. Default: 587; with tls 465." placeholder:"PORT"`
	SMTPUser           *string `name:"smtp-user" help:"Name to sign in there with." placeholder:"NAME"`
	SMTPPassword       *string `name:"smtp-password" help:"Password to sign in there with." placeholder:"PASSWORD" secret:"all"`
	SMTPFrom           *string `name:"smtp-from" help:"Who mails are from, as name@host or Name <name@host>." placeholder:"ADDRESS"`
	SMTPTLS            *string `name:"smtp-tls" help:"starttls, tls (from the first byte) or none (development only). Default: starttls." placeholder:"HOW"`
	OIDCIssuer         *string `name:"oidc-issuer" help:"Another provider where people sign in (OpenID Connect), as it writes itself." placeholder:"URL"`
	OIDCClientID       *string `name:"oidc-client-id" help:"What this server is called there." placeholder:"ID"`
	OIDCClientSecret   *string `name:"oidc-client-secret" help:"Its secret there; empty for a public client." placeholder:"SECRET" secret:"all"`
	OIDCName           *string `name:"oidc-name" help:"What people call that provider. Default: its host." placeholder:"NAME"`
	OIDCOnly           *string `name:"oidc-only" help:"on lets nobody sign in otherwise. Default: off." placeholder:"ON"`
	OIDCAccounts       *string `name:"oidc-accounts" help:"on gives an account to whoever the provider vouches for and nobody here is connected with. Default: off." placeholder:"ON"`
	OIDCClaim          *string `name:"oidc-claim" help:"Claim that lists a person's groups, such as groups." placeholder:"NAME"`
	OIDCRanks          *string `name:"oidc-ranks" help:"Groups that stand for a rank: group=moderator, group=admin." placeholder:"LIST"`
	OIDCRoles          *string `name:"oidc-roles" help:"Groups that stand for a role in a co-op: group=coop:role." placeholder:"LIST"`
	BackupTo           *string `help:"Where backups go: a folder on another disk than the data, or s3://BUCKET/PREFIX; empty: none are made by themselves." placeholder:"WHERE"`
	BackupEvery        *string `help:"How often one is made, such as 1d or 12h. Default: 1d." placeholder:"D"`
	BackupKeep         *string `help:"How many stay: the newest of so many days, weeks and months. Default: 7d 4w 6m." placeholder:"SPANS"`
	BackupRecipients   *string `help:"Public keys of age of those who may open backups; empty: whoever has the file can read it." placeholder:"KEYS"`
	TranslateURL       *string `name:"translate-url" help:"Service that translates posts for readers (LibreTranslate's API), such as http://127.0.0.1:5000; it is sent what everybody may read. Empty: none." placeholder:"URL"`
	TranslateKey       *string `help:"Key for that service; empty: it wants none." placeholder:"KEY" secret:"all"`
	SourceURL          *string `help:"Where the source of the running program is to be had." placeholder:"URL"`
	ContactEmail       *string `help:"Mail address of whom people write to about this server." placeholder:"ADDRESS"`
	NodeinfoUpstream   *string `help:"off leaves out of NodeInfo that the client API follows Mastodon's; some clients then refuse to sign in. Default: on." placeholder:"ON"`
}

// provenance says where a value came from, in words for people.
type provenance string

// value is one setting as it was found.
type value struct {
	text   string
	origin provenance
}

// lookups are the places where settings and keys come from, handed in so that tests need
// no real environment.
type lookups struct {
	env  func(string) (string, bool)
	read func(string) ([]byte, error)
	// names are those of all variables of the environment; nil: nobody tells.
	names func() []string
	// newRSA makes the RSA keys of accounts; nil: anew. Tests have a few for all.
	newRSA func() (*rsa.PrivateKey, error)
}

// systemLookups are the process's own environment and files.
func systemLookups() lookups {
	return lookups{env: os.LookupEnv, read: os.ReadFile, names: environmentNames}
}

// environmentNames are the names of the process's own variables.
func environmentNames() (names []string) {
	for _, one := range os.Environ() {
		name, _, _ := strings.Cut(one, "=")
		names = append(names, name)
	}
	return names
}

// settingKey is the TOML key of a field: DatabaseURL → database_url.
func settingKey(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return strings.ReplaceAll(name, "-", "_")
	}
	var b strings.Builder
	runes := []rune(f.Name)
	for i, r := range runes {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && (runes[i-1] < 'A' || runes[i-1] > 'Z') {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

// settingKeys lists all keys in the order of the table.
func settingKeys() []string {
	t := reflect.TypeFor[settingFlags]()
	keys := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		keys = append(keys, settingKey(t.Field(i)))
	}
	return keys
}

// gather finds each setting in the first place that names it. Only keys that
// somebody set are in the result.
func gather(flags *settingFlags, file string, from lookups) (map[string]value, error) {
	inFile, err := readFile(file, from)
	if err != nil {
		return nil, err
	}
	found := map[string]value{}
	flagged := reflect.ValueOf(flags).Elem()
	for i, key := range settingKeys() {
		env := "MINGA_" + strings.ToUpper(key)
		if p := flagged.Field(i).Interface().(*string); p != nil {
			found[key] = value{*p, provenance("flag --" + strings.ReplaceAll(key, "_", "-"))}
		} else if text, ok := from.env(env); ok {
			found[key] = value{text, provenance("environment " + env)}
		} else if path, ok := from.env(env + "_FILE"); ok {
			text, err := from.read(path)
			if err != nil {
				return nil, usage("%s: %v", env+"_FILE", err)
			}
			found[key] = value{strings.TrimSpace(string(text)), provenance("file named by " + env + "_FILE")}
		} else if text, ok := credential(key, from); ok {
			found[key] = value{text, "credential minga." + provenance(key)}
		} else if v, ok := inFile[key]; ok {
			found[key] = v
		}
	}
	return found, nil
}

// credential is a secret that systemd handed over (LoadCredential=minga.KEY): a file in
// a folder that this service alone can read.
func credential(key string, from lookups) (string, bool) {
	dir, ok := from.env("CREDENTIALS_DIRECTORY")
	if !ok || dir == "" {
		return "", false
	}
	text, err := from.read(filepath.Join(dir, "minga."+key))
	return strings.TrimSpace(string(text)), err == nil
}
