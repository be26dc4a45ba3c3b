// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// demoSeed is what the three federations are made of: all of it invented.
//
//go:embed demo.toml
var demoSeed string

// seedInstance is one federation of the demonstration.
type seedInstance struct {
	Host     string
	Handle   string
	Name     string
	Bio      string
	Language string
	Zone     string
	Coops    []seedCoop
	People   []seedPerson
	Jobs     []seedJob
	Articles []seedArticle
	Featured []string // services in the shop window
	List     string   // an open list of co-ops, as CSV
}

// seedCoop is a co-op; MemberOf names federations by their host here.
type seedCoop struct {
	Name, Title, Bio, Language, Domain, Country, City string
	Founded                                           string
	Members                                           int
	MemberOf                                          []string `toml:"member_of"`
	Services, Sectors, Technologies                   []string
	Proposes                                          string         // the service that it asks to have in the catalogue
	Capacity                                          map[string]int // hours a month by skill
}

// seedPerson is somebody to sign in as, with the roles that they hold in co-ops here.
type seedPerson struct {
	Name, Title, Bio, Language string
	Speaks                     map[string][]coop.Role
}

// seedJob is an opening, its texts by language.
type seedJob struct {
	Coop        string
	Language    string
	Titles      map[string]string
	Texts       map[string]string
	Engagement  string
	Track       string
	Probation   string
	Types       []string
	Hours       []int64
	Pay         []int64
	Currency    string
	Per         string
	Remote      bool
	From        []string
	City        string
	Country     string
	OfficeDays  int `toml:"office_days"`
	Skills      []string
	Steps       []string
	Decision    string
	Surplus     string
	Model       string
	Ratio       string
	Days        int
	Then        string   // fill, withdraw, pause: what becomes of it
	Also        []string // federations on whose boards it stands besides
	EditedTitle string   `toml:"edited_title"`
	Form        bool     // its co-op takes applications by the form
}

// seedArticle is a knowledge post.
type seedArticle struct {
	Coop, Language, Title, Summary, Text string
	Topics                               []string
}

// seeds is all of it: the federations, and what people say to each other.
type seeds struct {
	Instance []seedInstance
	Talk     []seedTalk
	Joining  []seedJoining
	Request  []seedRequest
	Decision []seedDecision
}

// loadSeed reads the embedded seed.
func loadSeed() (seeds, error) {
	var s seeds
	if err := toml.Unmarshal([]byte(demoSeed), &s); err != nil {
		return s, fmt.Errorf("demonstration: %w", err)
	}
	return s, nil
}

// demoPatience bounds each wait for the three to be done with one another.
const demoPatience = 20 * time.Second

// demoBeat is how often the demonstration looks whether something is done.
const demoBeat = 50 * time.Millisecond

// plant makes accounts, memberships and follows, then publishes. Everything that
// concerns two instances goes from one to the other over HTTP, signed and queued.
func (d *demo) plant(ctx context.Context, empty bool) error {
	steps := []func(context.Context) error{
		d.each((*demoInstance).plantAccounts), d.each((*demoInstance).plantServices), d.follow, d.join, d.admit, d.meet,
	}
	if !empty {
		steps = append(steps, d.publishJobs, d.each((*demoInstance).plantArticles), d.change, d.talk, d.story, d.decide)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return fmt.Errorf("seed the demonstration: %w", err)
		}
	}
	return d.settle(ctx, demoPatience)
}

// each does the same on all three at once.
func (d *demo) each(do func(*demoInstance, context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		errs := make([]error, len(d.instances))
		var wg sync.WaitGroup
		for n, one := range d.instances {
			wg.Go(func() { errs[n] = do(one, ctx) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

// plantAccounts makes the co-ops and people with their tokens.
func (one *demoInstance) plantAccounts(ctx context.Context) error {
	federation, err := one.store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	if err := one.offer(ctx, federation, ""); err != nil {
		return err
	}
	for _, c := range one.seed.Coops {
		account, err := one.outbox.NewAccount(ctx, outbox.Registration{
			Kind: coop.Coop, Name: c.Name, DisplayName: c.Title, Bio: c.Bio, Language: c.Language, Domains: []string{c.Domain},
			Facts: &coop.CoopFacts{Founded: c.Founded, Members: c.Members, Workers: -1, Place: &coop.Place{Locality: c.City, Country: c.Country}},
		})
		if err != nil {
			return fmt.Errorf("co-op %s: %w", c.Name, err)
		}
		if err := errors.Join(one.offer(ctx, account, ""), one.face(ctx, account)); err != nil {
			return err
		}
	}
	for _, p := range one.seed.People {
		account, err := one.outbox.NewAccount(ctx, outbox.Registration{
			Kind: coop.Person, Name: p.Name, DisplayName: p.Title, Bio: p.Bio, Language: p.Language, Email: p.Name + "@" + one.seed.Host + ".example",
		})
		if err != nil {
			return fmt.Errorf("person %s: %w", p.Name, err)
		}
		if err := errors.Join(one.offer(ctx, account, "minga-demo-"+p.Name), one.face(ctx, account), one.giveRoles(ctx, account, p.Speaks)); err != nil {
			return err
		}
	}
	return nil
}

// giveRoles lets a person speak for co-ops of their instance.
func (one *demoInstance) giveRoles(ctx context.Context, person *coop.Account, speaks map[string][]coop.Role) error {
	for name, roles := range speaks {
		account, err := one.localAccount(ctx, name)
		if err != nil {
			return err
		}
		if err := one.store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.SetRoles(ctx, account.ID, person.ID, roles, 0)
			return err
		}); err != nil {
			return fmt.Errorf("%s speaks for %s: %w", person.Name, name, err)
		}
	}
	return nil
}

// offer gives an account a token, the same in every demonstration, and a person
// a password: they are printed and guard nothing.
func (one *demoInstance) offer(ctx context.Context, a *coop.Account, password string) error {
	sum := sha256.Sum256([]byte("minga demonstration " + one.seed.Host + " " + a.Name))
	text := "demo-" + hex.EncodeToString(sum[:12])
	hash := sha256.Sum256([]byte(text))
	err := one.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddToken(ctx, &coop.Token{Hash: hash[:], AccountID: a.ID, App: "demonstration", Scopes: []string{"read", "write", "follow", "push"}, CreatedAt: one.now()})
	})
	if err != nil {
		return fmt.Errorf("token of %s: %w", a.Name, err)
	}
	one.accounts = append(one.accounts, demoAccount{a.Handle(one.config.AccountDomain).String(), string(a.Kind), string(a.IRI), text, password})
	return one.setPassword(ctx, a, password)
}

// follow lets each federation follow the two others; the answer comes over HTTP.
func (d *demo) follow(ctx context.Context) error {
	for _, one := range d.instances {
		federation, err := one.store.FederationAccount(ctx)
		if err != nil {
			return err
		}
		for _, other := range d.instances {
			if other == one {
				continue
			}
			target, err := one.anyAccount(ctx, other.seed.Handle+"@"+other.config.AccountDomain)
			if err != nil {
				return err
			}
			if _, err := one.outbox.Follow(ctx, federation, target); err != nil {
				return fmt.Errorf("%s follows %s: %w", one.seed.Host, other.seed.Host, err)
			}
		}
	}
	return d.settle(ctx, demoPatience)
}

// byHost finds one of the three.
func (d *demo) byHost(host string) (*demoInstance, error) {
	for _, one := range d.instances {
		if one.seed.Host == host {
			return one, nil
		}
	}
	return nil, fmt.Errorf("federation %s of the demonstration: %w", host, coop.ErrNotFound)
}

// join lets every co-op ask for its memberships, at home and elsewhere.
func (d *demo) join(ctx context.Context) error {
	for _, one := range d.instances {
		for _, c := range one.seed.Coops {
			for _, host := range c.MemberOf {
				other, err := d.byHost(host)
				if err != nil {
					return err
				}
				member, organization, err := one.pair(ctx, c.Name, other.seed.Handle+"@"+other.config.AccountDomain)
				if err != nil {
					return err
				}
				if _, err := one.outbox.Join(ctx, member, organization, coop.RoleFull, ""); err != nil {
					return fmt.Errorf("%s joins %s: %w", c.Name, host, err)
				}
			}
		}
	}
	return d.settle(ctx, demoPatience)
}

// admit lets each federation say yes to all who asked.
func (d *demo) admit(ctx context.Context) error {
	for _, one := range d.instances {
		asked, err := one.store.Memberships(ctx, storage.MembershipQuery{States: []coop.MembershipState{coop.MembershipAsked}, LocalOnly: true}, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		for _, m := range asked {
			if err := one.outbox.DecideMembership(ctx, m, true, ""); err != nil {
				return fmt.Errorf("%s admits %s: %w", one.seed.Host, m.Member.Name, err)
			}
		}
	}
	return d.verified(ctx)
}

// verified waits until every federation has read both sides of its memberships:
// boards announce verified members only.
func (d *demo) verified(ctx context.Context) error {
	for end := d.t.now().Add(demoPatience); d.t.now().Before(end); {
		open := 0
		for _, one := range d.instances {
			members, err := one.store.CountMemberships(ctx, storage.MembershipQuery{LocalOnly: true})
			if err != nil {
				return err
			}
			verified, err := one.store.CountMemberships(ctx, storage.MembershipQuery{LocalOnly: true, Verified: true})
			if err != nil {
				return err
			}
			open += members - verified
		}
		if open == 0 {
			return d.settle(ctx, demoPatience)
		}
		if !pause(ctx, demoBeat) {
			return ctx.Err()
		}
	}
	return errors.New("memberships were not verified in time")
}

// publishJobs publishes every job with the boards that it also goes to.
func (d *demo) publishJobs(ctx context.Context) error {
	for _, one := range d.instances {
		for _, seed := range one.seed.Jobs {
			author, err := one.localAccount(ctx, seed.Coop)
			if err != nil {
				return err
			}
			post, err := d.jobPost(ctx, one, seed)
			if err != nil {
				return err
			}
			if post.Job.DirectApply {
				if err := one.outbox.UseForm(ctx, author, true); err != nil {
					return fmt.Errorf("form of %s: %w", seed.Coop, err)
				}
			}
			if err := one.outbox.PublishJob(ctx, author, post); err != nil {
				return fmt.Errorf("job %q: %w", post.Job.Title, err)
			}
		}
	}
	return d.settle(ctx, demoPatience)
}

// jobPost turns a seed into a job.
func (d *demo) jobPost(ctx context.Context, one *demoInstance, s seedJob) (*coop.Post, error) {
	job := &coop.Job{
		Title: s.Titles[s.Language], TitleMap: s.Titles, Markdown: s.Texts, Engagement: s.Engagement, MembershipTrack: s.Track, Probation: s.Probation,
		EmploymentType: s.Types, Remote: s.Remote, ApplicantsFrom: s.From, OfficeDays: s.OfficeDays, HiringSteps: s.Steps,
		DirectApply: s.Form, DecisionMethod: s.Decision, SurplusSharing: s.Surplus, PayModel: s.Model, AnswerWithin: 14,
		ApplyEmail: "work@" + s.Coop + ".example", ValidThrough: one.now().AddDate(0, 0, s.Days).Truncate(time.Second),
	}
	if len(s.Hours) == 2 {
		job.HoursFrom, job.HoursTo = decimal.NewFromInt(s.Hours[0]), decimal.NewFromInt(s.Hours[1])
	}
	if len(s.Pay) == 2 {
		job.Pay = &coop.Pay{Currency: s.Currency, Min: decimal.NewFromInt(s.Pay[0]), Max: decimal.NewFromInt(s.Pay[1]), Unit: s.Per}
	}
	job.Anywhere = s.Remote && len(s.From) == 0
	if s.Ratio != "" {
		ratio, err := decimal.NewFromString(s.Ratio)
		if err != nil {
			return nil, fmt.Errorf("ratio %q: %w", s.Ratio, err)
		}
		job.PayRatio = &ratio
	}
	if s.City != "" {
		job.Places = []coop.Place{{Locality: s.City, Country: s.Country}}
	}
	for _, skill := range s.Skills {
		name, nice := strings.CutSuffix(skill, "?")
		job.Skills = append(job.Skills, coop.Skill{Term: coop.Term{Name: name}, Required: !nice})
	}
	post := &coop.Post{Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: s.Language, Job: job}
	for _, host := range s.Also {
		other, err := d.byHost(host)
		if err != nil {
			return nil, err
		}
		post.Cc = append(post.Cc, coop.IRI(other.config.BaseURL()+"/boards/jobs"))
	}
	return post, nil
}

// plantArticles publishes the articles.
func (one *demoInstance) plantArticles(ctx context.Context) error {
	for _, s := range one.seed.Articles {
		if err := one.plantArticle(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// plantArticle publishes one article.
func (one *demoInstance) plantArticle(ctx context.Context, s seedArticle) error {
	author, err := one.localAccount(ctx, s.Coop)
	if err != nil {
		return err
	}
	article := &coop.Article{License: one.config.ArticleLicense}
	for _, topic := range s.Topics {
		article.Topics = append(article.Topics, coop.Term{Name: topic})
	}
	post := &coop.Post{Kind: coop.KindArticle, Visibility: coop.VisiblePublic, Language: s.Language, Title: s.Title, Summary: s.Summary, Source: s.Text, Article: article}
	if err := one.outbox.PublishArticle(ctx, author, post); err != nil {
		return fmt.Errorf("article %q: %w", s.Title, err)
	}
	return nil
}

// change edits and ends some of the jobs once the others have them, so that
// edits and endings are seen to arrive.
func (d *demo) change(ctx context.Context) error {
	for _, one := range d.instances {
		for _, s := range one.seed.Jobs {
			if s.Then == "" && s.EditedTitle == "" {
				continue
			}
			if err := one.changeJob(ctx, s); err != nil {
				return fmt.Errorf("job %q: %w", s.Titles[s.Language], err)
			}
		}
	}
	return nil
}

// changeJob finds a job by its title and changes it.
func (one *demoInstance) changeJob(ctx context.Context, s seedJob) error {
	author, err := one.localAccount(ctx, s.Coop)
	if err != nil {
		return err
	}
	posts, err := one.store.Posts(ctx, coop.As(author.ID), storage.PostQuery{Authors: []coop.ID{author.ID}, Kinds: []coop.PostKind{coop.KindJob}}, coop.Page{Limit: 40})
	if err != nil {
		return err
	}
	for _, post := range posts {
		if post.Job == nil || post.Job.Title != s.Titles[s.Language] {
			continue
		}
		if s.Then != "" {
			_, err = one.outbox.StepJob(ctx, post.ID, s.Then)
			return err
		}
		post.Job.Title = s.EditedTitle
		if post.Job.TitleMap != nil {
			post.Job.TitleMap[s.Language] = s.EditedTitle
		}
		return one.outbox.EditJob(ctx, post)
	}
	return coop.ErrNotFound
}
