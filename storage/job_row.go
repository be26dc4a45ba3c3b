// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// putJob writes the row and the facets of a job, and finds its copies.
func (tx *Tx) putJob(ctx context.Context, p *coop.Post) error {
	if p.Job == nil {
		return nil
	}
	row, err := jobRow(p)
	if err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "jobs", row, ""); err != nil {
		return err
	}
	if err := tx.putFacets(ctx, p); err != nil {
		return err
	}
	if err := tx.putPoints(ctx, p); err != nil {
		return err
	}
	return tx.electJobs(ctx, keysOf(p))
}

// changeJob writes a job whose state changed here alone: nothing else of the post.
func (tx *Tx) changeJob(ctx context.Context, p *coop.Post) error {
	tx.Wake(TopicSearches)
	payload, err := jsonText(p.Job)
	if err == nil {
		err = tx.update(ctx, "jobs", []column{{"status", string(p.Job.Status)}, {"payload", payload}}, "post_id", int64(p.ID))
	}
	if err == nil {
		err = tx.electJobs(ctx, keysOf(p))
	}
	if err != nil {
		return fmt.Errorf("job %s: %w", p.ID, err)
	}
	return nil
}

// jobRow is a job as columns.
func jobRow(p *coop.Post) ([]column, error) {
	j := p.Job
	payload, err := jsonText(j)
	if err != nil {
		return nil, err
	}
	keys := keysOf(p)
	currency := ""
	_, pay, ok := j.PayPerYear()
	if ok {
		currency = j.Pay.Currency
	}
	posted, _ := coop.ParseDate(j.DatePosted)
	return []column{
		{"post_id", int64(p.ID)},
		{"author_id", int64(p.AuthorID)},
		{"status", string(j.Status)},
		{"engagement", coop.Truncate(j.Engagement, 40)},
		{"track", coop.Truncate(j.MembershipTrack, 40)},
		{"remote", j.Remote},
		{"anywhere", j.Remote && len(j.ApplicantsFrom) == 0},
		{"open_to_new", j.OpenToNew != nil && *j.OpenToNew},
		{"posted_at", msOf(posted)},
		{"valid_through", msOf(j.ValidThrough)},
		{"hours_from", hundredths(j.HoursFrom)},
		{"hours_to", hundredths(j.HoursTo)},
		{"currency", coop.Truncate(currency, 10)},
		{"pay_year", hundredths(pay)},
		{"completeness", completeness(j)},
		{"identifier_key", keys.identity[0]},
		{"apply_key", keys.apply[0]},
		{"likeness_key", coop.Truncate(j.LikenessKey(p.Author.IRI), 2048)},
		{"payload", payload},
	}, nil
}

// hundredths is a number as the database compares it; what is beyond all measure
// is cut.
func hundredths(d decimal.Decimal) int64 {
	h := d.Shift(2).Round(0)
	if h.GreaterThan(decimal.NewFromInt(math.MaxInt64)) || h.IsNegative() {
		return 0
	}
	return h.IntPart()
}

// completeness counts what an honest offer says: pay, hours, track, steps.
func completeness(j *coop.Job) int64 {
	var n int64
	for _, said := range []bool{j.Pay != nil, !j.HoursTo.IsZero(), j.MembershipTrack != "", len(j.HiringSteps) > 0} {
		if said {
			n++
		}
	}
	return n
}

// facet is one value of which a job may have several.
type facet struct{ name, value string }

// anywhere stands for all countries, where remote work is open to all.
const anywhere = "*"

// facetsOf are what a job is found by besides its own columns and its skills.
func facetsOf(j *coop.Job) []facet {
	var facets []facet
	for _, p := range j.Places {
		facets = append(facets, facet{"country", strings.ToUpper(p.Country)}, facet{"place", foldWords(p.Locality)})
	}
	if j.Remote {
		for _, country := range j.ApplicantsFrom {
			facets = append(facets, facet{"country", strings.ToUpper(country)})
		}
	}
	if j.Remote && j.OfficeDays == 0 {
		facets = append(facets, fromWhere(j.ApplicantsFrom)...)
	}
	for _, l := range j.Languages {
		for tag := strings.ToLower(l.Tag); tag != ""; tag = lessSpecific(tag) {
			facets = append(facets, facet{"lang", tag})
		}
	}
	if j.TimeOverlap != nil {
		facets = append(facets, facet{"window", j.TimeOverlap.String()})
	}
	return append(facets, facet{"sector", foldWords(j.Industry)})
}

// fromWhere are the countries from which remote work is open that asks nobody into an
// office: what it means to be near a place from afar.
func fromWhere(countries []string) []facet {
	if len(countries) == 0 {
		return []facet{{"from", anywhere}}
	}
	facets := make([]facet, len(countries))
	for i, country := range countries {
		facets[i] = facet{"from", strings.ToUpper(country)}
	}
	return facets
}

// lessSpecific is a language tag without its last part; "" of the first.
func lessSpecific(tag string) string { return tag[:max(0, strings.LastIndexByte(tag, '-'))] }

// foldWords is a name as it is compared.
func foldWords(s string) string { return strings.Join(coop.Words(s), " ") }

// allFacets are all facets of a job, as they are kept.
func (r reader) allFacets(ctx context.Context, p *coop.Post) ([]facet, error) {
	skills, err := r.skillFacets(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("skills of a job: %w", err)
	}
	facets := append(facetsOf(p.Job), skills...)
	for i := range facets {
		facets[i].value = cleanText(coop.Truncate(facets[i].value, 2048))
	}
	return slices.DeleteFunc(unique(facets), func(f facet) bool { return f.value == "" }), nil
}

// putFacets writes the facets of a job.
func (tx *Tx) putFacets(ctx context.Context, p *coop.Post) error {
	facets, err := tx.allFacets(ctx, p)
	if err != nil {
		return err
	}
	for _, f := range facets {
		if _, err := tx.exec(ctx, `
			INSERT INTO job_facets (post_id, facet, value)
			VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, int64(p.ID), f.name, f.value); err != nil {
			return err
		}
	}
	return nil
}
