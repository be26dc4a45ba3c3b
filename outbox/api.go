// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/storage"
)

var errNotBuilt = errors.New("not built yet")

// EnsureInstance makes the instance actor, the federation (settings federation_handle
// and federation_name) and the boards @jobs and @library where they are missing.
// Calling it again does nothing.
func (o *Outbox) EnsureInstance(ctx context.Context) error { return errNotBuilt }

// Registration is what a new account is made of.
type Registration struct {
	Kind        coop.AccountKind // person, coop, federation or service
	Name        string           // preferredUsername: a letter, then letters, digits, _ and -
	DisplayName string           // empty: the name
	Bio         string           // plain text or Markdown
	Language    string           // BCP 47
	Email       string           // persons only
	Rank        coop.Rank        // persons only; empty: member
	Domains     []string         // attributionDomains: the co-op's own site
	Facts       *coop.CoopFacts
}

// NewAccount makes an account of this instance with its keys and addresses. A bad
// name gives a *coop.InvalidError, one that is or was used [coop.ErrConflict].
func (o *Outbox) NewAccount(ctx context.Context, r Registration) (*coop.Account, error) {
	return nil, errNotBuilt
}

// UpdateActor stores the profile of a local account and tells its followers and
// federations. Bio is made from BioSource.
func (o *Outbox) UpdateActor(ctx context.Context, a *coop.Account) error { return errNotBuilt }

// RotateKeys gives an account new keys and announces them (federation.md 4.3).
func (o *Outbox) RotateKeys(ctx context.Context, a *coop.Account) error { return errNotBuilt }

// DeleteAccount withdraws an account for good and tells everybody who knows it.
func (o *Outbox) DeleteAccount(ctx context.Context, a *coop.Account) error { return errNotBuilt }

// SaveJobDraft stores a job that is not published: new when p.ID is zero.
func (o *Outbox) SaveJobDraft(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// PublishJob publishes a job, new or a draft (p.ID set), of author: p.Job holds its
// fields with Markdown by language, p.Language the main language, p.Cc the boards
// that it also goes to beside its home board. IRI, identifier, dates, text, hashtags
// and audience are filled in. Complaints are coop.Invalid.
func (o *Outbox) PublishJob(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// EditJob publishes a new state of the fields of a job that is open or paused; the
// status is not changed by it.
func (o *Outbox) EditJob(ctx context.Context, p *coop.Post) error { return errNotBuilt }

// StepJob takes a job of ours along an arrow of its states: pause, resume, fill,
// withdraw, close. A step that its state does not have gives [coop.ErrState].
func (o *Outbox) StepJob(ctx context.Context, id coop.ID, step string) (*coop.Post, error) {
	return nil, errNotBuilt
}

// Expire ends the jobs of this instance whose time is past, telling everybody, and
// marks remote ones; it says how many. Call it every minute.
func (o *Outbox) Expire(ctx context.Context) (int, error) { return 0, errNotBuilt }

// SaveArticleDraft stores an article that is not published: new when p.ID is zero.
func (o *Outbox) SaveArticleDraft(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// PublishArticle publishes a knowledge post, new or a draft: p.Title, p.Summary,
// p.Source (Markdown), p.Language, p.Article.License are required.
func (o *Outbox) PublishArticle(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// EditArticle publishes the next version of an article; p.Article.Version names the
// version that was edited, and [coop.ErrConflict] says that it is not the last.
func (o *Outbox) EditArticle(ctx context.Context, p *coop.Post) error { return errNotBuilt }

// StepArticle takes an article along its states: archive, withdraw, or supersede
// (by names the newer one).
func (o *Outbox) StepArticle(ctx context.Context, id coop.ID, step string, by coop.IRI) (*coop.Post, error) {
	return nil, errNotBuilt
}

// PublishNote publishes a plain post of author from p.Source: text with mentions,
// hashtags and links. p.InReplyTo makes it a reply. p.Visibility says who may see it.
func (o *Outbox) PublishNote(ctx context.Context, author *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// EditNote publishes a new text of a plain post of ours.
func (o *Outbox) EditNote(ctx context.Context, p *coop.Post) error { return errNotBuilt }

// Delete withdraws a post of ours: a tombstone here, Delete everywhere.
func (o *Outbox) Delete(ctx context.Context, p *coop.Post) error { return errNotBuilt }

// Boost announces a public post to the account's followers; twice is once. A post
// that is not public gives [coop.ErrNotFound].
func (o *Outbox) Boost(ctx context.Context, a *coop.Account, p *coop.Post) error { return errNotBuilt }

// Unboost takes a boost back.
func (o *Outbox) Unboost(ctx context.Context, a *coop.Account, p *coop.Post) error {
	return errNotBuilt
}

// Like tells the author of a post; twice is once.
func (o *Outbox) Like(ctx context.Context, a *coop.Account, p *coop.Post) error { return errNotBuilt }

// Unlike takes a like back.
func (o *Outbox) Unlike(ctx context.Context, a *coop.Account, p *coop.Post) error { return errNotBuilt }

// Follow makes a local account follow target, here or elsewhere, and returns the
// follow as it stands; a repeated one is sent again.
func (o *Outbox) Follow(ctx context.Context, follower, target *coop.Account) (*coop.Follow, error) {
	return nil, errNotBuilt
}

// Unfollow ends a follow; none is no error.
func (o *Outbox) Unfollow(ctx context.Context, follower, target *coop.Account) error {
	return errNotBuilt
}

// DecideFollow answers a follow of a local account that waits. Note is said in the
// answer's content.
func (o *Outbox) DecideFollow(ctx context.Context, f *coop.Follow, accept bool, note string) error {
	return errNotBuilt
}

// AnswerFollow queues the Accept or Reject of a follow of a local account. What is
// stored about the follow is the caller's.
func (o *Outbox) AnswerFollow(ctx context.Context, tx *storage.Tx, f *coop.Follow, accept bool, note string) error {
	return errNotBuilt
}

// FollowInstead makes a local follower follow the target of a Move.
func (o *Outbox) FollowInstead(ctx context.Context, tx *storage.Tx, follower, old, target *coop.Account) error {
	return errNotBuilt
}

// Block makes a local account block target, which ends follows both ways.
func (o *Outbox) Block(ctx context.Context, a, target *coop.Account) error { return errNotBuilt }

// Unblock ends a block.
func (o *Outbox) Unblock(ctx context.Context, a, target *coop.Account) error { return errNotBuilt }

// Join asks for membership of a local co-op in organization, here or elsewhere. Note
// is plain text. A repeated Join is sent again.
func (o *Outbox) Join(ctx context.Context, member, organization *coop.Account, role coop.MembershipRole, note string) (*coop.Membership, error) {
	return nil, errNotBuilt
}

// DecideMembership answers a Join to an organization of ours. Note is the reason of a
// refusal, plain text.
func (o *Outbox) DecideMembership(ctx context.Context, m *coop.Membership, accept bool, note string) error {
	return errNotBuilt
}

// LeaveMembership ends the membership of a co-op of ours.
func (o *Outbox) LeaveMembership(ctx context.Context, m *coop.Membership) error { return errNotBuilt }

// RemoveMember ends a membership in an organization of ours.
func (o *Outbox) RemoveMember(ctx context.Context, m *coop.Membership, note string) error {
	return errNotBuilt
}

// AnswerJoin sends the answer to a decided Join once more.
func (o *Outbox) AnswerJoin(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	return errNotBuilt
}

// MembershipChanged tells the network what a membership that was just stored means
// for the documents of ours.
func (o *Outbox) MembershipChanged(ctx context.Context, tx *storage.Tx, m *coop.Membership) error {
	return errNotBuilt
}

// BoardAnnounce queues what a board of ours says about an activity (federation.md 10).
func (o *Outbox) BoardAnnounce(ctx context.Context, tx *storage.Tx, board *coop.Account, activity *coop.Document, post *coop.Post, first bool) error {
	return errNotBuilt
}

// FederationAnnounce queues the federation's own Announce of a member's post, if its
// settings want that kind announced and it was not announced before.
func (o *Outbox) FederationAnnounce(ctx context.Context, tx *storage.Tx, post *coop.Post) error {
	return errNotBuilt
}

// Forward sends stored bytes on to the followers of the thread's owner
// (ActivityPub §7.1.2); from is the host that brought them.
func (o *Outbox) Forward(ctx context.Context, tx *storage.Tx, activity *coop.Document, post *coop.Post, from string) error {
	return errNotBuilt
}

// Step delivers what is due at up to [Options.Hosts] hosts and says whether there was
// anything. Errors are those of the store.
func (o *Outbox) Step(ctx context.Context) (did bool, err error) { return false, errNotBuilt }

// Run delivers until ctx ends, woken by the store, with a slow poll beneath.
func (o *Outbox) Run(ctx context.Context) error { return errNotBuilt }

// ActorDocument is the actor document of a local account.
func (o *Outbox) ActorDocument(ctx context.Context, a *coop.Account) ([]byte, error) {
	return nil, errNotBuilt
}

// CollectionName is a collection that an account has, as the end of its address.
type CollectionName string

// The collections of accounts.
const (
	CollectionOutbox    CollectionName = "outbox"
	CollectionFollowers CollectionName = "followers"
	CollectionFollowing CollectionName = "following"
	CollectionFeatured  CollectionName = "featured"
	CollectionJobs      CollectionName = "jobs"
	CollectionKnowledge CollectionName = "knowledge"
	CollectionMembers   CollectionName = "members"
)

// The collections of posts.
const (
	CollectionReplies CollectionName = "replies"
	CollectionContext CollectionName = "context"
)

// Collection is a collection of a local account as the viewer may see it: without
// page the head with totalItems and first; with page that page ("first", or what
// next said). An unknown name gives [coop.ErrNotFound].
func (o *Outbox) Collection(ctx context.Context, v coop.Viewer, owner *coop.Account, name CollectionName, page string) ([]byte, error) {
	return nil, errNotBuilt
}

// PostCollection is the replies or the context of a local post.
func (o *Outbox) PostCollection(ctx context.Context, v coop.Viewer, p *coop.Post, name CollectionName, page string) ([]byte, error) {
	return nil, errNotBuilt
}

// Tombstone is the document that stands where something was.
func Tombstone(t *storage.Tombstone) ([]byte, error) { return nil, errNotBuilt }

// JobText is the text of a job's note by language, as HTML: what other servers show.
func (o *Outbox) JobText(author *coop.Account, p *coop.Post) map[string]string { return nil }

// Markdown is clean HTML of Markdown with headings.
func Markdown(source string) string { return "" }
