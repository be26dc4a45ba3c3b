// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// jobPage is one job.
type jobPage struct {
	frame
	Head        line
	State       stateBadge
	Kind        string
	Banner      string // what became of it; empty: open
	Unconfirmed string // since when nobody has seen it at its origin
	Origin      string // address of the original, for copies
	Text        prose
	Duties      prose
	Needs       prose
	Texts       []languageLink // the same in other languages
	Deal        []fact
	Facts       []fact
	Must, Nice  []string
	Steps       []string
	Answer      string
	Apply       *applyWays // nil: one cannot apply now
	Coop        person
	CoopBio     line
	CoopSite    string
	Members     []person // federations that it belongs to, on both sides' word
	Through     []string
	Thread      []noteCard
	Reply       string // what to paste into one's own server
}

// fact is a row of a list of facts.
type fact struct{ Name, Value string }

// applyWays are the ways to apply.
type applyWays struct {
	Mail, Address, Link string
	Message             person
	Until, UntilAt      string
}

// showJob answers the page of a job.
func (f *Face) showJob(c *gin.Context, p *coop.Post) error {
	ctx := c.Request.Context()
	_ = f.Inbox.Revalidate(ctx, p) // who reads must not suffer when it cannot be queued; the next reader asks again
	wanted, meaning := f.version(c, p.Job)
	page := &jobPage{frame: f.frame(c, "", "jobs", meaning)}
	f.fillJob(page, p, wanted)
	if err := f.fillJobWorld(ctx, page, p); err != nil {
		return err
	}
	if err := f.announceJob(page, p); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "job", page)
}

// version is the language in which a job is shown: the one that the address names,
// else the reader's, else its main one; and what of that belongs into the address.
func (f *Face) version(c *gin.Context, j *coop.Job) (wanted string, meaning url.Values) {
	meaning = url.Values{}
	if text := c.Query("text"); text != "" && j.DescriptionMap[text] != "" {
		meaning.Set("text", text)
		return text, meaning
	}
	if t := f.asked(c); t != nil {
		return t.Lang, meaning
	}
	return "", meaning
}

// fillJob fills in what the job itself says.
func (f *Face) fillJob(page *jobPage, p *coop.Post, wanted string) {
	j, now := p.Job, f.Now()
	page.Head = lineOf(wanted, p.Language, j.Title, j.TitleMap)
	page.Title = page.Head.Text
	page.Kind, page.State = page.engagement(j), page.badge(j, now)
	page.Text = proseOf(wanted, p.Language, j.Description, j.DescriptionMap)
	page.Duties, page.Needs = proseOf("", p.Language, j.Responsibilities, nil), proseOf("", p.Language, j.Qualifications, nil)
	for _, tag := range jobTexts(p) {
		if tag != page.Text.Lang {
			page.Texts = append(page.Texts, languageLink{Tag: tag, Name: page.Language(tag), URL: "?" + url.Values{"text": {tag}}.Encode()})
		}
	}
	page.Description = coop.Shorten(strings.Join(append([]string{page.Kind}, page.tongue.facts(j)...), " · "), 200)
	page.Deal, page.Facts = page.deal(j), page.jobFacts(p)
	page.Steps, page.Through, page.Coop = j.HiringSteps, f.through(page.tongue, p), f.person(p.Author)
	for _, s := range j.Skills {
		if s.Required {
			page.Must = append(page.Must, s.Name)
		} else {
			page.Nice = append(page.Nice, s.Name)
		}
	}
	if j.AnswerWithin > 0 {
		page.Answer = page.N("answer_within", j.AnswerWithin)
	}
	if p.Author != nil {
		page.CoopBio, page.CoopSite = line{p.Author.Language, excerpt(p.Author.Bio, 200)}, site(p.Author)
	}
	page.Banner = page.banner(j, now)
	page.Reply = string(p.IRI)
	if !p.Local {
		page.Origin = origin(p)
		if j.Applicable(now) && now.Sub(j.ConfirmedAt) > 24*time.Hour && !j.ConfirmedAt.IsZero() {
			page.Unconfirmed = page.Here(j.ConfirmedAt)
		}
	}
}

// banner says why one cannot apply; empty: one can.
func (t *tongue) banner(j *coop.Job, now time.Time) string {
	state, day := j.Status, j.Closed
	if j.Expired(now) {
		state = coop.JobExpired
	}
	if day.IsZero() {
		day = j.ValidThrough
	}
	switch state {
	case coop.JobPaused, coop.JobFilled, coop.JobWithdrawn, coop.JobClosed, coop.JobExpired:
		return t.T("banner_"+string(state), "Day", t.Day(day))
	}
	return ""
}

// fillJobWorld asks for what stands around the job: its co-op's memberships, the
// ways to apply, the answers to it.
func (f *Face) fillJobWorld(ctx context.Context, page *jobPage, p *coop.Post) (err error) {
	if page.Members, err = f.federationsOf(ctx, p.AuthorID); err != nil {
		return err
	}
	if p.Job.Applicable(f.Now()) {
		if page.Apply, err = f.applyWays(ctx, page, p); err != nil {
			return err
		}
	}
	page.Thread, err = f.thread(ctx, page.tongue, p)
	return err
}

// federationsOf names the federations that an account belongs to, as both sides say.
func (f *Face) federationsOf(ctx context.Context, member coop.ID) ([]person, error) {
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: member, Verified: true}, coop.Page{Limit: 20})
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
	if coop.ValidMail(j.ApplyEmail) {
		ways.Address = j.ApplyEmail
		ways.Mail = "mailto:" + j.ApplyEmail + "?subject=" + url.PathEscape(page.Head.Text)
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

// announceJob tells machines: JSON-LD for open jobs of ours, the origin for copies.
// The JSON-LD is in the job's main language, so it stands only beside that text:
// what it says must be what is shown.
func (f *Face) announceJob(page *jobPage, p *coop.Post) error {
	page.Graph.Type, page.Graph.Published, page.Graph.Modified = "article", page.Stamp(p.Published), page.Stamp(lastChange(p))
	page.Graph.Creator = page.Coop.Handle
	if !p.Local {
		page.Canonical, page.Alternates = page.Origin, nil
		return nil
	}
	if !p.Job.Applicable(f.Now()) || p.Visibility != coop.VisiblePublic {
		page.NoIndex = p.Visibility != coop.VisiblePublic
		return nil
	}
	if page.Text.Lang != p.Language {
		return nil
	}
	schema, err := outbox.JobSchema(p, p.Author)
	page.Data = schema
	return err
}
