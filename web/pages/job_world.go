// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/url"
	"strings"

	"minga/coop"
)

// Bounds of what stands around a job.
const (
	mostSimilar = 3
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
	Above []belonging
}

// chain are the federations that a co-op belongs to, as both sides say, with those
// above them: the way by which somebody far away may trust it.
func (f *Face) chain(ctx context.Context, member coop.ID) ([]belonging, error) {
	links, err := f.Store.Chain(ctx, member)
	if err != nil {
		return nil, err
	}
	return f.belongings(links), nil
}

// belongings are the links of a chain as pages show them.
func (f *Face) belongings(links []*coop.ChainLink) []belonging {
	var chain []belonging
	for _, l := range links {
		chain = append(chain, belonging{f.person(l.Account), f.belongings(l.Above)})
	}
	return chain
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
