// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/storage/media"
)

// seedTalk is one post and what others made of it. Accounts are name@host of the
// instances of the demonstration.
type seedTalk struct {
	Name, By, Language, Text string
	Answers                  string // name of an earlier post
	Visibility               coop.Visibility
	Warning                  string
	Picture, Alt             string
	Options                  []string
	Multiple                 bool
	Days                     int              // how long a poll runs
	Edited                   string           // the text that it gets afterwards
	Votes                    map[string][]int // by account: places of options
	LikedBy                  []string         `toml:"liked_by"`
	BoostedBy                []string         `toml:"boosted_by"`
}

// meet lets people follow their own federation, its boards, the co-ops here, the other
// federations, and each other: what stands on their first page comes by these.
func (d *demo) meet(ctx context.Context) error {
	for _, one := range d.instances {
		for _, p := range one.seed.People {
			follower, err := one.localAccount(ctx, p.Name)
			if err != nil {
				return err
			}
			for _, handle := range d.friends(one, p.Name) {
				target, err := one.anyAccount(ctx, handle)
				if err != nil {
					return err
				}
				if _, err := one.outbox.Follow(ctx, follower, target); err != nil {
					return fmt.Errorf("%s follows %s: %w", p.Name, handle, err)
				}
			}
		}
	}
	return d.settle(ctx, demoPatience)
}

// friends are the handles of whom a person follows.
func (d *demo) friends(home *demoInstance, name string) []string {
	var list []string
	for _, one := range d.instances {
		add := func(name string) { list = append(list, name+"@"+one.config.AccountDomain) }
		add(one.seed.Handle)
		for _, p := range one.seed.People {
			if one != home || p.Name != name {
				add(p.Name)
			}
		}
		if one != home {
			continue
		}
		add("jobs")
		add("library")
		for _, c := range one.seed.Coops {
			add(c.Name)
		}
	}
	return list
}

// talk says everything that people say, one thing after the other, so that each
// answers what has arrived.
func (d *demo) talk(ctx context.Context) error {
	said := map[string]coop.IRI{}
	for _, s := range d.seed.Talk {
		post, err := d.say(ctx, s, said)
		if err != nil {
			return fmt.Errorf("%s says %.40q: %w", s.By, s.Text, err)
		}
		if err := d.settle(ctx, demoPatience); err != nil {
			return err
		}
		if err := d.react(ctx, s, post); err != nil {
			return fmt.Errorf("what others make of %.40q: %w", s.Text, err)
		}
	}
	return d.settle(ctx, demoPatience)
}

// say publishes one post.
func (d *demo) say(ctx context.Context, s seedTalk, said map[string]coop.IRI) (*coop.Post, error) {
	one, author, err := d.speaker(ctx, s.By)
	if err != nil {
		return nil, err
	}
	post := &coop.Post{
		Source: d.domains(s.Text), Language: s.Language, Visibility: s.Visibility, Summary: s.Warning, Sensitive: s.Warning != "", InReplyTo: said[s.Answers],
	}
	if len(s.Options) > 0 {
		post.Poll = coop.NewPoll(s.Options, time.Duration(s.Days)*24*time.Hour, s.Multiple, false, one.now())
	}
	if s.Picture != "" {
		if err := one.hang(ctx, author, post, s); err != nil {
			return nil, err
		}
	}
	if err := one.outbox.PublishNote(ctx, author, post); err != nil {
		return nil, err
	}
	if s.Name != "" {
		said[s.Name] = post.IRI
	}
	if s.Edited != "" {
		err = one.outbox.EditNote(ctx, &coop.Post{ID: post.ID, Source: d.domains(s.Edited), Attachments: post.Attachments})
	}
	return post, err
}

// hang draws the picture of a post and attaches it, as an upload would.
func (one *demoInstance) hang(ctx context.Context, author *coop.Account, post *coop.Post, s seedTalk) error {
	picture, err := drawing(s.Picture)
	if err != nil {
		return err
	}
	in, err := one.media.Receive(ctx, s.Picture+".png", picture)
	if err != nil {
		return err
	}
	file, err := one.media.Take(ctx, media.Upload{Owner: author.ID, Class: coop.MediaPost, File: in, Alt: s.Alt})
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	post.Attachments = []coop.Attachment{file.Attachment()}
	return nil
}

// react likes, boosts and votes as the seed says; who does it must have the post.
func (d *demo) react(ctx context.Context, s seedTalk, post *coop.Post) error {
	for _, by := range s.LikedBy {
		if err := d.as(ctx, by, post, func(one *demoInstance, a *coop.Account, p *coop.Post) error { return one.outbox.Like(ctx, a, p) }); err != nil {
			return err
		}
	}
	for _, by := range s.BoostedBy {
		if err := d.as(ctx, by, post, func(one *demoInstance, a *coop.Account, p *coop.Post) error { return one.outbox.Boost(ctx, a, p) }); err != nil {
			return err
		}
	}
	for _, by := range slices.Sorted(maps.Keys(s.Votes)) {
		if err := d.as(ctx, by, post, func(one *demoInstance, a *coop.Account, p *coop.Post) error {
			return one.outbox.Vote(ctx, a, p.ID, s.Votes[by])
		}); err != nil {
			return err
		}
	}
	return nil
}

// as does something with a post in the name of somebody, on the instance where they
// live and with the copy that is there.
func (d *demo) as(ctx context.Context, by string, post *coop.Post, do func(*demoInstance, *coop.Account, *coop.Post) error) error {
	one, account, err := d.speaker(ctx, by)
	if err != nil {
		return err
	}
	copied, err := one.store.PostByIRI(ctx, coop.As(account.ID), post.IRI)
	if err != nil {
		return fmt.Errorf("%s does not have %s: %w", by, post.IRI, err)
	}
	return do(one, account, copied)
}

// speaker finds an account by name@host of the seed.
func (d *demo) speaker(ctx context.Context, by string) (*demoInstance, *coop.Account, error) {
	name, host, _ := strings.Cut(by, "@")
	one, err := d.byHost(host)
	if err != nil {
		return nil, nil, err
	}
	account, err := one.localAccount(ctx, name)
	return one, account, err
}

// domains puts the domain of each instance where a text names it by its host.
func (d *demo) domains(text string) string {
	for _, one := range d.instances {
		text = strings.ReplaceAll(text, "{"+one.seed.Host+"}", one.config.AccountDomain)
	}
	return text
}

// face gives an account the picture that its name draws.
func (one *demoInstance) face(ctx context.Context, account *coop.Account) error {
	picture, err := drawing(account.Name)
	if err != nil {
		return err
	}
	icon, err := one.media.Picture(ctx, account.ID, coop.MediaAvatar, account.Name+".png", picture)
	if err != nil {
		return fmt.Errorf("picture of %s: %w", account.Name, err)
	}
	account.Icon = icon
	return one.outbox.UpdateActor(ctx, account)
}
