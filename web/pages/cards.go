// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"slices"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/sanitize"
)

// jobCard is a job in a list.
type jobCard struct {
	*tongue
	URL      string
	Title    line
	Coop     person
	Kind     string
	Facts    []string
	State    stateBadge
	Posted   string
	Closes   string // empty: it is over
	ClosesAt string
	Through  []string
	Why      []string // what its place in a list rests on; empty: not told
	Texts    string   // languages of the text, when there are several or another than the reader's
}

// stateBadge is the state of a job: a class for the colour, a sign and a word.
type stateBadge struct{ Class, Sign, Word string }

// badge tells a state by sign and word, the colour being the least of it.
func (t *tongue) badge(j *coop.Job, now time.Time) stateBadge {
	state := j.Status
	if j.Expired(now) {
		state = coop.JobExpired
	}
	sign := map[coop.JobStatus]string{coop.JobOpen: "●", coop.JobPaused: "◐", coop.JobFilled: "✓"}[state]
	if sign == "" {
		sign = "○"
	}
	return stateBadge{string(state), sign, t.T("state_" + string(state))}
}

// jobCards are the cards of jobs.
func (f *Face) jobCards(t *tongue, posts []*coop.Post) []jobCard {
	cards := make([]jobCard, 0, len(posts))
	for _, p := range posts {
		if p.Job != nil {
			cards = append(cards, f.jobCard(t, p))
		}
	}
	return cards
}

func (f *Face) jobCard(t *tongue, p *coop.Post) jobCard {
	j := p.Job
	card := jobCard{
		tongue: t, URL: f.pathOf(p), Title: lineOf(t.Lang, p.Language, j.Title, j.TitleMap), Coop: f.person(p.Author),
		Kind: t.engagement(j), Facts: t.facts(j), State: t.badge(j, f.Now()), Posted: t.Date(j.DatePosted), Through: f.through(t, p),
	}
	if j.Applicable(f.Now()) {
		card.Closes, card.ClosesAt = t.Day(j.ValidThrough), t.Stamp(j.ValidThrough)
	}
	if tags := jobTexts(p); len(tags) > 1 || len(tags) == 1 && tags[0] != t.Lang {
		card.Texts = strings.Join(t.languages(tags), ", ")
	}
	return card
}

// jobTexts are the languages in which a job has a text, the main one first.
func jobTexts(p *coop.Post) []string {
	var tags []string
	if p.Language != "" {
		tags = append(tags, p.Language)
	}
	var others []string
	for tag, text := range p.Job.DescriptionMap {
		if text != "" && tag != p.Language {
			others = append(others, tag)
		}
	}
	slices.Sort(others)
	return append(tags, others...)
}

// languages names several languages.
func (t *tongue) languages(tags []string) []string {
	names := make([]string, len(tags))
	for i, tag := range tags {
		names[i] = t.Language(tag)
	}
	return names
}

// engagement names the relation that a job offers; a word that we do not know is
// shown as it came.
func (t *tongue) engagement(j *coop.Job) string {
	if slices.Contains(coop.Engagements(), j.Engagement) {
		return t.T("engagement_" + j.Engagement)
	}
	if raw := j.Unknown["engagement"]; raw != "" {
		return raw
	}
	return t.T("engagement_unknown")
}

// facts is the line of facts of a card: where, hours, pay, membership.
func (t *tongue) facts(j *coop.Job) []string {
	short := &coop.Job{
		Remote: j.Remote, Places: j.Places, OfficeDays: j.OfficeDays, ApplicantsFrom: j.ApplicantsFrom, HoursFrom: j.HoursFrom, HoursTo: j.HoursTo,
	}
	if len(j.ApplicantsFrom) <= 4 { // more than that only by their codes: a card is short
		short.ApplicantsFrom = t.Countries(j.ApplicantsFrom)
	}
	facts := t.jobs.Facts(t.Lang, "", short)
	return append(append(facts, t.pay(j)), t.jobs.Facts(t.Lang, "", &coop.Job{MembershipTrack: j.MembershipTrack, Probation: j.Probation})...)
}

// pay says what a job pays, or that nothing is said.
func (t *tongue) pay(j *coop.Job) string {
	said := t.jobs.Facts(t.Lang, "", &coop.Job{Pay: j.Pay, Gross: grossOf(j)})
	switch {
	case j.Pay != nil && len(said) > 0:
		return said[0]
	case j.Engagement == "volunteer":
		return t.T("unpaid")
	}
	return t.T("pay_not_stated")
}

// grossOf is whether pay is before tax: said always, true where nothing else was.
func grossOf(j *coop.Job) *bool {
	if j.Gross != nil {
		return j.Gross
	}
	gross := true
	return &gross
}

// through names the ways by which a post of another server reached us.
func (f *Face) through(t *tongue, p *coop.Post) []string {
	var ways []string
	for _, way := range p.ReachedThrough {
		if way.Account == nil {
			continue
		}
		name := f.person(way.Account).Name
		if way.How == "announce" {
			name = t.T("through_boost", "Name", name)
		} else {
			name = t.T("through_direct", "Name", name)
		}
		if !slices.Contains(ways, name) {
			ways = append(ways, name)
		}
	}
	return ways
}

// articleCard is an article in a list.
type articleCard struct {
	*tongue
	URL      string
	Title    line
	Summary  string
	Author   person
	Licence  string
	Day, At  string
	Language string // when it is another than the reader's

	UsedBy, Checked, Behind string // in the library: how it stands; empty: not said
}

// articleCards are the cards of articles.
func (f *Face) articleCards(t *tongue, posts []*coop.Post) []articleCard {
	cards := make([]articleCard, 0, len(posts))
	for _, p := range posts {
		if p.Article == nil {
			continue
		}
		card := articleCard{
			tongue: t, URL: f.pathOf(p), Title: line{p.Language, p.Title}, Summary: coop.Shorten(p.Summary, 280), Author: f.person(p.Author),
			Licence: t.licence(p.Article.License), Day: t.Here(lastChange(p)), At: t.Stamp(lastChange(p)),
		}
		if p.Language != "" && !strings.HasPrefix(p.Language, t.Lang) {
			card.Language = t.Language(p.Language)
		}
		cards = append(cards, card)
	}
	return cards
}

// licence names a licence.
func (t *tongue) licence(url string) string {
	switch url {
	case "":
		return t.T("licence_not_stated")
	case coop.NoReuse:
		return t.T("licence_no_reuse")
	}
	if known := coop.LicenceOf(url); known.Name != "" {
		return known.Name
	}
	return url
}

// noteCard is an ordinary post, in a list or a thread.
type noteCard struct {
	*tongue
	URL      string
	Author   person
	Day, At  string
	Warning  string // a content warning hides text and pictures until it is opened
	Delicate bool   // pictures are hidden until they are opened
	Title    line   // of what is more than a note, unless its text begins with it
	Text     prose
	Poll     *pollCard
	Files    []file
	Edited   moment // when the text was changed last; empty: never
	Depth    int
	Here     bool // the post that the page is about

	Translate *translateForm // nil: no machine translates it
	post      *coop.Post
}

// noteCard shows a post.
func (f *Face) noteCard(t *tongue, p *coop.Post) noteCard {
	card := noteCard{
		tongue: t, URL: f.pathOf(p), Author: f.person(p.Author), Day: t.Here(p.Published), At: t.Stamp(p.Published),
		Text: proseOf(t.Lang, p.Language, p.Content, p.ContentMap), Files: f.files(t, p.Attachments), post: p,
	}
	switch p.Kind {
	case coop.KindJob:
		card.Title = notSaidBelow(lineOf(t.Lang, p.Language, p.Job.Title, p.Job.TitleMap), card.Text)
	case coop.KindRequest:
		card.Title = notSaidBelow(lineOf(t.Lang, p.Language, p.Request.Title, p.Request.TitleMap), card.Text)
	case coop.KindArticle:
		card.Title, card.Text = line{p.Language, p.Title}, prose{}
	default:
		card.Warning, card.Delicate, card.Poll = p.Summary, p.Sensitive && len(card.Files) > 0, f.poll(t, p)
		if p.Updated.After(p.Published) {
			card.Edited = momentOf(t, p.Updated)
		}
	}
	return card
}

// notSaidBelow is a title that the text below it does not begin with; else nothing.
func notSaidBelow(title line, text prose) line {
	first, _, _ := strings.Cut(string(text.HTML), "</p>")
	if strings.Contains(sanitize.Text(first), title.Text) {
		return line{}
	}
	return title
}

// noteCards shows several.
func (f *Face) noteCards(t *tongue, posts []*coop.Post) []noteCard {
	cards := make([]noteCard, 0, len(posts))
	for _, p := range posts {
		cards = append(cards, f.noteCard(t, p))
	}
	return cards
}
