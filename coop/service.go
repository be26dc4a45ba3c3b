// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// ServiceKind sorts what co-ops say that they do.
type ServiceKind string

// The kinds.
const (
	KindService    ServiceKind = "service"    // what a client can ask for
	KindSector     ServiceKind = "sector"     // for whom, and in which field
	KindTechnology ServiceKind = "technology" // with what
)

// ServiceKinds are the kinds in the order in which they are shown.
func ServiceKinds() []ServiceKind { return []ServiceKind{KindService, KindSector, KindTechnology} }

// ServiceState is where a term of the catalogue stands.
type ServiceState string

// own ⇄ proposed → featured; any of them → merged, and back by undoing that.
const (
	ServiceOwn      ServiceState = "own"      // a co-op wrote it
	ServiceProposed ServiceState = "proposed" // a co-op asks that it be in the catalogue
	ServiceFeatured ServiceState = "featured" // it stands in the shop window and in facets
	ServiceMerged   ServiceState = "merged"   // it means the same as another
)

// ServiceStates are the states in the order in which they are shown.
func ServiceStates() []ServiceState {
	return []ServiceState{ServiceProposed, ServiceFeatured, ServiceOwn, ServiceMerged}
}

// Bounds of services.
const (
	MaxServices   = 30 // services, sectors and technologies of one co-op
	maxTermLength = 120
)

// ServiceTerm is a term of the catalogue.
type ServiceTerm struct {
	ID     ID
	Kind   ServiceKind
	Name   string            // folded: the key
	Label  string            // as it is written
	Labels map[string]string // its names in languages, by BCP 47 tags; may be empty
	State  ServiceState
	Into   ID // of a merged one: what it was merged into
	Root   ID // where merging ends; itself where it is not merged
	// ProposedBy is the co-op that asked for it; zero: none.
	ProposedBy ID
	Uses       int // how many co-ops and imported entries say it themselves
	CreatedAt  time.Time
	ChangedAt  time.Time
}

// In is what the term is called in a language: there, else as it is written.
func (t *ServiceTerm) In(language string) string {
	base, _, _ := strings.Cut(language, "-")
	for _, tag := range []string{language, base} {
		if label := t.Labels[tag]; label != "" {
			return label
		}
	}
	return t.Label
}

// Offering is something that a co-op does, in its own words.
type Offering struct {
	Kind  ServiceKind
	Label string
	Term  *ServiceTerm // what the catalogue has for it; nil where it was not asked for
}

// FoldService is the key of a term: its words without case and accents.
func FoldService(label string) string {
	return Truncate(strings.Join(Words(label), " "), maxTermLength)
}

// TidyOfferings cleans what a co-op says that it does: each once, without empty ones.
func TidyOfferings(list []Offering) []Offering {
	var tidy []Offering
	for _, o := range list {
		o.Label = CleanLine(o.Label, len(o.Label))
		twice := slices.ContainsFunc(tidy, func(p Offering) bool {
			return p.Kind == o.Kind && FoldService(p.Label) == FoldService(o.Label)
		})
		if o.Label != "" && FoldService(o.Label) != "" && !twice {
			tidy = append(tidy, o)
		}
	}
	return tidy
}

// ValidateOfferings complains about what a co-op says that it does: [Invalid], fields as
// the API names them.
func ValidateOfferings(list []Offering) error {
	c := &complaints{}
	c.count("services", len(list), 0, MaxServices)
	for i, o := range list {
		field := fmt.Sprintf("services[%d]", i)
		c.oneOf(field+".kind", string(o.Kind), []string{string(KindService), string(KindSector), string(KindTechnology)})
		c.text(field+".name", o.Label, 1, maxTermLength)
	}
	return c.list.Or()
}

// smallWords say nothing of what a service is, in the languages of the interface.
var smallWords = map[string]bool{
	"and": true, "y": true, "e": true, "i": true, "et": true, "of": true, "de": true, "di": true, "do": true, "da": true, "del": true,
	"the": true, "la": true, "el": true, "o": true, "a": true, "for": true, "para": true, "per": true, "with": true, "con": true,
}

// TwinKey is alike for terms that are probably the same: without "&" and "and", plural,
// case, accents and the order of the words; what stands in brackets is left out.
func TwinKey(label string) string {
	if at := strings.IndexByte(label, '('); at > 0 {
		label = label[:at]
	}
	var words []string
	for _, w := range Words(label) {
		if !smallWords[w] {
			words = append(words, singular(w))
		}
	}
	if len(words) == 0 {
		return FoldService(label)
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// singular takes the plural off a folded word, roughly: it is asked of a person whether
// two terms are the same.
func singular(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		w = w[:len(w)-1]
	}
	return strings.TrimRight(w, "e")
}

// ContractTypes are the types of contracts that have a name in the interface; others are
// shown as they are written.
func ContractTypes() []string {
	return []string{"fixed-price", "time-and-materials", "retainer", "framework"}
}
