// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/url"
	"strings"

	"minga/coop"
	"minga/storage"
)

// Bounds of what stands around a job.
const (
	mostSimilar = 3
	mostChain   = 5 // federations whose own memberships are asked for
)

// applyWays are the ways to apply.
type applyWays struct {
	Form                string // page of the form; empty: the job takes none
	Mail, Address, Link string
	Message             person
	Until, UntilAt      string
}

// fillJobWorld asks for what stands around the job: its co-op's memberships, the
// ways to apply, jobs like it, the answers to it.
func (f *Face) fillJobWorld(ctx context.Context, page *jobPage, p *coop.Post) (err error) {
	if page.Members, err = f.chain(ctx, p.AuthorID); err != nil {
		return err
	}
	if p.Job.Applicable(f.Now()) {
		if page.Apply, err = f.applyWays(ctx, page, p); err != nil {
			return err
		}
	}
	if page.Answered, err = f.answersOf(ctx, page.tongue, p.AuthorID); err != nil {
		return err
	}
	similar, err := f.Store.SimilarJobs(ctx, anybody(), p, mostSimilar, f.AccountDomain)
	if err != nil {
		return err
	}
	page.Similar = f.jobCards(page.tongue, current(similar, f.Now()))
	page.Thread, err = f.thread(ctx, page.tongue, p)
	return err
}

// belonging is a federation that an account belongs to, and those that this one
// belongs to in turn.
type belonging struct {
	Who   person
	Above []person
}

// chain are the federations that a co-op belongs to, as both sides say, with those
// above them: the way by which somebody far away may trust it.
func (f *Face) chain(ctx context.Context, member coop.ID) ([]belonging, error) {
	list, err := f.memberships(ctx, member)
	if err != nil {
		return nil, err
	}
	var chain []belonging
	for _, m := range list {
		if m.Organization == nil {
			continue
		}
		step := belonging{Who: f.person(m.Organization)}
		if len(chain) < mostChain {
			if step.Above, err = f.federationsOf(ctx, m.Organization.ID); err != nil {
				return nil, err
			}
		}
		chain = append(chain, step)
	}
	return chain, nil
}

// memberships are those of an account that both sides confirm.
func (f *Face) memberships(ctx context.Context, member coop.ID) ([]*coop.Membership, error) {
	return f.Store.Memberships(ctx, storage.MembershipQuery{Member: member, Verified: true}, coop.Page{Limit: 20})
}

// federationsOf names the federations that an account belongs to, as both sides say.
func (f *Face) federationsOf(ctx context.Context, member coop.ID) ([]person, error) {
	list, err := f.memberships(ctx, member)
	if err != nil {
		return nil, err
	}
	var names []person
	for _, m := range list {
		if m.Organization != nil {
			names = append(names, f.person(m.Organization))
		}
	}
	return names, nil
}

// applyWays lists the ways to apply. An address from elsewhere was judged when it
// came in and is judged again.
func (f *Face) applyWays(ctx context.Context, page *jobPage, p *coop.Post) (*applyWays, error) {
	j := p.Job
	ways := &applyWays{Until: page.Day(j.ValidThrough), UntilAt: page.Stamp(j.ValidThrough)}
	if on, err := f.Store.TakesForm(ctx, p.AuthorID); err != nil {
		return nil, err
	} else if p.TakesForm(on, f.Now()) {
		ways.Form = "/jobs/" + p.ID.String() + "/apply"
	}
	if coop.ValidMail(j.ApplyEmail) {
		ways.Address = j.ApplyEmail
		ways.Mail = mailTo(j.ApplyEmail, page.Head.Text, page.T("job_mail_body", "Title", page.Head.Text, "Link", page.Link))
	}
	if coop.ValidLink(j.ApplyURL) {
		ways.Link = j.ApplyURL
	}
	if j.ApplyBy != "" {
		names, err := f.names(ctx, []coop.IRI{j.ApplyBy})
		if err != nil {
			return nil, err
		}
		ways.Message = names[j.ApplyBy]
	}
	return ways, nil
}

// answersOf is how a co-op has kept its word to answer, in words; empty: too few have
// applied by the form to say.
func (f *Face) answersOf(ctx context.Context, t *tongue, author coop.ID) (string, error) {
	record, err := f.Store.AnswerRecord(ctx, author)
	if share, ok := record.Share(); err == nil && ok {
		return t.T("answers_kept", "Percent", t.Number(share)), nil
	}
	return "", err
}

// mailTo is a link that begins a mail (RFC 6068); the lines of its body end as mails
// have it.
func mailTo(address, subject, body string) string {
	return "mailto:" + address + "?subject=" + url.PathEscape(subject) + "&body=" + strings.ReplaceAll(url.PathEscape(strings.ReplaceAll(body, "\n", "\r\n")), "&", "%26")
}
