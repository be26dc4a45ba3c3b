// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"minga/coop"
)

// mostOnCard is how many services a card names; mostInWindow how many the shop window has.
const (
	mostOnCard   = 6
	mostInWindow = 24
)

// listedCard is a co-op of open lists, which is no account.
type listedCard struct {
	Name, URL string
	Note      string
	Facts     []string
	Services  []way
	Sources   []sourceLine
}

// sourceLine says where an entry is from, and on which terms.
type sourceLine struct{ Source, URL, Licence string }

// fillListed adds the entries of open lists that answer the query, those after an id.
func (f *Face) fillListed(ctx context.Context, page *directoryPage, query coop.DirectoryQuery, asked url.Values, after coop.ID) error {
	rows, err := f.Store.ListedCoops(ctx, query, after, perDirectory+1)
	if err != nil {
		return err
	}
	if len(rows) > perDirectory {
		rows = rows[:perDirectory]
		page.Next = withQuery("/directory", with(asked, "page", "list-"+rows[perDirectory-1].ID.String()))
	}
	for _, l := range rows {
		card := listedCard{Name: l.Name, URL: web(coop.IRI(l.URL)), Note: coop.Truncate(l.Note, 220), Services: offeringWays(l.Services, mostOnCard)}
		card.Facts = page.listedLine(l)
		for _, list := range l.Lists {
			card.Sources = append(card.Sources, sourceLine{list.Source, web(coop.IRI(list.Address)), list.Licence})
		}
		page.Listed = append(page.Listed, card)
	}
	return nil
}

// listedLine is what a list says of a co-op, in one line.
func (t *tongue) listedLine(l *coop.ListedCoop) []string {
	where := l.Place
	if where == "" {
		where = t.Country(l.Country)
	}
	facts := []string{where, strings.Join(t.languages(l.Languages), ", ")}
	if l.Members > 0 {
		facts = append(facts, t.N("directory_members", l.Members))
	}
	return slices.DeleteFunc(facts, func(s string) bool { return s == "" })
}

// offeringWays are services as links to whoever does the same, in the words of the co-op.
func offeringWays(list []coop.Offering, most int) []way {
	ways := make([]way, 0, min(len(list), most))
	for _, o := range list[:min(len(list), most)] {
		ways = append(ways, way{URL: withQuery("/directory", url.Values{string(o.Kind): {coop.FoldService(o.Label)}}), Name: o.Label})
	}
	return ways
}

// fillWindow asks for the featured services, as links, as a field, and as words of what was
// asked.
func (f *Face) fillWindow(ctx context.Context, page *directoryPage, query coop.DirectoryQuery, asked url.Values, path string) error {
	wider := query
	wider.Service = nil
	counts, err := f.Store.ServiceFacets(ctx, wider, f.AccountDomain)
	if err != nil {
		return err
	}
	meant, err := f.meantTerms(ctx, page, query)
	if err != nil {
		return err
	}
	for _, n := range counts {
		name, chosen := n.Term.In(page.Lang), meant[n.Term.ID] != ""
		if n.Term.Kind != coop.KindService {
			continue
		}
		delete(meant, n.Term.ID)
		page.Services = append(page.Services, choice{n.Term.Name, name, chosen})
		if len(page.Window) < mostInWindow {
			page.Window = append(page.Window, way{withQuery(path, with(without(asked, "service", ""), "service", n.Term.Name)), page.T("directory_window_count", "Service", name, "Count", page.Number(n.Count)), chosen})
		}
	}
	for _, name := range meant { // what is asked for and is not featured stays what was asked
		page.Services = append(page.Services, choice{coop.FoldService(name), name, true})
	}
	for _, class := range coop.CoopSizes() {
		page.Sizes = append(page.Sizes, choice{class, page.directoryWord("size", class), slices.Contains(query.Size, class)})
	}
	page.Place, page.Radius, page.Skill = query.Place, asked.Get("radius"), strings.Join(asked["skill"][:min(len(asked["skill"]), 1)], "")
	return nil
}

// meantTerms are the services that a query means: what was merged is what it was merged
// into. It keeps what they are called for the words of the query.
func (f *Face) meantTerms(ctx context.Context, page *directoryPage, query coop.DirectoryQuery) (map[coop.ID]string, error) {
	meant := map[coop.ID]string{}
	page.terms = map[string]string{}
	for _, one := range []struct {
		kind  coop.ServiceKind
		names []string
	}{{coop.KindService, query.Service}, {coop.KindTechnology, query.Technology}} {
		for _, name := range one.names {
			t, err := f.Store.ServiceTermNamed(ctx, one.kind, name)
			if err == nil && t.Root != t.ID {
				t, err = f.Store.ServiceTerm(ctx, t.Root)
			}
			if errors.Is(err, coop.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			page.terms[name] = t.In(page.Lang)
			if one.kind == coop.KindService {
				meant[t.ID] = t.In(page.Lang)
			}
		}
	}
	return meant, nil
}

// listedCountries adds the countries that only imported entries have.
func (f *Face) listedCountries(ctx context.Context, known []choice, page *directoryPage, asked url.Values) ([]choice, error) {
	_, countries, err := f.Store.ListedFacets(ctx, coop.DirectoryQuery{})
	if err != nil {
		return nil, err
	}
	for code := range countries {
		if !slices.ContainsFunc(known, func(c choice) bool { return c.Value == code }) {
			known = append(known, choice{code, page.Country(code), slices.Contains(asked["country"], code)})
		}
	}
	return known, nil
}
