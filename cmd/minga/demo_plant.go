// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

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
