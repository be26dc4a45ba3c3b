// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	_ "embed"
	"fmt"

	"github.com/BurntSushi/toml"

	"minga/coop"
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
