// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

// benchFill is `minga bench fill`: it makes a large instance of a new one, for
// `minga bench clients`.
type benchFill struct {
	Posts    int `default:"1000000" help:"Posts, over one year."`
	Accounts int `default:"100000" help:"Accounts that are known."`
	Authors  int `default:"2000" help:"Accounts that wrote the posts."`
}

// benchWorld is what the clients of the bench know of the instance that was filled.
type benchWorld struct {
	Readers []benchPerson `json:"readers"` // by whom they follow
	Writers []benchPerson `json:"writers"` // by who follows them
	Thread  coop.ID       `json:"thread"`  // a post with a hundred answers
	Author  coop.ID       `json:"author"`  // who wrote much
}

// benchPerson is an account that a client of the bench acts as.
type benchPerson struct {
	Name  string `json:"name"`
	Token string `json:"token"`
}

// benchPeople are the accounts that act, and what the sample gives them.
var benchPeople = []struct {
	name   string
	writes bool
	sample storage.SampleReader
}{
	{"follows 1", false, storage.SampleReader{Follows: 1}},
	{"follows 100", false, storage.SampleReader{Follows: 100}},
	{"follows 1,000", false, storage.SampleReader{Follows: 1000}},
	{"follows 500 who fell silent", false, storage.SampleReader{Follows: 500, Silent: true}},
	{"no followers", true, storage.SampleReader{}},
	{"100 local followers", true, storage.SampleReader{Followers: 100}},
}

// Run makes the people and the sample, and prints what the clients need to know.
func (b benchFill) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		world := benchWorld{}
		sample := storage.Sample{Posts: b.Posts, Accounts: b.Accounts, Authors: b.Authors, Until: t.now(), Base: i.config.Scheme + "://" + i.config.Host}
		for n, one := range benchPeople {
			account, token, err := b.person(t, i, fmt.Sprintf("bench%d", n))
			if err != nil {
				return err
			}
			one.sample.ID = account.ID
			sample.Readers = append(sample.Readers, one.sample)
			if person := (benchPerson{one.name, token}); one.writes {
				world.Writers = append(world.Writers, person)
			} else {
				world.Readers = append(world.Readers, person)
			}
		}
		begun := time.Now()
		facts, err := i.store.FillSample(t.ctx, sample, func(part string) { t.talk("%s after %.0f s", part, time.Since(begun).Seconds()) })
		if err != nil {
			return err
		}
		world.Thread, world.Author = facts.Thread, facts.Author
		return t.result(world)
	})
}

// person makes an account with a token.
func (b benchFill) person(t *terminal, i *instance, name string) (*coop.Account, string, error) {
	account, err := i.outbox.NewAccount(t.ctx, outbox.Registration{Kind: coop.Person, Name: name, Email: name + "@bench.example", Language: "en"})
	if err != nil {
		return nil, "", fmt.Errorf("account %s: %w", name, err)
	}
	text, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AccountID: account.ID, App: "bench", Scopes: []string{"read", "write", "follow", "push"}, CreatedAt: t.now()}
	return account, text, i.store.Write(t.ctx, func(tx *storage.Tx) error { return tx.AddToken(t.ctx, token) })
}
