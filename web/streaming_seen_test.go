// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/streaming"
)

// The table of what streams show: posts of every audience, written here and elsewhere, and
// boosts, against readers of every class and every kind of stream. A stream shows a line
// exactly where the timeline of its kind has it, and nothing that [coop.MaySee] hides; the
// same holds for edits, and a withdrawal is told to whoever had the post and to nobody
// who could not see it.

// ear is a reader who listens to everything there is.
type ear struct {
	*coop.Account
	*listener
	list                    coop.ID
	follows, member, barred bool
	lines                   map[string]map[coop.ID]bool // by stream: what its timeline has
	old                     map[coop.ID]bool            // notifications and conversations of before
	before                  int                         // events that were looked at
}

// spread is one post of the table.
type spread struct {
	*coop.Post
	named bool
}

// audition is the table under construction.
type audition struct {
	*station
	ana, far, bea, telar *coop.Account
	ears                 map[string]*ear
	posts                []spread
	boosts               map[coop.ID]*coop.Post
	n                    int
}

// labels are the streams of an ear, as frames name them; those about posts first.
func (e *ear) labels() []string {
	return []string{"user", "public", "public:local", "public:remote", "public:media", "public:local:media", "public:remote:media", "hashtag pan", "hashtag:local pan", "list " + e.list.String()}
}

// newAudition makes the readers and what ties them to the authors.
func newAudition(t *testing.T, store *storage.Store) *audition {
	s := &audition{station: stationOn(newHouseOn(t, store, func(o *Options) {
		o.RateLimit = false
		o.Streams = streaming.Limits{Beat: 50 * time.Millisecond}
	})), ears: map[string]*ear{}, boosts: map[coop.ID]*coop.Post{}}
	s.ana, s.bea = s.person("ana"), s.person("bea")
	s.telar, _ = s.member("telar", "read")
	s.far = &coop.Account{
		IRI: "https://far.example/u/far", Kind: coop.Person, ActorType: "Person", Name: "far", Host: "far.example", Inbox: "https://far.example/u/far/inbox",
		Followers: "https://far.example/u/far/followers", Indexable: true, Discoverable: true,
	}
	s.do(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, s.far) })
	for _, name := range []string{"stranger", "follower", "asked", "named", "member", "former", "blocked", "blocking", "muting", "apart", "tagger", "unboosted", "spanish", "shutter"} {
		s.ears[name] = &ear{Account: s.person(name)}
	}
	s.ears["ana"] = &ear{Account: s.ana}
	for name, e := range s.ears {
		s.tie(name, e)
	}
	for _, e := range s.ears {
		e.old = map[coop.ID]bool{}
		for _, id := range s.owns(e) {
			e.old[id] = true
		}
		e.listener = s.listen(s.token(e.Account, allScopes), append(e.labels(), "direct", "user:notification")...)
	}
	return s
}

// tie does to a reader what its name says.
func (s *audition) tie(name string, e *ear) {
	s.Helper()
	s.do(func(ctx context.Context, tx *storage.Tx) error {
		l := &coop.List{Owner: e.ID, Title: "list", Replies: coop.RepliesList, Exclusive: name == "apart"}
		if err := tx.AddList(ctx, l); err != nil {
			return err
		}
		e.list = l.ID
		if !slices.Contains([]string{"stranger", "asked", "named", "member", "former", "tagger", "ana"}, name) {
			e.follows = true
			for _, whom := range []*coop.Account{s.ana, s.far, s.bea} {
				if err := tx.PutFollow(ctx, &coop.Follow{Follower: e.Account, Target: whom, State: coop.FollowAccepted}); err != nil {
					return err
				}
				if err := tx.AddToList(ctx, e.ID, l.ID, []coop.ID{whom.ID}); err != nil {
					return err
				}
			}
		}
		belongs := &coop.Membership{Member: e.Account, Organization: s.telar, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}
		switch name {
		case "asked":
			return tx.PutFollow(ctx, &coop.Follow{Follower: e.Account, Target: s.ana, State: coop.FollowAsked})
		case "member":
			e.member = true
			if err := tx.PutFollow(ctx, &coop.Follow{Follower: e.Account, Target: s.ana, State: coop.FollowAccepted}); err != nil {
				return err
			}
			return tx.PutMembership(ctx, belongs)
		case "former":
			belongs.State, belongs.OrganizationSays = coop.MembershipLeft, false
			return tx.PutMembership(ctx, belongs)
		case "blocked":
			e.barred = true
			return tx.AddBlock(ctx, storage.Block{Blocker: s.ana.ID, Target: e.ID})
		case "blocking":
			e.barred = true
			return tx.AddBlock(ctx, storage.Block{Blocker: e.ID, Target: s.ana.ID})
		case "muting":
			return tx.Mute(ctx, e.ID, s.ana.ID, true, time.Time{})
		case "tagger":
			_, err := tx.FollowTag(ctx, e.ID, "Pan")
			return err
		case "unboosted":
			return tx.SetFollowOptions(ctx, e.ID, s.bea.ID, coop.FollowOptions{})
		case "spanish":
			return tx.SetFollowOptions(ctx, e.ID, s.ana.ID, coop.FollowOptions{Boosts: true, Languages: []string{"es"}})
		case "shutter":
			return tx.AddServerBlock(ctx, e.ID, "far.example")
		}
		return nil
	})
}

// write stores one post of the table.
func (s *audition) write(author *coop.Account, audience coop.Visibility, change ...func(*coop.Post)) *coop.Post {
	s.Helper()
	s.n++
	p := &coop.Post{
		IRI: author.IRI + coop.IRI(fmt.Sprintf("/notes/%d", s.n)), AuthorID: author.ID, Kind: coop.KindNote, Type: "Note", Visibility: audience,
		Content: "<p>Hello</p>", Language: "es", Published: time.Now(),
	}
	switch audience {
	case coop.VisiblePublic:
		p.To = []coop.IRI{coop.Public}
	case coop.VisibleUnlisted:
		p.To, p.Cc = []coop.IRI{author.Followers}, []coop.IRI{coop.Public}
	case coop.VisibleFollowers:
		p.To = []coop.IRI{author.Followers}
	case coop.VisibleMembers:
		p.To = []coop.IRI{s.telar.Members}
	}
	x := spread{Post: p, named: audience == coop.VisibleDirect}
	for _, c := range change {
		c(p)
	}
	if named := s.ears["named"]; x.named || slices.Contains(p.Cc, named.IRI) {
		x.named = true
		p.To = append(p.To, named.IRI)
		p.Mentions = append(p.Mentions, coop.Mention{IRI: named.IRI, Name: "@named"})
	}
	s.do(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddPost(ctx, p, storage.Arrival{})
		return err
	})
	s.posts = append(s.posts, x)
	return p
}

// settle waits until every ear has heard all that was: a change of its filters comes last.
func (s *audition) settle() {
	s.Helper()
	for _, e := range s.ears {
		e.before = len(e.all())
		s.do(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddFilter(ctx, &coop.Filter{Owner: e.ID, Title: "end", Contexts: []coop.FilterContext{"home"}, Act: "warn"})
		})
	}
	for _, e := range s.ears {
		s.until("the end", func() bool {
			return slices.ContainsFunc(e.all()[e.before:], func(x event) bool { return x.Event == "filters_changed" })
		})
	}
}

// got says under which streams of an ear events of a name came, by what they are about.
func (e *ear) got(name string) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, x := range e.all() {
		if x.Event != name {
			continue
		}
		label := strings.Join(x.Stream, " ")
		if out[label] == nil {
			out[label] = map[string]bool{}
		}
		words := strings.Fields(x.about())
		out[label][words[len(words)-1]] = true
	}
	return out
}

// look reads the timelines of every ear.
func (s *audition) look() {
	s.Helper()
	ctx, page := s.Context(), coop.Page{Limit: 100}
	for _, e := range s.ears {
		v := coop.As(e.ID)
		e.lines = map[string]map[coop.ID]bool{}
		keep := func(label string, entries []coop.Entry, err error) {
			s.Helper()
			if err != nil {
				s.Fatal(err)
			}
			e.lines[label] = map[coop.ID]bool{}
			for _, x := range entries {
				e.lines[label][x.ID] = true
			}
		}
		home, err := s.store.Home(ctx, e.ID, page)
		keep("user", home, err)
		list, err := s.store.ListTimeline(ctx, e.ID, e.list, page)
		keep("list "+e.list.String(), list, err)
		for label, q := range map[string]storage.PublicQuery{
			"public": {}, "public:local": {Local: true}, "public:remote": {Remote: true},
			"public:media": {OnlyMedia: true}, "public:local:media": {Local: true, OnlyMedia: true}, "public:remote:media": {Remote: true, OnlyMedia: true},
		} {
			posts, err := s.store.PublicTimeline(ctx, v, q, page)
			keep(label, coop.EntriesOf(posts), err)
		}
		for label, q := range map[string]storage.PublicQuery{"hashtag pan": {}, "hashtag:local pan": {Local: true}} {
			posts, err := s.store.TagTimeline(ctx, v, storage.TagQuery{PublicQuery: q, Tag: "pan"}, page)
			keep(label, coop.EntriesOf(posts), err)
		}
	}
}

// maySee is the rule for a reader and a post of the table.
func (s *audition) maySee(e *ear, name string, x spread) bool {
	return coop.MaySee(coop.As(e.ID), x.Visibility, coop.Relation{
		Author: x.AuthorID == e.ID, Named: x.named && name == "named", Follows: e.follows && name != "asked" || name == "member" && x.AuthorID == s.ana.ID,
		Member: e.member, Blocked: e.barred && x.AuthorID == s.ana.ID,
	})
}

// furnish writes the posts.
func (s *audition) furnish() {
	s.Helper()
	stranger := s.person("passer-by")
	theirs := s.write(stranger, coop.VisiblePublic)
	pan := func(p *coop.Post) { p.Hashtags = []string{"Pan"} }
	english := func(p *coop.Post) { p.Language = "en" }
	names := func(p *coop.Post) { p.Cc = append(p.Cc, s.ears["named"].IRI) }
	photo := func(p *coop.Post) {
		p.Attachments = []coop.Attachment{{Type: "Image", URL: "https://far.example/a.png", MediaType: "image/png"}}
	}
	for _, author := range []*coop.Account{s.ana, s.far} {
		for _, audience := range []coop.Visibility{coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleFollowers, coop.VisibleDirect} {
			s.write(author, audience)
		}
		s.write(author, coop.VisiblePublic, pan, names)
		s.write(author, coop.VisibleUnlisted, pan)
		s.write(author, coop.VisiblePublic, english)
		s.write(author, coop.VisiblePublic, photo)
		s.write(author, coop.VisibleFollowers, names)
		s.write(author, coop.VisiblePublic, pan, func(p *coop.Post) { p.InReplyTo = theirs.IRI })
	}
	s.write(s.ana, coop.VisibleMembers)
	s.write(s.ana, coop.VisibleLocal)
	boosted := []*coop.Post{theirs, s.write(stranger, coop.VisibleUnlisted), s.posts[1].Post}
	for _, p := range boosted {
		s.do(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: s.bea.ID, Post: p.ID, At: time.Now()})
			return err
		})
		x, err := s.store.ReactionOf(s.Context(), storage.Boost, s.bea.ID, p.ID)
		if err != nil {
			s.Fatal(err)
		}
		s.boosts[x.ID] = p
	}
}

// same wants that a stream told of exactly the lines of its timeline.
func (s *audition) same(name string, e *ear, event string, ids []coop.ID, has func(label string, id coop.ID) bool) {
	s.Helper()
	got := e.got(event)
	for _, label := range e.labels() {
		for _, id := range ids {
			if told, want := got[label][id.String()], has(label, id); told != want {
				s.Errorf("%s: %s of %s by %q: %t, want %t", name, event, s.words(id), label, told, want)
			}
		}
	}
}

// words describe a line.
func (s *audition) words(id coop.ID) string {
	if p := s.boosts[id]; p != nil {
		return "a boost of " + s.words(p.ID)
	}
	for _, x := range s.posts {
		if x.ID == id {
			return fmt.Sprintf("%s (%s, tags %v, %s)", x.IRI, x.Visibility, x.Hashtags, x.Language)
		}
	}
	return id.String()
}

func TestStreamsShowWhatTimelinesShow(t *testing.T) {
	storagetest.WithoutRace(t)
	storagetest.Each(t, func(t *testing.T, store *storage.Store) {
		s := newAudition(t, store)
		s.furnish()
		s.settle()
		s.look()
		var posts, lines []coop.ID
		for _, x := range s.posts {
			posts = append(posts, x.ID)
		}
		lines = slices.Clone(posts)
		for id := range s.boosts {
			lines = append(lines, id)
		}
		shown := 0
		for name, e := range s.ears {
			s.same(name, e, "update", lines, func(label string, id coop.ID) bool { return e.lines[label][id] })
			s.personal(name, e)
			for _, x := range s.posts {
				for label, ids := range e.got("update") {
					if ids[x.ID.String()] {
						shown++
						if !s.maySee(e, name, x) {
							t.Errorf("%s sees %s by %q", name, s.words(x.ID), label)
						}
					}
				}
			}
		}
		if shown < 200 {
			t.Errorf("only %d cells show something", shown)
		}

		for _, x := range s.posts {
			p := *x.Post
			p.Content, p.Updated = "<p>Changed</p>", time.Now().Add(time.Second)
			s.do(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, &p, storage.Arrival{})
				return err
			})
		}
		s.settle()
		for name, e := range s.ears {
			s.same(name, e, "status.update", posts, func(label string, id coop.ID) bool {
				for boost, p := range s.boosts {
					if p.ID == id && e.lines[label][boost] {
						return true
					}
				}
				return e.lines[label][id]
			})
		}

		for _, x := range s.posts {
			author, err := s.store.Account(t.Context(), x.AuthorID)
			if err != nil {
				t.Fatal(err)
			}
			s.do(func(ctx context.Context, tx *storage.Tx) error {
				return tx.RemovePost(ctx, x.IRI, author.IRI, time.Now())
			})
		}
		s.settle()
		for name, e := range s.ears {
			s.withdrawn(name, e)
		}
	})
}

// withdrawn wants that who had a post hears that it is gone, and nobody who could not see
// it hears its id.
func (s *audition) withdrawn(name string, e *ear) {
	s.Helper()
	got := e.got("delete")
	for label, ids := range e.lines {
		for id := range ids {
			if !got[label][id.String()] {
				s.Errorf("%s is not told by %q that %s is gone", name, label, s.words(id))
			}
		}
	}
	for _, x := range s.posts {
		for label, ids := range got {
			if ids[x.ID.String()] && !s.maySee(e, name, x) {
				s.Errorf("%s is told by %q that %s is gone, and never saw it", name, label, s.words(x.ID))
			}
		}
	}
}

// owns are the notifications and conversations of a reader.
func (s *audition) owns(e *ear) (ids []coop.ID) {
	s.Helper()
	told, err := s.store.FindNotifications(s.Context(), storage.NotificationQuery{Account: e.ID}, coop.Page{Limit: 80})
	if err != nil {
		s.Fatal(err)
	}
	for _, n := range told {
		ids = append(ids, n.ID)
	}
	talks, err := s.store.Conversations(s.Context(), e.ID, coop.Page{Limit: 40})
	if err != nil {
		s.Fatal(err)
	}
	for _, c := range talks {
		ids = append(ids, c.ID)
	}
	return ids
}

// personal wants that the notifications and conversations that are told are those of the API.
func (s *audition) personal(name string, e *ear) {
	s.Helper()
	heard := map[string]bool{}
	for _, id := range s.owns(e) {
		if !e.old[id] {
			heard[id.String()] = true
		}
	}
	told, talks := e.got("notification"), e.got("conversation")["direct"]
	for _, label := range []string{"user", "user:notification"} {
		if got := len(told[label]) + len(talks); got != len(heard) {
			s.Errorf("%s hears by %s of %v and %v, and has %v", name, label, told[label], talks, heard)
		}
		for id := range told[label] {
			if !heard[id] {
				s.Errorf("%s hears by %s of notification %s, which is not there", name, label, id)
			}
		}
	}
	for id := range talks {
		if !heard[id] {
			s.Errorf("%s hears of conversation %s, which is not there", name, id)
		}
	}
}
