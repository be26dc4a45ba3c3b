// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
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
	Translate   *translateForm // nil: no machine translates it
	Deal        []fact
	Facts       []fact
	Must, Nice  []string
	Steps       []string
	Answer      string
	Answered    string     // how the co-op kept that word; empty: too few to say
	Apply       *applyWays // nil: one cannot apply now
	Coop        person
	CoopBio     line
	CoopSite    string
	CoopFacts   []fact
	Members     []belonging // federations that it belongs to, on both sides' word
	Through     []string
	Similar     []jobCard
	Thread      []noteCard
	Reply       string // what to paste into one's own server
	Link        string // of this page, to pass on
	Paper       string // path of the sheet to print
	Report      string // path of the form that reports it
	Pass        string // the same as a mail
}

// fact is a row of a list of facts.
type fact struct{ Name, Value string }

// showJob answers the page of a job.
func (f *Face) showJob(c *gin.Context, p *coop.Post) error {
	ctx := c.Request.Context()
	_ = f.Inbox.Revalidate(ctx, p) // who reads must not suffer when it cannot be queued; the next reader asks again
	wanted, meaning := f.version(c, p.Job)
	page := &jobPage{frame: f.frame(c, "", "jobs", meaning)}
	f.fillJob(page, p, wanted)
	if p.Job.DescriptionMap[page.Lang] == "" {
		page.Translate = f.translateForm(&page.frame, p, page.Text.Lang)
	}
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
		page.CoopFacts = page.coopFacts(p.Author)
	}
	page.Banner = page.banner(j, now)
	page.Reply, page.Link = string(p.IRI), p.URL
	page.Paper, page.Report = "/jobs/"+p.ID.String()+"/print", "/jobs/"+p.ID.String()+"/report"
	page.Pass = mailTo("", page.Title, page.Link)
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

// announceJob tells machines: JSON-LD for open jobs of ours, the origin for copies.
// The JSON-LD is in the job's main language, so it stands only beside that text:
// what it says must be what is shown.
func (f *Face) announceJob(page *jobPage, p *coop.Post) error {
	page.Graph.Type, page.Graph.Published, page.Graph.Modified = "article", page.Stamp(p.Published), page.Stamp(lastChange(p))
	page.Graph.Creator, page.Graph.Picture = page.Coop.Handle, f.root()+cardPath(p.ID)
	page.OEmbed = f.root() + "/api/oembed?" + url.Values{"url": {f.root() + f.pathOf(p)}}.Encode()
	if !p.Local {
		page.Canonical, page.Alternates = page.Origin, nil
		return nil
	}
	page.NoIndex = p.Visibility != coop.VisiblePublic
	if page.NoIndex {
		return nil
	}
	var posting json.RawMessage
	if p.Job.Applicable(f.Now()) && page.Text.Lang == p.Language {
		schema, err := outbox.JobSchema(p, p.Author, f.Media.Links().Places())
		if err != nil {
			return err
		}
		posting = schema
	}
	return page.tell(posting, f.crumbs(crumb{page.T("jobs_title"), "/jobs"}, crumb{page.Title, f.pathOf(p)}))
}
