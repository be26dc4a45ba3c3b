// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// AccountKind says what an account is to us. Remote accounts are sorted by the
// type of their actor: Person, Organization, Group, Application and Service.
type AccountKind string

// The kinds of accounts. Only the first five exist remotely as such; a remote
// Organization is a Coop until it shows a `members` collection, then a Federation.
const (
	Person     AccountKind = "person"     // Person, /people/NAME
	Coop       AccountKind = "coop"       // Organization, /coops/NAME
	Federation AccountKind = "federation" // Organization, /federation
	Instance   AccountKind = "instance"   // Application, /actor
	Board      AccountKind = "board"      // Group, /boards/jobs and /boards/library
	Service    AccountKind = "service"    // Service: a desk or a bot, /services/NAME
	Team       AccountKind = "team"       // Group, /teams/NAME
	Search     AccountKind = "search"     // Service, a saved search
	Topic      AccountKind = "topic"      // Service
)

// PublishesJobs tells whether accounts of a kind publish jobs: co-ops, and federations
// themselves.
func PublishesJobs(kind AccountKind) bool { return kind.Cooperative() }

// Cooperative tells whether accounts of a kind are co-ops, or federations of them: those
// who ask for a team, offer, decide and publish.
func (k AccountKind) Cooperative() bool { return k == Coop || k == Federation }

// Rank is what a person may do on this server, beside roles in co-ops.
type Rank string

// Ranks, lowest first.
const (
	RankMember    Rank = "member"
	RankModerator Rank = "moderator"
	RankAdmin     Rank = "admin"
	RankOwner     Rank = "owner"
)

// Staff tells whether a rank is one of those who look after the server.
func (r Rank) Staff() bool { return r == RankModerator || r == RankAdmin || r == RankOwner }

// AtLeast tells whether a rank is another one or above it; no rank is below all.
func (r Rank) AtLeast(least Rank) bool {
	order := []Rank{RankMember, RankModerator, RankAdmin, RankOwner}
	return slices.Contains(order, r) && slices.Index(order, r) >= slices.Index(order, least)
}

// Account is somebody who can act: here or on another server.
type Account struct {
	ID        ID
	IRI       IRI // the actor's id
	Kind      AccountKind
	ActorType string // type on the wire: Person, Organization, Group, Application, Service
	Name      string // preferredUsername
	Host      string // host of the handle; empty for accounts of this instance
	Local     bool

	DisplayName string
	Bio         string // sanitised HTML; for local accounts made from Source
	BioSource   string // what a person typed; local only
	Language    string // BCP 47, empty when unknown
	URL         string // page for people
	Icon, Image Picture
	Fields      []Field
	Emojis      []Emoji // in name, bio and fields

	Inbox, SharedInbox, Outbox, Followers, Following, Featured IRI
	// FeaturedTags is the collection of hashtags that the profile shows; empty where it
	// never showed any.
	FeaturedTags IRI
	// Collections of minga's own, empty where the actor has none.
	Jobs, Knowledge, Requests, Members IRI
	Services, Capacity                 IRI // of co-ops elsewhere
	Boards                             []IRI

	Locked       bool // manuallyApprovesFollowers
	Discoverable bool
	Indexable    bool // FEP-5feb
	Memorial     bool
	// HideCollections keeps to itself whom the account follows and who follows it;
	// local accounts only. See [Account.HidesFollows].
	HideCollections bool
	MovedTo         IRI
	AlsoKnownAs     []IRI
	MemberOf        []IRI    // claimed memberships; see Membership for what is verified
	Domains         []string // attributionDomains
	// Implements lists the capabilities of its server (FEP-844e), as IRIs.
	Implements []IRI
	// HasEd25519 is true when the actor lists an Ed25519 Multikey.
	HasEd25519 bool

	Coop *CoopFacts // what a co-op or federation says of itself; nil when nothing

	Posting Posting // local accounts only
	Tabs    Tabs    // local accounts only

	Email string // local persons only
	Rank  Rank   // local persons only

	CreatedAt   time.Time // published
	UpdatedAt   time.Time // last change of the profile
	FetchedAt   time.Time // remote: when the actor document was read last
	SuspendedAt time.Time // zero: not suspended
	DeletedAt   time.Time // zero: not deleted
	ClosedAt    time.Time // local persons only: when they asked for their deletion; zero: they did not
}

// Handle is name@host; host is given for local accounts, whose Host is empty.
func (a *Account) Handle(localDomain string) Handle {
	if a.Host == "" {
		return Handle{Name: a.Name, Host: localDomain}
	}
	return Handle{Name: a.Name, Host: a.Host}
}

// Gone tells whether the account can neither act nor be shown.
func (a *Account) Gone() bool { return !a.SuspendedAt.IsZero() || !a.DeletedAt.IsZero() }

// MaySignIn tells whether the person of an account may come in: who closed it to have it
// deleted opens it again so, who was suspended or is deleted does not.
func (a *Account) MaySignIn() bool {
	return a.DeletedAt.IsZero() && a.SuspendedAt.Equal(a.ClosedAt)
}

// HidesFollows tells whether only numbers are shown of an account's followers and
// of whom it follows: it said so, or is a person who did not say that it may be
// found. signedIn says that who asks has an account here.
func (a *Account) HidesFollows(signedIn bool) bool {
	return a.HideCollections || a.Local && a.Kind == Person && !a.Discoverable && !signedIn
}

// Posting is how an account's posts are where it does not say otherwise.
type Posting struct {
	Visibility Visibility `json:"visibility,omitempty"` // empty: public
	Sensitive  bool       `json:"sensitive,omitempty"`
	Language   string     `json:"language,omitempty"` // BCP 47; empty: the account's
}

// Tabs says which parts of a profile apps need not show; the zero value: all are shown.
type Tabs struct {
	NoMedia        bool `json:"no_media,omitempty"`
	NoMediaReplies bool `json:"no_media_replies,omitempty"`
	NoFeatured     bool `json:"no_featured,omitempty"`
}

// Picture is an avatar or header.
type Picture struct {
	URL       string
	MediaType string
	Alt       string
}

// Field is one row of a profile: PropertyValue on the wire.
type Field struct {
	Name  string // plain text
	Value string // sanitised HTML; for local accounts made from Source, where there is one
	// Source is what was typed as plain text; local accounts only.
	Source string `json:",omitempty"`
	// VerifiedAt is when the page that Value links to was seen to link back with
	// rel="me"; zero: it was not. Local accounts only.
	VerifiedAt time.Time `json:",omitzero"`
}

// CoopFacts is what a co-op publishes about itself (the `minga:` members of its
// actor). Unknown numbers are negative one.
type CoopFacts struct {
	Type           IRI      `json:"type,omitempty"` // ESSGlobal organisational structure
	MembershipBase IRI      `json:"membership_base,omitempty"`
	Activity       []IRI    `json:"activity,omitempty"`
	Founded        string   `json:"founded,omitempty"` // ISO 8601 date
	Members        int      `json:"members"`
	Workers        int      `json:"workers"`
	Evidence       []IRI    `json:"evidence,omitempty"`
	Place          *Place   `json:"place,omitempty"`
	Languages      []string `json:"languages,omitempty"`
	// What work with it costs and how it begins, where it publishes that.
	DayRate   *DayRate `json:"day_rate,omitempty"`
	LeadTime  string   `json:"lead_time,omitempty"` // ISO 8601 duration until work can begin
	Contracts []string `json:"contracts,omitempty"` // some of [ContractTypes], or own words
}

// Facts are a copy of what an account says of itself as a co-op; where it says nothing,
// no number is known.
func (a *Account) Facts() CoopFacts {
	if a.Coop == nil {
		return CoopFacts{Members: -1, Workers: -1}
	}
	return *a.Coop
}

// DayRate is what a day of work costs.
type DayRate struct {
	Currency string          `json:"currency"` // ISO 4217
	Min      decimal.Decimal `json:"min"`
	Max      decimal.Decimal `json:"max"`           // zero: as Min
	VAT      *bool           `json:"vat,omitempty"` // whether VAT is in it; nil: not said
}

// Place is somewhere on Earth.
type Place struct {
	Name      string   `json:"name,omitempty"`
	Locality  string   `json:"locality,omitempty"`
	Region    string   `json:"region,omitempty"`  // ISO 3166-2, or a name
	Country   string   `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Street    string   `json:"street,omitempty"`
	PostCode  string   `json:"post_code,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"` // degrees
	Longitude *float64 `json:"longitude,omitempty"`
}

// KeyPair is the private keys of a local account, PKCS #8 DER, to be had from
// the store only, decrypted.
type KeyPair struct {
	Account ID
	RSA     []byte // #main-key
	Ed25519 []byte // #ed25519-key
}

// RemoteKey is a public key of another server's actor as we cached it.
type RemoteKey struct {
	ID        string // the keyId
	Owner     IRI
	Account   ID     // zero when the actor is not stored
	Material  string // PEM, or a Multikey beginning with z
	FetchedAt time.Time
}
