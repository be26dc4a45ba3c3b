// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// offerPart is what a co-op does, what it costs, what time it has and what it has done.
type offerPart struct {
	Groups   []offerGroup
	Capacity []monthOfWork
	Projects []articleCard
	Manage   string // where those who may change it do that; empty for others
}

// offerGroup are services, sectors or technologies.
type offerGroup struct {
	Name string
	List []way
}

// monthOfWork is a month with the hours that a co-op has.
type monthOfWork struct {
	Month string
	Hours []fact
}

// Any tells whether there is anything to show.
func (o offerPart) Any() bool {
	return len(o.Groups)+len(o.Capacity)+len(o.Projects) > 0 || o.Manage != ""
}

// projectsTopic is the topic in which co-ops tell of what they have done.
const projectsTopic = "projects"

// offer asks what a co-op does. What it says of its time to members alone is not on this
// page, which is the same for everybody.
func (f *Face) offer(c *gin.Context, t *tongue, a *coop.Account) (offerPart, error) {
	var part offerPart
	if a.Kind != coop.Coop {
		return part, nil
	}
	ctx := c.Request.Context()
	services, err := f.Store.ServicesOf(ctx, []coop.ID{a.ID})
	if err != nil {
		return part, err
	}
	part.Groups = t.offerGroups(services[a.ID])
	if part.Capacity, err = f.capacity(ctx, t, a); err != nil {
		return part, err
	}
	projects, err := f.Store.SearchArticles(ctx, anybody(), coop.ArticleQuery{
		Topic: []string{projectsTopic}, Coop: []string{strings.ToLower(a.Handle(f.AccountDomain).String())}, Order: coop.ArticlesNewest,
	}, storage.ArticlePage{Page: coop.Page{Limit: perList}, Domain: f.AccountDomain})
	if err != nil {
		return part, err
	}
	part.Projects = f.articleCards(t, projects.Posts)
	if auth.Account(c) == nil {
		return part, nil
	}
	_ = f.Inbox.FreshenCapacityOf(ctx, a) // who reads must not suffer when it cannot be queued; the next reader asks again
	speakable, err := auth.Speakable(c, coop.ActServices)
	for _, one := range speakable {
		if one.ID == a.ID {
			part.Manage = servicesPath(a)
		}
	}
	return part, err
}

// offerGroups are what a co-op does, by kinds.
func (t *tongue) offerGroups(list []coop.Offering) []offerGroup {
	var groups []offerGroup
	for _, kind := range coop.ServiceKinds() {
		var some []coop.Offering
		for _, o := range list {
			if o.Kind == kind {
				some = append(some, o)
			}
		}
		if len(some) > 0 {
			groups = append(groups, offerGroup{t.T("services_kind_" + string(kind)), offeringWays(some, coop.MaxServices)})
		}
	}
	return groups
}

// capacity is what a co-op says to everybody of its time, month by month.
func (f *Face) capacity(ctx context.Context, t *tongue, a *coop.Account) ([]monthOfWork, error) {
	list, err := f.Store.CapacityOf(ctx, a.ID)
	if err != nil || list.Audience != coop.CapacityPublic {
		return nil, err
	}
	var months []monthOfWork
	for _, e := range list.Entries {
		name := t.month(e.Month)
		if n := len(months); n == 0 || months[n-1].Month != name {
			months = append(months, monthOfWork{Month: name})
		}
		m := &months[len(months)-1]
		m.Hours = append(m.Hours, fact{e.Skill.Name, t.N("services_hours", e.Hours)})
	}
	return months, nil
}

// month is a month such as 2026-12 in words.
func (t *tongue) month(s string) string {
	at, ok := coop.ParseMonth(s)
	if !ok {
		return s
	}
	return t.locale.MonthWide(at.Month()) + " " + at.Format("2006")
}

// termFacts are what work with a co-op costs and how it begins.
func (t *tongue) termFacts(f *coop.CoopFacts) []fact {
	var list facts
	if r := f.DayRate; r != nil {
		most := r.Max
		if most.IsZero() {
			most = r.Min
		}
		said := t.pay(&coop.Job{Pay: &coop.Pay{Currency: r.Currency, Min: r.Min, Max: most, Unit: "DAY"}})
		if r.VAT != nil {
			said += " · " + t.T(map[bool]string{true: "services_with_vat", false: "services_without_vat"}[*r.VAT])
		}
		list.add(t.T("services_day_rate"), said)
	}
	list.add(t.T("services_lead_time"), t.jobs.Duration(t.Lang, f.LeadTime))
	names := make([]string, len(f.Contracts))
	for i, kind := range f.Contracts {
		names[i] = t.contract(kind)
	}
	list.add(t.T("services_contracts"), strings.Join(names, ", "))
	return list
}

// contract names a type of contract; one without a name is as it is written.
func (t *tongue) contract(kind string) string {
	for _, known := range coop.ContractTypes() {
		if kind == known {
			return t.T("services_contract_" + strings.ReplaceAll(kind, "-", "_"))
		}
	}
	return kind
}
