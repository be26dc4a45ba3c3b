// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// accountDetails is what of an account is shown but never asked for.
type accountDetails struct {
	Icon        coop.Picture    `json:"icon,omitzero"`
	Image       coop.Picture    `json:"image,omitzero"`
	Fields      []coop.Field    `json:"fields,omitempty"`
	Emojis      []coop.Emoji    `json:"emojis,omitempty"`
	Boards      []coop.IRI      `json:"boards,omitempty"`
	AlsoKnownAs []coop.IRI      `json:"also_known_as,omitempty"`
	MemberOf    []coop.IRI      `json:"member_of,omitempty"`
	Domains     []string        `json:"domains,omitempty"`
	Implements  []coop.IRI      `json:"implements,omitempty"`
	HasEd25519  bool            `json:"has_ed25519,omitempty"`
	Coop        *coop.CoopFacts `json:"coop,omitempty"`
	HideFollows bool            `json:"hide_follows,omitempty"`
	Posting     coop.Posting    `json:"posting,omitzero"`
	Tags        coop.IRI        `json:"featured_tags,omitempty"`
	Tabs        coop.Tabs       `json:"tabs,omitzero"`
	Services    coop.IRI        `json:"services,omitempty"`
	Capacity    coop.IRI        `json:"capacity,omitempty"`
}

// accountColumns are those that [scanAccount] reads, of the table named a.
const accountColumns = `a.id, a.iri, a.kind, a.actor_type, a.name, a.host, a.local, a.display_name, a.bio, a.bio_source,
	a.language, a.url, a.inbox, a.shared_inbox, a.outbox, a.followers, a.following, a.featured, a.jobs, a.knowledge,
	a.requests, a.members, a.locked, a.discoverable, a.indexable, a.memorial, a.moved_to, a.details, a.email, a.rank,
	a.created_at, a.updated_at, a.fetched_at, a.suspended_at, a.deleted_at, a.closed_at`

// scanAccount reads a row of [accountColumns].
func scanAccount(row pgx.CollectableRow) (*coop.Account, error) { return scanAccountAfter(row) }

// scanAccountAfter reads a row that ends with [accountColumns]; before is where the columns
// go that stand before them.
func scanAccountAfter(row pgx.CollectableRow, before ...any) (*coop.Account, error) {
	a := &coop.Account{}
	targets, finish := accountTargets(a)
	if err := row.Scan(append(before, targets...)...); err != nil {
		return nil, err
	}
	return a, finish()
}

// accountTargets are where the columns of [accountColumns] go; finish completes
// the account after the scan.
func accountTargets(a *coop.Account) (targets []any, finish func() error) {
	var id, created, updated, fetched, suspended, deleted, closed int64
	var iri, kind, rank, details, moved string
	var ends [10]string
	targets = []any{
		&id, &iri, &kind, &a.ActorType, &a.Name, &a.Host, &a.Local, &a.DisplayName, &a.Bio, &a.BioSource,
		&a.Language, &a.URL, &ends[0], &ends[1], &ends[2], &ends[3], &ends[4], &ends[5], &ends[6], &ends[7],
		&ends[8], &ends[9], &a.Locked, &a.Discoverable, &a.Indexable, &a.Memorial, &moved, &details, &a.Email, &rank,
		&created, &updated, &fetched, &suspended, &deleted, &closed,
	}
	return targets, func() error {
		a.ID, a.IRI, a.Kind, a.Rank, a.MovedTo = coop.ID(id), coop.IRI(iri), coop.AccountKind(kind), coop.Rank(rank), coop.IRI(moved)
		for i, end := range accountEnds(a) {
			*end = coop.IRI(ends[i])
		}
		a.CreatedAt, a.UpdatedAt, a.FetchedAt = atMs(created), atMs(updated), atMs(fetched)
		a.SuspendedAt, a.DeletedAt, a.ClosedAt = atMs(suspended), atMs(deleted), atMs(closed)
		return readAccountDetails(a, details)
	}
}

// accountEnds are the addresses of an account in the order of their columns.
func accountEnds(a *coop.Account) [10]*coop.IRI {
	return [10]*coop.IRI{
		&a.Inbox, &a.SharedInbox, &a.Outbox, &a.Followers, &a.Following,
		&a.Featured, &a.Jobs, &a.Knowledge, &a.Requests, &a.Members,
	}
}

// readAccountDetails fills in what [accountRow] wrote as JSON.
func readAccountDetails(a *coop.Account, text string) error {
	var d accountDetails
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return fmt.Errorf("details of account %s: %w", a.ID, err)
	}
	a.Icon, a.Image, a.Fields, a.Boards = d.Icon, d.Image, d.Fields, d.Boards
	a.Emojis = d.Emojis
	a.AlsoKnownAs, a.MemberOf, a.Domains = d.AlsoKnownAs, d.MemberOf, d.Domains
	a.Implements, a.HasEd25519, a.Coop = d.Implements, d.HasEd25519, d.Coop
	a.HideCollections, a.Posting, a.FeaturedTags = d.HideFollows, d.Posting, d.Tags
	a.Tabs, a.Services, a.Capacity = d.Tabs, d.Services, d.Capacity
	return nil
}

// accountRow is what may change of an account as columns; id, iri, creation,
// suspension and deletion are not among them.
func accountRow(a *coop.Account) ([]column, error) {
	details, err := jsonText(accountDetails{
		Icon: a.Icon, Image: a.Image, Fields: a.Fields, Boards: a.Boards, Emojis: a.Emojis,
		AlsoKnownAs: a.AlsoKnownAs, MemberOf: a.MemberOf, Domains: a.Domains,
		Implements: a.Implements, HasEd25519: a.HasEd25519, Coop: a.Coop,
		HideFollows: a.HideCollections, Posting: a.Posting, Tags: a.FeaturedTags, Tabs: a.Tabs, Services: a.Services, Capacity: a.Capacity,
	})
	if err != nil {
		return nil, err
	}
	return []column{
		{"kind", string(a.Kind)},
		{"actor_type", a.ActorType},
		{"name", a.Name},
		{"handle", strings.ToLower(a.Name)},
		{"host", a.Host},
		{"server", a.IRI.Host()},
		{"local", a.Local},
		{"display_name", coop.Truncate(a.DisplayName, 500)},
		{"bio", a.Bio},
		{"bio_source", a.BioSource},
		{"language", a.Language},
		{"url", a.URL},
		{"inbox", string(a.Inbox)},
		{"shared_inbox", string(a.SharedInbox)},
		{"outbox", string(a.Outbox)},
		{"followers", string(a.Followers)},
		{"following", string(a.Following)},
		{"featured", string(a.Featured)},
		{"jobs", string(a.Jobs)},
		{"knowledge", string(a.Knowledge)},
		{"requests", string(a.Requests)},
		{"members", string(a.Members)},
		{"locked", a.Locked},
		{"discoverable", a.Discoverable},
		{"indexable", a.Indexable},
		{"memorial", a.Memorial},
		{"moved_to", string(a.MovedTo)},
		{"details", details},
		{"email", a.Email},
		{"rank", string(a.Rank)},
		{"updated_at", msOf(a.UpdatedAt)},
		{"fetched_at", msOf(a.FetchedAt)},
	}, nil
}
