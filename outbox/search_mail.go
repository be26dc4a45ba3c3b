// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

const (
	// alertDelay is how long a match waits before it may be mailed: what another
	// transaction writes at this moment must not fall between two mails.
	alertDelay = time.Minute
	// mostMatches is how many matches one mail looks at, mostMailed how many it shows.
	mostMatches = 200
	mostMailed  = 30
)

// writeAlerts queues the mails of searches that are due. What a mail says is found when
// it is sent; each match is in one mail alone.
func (o *Outbox) writeAlerts(ctx context.Context) (bool, error) {
	due, err := o.store.DueAlerts(ctx, o.now(), mostPerTurn)
	if err != nil {
		return false, err
	}
	for _, s := range due {
		err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.writeAlert(ctx, tx, s.ID) })
		if err != nil {
			return false, fmt.Errorf("mail of search %s: %w", s.ID, err)
		}
	}
	return len(due) > 0, nil
}

// writeAlert queues the mail of one search, if it found anything since the last one.
func (o *Outbox) writeAlert(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	now := o.now()
	if err := tx.HoldSavedSearch(ctx, id); err != nil {
		return err
	}
	s, err := tx.SavedSearch(ctx, 0, id)
	if isNotFound(err) || err == nil && (s.DueAt.IsZero() || s.DueAt.After(now)) {
		return nil
	}
	if err != nil {
		return err
	}
	since, until := s.Mark, now.Add(-alertDelay)
	s.DueAt = coop.NextDigest(s.Mail, now)
	if until.After(since) {
		s.Mark = until
	}
	if err := tx.SaveSavedSearch(ctx, s); err != nil {
		return err
	}
	found, err := tx.HitsBetween(ctx, s.QueryID, since, s.Mark, 1)
	if err != nil || len(found) == 0 || !o.SendsMail() {
		return err
	}
	l := letter{Kind: mail.Alert, Search: s.ID, After: since.UnixMilli(), Until: s.Mark.UnixMilli()}
	return o.addMail(ctx, tx, s.ID.String()+" "+strconv.FormatInt(l.Until, 10), l)
}

// alertMail writes what a search found; [coop.ErrNotFound] where there is nothing to say
// any more, or nobody to say it to.
func (o *Outbox) alertMail(ctx context.Context, l letter) (mail.Message, error) {
	s, err := o.store.SavedSearch(ctx, 0, l.Search)
	if err != nil {
		return mail.Message{}, err
	}
	to, v, err := o.alertReader(ctx, s)
	if err != nil {
		return mail.Message{}, err
	}
	posts, err := o.matchesOf(ctx, v, s, time.UnixMilli(l.After), time.UnixMilli(l.Until))
	if err != nil || len(posts) == 0 {
		return mail.Message{}, ifNone(err)
	}
	link, err := o.alertLink(ctx, s.ID)
	if err != nil {
		return mail.Message{}, err
	}
	data := o.mailData(ctx, "", o.o.Local.root()+"/jobs?"+s.Query)
	data["What"], data["Change"] = s.Name, link
	m, err := o.mails.WriteList(mail.Alert, s.Language, to, data, o.matchLines(s.Language, posts))
	m.Unsubscribe = link
	return m, err
}

// sendAlert sends what a search found, if there is still anything to say.
func (o *Outbox) sendAlert(ctx context.Context, l letter) error {
	m, err := o.alertMail(ctx, l)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return o.mailer.Load().Send(ctx, m)
}

// ifNone is the error, or that there is nothing.
func ifNone(err error) error {
	if err == nil {
		err = fmt.Errorf("nothing to mail: %w", coop.ErrNotFound)
	}
	return err
}

// alertReader is to whom a search is mailed, and what they may see.
func (o *Outbox) alertReader(ctx context.Context, s *coop.SavedSearch) (string, coop.Viewer, error) {
	none := fmt.Errorf("nobody wants this mail: %w", coop.ErrNotFound)
	if s.Mail == coop.MailNever || s.ConfirmedAt.IsZero() {
		return "", coop.Viewer{}, none
	}
	if s.AccountID == 0 {
		return s.Email, coop.Anonymous(), nil
	}
	a, err := o.store.Account(ctx, s.AccountID)
	if err != nil {
		return "", coop.Viewer{}, err
	}
	if a.Gone() || a.Email == "" {
		return "", coop.Viewer{}, none
	}
	return a.Email, storage.Seeing(ctx, a.ID), nil
}

// matchesOf are the jobs that a search found in a time and that still answer it.
func (o *Outbox) matchesOf(ctx context.Context, v coop.Viewer, s *coop.SavedSearch, after, until time.Time) ([]*coop.Post, error) {
	ids, err := o.store.HitsBetween(ctx, s.QueryID, after, until, mostMatches)
	if err != nil {
		return nil, err
	}
	answers, err := o.store.JobsThatAnswer(ctx, s.Asked(), o.o.Local.AccountDomain, ids)
	if err != nil {
		return nil, err
	}
	var still []coop.ID
	for _, id := range ids {
		if _, answers := answers[id]; answers && len(still) < mostMailed {
			still = append(still, id)
		}
	}
	return o.store.PostsByID(ctx, v, still)
}

// matchLines are jobs as a mail lists them.
func (o *Outbox) matchLines(language string, posts []*coop.Post) []string {
	lang := o.words.Closest(language)
	var lines []string
	for _, p := range posts {
		title := o.words.Title(lang, p.Job)
		if p.Author != nil {
			title += " – " + shownName(p.Author)
		}
		lines = append(lines, "* "+title)
		if facts := strings.Join(o.words.Card(lang, p.Job), " · "); facts != "" {
			lines = append(lines, "  "+facts)
		}
		lines = append(lines, "  "+o.jobPage(p), "")
	}
	return lines
}

// jobPage is the page of a job on this instance.
func (o *Outbox) jobPage(p *coop.Post) string {
	if p.Local {
		return string(p.IRI)
	}
	return o.o.Local.root() + "/jobs/" + p.ID.String()
}

// alertLink is where the mails of a search are confirmed, changed and ended.
func (o *Outbox) alertLink(ctx context.Context, id coop.ID) (string, error) {
	secret, err := o.store.Secret(ctx, storage.SavedSecret(id, storage.SecretAlert))
	if err != nil {
		return "", err
	}
	return o.o.Local.root() + alertsPath + string(secret), nil
}

// confirmAlertLink is the same for a mail that asks whether an address is right.
func (o *Outbox) confirmAlertLink(ctx context.Context, l *letter) (string, error) {
	s, err := o.store.SavedSearch(ctx, 0, l.Search)
	if err != nil {
		return "", err
	}
	l.To, l.Name = s.Email, s.Name
	return o.alertLink(ctx, s.ID)
}
