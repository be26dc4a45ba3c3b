// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
	"minga/coop/jobtext"
	"minga/outbox/text"
	"minga/storage"
)

// A job that was typed
//
// Who posts from an app that knows nothing of jobs types one, see package jobtext.
// What can be read becomes a job by the same way as one from the form. What cannot be
// read is published as it is and makes no job anywhere: a post is never refused. In
// both cases the instance's account tells the author, privately, what was understood,
// or which lines were not and why. An edit of a job that cannot be read is another
// matter: it is refused, since the job stands and the text is still in the app.

// PublishTyped is [Outbox.PublishNote] for what somebody typed: where the text begins
// as a job does and the author may publish jobs, p becomes one.
func (o *Outbox) PublishTyped(ctx context.Context, author *coop.Account, p *coop.Post) error {
	if !coop.PublishesJobs(author.Kind) || !jobtext.Begins(p.Source) {
		return o.PublishNote(ctx, author, p)
	}
	return o.writePost(ctx, p, func(tx *storage.Tx, p *coop.Post) error {
		typed, err := o.readTyped(ctx, tx, author, p)
		if err != nil {
			return err
		}
		if len(typed.wrong) > 0 {
			if err := o.publishNote(ctx, tx, author, p); err != nil || typed.quiet {
				return err
			}
			return o.tell(ctx, tx, author, o.sayFailed(author, typed.wrong, "jobtext_failed", o.formLink(p.ID)))
		}
		*p = *typed.post
		if err := o.publishJob(ctx, tx, author, p); err != nil {
			return err
		}
		return o.tell(ctx, tx, author, o.sayUnderstood(author, p))
	})
}

// typedJob is what became of a text.
type typedJob struct {
	post  *coop.Post        // with the job; nothing is stored yet
	wrong []jobtext.Problem // why it is none; empty: it can be published
	quiet bool              // nobody meant it to be one
}

// The field of what is wrong with the post rather than with a line of it, and its codes.
const fieldPost jobtext.Field = "post"

const (
	codeAudience = "audience"
	codePoll     = "poll"
	codeWarning  = "warning"
	codeReply    = "reply"
	codeState    = "state"
	codeEnded    = "ended"
)

// readTyped reads a job out of a new post and checks it as the form's is checked.
func (o *Outbox) readTyped(ctx context.Context, tx *storage.Tx, author *coop.Account, p *coop.Post) (typedJob, error) {
	r := jobtext.Parse(p.Source, o.now())
	answers := p.InReplyTo != "" || p.InReplyToID != 0
	t := typedJob{wrong: slices.Concat(unfit(p), r.Problems), quiet: p.Visibility == coop.VisibleDirect || answers && len(r.Lines) < 3}
	if r.Stated && r.State != coop.JobOpen {
		t.wrong = append(t.wrong, jobtext.Problem{Field: jobtext.Title, Line: 1, Code: codeState, Typed: jobtext.StateWord(r.Language, r.State)})
	}
	job := clone(p)
	job.Kind, job.Type, job.SourceType, job.Job = coop.KindJob, "Note", plainText, &coop.Job{Status: coop.JobOpen}
	if job.Language == "" {
		job.Language = r.Language
	}
	speaks(job, author)
	message, known, err := o.takesMessages(ctx, tx, author, r)
	if err != nil {
		return t, err
	}
	if !known {
		t.wrong = append(t.wrong, jobtext.Problem{Field: jobtext.ApplyAt, Line: r.Lines[jobtext.ApplyAt], Code: coop.CodeUnknown, Typed: r.ApplyTo.String()})
	}
	r.Fill(job.Job, job.Language, message)
	job.Hashtags, job.Cc = r.Hashtags, nil
	if job.Mentions, err = o.named(ctx, tx, p.Source, author.ID); err != nil {
		return t, err
	}
	t.post, t.wrong = job, append(t.wrong, o.unpublishable(ctx, author, job, r, t.wrong)...)
	return t, nil
}

// unfit is what a post has that no job has.
func unfit(p *coop.Post) (wrong []jobtext.Problem) {
	add := func(is bool, code string) {
		if is {
			wrong = append(wrong, jobtext.Problem{Field: fieldPost, Code: code})
		}
	}
	add(p.InReplyTo != "" || p.InReplyToID != 0, codeReply)
	add(p.Visibility != "" && p.Visibility != coop.VisiblePublic && p.Visibility != coop.VisibleUnlisted, codeAudience)
	add(p.Poll != nil, codePoll)
	add(p.Summary != "", codeWarning)
	return wrong
}

// takesMessages is the account that takes messages about a job: the one that the text
// names, which must be known here, else the author.
func (o *Outbox) takesMessages(ctx context.Context, tx *storage.Tx, author *coop.Account, r *jobtext.Reading) (coop.IRI, bool, error) {
	if r.ApplyTo.Name == "" {
		return author.IRI, true, nil
	}
	person, ok, err := o.person(ctx, tx, r.ApplyTo)
	return person.IRI, ok, err
}

// named are the accounts that a text mentions.
func (o *Outbox) named(ctx context.Context, tx *storage.Tx, source string, self coop.ID) ([]coop.Mention, error) {
	var failed error
	typed := text.Typed{Tag: o.o.Local.Tag, Find: func(h coop.Handle) (text.Person, bool) {
		person, ok, err := o.person(ctx, tx, h)
		failed = errors.Join(failed, err)
		return person, ok
	}}
	w := typed.Write(source)
	return o.mentions(ctx, tx, w.Mentions, nil, self), failed
}

// unpublishable is what the rules of jobs say against a reading, of the lines about
// which nothing was said yet.
func (o *Outbox) unpublishable(ctx context.Context, author *coop.Account, p *coop.Post, r *jobtext.Reading, said []jobtext.Problem) []jobtext.Problem {
	q := clone(p)
	q.Job = p.Job.Clone()
	describe(q)
	q.Job.Complete(o.now().UTC(), coop.JobDefaults{Days: o.jobDays(ctx), Organization: author.IRI, Reference: "new", Domain: author.Name})
	return complaintsOf(q.Job.Validate(o.now()), r, said)
}

// complaintsOf turns complaints about a job into problems of lines.
func complaintsOf(err error, r *jobtext.Reading, said []jobtext.Problem) (wrong []jobtext.Problem) {
	var list coop.Invalid
	if !errors.As(err, &list) {
		return nil
	}
	for _, e := range list {
		field := lineFor(e.Field)
		if slices.ContainsFunc(slices.Concat(said, wrong), func(p jobtext.Problem) bool { return p.Field == field }) {
			continue
		}
		code := e.Code
		if field == jobtext.ApplyBy && code == coop.CodeOrder {
			code = coop.CodePast // it closes before it is posted
		}
		wrong = append(wrong, jobtext.Problem{Field: field, Line: r.Lines[field], Code: code})
	}
	return wrong
}

// lineFor is the line in which a field of a job is typed.
func lineFor(field string) jobtext.Field {
	for _, one := range []struct {
		prefix string
		line   jobtext.Field
	}{
		{"title", jobtext.Title},
		{"place", jobtext.Where},
		{"hours", jobtext.Hours},
		{"employment_type", jobtext.Hours},
		{"pay", jobtext.Pay},
		{"closes_at", jobtext.ApplyBy},
		{"apply", jobtext.ApplyAt},
		{"engagement", jobtext.Kind},
		{"membership_track", jobtext.Kind},
		{"probation", jobtext.Kind},
		{"skills", jobtext.Tags},
	} {
		if strings.HasPrefix(field, one.prefix) {
			return one.line
		}
	}
	return jobtext.Text
}

// formLink is the form, filled in from a post: its text stands in no address.
func (o *Outbox) formLink(post coop.ID) string {
	return o.o.Local.root() + "/jobs/new?from=" + post.String()
}

// sayUnderstood says what was understood of a text.
func (o *Outbox) sayUnderstood(author *coop.Account, p *coop.Post) string {
	lang := author.Language
	said := o.words.Say(lang, "jobtext_understood", map[string]string{
		"Title": p.Job.Title, "Link": p.URL, "Facts": strings.Join(o.words.Understood(lang, p.Job), "\n"),
	})
	if p.Visibility != coop.VisiblePublic {
		said += "\n" + o.words.Say(lang, "jobtext_unlisted", nil)
	}
	return said
}

// sayFailed says line by line why a text is no job. key is how it begins, link where
// the form is.
func (o *Outbox) sayFailed(author *coop.Account, wrong []jobtext.Problem, key, link string) string {
	lang := author.Language
	lines := []string{o.words.Say(lang, key, nil), ""}
	for _, p := range wrong {
		lines = append(lines, o.sayProblem(lang, p))
	}
	form := "jobtext_form"
	if key == "jobtext_kept" {
		form = "jobtext_form_edit"
	}
	if link != "" {
		lines = append(lines, "", o.words.Say(lang, form, map[string]string{"Link": link}))
	}
	return strings.Join(lines, "\n")
}

// sayProblem is one line: which, what stands there, what is wrong, and how it goes.
func (o *Outbox) sayProblem(lang string, p jobtext.Problem) string {
	name := o.words.Say(lang, "part_"+string(p.Field), nil)
	if name == "" {
		name = jobtext.Label(lang, p.Field)
	}
	key := "why_" + p.Code
	switch {
	case p.Code == jobtext.CodeCountry && p.Word == "":
		key += "_missing"
	case p.Code == coop.CodeTooShort && p.Field == jobtext.Text:
		key += "_text"
	}
	why := o.words.Say(lang, key, map[string]string{"Word": p.Word})
	if why == "" {
		why = o.words.Say(lang, "why_format", nil)
	}
	said := "• " + name + ": "
	if p.Typed != "" {
		said += "“" + p.Typed + "” – "
	}
	said += why + "."
	if example := o.words.Say(lang, "example_"+string(p.Field), nil); example != "" {
		said += " " + o.words.Say(lang, "jobtext_example", map[string]string{"Example": example})
	}
	return said
}

// TextError says that a text does not change a job: 422, with the reasons in the
// author's language.
type TextError struct {
	Said  string
	Wrong []jobtext.Problem
}

// Error is what is said to the author.
func (e *TextError) Error() string { return e.Said }

// Is makes it an error that lasts, see [lasting].
func (e *TextError) Is(target error) bool { return target == coop.ErrState }

// textError refuses an edit.
func (o *Outbox) textError(author *coop.Account, wrong []jobtext.Problem, p *coop.Post) error {
	link := o.o.Local.root() + "/jobs/" + p.ID.String() + "/edit"
	return fmt.Errorf("edit %s: %w", p.IRI, &TextError{o.sayFailed(author, wrong, "jobtext_kept", link), wrong})
}
